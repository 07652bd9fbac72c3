"""A write that creates: what certainly did not land may be sent again, everything else is uncertain (decisions 7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from qondor_finago_pipelines.records.customers_and_projects.projects import ProjectDraft
from qondor_finago_pipelines.records.errors import CallsBlocked, LoginRefused, WriteDidNotLand, WriteUncertain
from qondor_finago_pipelines.records.identifiers import FinagoProjectId, OrderId
from qondor_finago_pipelines.records.invoices.orders import SavedOrder
from qondor_finago_pipelines.systems.finago.client import FinagoClient
from tests.systems.finago.test_requests import CARD_ORDER, ORDER, with_rows_in_finago
from tests.systems.scripted import (
    SESSION_FAULT,
    Answer,
    Pauses,
    RecordingGate,
    ScriptedServer,
    envelope,
    fault,
    page,
    soap,
)

QUARANTINE = "Limit exceeded by 1. Request is blocked. Quarantine ends at 2026-11-20T09:42:00Z"
GOOD = soap(
    "SaveInvoices",
    "<SaveInvoicesResult><InvoiceOrder><OrderId>5001</OrderId><ReferenceNumber>9001</ReferenceNumber>"
    "</InvoiceOrder></SaveInvoicesResult>",
)
XML = {"Content-Type": "text/xml; charset=utf-8"}

NOBODY_KNOWS = {
    "no answer": Answer(hang_up=True),
    "a reply cut off by the network": Answer(200, GOOD.body, XML, cut_at=200),
    "a reply cut off before that": Answer(200, GOOD.body[:-30], XML),
    "a web page": page("Hello"),
    "a web page with an error": page("Oops", 500),
    "a bad gateway": page("Bad gateway", 502),
    "a bare 503": page("Service unavailable", 503),
    "a refusal of whoever stands in front": page("Forbidden", 403),
    "a redirect": Answer(302, b"", {"Location": "/"}),
    "an unknown fault": fault("Server was unable to process request. ---&gt; Object reference not set."),
    "an unknown fault under 200": fault("Server was unable to process request. ---&gt; Deadlock.", 200),
    "a session fault that is only mentioned": fault("Saving failed because the Session is not authenticated"),
    "the answer to another question": soap("SaveCompanies", ""),
    "the words of a quarantine in half a reply": Answer(
        200, envelope(f"<a>{QUARANTINE}</a>").replace(b"</soap:Body>", b""), XML
    ),
    "a good reply under a bad status": Answer(500, GOOD.body, XML),
}

CERTAINLY_NOT = {
    "429": page("Too many", 429),
    "429 with a fault": fault("Rate limit", 429),
}

QUARANTINED = {
    "a quarantine as plain text": Answer(200, QUARANTINE.encode(), {"Content-Type": "text/plain"}),
    "a quarantine as a page": page(QUARANTINE),
    "a quarantine under 503": page(QUARANTINE, 503),
    "a quarantine under 500": Answer(500, QUARANTINE.encode(), {}),
    "a quarantine as a fault": fault(f"Server was unable to process request. ---&gt; {QUARANTINE}"),
}

WORDS_BY_CHANCE = {
    "an unreadable request": fault("Server was unable to read request. ---&gt; There is an error", code="soap:Client"),
    "an unknown enum value": fault("Server was unable to process request. ---&gt; Instance validation error: 'X'"),
    "a validation error of one order": fault("Schema instance validation error in order 3 of 3"),
    "a credit limit": fault("Credit limit exceeded by 500.00 for customer 4711"),
    "a credit limit in the words of a quarantine": fault("Limit exceeded by 500. Order 7 of customer 4711"),
    "a session in a customer's name": fault("Customer 'Session is not authenticated AS' has no address"),
    "a session behind another arrow": fault("Order 3 failed ---&gt; Session is not authenticated"),
    "an application in a text": fault("Line 'Your application id is not registered' is too long"),
}
"""Faults that hold what a fault says that did nothing: after a write only the whole sentence is believed."""


@pytest.mark.parametrize("answer", NOBODY_KNOWS.values(), ids=NOBODY_KNOWS)
def test_is_uncertain_after(finago: FinagoClient, server: ScriptedServer, pauses: Pauses, answer: Answer) -> None:
    server.script("SaveInvoices", answer)
    with pytest.raises(WriteUncertain) as uncertain:
        finago.save_orders([ORDER])
    assert len(server.requests_for("SaveInvoices")) == 1, "a write is never sent twice"
    assert pauses == []
    assert uncertain.value.operation == "SaveInvoices"


@pytest.mark.parametrize("item", ["<InvoiceOrder/>", "<InvoiceOrder><OrderId>?</OrderId></InvoiceOrder>"])
def test_an_item_that_is_empty_or_unreadable_says_nothing_of_any_order(
    finago: FinagoClient, server: ScriptedServer, item: str
) -> None:
    server.script("SaveInvoices", soap("SaveInvoices", f"<SaveInvoicesResult>{item}</SaveInvoicesResult>"))
    assert finago.save_orders([ORDER]) == (SavedOrder(),)


@pytest.mark.parametrize("answer", CERTAINLY_NOT.values(), ids=CERTAINLY_NOT)
def test_did_not_land_after(finago: FinagoClient, server: ScriptedServer, gate: RecordingGate, answer: Answer) -> None:
    server.script("SaveInvoices", answer)
    with pytest.raises(WriteDidNotLand) as turned_away:
        finago.save_orders([ORDER])
    assert not turned_away.value.refused, "the same request is welcome later"
    assert len(server.requests_for("SaveInvoices")) == 1
    assert len(gate.blocks) == 1


@pytest.mark.parametrize("answer", QUARANTINED.values(), ids=QUARANTINED)
def test_is_uncertain_in_a_quarantine_which_blocks_all_others(
    finago: FinagoClient, server: ScriptedServer, gate: RecordingGate, answer: Answer
) -> None:
    server.script("SaveInvoices", answer)
    with pytest.raises(WriteUncertain):
        finago.save_orders([ORDER])
    assert len(server.requests_for("SaveInvoices")) == 1
    assert [(system, until) for system, until, _ in gate.blocks] == [
        ("finago", datetime(2026, 11, 20, 9, 42, tzinfo=UTC))
    ]


@pytest.mark.parametrize("answer", WORDS_BY_CHANCE.values(), ids=WORDS_BY_CHANCE)
def test_is_uncertain_whatever_words_a_fault_holds(
    finago: FinagoClient, server: ScriptedServer, gate: RecordingGate, answer: Answer
) -> None:
    server.script("SaveInvoices", answer)
    with pytest.raises(WriteUncertain):
        finago.save_orders([ORDER])
    assert server.operations == ["Login", "SaveInvoices"], "neither sent again nor logged in anew"
    assert gate.blocks == []


def test_did_not_land_where_nobody_listens(
    new_finago: Callable[..., FinagoClient], server: ScriptedServer, finago: FinagoClient, nobody_listens: str
) -> None:
    server.script("SaveInvoices", GOOD)
    finago.save_orders([ORDER])
    with pytest.raises(WriteDidNotLand):
        new_finago(api_url=nobody_listens).save_orders([ORDER])


def test_over_its_time_is_uncertain(
    new_finago: Callable[..., FinagoClient], server: ScriptedServer, finago: FinagoClient
) -> None:
    server.script("SaveInvoices", GOOD, Answer(200, GOOD.body, XML, drip="body"))
    finago.save_orders([ORDER])
    with pytest.raises(WriteUncertain, match=r"no complete reply within 0\.2 seconds"):
        new_finago(timeout_seconds=0.2).save_orders([ORDER])


class TestUnderASessionThatHasEnded:
    def test_is_sent_again_under_a_new_one(
        self, finago: FinagoClient, server: ScriptedServer, gate: RecordingGate
    ) -> None:
        """A call that was turned away at the door certainly did nothing."""
        server.script("SaveInvoices", SESSION_FAULT, GOOD)
        (saved,) = finago.save_orders([ORDER])
        assert saved.order_id == 5001
        assert server.operations == ["Login", "SaveInvoices", "Login", "SaveInvoices"]
        assert [write for _, operation, write in gate.calls if operation == "SaveInvoices"] == [True, True]

    def test_is_not_sent_a_third_time(self, finago: FinagoClient, server: ScriptedServer) -> None:
        server.script("SaveInvoices", SESSION_FAULT)
        with pytest.raises(LoginRefused):
            finago.save_orders([ORDER])
        assert len(server.requests_for("SaveInvoices")) == 2

    def test_may_turn_uncertain_the_second_time(self, finago: FinagoClient, server: ScriptedServer) -> None:
        server.script("SaveInvoices", SESSION_FAULT, Answer(hang_up=True))
        with pytest.raises(WriteUncertain):
            finago.save_orders([ORDER])


def test_waits_for_nothing_when_the_budget_is_spent(
    finago: FinagoClient, server: ScriptedServer, gate: RecordingGate
) -> None:
    gate.refuse = CallsBlocked("finago", "SaveInvoices", "spent", until=datetime(2026, 11, 20, 10, 0, tzinfo=UTC))
    with pytest.raises(CallsBlocked):
        finago.save_orders([ORDER])
    assert server.requests == []


class TestTheSecondStep:
    def test_gives_the_invoice_number(self, finago: FinagoClient, server: ScriptedServer) -> None:
        items = (
            "<InvoiceOrder><OrderId>4999</OrderId></InvoiceOrder>"
            "<InvoiceOrder><OrderId>5001</OrderId><InvoiceId>10007</InvoiceId></InvoiceOrder>"
        )
        server.script("SaveInvoices", soap("SaveInvoices", f"<SaveInvoicesResult>{items}</SaveInvoicesResult>"))
        saved = finago.invoice_order(OrderId(5001), with_rows_in_finago(CARD_ORDER))
        assert (saved.order_id, saved.invoice_number) == (5001, 10007)

    def test_finds_a_refusal_without_an_id_by_its_reference(self, finago: FinagoClient, server: ScriptedServer) -> None:
        item = (
            "<InvoiceOrder><APIException><Type>A.ClosedPeriodException</Type></APIException>"
            "<ReferenceNumber>9001</ReferenceNumber></InvoiceOrder>"
        )
        server.script("SaveInvoices", soap("SaveInvoices", f"<SaveInvoicesResult>{item}</SaveInvoicesResult>"))
        assert finago.invoice_order(OrderId(5001), with_rows_in_finago(CARD_ORDER)).refusal == "ClosedPeriodException"

    def test_is_uncertain_when_the_answer_lacks_the_order(self, finago: FinagoClient, server: ScriptedServer) -> None:
        server.script("SaveInvoices", soap("SaveInvoices", "<SaveInvoicesResult/>"))
        with pytest.raises(WriteUncertain, match="does not hold order 5001"):
            finago.invoice_order(OrderId(5001), with_rows_in_finago(CARD_ORDER))


class TestQuarantine:
    @pytest.mark.parametrize(
        ("end", "headers", "until"),
        [
            ("2026-11-20T09:42:00Z", {}, datetime(2026, 11, 20, 9, 42, tzinfo=UTC)),
            ("2026-11-20 09:42:00", {}, datetime(2026, 11, 20, 9, 42, tzinfo=UTC)),
            (
                "noon",
                {"APILimitReset": "2026-11-20T09:30:00Z"},
                datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
            ),
            ("20.11.2026 10:42:00", {}, datetime(2026, 11, 20, 10, 0, tzinfo=UTC)),
            ("2027-11-20T09:42:00Z", {}, datetime(2026, 11, 20, 10, 0, tzinfo=UTC)),
        ],
        ids=["as it says", "as it says, without a zone", "as the header says", "an odd date", "a date far away"],
    )
    def test_lasts_as_told_or_until_the_next_hour(
        self,
        finago: FinagoClient,
        server: ScriptedServer,
        gate: RecordingGate,
        end: str,
        headers: dict[str, str],
        until: datetime,
    ) -> None:
        server.script(
            "GetDepartmentList",
            page(f"Limit exceeded by 3. Request is blocked. Quarantine ends at {end}", 200, **headers),
        )
        with pytest.raises(CallsBlocked) as blocked:
            finago.departments()
        assert blocked.value.until == until
        assert [(system, end) for system, end, _ in gate.blocks] == [("finago", until)]
        assert len(server.requests_for("GetDepartmentList")) == 1

    def test_in_an_ordinary_text_is_no_quarantine(self, finago: FinagoClient, server: ScriptedServer) -> None:
        department = f"<Department><Id>3</Id><Name>{QUARANTINE}</Name></Department>"
        server.script(
            "GetDepartmentList",
            soap("GetDepartmentList", f"<GetDepartmentListResult>{department}</GetDepartmentListResult>"),
        )
        assert finago.departments()[0].name == QUARANTINE


def test_a_project_answered_with_another_id_is_given_as_answered(finago: FinagoClient, server: ScriptedServer) -> None:
    server.script("SaveProject", soap("SaveProject", "<SaveProjectResult>77</SaveProjectResult>"))
    assert finago.save_project(ProjectDraft(id=FinagoProjectId(12345))) == 77


def test_a_project_answered_with_nothing_is_uncertain(finago: FinagoClient, server: ScriptedServer) -> None:
    server.script("SaveProject", soap("SaveProject", ""))
    with pytest.raises(WriteUncertain):
        finago.save_project(ProjectDraft(id=FinagoProjectId(12345)))


def test_a_project_that_finago_refuses_did_not_land(finago: FinagoClient, server: ScriptedServer) -> None:
    server.script("SaveProject", fault("Server was unable to process request. ---&gt; The status does not exist."))

    with pytest.raises(WriteDidNotLand, match="The status does not exist") as refused:
        finago.save_project(ProjectDraft(id=FinagoProjectId(12345), name="Kick-off"))

    assert refused.value.refused
