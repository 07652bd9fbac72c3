"""Qondor's queue and details as records: tolerant of form, exact with numbers, and naming what cannot be read."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from qondor_finago_pipelines.records.errors import (
    CallsBlocked,
    ContractBroken,
    LoginRefused,
    NotFound,
    RequestRefused,
    SystemUnreachable,
)
from qondor_finago_pipelines.records.identifiers import CustomerId, OfficeId, QondorInvoiceId, QondorProjectId
from qondor_finago_pipelines.records.invoices.invoices import (
    InvoiceStatus,
    InvoiceType,
    PaymentType,
    QondorInvoice,
    QueueEntry,
)
from qondor_finago_pipelines.systems.qondor import QondorClient
from tests.builders import INVOICE
from tests.systems.scripted import (
    SUBSCRIPTION_KEY,
    Answer,
    Pauses,
    RecordingGate,
    ScriptedServer,
    as_json,
    page,
    problem,
)

QUEUE = "GetAllUnprocessedInvoices"

SUMMARY: dict[str, Any] = {
    "id": 9001,
    "invoiceNumber": "2026-0042",
    "invoiceType": 1,
    "invoiceTypeText": "CustomerOffer",
    "paymentType": 1,
    "isCredit": False,
    "officeId": 102,
    "projectId": 555,
    "projectNo": "SO12345",
    "customerId": 77,
    "createdDate": "2026-11-20T09:12:00Z",
    "currency": "NOK",
    "totalInclVat": 12500.00,
}

LINE: dict[str, Any] = {
    "id": 1,
    "nameOnInvoice": "Conference package",
    "articleNumber": "3000",
    "quantity": 25,
    "inPriceExclVat": 310.00,
    "outPriceExclVat": 400.00,
    "vatPercentage": 25.0,
    "vatAmount": 2500.00,
}

DETAIL: dict[str, Any] = SUMMARY | {
    "status": 1,
    "statusText": "Unprocessed",
    "name": "Kick-off 2026, final",
    "projectName": "Kick-off 2026",
    "externalReference": None,
    "creditedInvoiceId": None,
    "creditedInvoiceExternalReference": None,
    "bookingReference": None,
    "customerName": "Nordlys AS",
    "customerExternalReference": "4711",
    "organisationNumber": "912345688",
    "email": "faktura@nordlys.example",
    "address": "Storgata 1",
    "address2": None,
    "zipCode": "0155",
    "city": "Oslo",
    "countryCode": "NO",
    "invoiceDate": "2026-11-20",
    "dueDate": "2026-12-04",
    "currencyCode": 578,
    "remarks": None,
    "invoiceFields": [{"heading": "PO number", "answer": "PO-88", "externalReference": "po"}],
    "invoiceLines": [LINE],
    "totalExclVat": 10000.00,
    "totalVat": 2500.00,
    "paidDate": None,
    "cardTransactionReference": None,
}

NEEDED = ["officeId", "invoiceType", "paymentType", "isCredit", "status", "currency", "totalInclVat", "invoiceDate"]


@pytest.fixture
def read(qondor: QondorClient, server: ScriptedServer) -> Callable[..., QondorInvoice]:
    """The invoice that a detail with these changes is read as."""

    def read(changes: dict[str, Any] | None = None, *, without: str = "") -> QondorInvoice:
        detail = {key: value for key, value in (DETAIL | (changes or {})).items() if key != without}
        server.script("9001", as_json(detail))
        return qondor.invoice(QondorInvoiceId(9001))

    return read


class TestTheQueue:
    def test_is_one_call_for_all_offices(
        self, qondor: QondorClient, server: ScriptedServer, gate: RecordingGate
    ) -> None:
        server.script(QUEUE, as_json([SUMMARY, SUMMARY | {"id": 9002, "officeId": 103}]))
        queue = qondor.unprocessed_invoices()
        assert [(entry.id, entry.office_id) for entry in queue.entries] == [(9001, 102), (9002, 103)]
        (request,) = server.requests
        assert (request.method, request.path) == ("GET", "/Prod/Invoicing/v1/Invoice/GetAllUnprocessedInvoices")
        assert request.query == {}
        assert request.headers["Ocp-Apim-Subscription-Key"] == SUBSCRIPTION_KEY
        assert gate.calls == [("qondor", QUEUE, False)]

    def test_of_summaries_has_no_details(self, qondor: QondorClient, server: ScriptedServer) -> None:
        server.script(QUEUE, as_json([SUMMARY]))
        assert qondor.unprocessed_invoices().entries == (
            QueueEntry(
                id=QondorInvoiceId(9001),
                office_id=OfficeId(102),
                number="2026-0042",
                created=datetime(2026, 11, 20, 9, 12, tzinfo=UTC),
                currency="NOK",
                total_including_vat=Decimal(12500),
                project_id=QondorProjectId(555),
                customer_id=CustomerId(77),
            ),
        )

    def test_in_its_full_form_has_them(self, qondor: QondorClient, server: ScriptedServer) -> None:
        server.script(QUEUE, as_json([DETAIL]))
        (entry,) = qondor.unprocessed_invoices().entries
        assert entry.detail == INVOICE

    @pytest.mark.parametrize("answer", [as_json([]), Answer(204)], ids=["an empty list", "204"])
    def test_may_be_empty(self, qondor: QondorClient, server: ScriptedServer, answer: Answer) -> None:
        server.script(QUEUE, answer)
        assert qondor.unprocessed_invoices().entries == ()

    def test_names_elements_without_an_id_and_goes_on(self, qondor: QondorClient, server: ScriptedServer) -> None:
        odd = [None, 7, "x", [SUMMARY], {}, SUMMARY | {"id": None}, SUMMARY | {"id": "one"}, SUMMARY | {"id": -1}]
        server.script(QUEUE, as_json([*odd, SUMMARY]))
        queue = qondor.unprocessed_invoices()
        assert [entry.id for entry in queue.entries] == [9001]
        assert len(queue.unreadable) == len(odd)
        assert queue.unreadable[0] == "element 0 of the queue is not an object"
        assert queue.unreadable[4] == "element 4 of the queue has no readable id"

    def test_keeps_an_invoice_that_stands_in_it_twice(self, qondor: QondorClient, server: ScriptedServer) -> None:
        server.script(QUEUE, as_json([SUMMARY, SUMMARY]))
        assert [entry.id for entry in qondor.unprocessed_invoices().entries] == [9001, 9001]

    def test_names_what_it_cannot_read_of_an_entry(self, qondor: QondorClient, server: ScriptedServer) -> None:
        server.script(QUEUE, as_json([SUMMARY | {"officeId": None, "totalInclVat": "12 500"}]))
        (entry,) = qondor.unprocessed_invoices().entries
        assert (entry.office_id, entry.total_including_vat) == (None, None)
        assert entry.unreadable == ("officeId is null", "totalInclVat is not a number")

    @pytest.mark.parametrize(
        "answer",
        [
            as_json({"invoices": []}),
            as_json("nothing"),
            as_json(None),
            as_json(b""),
            as_json(b"[{"),
            as_json(b"[" * 100_000),
            as_json(b"\xff\xfe["),
            page("Welcome"),
            Answer(200, b"<invoices/>", {"Content-Type": "application/xml"}),
            Answer(301, headers={"Location": "/elsewhere"}),
        ],
        ids=["object", "text", "null", "empty", "cut", "deep", "no text", "page", "xml", "redirect"],
    )
    def test_that_is_no_list_is_never_an_empty_one(
        self, qondor: QondorClient, server: ScriptedServer, pauses: Pauses, answer: Answer
    ) -> None:
        server.script(QUEUE, answer)
        with pytest.raises(ContractBroken) as broken:
            qondor.unprocessed_invoices()
        assert broken.value.remedy
        assert pauses == []


class TestAnInvoice:
    def test_is_read_whole(self, read: Callable[..., QondorInvoice]) -> None:
        assert read() == INVOICE

    def test_is_read_whatever_the_case_of_its_keys(self, qondor: QondorClient, server: ScriptedServer) -> None:
        shouted = {key.upper(): value for key, value in DETAIL.items()}
        shouted["INVOICELINES"] = [{key.capitalize(): value for key, value in LINE.items()}]
        server.script("9001", as_json(shouted))
        assert qondor.invoice(QondorInvoiceId(9001)) == INVOICE

    def test_may_hold_members_that_nobody_knows(self, read: Callable[..., QondorInvoice]) -> None:
        assert read({"mood": "good", "invoiceLines": [LINE | {"colour": {"r": 1}}]}) == INVOICE

    @pytest.mark.parametrize(
        ("member", "value", "attribute", "expected"),
        [
            ("invoiceType", "CustomerForm", "invoice_type", InvoiceType.CUSTOMER_FORM),
            ("invoiceType", "customer offer", "invoice_type", InvoiceType.CUSTOMER_OFFER),
            ("invoiceType", "3", "invoice_type", InvoiceType.BOOKING),
            ("invoiceType", 9, "invoice_type", "9"),
            ("invoiceType", "Subscription", "invoice_type", "Subscription"),
            ("paymentType", "CreditCard", "payment_type", PaymentType.CREDIT_CARD),
            ("paymentType", "Card", "payment_type", PaymentType.CREDIT_CARD),
            ("paymentType", 3, "payment_type", "3"),
            ("status", "Processed", "status", InvoiceStatus.PROCESSED),
            ("status", 17, "status", "17"),
        ],
    )
    def test_has_enums_as_number_or_as_name(
        self, read: Callable[..., QondorInvoice], member: str, value: Any, attribute: str, expected: Any
    ) -> None:
        invoice = read({member: value})
        assert getattr(invoice, attribute) == expected
        assert type(getattr(invoice, attribute)) is type(expected)
        assert invoice.unreadable == ()

    @pytest.mark.parametrize(
        "digits",
        [
            "0.1",
            "1250.30",
            "99999999999999.99",
            "-0.005",
            "33.333333333333333333",
            "1.5E+3",
            "7",
        ],
    )
    def test_has_amounts_exactly_as_written(self, qondor: QondorClient, server: ScriptedServer, digits: str) -> None:
        body = json.dumps(DETAIL).replace('"totalInclVat": 12500.0', f'"totalInclVat": {digits}')
        server.script("9001", as_json(body.encode()))
        total = qondor.invoice(QondorInvoiceId(9001)).total_including_vat
        assert isinstance(total, Decimal)
        assert total == Decimal(digits)

    @pytest.mark.parametrize(
        ("digits", "amount"),
        [("375.90000000000003", "375.90"), ("0.30000000000000004", "0.30"), ("-0.1000000001", "-0.1")],
    )
    def test_has_no_amounts_of_a_binary_computer(
        self, qondor: QondorClient, server: ScriptedServer, digits: str, amount: str
    ) -> None:
        body = json.dumps(DETAIL).replace('"totalInclVat": 12500.0', f'"totalInclVat": {digits}')
        server.script("9001", as_json(body.encode()))
        assert qondor.invoice(QondorInvoiceId(9001)).total_including_vat == Decimal(amount)

    @pytest.mark.parametrize(
        "number",
        [
            "NaN",
            "Infinity",
            "-Infinity",
            "1E+999999",
            "1e9999999999999999999",
            "9" * 5000,
            '"12500.00"',
            "true",
            "[1]",
            "{}",
        ],
    )
    def test_has_no_amount_where_none_is_written(
        self, qondor: QondorClient, server: ScriptedServer, number: str
    ) -> None:
        body = json.dumps(DETAIL).replace('"totalInclVat": 12500.0', f'"totalInclVat": {number}')
        server.script("9001", as_json(body.encode()))
        invoice = qondor.invoice(QondorInvoiceId(9001))
        assert invoice.total_including_vat is None
        assert invoice.unreadable == ("totalInclVat is not a number",)

    @pytest.mark.parametrize(
        ("written", "day"),
        [
            ("2026-11-20", date(2026, 11, 20)),
            ("2026-11-20T00:00:00", date(2026, 11, 20)),
            ("2026-11-19T23:00:00Z", date(2026, 11, 20)),
            ("2026-06-19T22:30:00+00:00", date(2026, 6, 20)),
            ("2026-11-20T23:30:00+01:00", date(2026, 11, 20)),
            ("0001-01-01T00:00:00", None),
            ("", None),
        ],
    )
    def test_has_days_of_oslo(self, read: Callable[..., QondorInvoice], written: str, day: date | None) -> None:
        invoice = read({"dueDate": written})
        assert invoice.due_date == day
        assert invoice.unreadable == ()

    @pytest.mark.parametrize("member", NEEDED)
    def test_names_a_member_that_it_cannot_do_without(self, read: Callable[..., QondorInvoice], member: str) -> None:
        assert read({member: None}).unreadable == (f"{member} is null",)
        assert read(without=member).unreadable == (f"{member} is missing",)

    @pytest.mark.parametrize("member", ["nameOnInvoice", "quantity", "outPriceExclVat", "vatPercentage"])
    def test_names_a_null_on_a_line(self, read: Callable[..., QondorInvoice], member: str) -> None:
        invoice = read({"invoiceLines": [LINE, LINE | {member: None}]})
        assert invoice.unreadable == (f"invoiceLines[1].{member} is null",)
        assert len(invoice.lines) == 2

    @pytest.mark.parametrize(
        ("changes", "named"),
        [
            ({"dueDate": "tomorrow"}, "dueDate is not a date"),
            ({"dueDate": 20261204}, "dueDate is not a date"),
            ({"dueDate": "9999-12-31T23:59:59Z"}, "dueDate is a date that no calendar has"),
            ({"createdDate": "9999-12-31T23:59:59-14:00"}, "createdDate is a date that no calendar has"),
            ({"dueDate": "0000-00-00"}, "dueDate is not a date"),
            ({"name": "\ud83c"}, "name holds half of a character"),
            (
                {"invoiceLines": [LINE | {"nameOnInvoice": "a\udfffb"}]},
                "invoiceLines[0].nameOnInvoice holds half of a character",
            ),
            ({"invoiceType": "\ud83c"}, "invoiceType holds half of a character"),
            ({"projectId": "SO1"}, "projectId is not a whole number"),
            ({"projectId": 5.5}, "projectId is not a whole number"),
            ({"projectId": 10**30}, "projectId is not a whole number"),
            ({"projectId": True}, "projectId is not a whole number"),
            ({"projectId": -1}, "projectId is below 0"),
            ({"officeId": 0}, "officeId is 0"),
            ({"isCredit": "no"}, "isCredit is neither true nor false"),
            ({"email": {"to": "x"}}, "email is not a text"),
            ({"invoiceType": []}, "invoiceType is neither a number nor a name"),
            ({"invoiceLines": {}}, "invoiceLines is not a list"),
            ({"invoiceLines": [LINE, 5]}, "invoiceLines[1] is not an object"),
            ({"invoiceLines": [LINE | {"quantity": "many"}]}, "invoiceLines[0].quantity is not a number"),
            ({"ID": 9002}, "ID stands there twice, with different values"),
            ({"id": 9002}, "id is 9002 where 9001 was asked for"),
        ],
    )
    def test_names_what_cannot_be_read(
        self, read: Callable[..., QondorInvoice], changes: dict[str, Any], named: str
    ) -> None:
        """By its path, and never with its value, which may be somebody's name."""
        invoice = read(changes)
        assert named in invoice.unreadable
        assert invoice.id == 9001

    def test_with_a_byte_that_is_no_utf_8_names_its_member_alone(
        self, qondor: QondorClient, server: ScriptedServer
    ) -> None:
        server.script("9001", as_json(json.dumps(DETAIL | {"name": "X-1"}).encode().replace(b"X-1", b"X\xff1")))
        assert qondor.invoice(QondorInvoiceId(9001)).unreadable == ("name holds half of a character",)

    def test_has_no_text_where_only_space_is(self, read: Callable[..., QondorInvoice]) -> None:
        invoice = read({"customerExternalReference": "  ", "projectNo": " SO12345 ", "organisationNumber": 912345688})
        assert invoice.customer_external_reference is None
        assert invoice.project_number == "SO12345"
        assert invoice.organisation_number == "912345688"

    def test_has_no_id_where_a_0_stands(self, read: Callable[..., QondorInvoice]) -> None:
        invoice = read({"customerId": 0, "projectId": 0, "creditedInvoiceId": 0})
        assert (invoice.customer_id, invoice.project_id, invoice.credited_invoice_id) == (None, None, None)
        assert invoice.unreadable == ()

    def test_joins_both_lines_of_an_address(self, read: Callable[..., QondorInvoice]) -> None:
        assert read({"address2": "c/o Kari"}).address.street == "Storgata 1, c/o Kari"

    def test_may_be_without_lines(self, read: Callable[..., QondorInvoice]) -> None:
        assert read({"invoiceLines": []}).lines == ()
        assert read({"invoiceLines": None}).lines == ()

    def test_that_is_a_credit_note_names_its_original(self, read: Callable[..., QondorInvoice]) -> None:
        note = read({"isCredit": True, "creditedInvoiceId": 8000, "creditedInvoiceExternalReference": "5001"})
        assert note.is_credit
        assert (note.credited_invoice_id, note.credited_invoice_external_reference) == (8000, "5001")

    def test_that_does_not_exist_is_not_found(self, qondor: QondorClient, server: ScriptedServer) -> None:
        for answer in (problem(404, "Not Found"), Answer(204), as_json(None)):
            server.script("9001", answer)
            with pytest.raises(NotFound):
                qondor.invoice(QondorInvoiceId(9001))

    @pytest.mark.parametrize("answer", [as_json([DETAIL]), as_json("x"), as_json(7), page("x")])
    def test_that_is_no_object_breaks_the_contract(
        self, qondor: QondorClient, server: ScriptedServer, answer: Answer
    ) -> None:
        server.script("9001", answer)
        with pytest.raises(ContractBroken):
            qondor.invoice(QondorInvoiceId(9001))


class TestWhatQondorAnswersInstead:
    def test_a_key_that_is_not_accepted(self, qondor: QondorClient, server: ScriptedServer, pauses: Pauses) -> None:
        server.script(QUEUE, as_json({"statusCode": 401, "message": "Access denied"}, 401))
        with pytest.raises(LoginRefused, match="subscription key") as refused:
            qondor.unprocessed_invoices()
        assert "QONDOR_SUBSCRIPTION_KEY" in refused.value.remedy
        assert pauses == []

    def test_too_many_calls(
        self, qondor: QondorClient, server: ScriptedServer, pauses: Pauses, gate: RecordingGate
    ) -> None:
        server.script(QUEUE, as_json({"message": "Rate limit"}, 429, **{"Retry-After": "3"}), as_json([]))
        qondor.unprocessed_invoices()
        assert pauses == [3]
        assert len(gate.blocks) == 1

    def test_a_spent_quota(self, qondor: QondorClient, server: ScriptedServer) -> None:
        server.script(QUEUE, as_json({"message": "Out of call volume quota"}, 403, **{"Retry-After": "3600"}))
        with pytest.raises(CallsBlocked) as blocked:
            qondor.unprocessed_invoices()
        assert blocked.value.until == datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
        assert len(server.requests) == 1

    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_trouble_that_passes(self, qondor: QondorClient, server: ScriptedServer, status: int) -> None:
        server.script(QUEUE, page("oops", status, **{"Retry-After": "1"}), as_json([]))
        assert qondor.unprocessed_invoices().entries == ()

    def test_trouble_that_stays(self, qondor: QondorClient, server: ScriptedServer, pauses: Pauses) -> None:
        server.script(QUEUE, page("oops", 500))
        with pytest.raises(SystemUnreachable):
            qondor.unprocessed_invoices()
        assert len(server.requests) == 5
        assert pauses == [1, 2, 4, 8]

    def test_a_reply_cut_off(self, qondor: QondorClient, server: ScriptedServer) -> None:
        server.script(QUEUE, Answer(200, b"[]" + b" " * 100, cut_at=50), as_json([SUMMARY]))
        assert len(qondor.unprocessed_invoices().entries) == 1

    def test_a_refusal(self, qondor: QondorClient, server: ScriptedServer) -> None:
        server.script(QUEUE, problem(400, "One or more validation errors occurred.", {"OfficeId": ["must be given"]}))
        with pytest.raises(RequestRefused, match="OfficeId: must be given") as refused:
            qondor.unprocessed_invoices()
        assert refused.value.status == 400
