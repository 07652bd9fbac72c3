"""The write-backs to Qondor, customers and projects: what is sent, and what a refusal is compared with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, ClassVar

import pytest

from qondor_finago_pipelines.records.customers_and_projects.customers import Customer
from qondor_finago_pipelines.records.customers_and_projects.projects import ProjectStatus, QondorProject
from qondor_finago_pipelines.records.errors import (
    CallsBlocked,
    ContractBroken,
    NotFound,
    RequestRefused,
    SystemUnreachable,
)
from qondor_finago_pipelines.records.identifiers import CustomerId, OfficeId, OrderId, QondorInvoiceId, QondorProjectId
from qondor_finago_pipelines.systems.qondor import CannotEcho, QondorClient
from tests import builders
from tests.systems.qondor.test_queue import DETAIL
from tests.systems.scripted import Answer, Pauses, RecordingGate, ScriptedServer, as_json, page, problem

INVOICE = QondorInvoiceId(9001)
DONE = Answer(200)
REFUSED = problem(400, "Illegal move", {"InvoiceId": ["is not Unprocessed"]})

WRITE_BACKS: dict[str, tuple[Callable[[QondorClient], None], dict[str, Any], dict[str, Any]]] = {
    "SetAsProcessed": (
        lambda qondor: qondor.set_as_processed(INVOICE, OrderId(5001)),
        {"invoiceId": 9001, "externalReference": "5001"},
        {"status": 2, "externalReference": "5001"},
    ),
    "SetAsFailed": (
        lambda qondor: qondor.set_as_failed(INVOICE, "Article 3000 has no product with 15 % VAT."),
        {"invoiceId": 9001, "errorMessage": "Article 3000 has no product with 15 % VAT."},
        {"status": 3},
    ),
    "SetAsPaid": (
        lambda qondor: qondor.set_as_paid(INVOICE, date(2026, 11, 21)),
        {"invoiceId": 9001, "paidDate": "2026-11-21"},
        {"status": 4, "externalReference": "5001", "paidDate": "2026-11-21"},
    ),
}


@pytest.mark.parametrize("operation", WRITE_BACKS)
class TestAWriteBack:
    def test_is_one_put(
        self, qondor: QondorClient, server: ScriptedServer, gate: RecordingGate, operation: str
    ) -> None:
        write, body, _ = WRITE_BACKS[operation]
        server.script(operation, DONE)
        write(qondor)
        (request,) = server.requests
        assert (request.method, request.path) == ("PUT", f"/Prod/Invoicing/v1/Invoice/{operation}")
        assert request.headers["Content-Type"] == "application/json; charset=utf-8"
        assert request.json == body
        assert gate.calls == [("qondor", operation, True)]

    @pytest.mark.parametrize("refusal", [REFUSED, problem(404, "Not Found")])
    def test_that_was_made_before_is_no_error(
        self, qondor: QondorClient, server: ScriptedServer, operation: str, refusal: Answer
    ) -> None:
        write, _, now = WRITE_BACKS[operation]
        server.script(operation, refusal)
        server.script("9001", as_json(DETAIL | now))
        write(qondor)
        assert server.operations == [operation, "9001"]

    def test_that_did_not_take_is_refused(self, qondor: QondorClient, server: ScriptedServer, operation: str) -> None:
        write, _, _ = WRITE_BACKS[operation]
        server.script(operation, REFUSED)
        server.script("9001", as_json(DETAIL))
        with pytest.raises(RequestRefused, match="is not Unprocessed"):
            write(qondor)

    def test_for_an_invoice_that_is_gone_is_not_found(
        self, qondor: QondorClient, server: ScriptedServer, operation: str
    ) -> None:
        write, _, _ = WRITE_BACKS[operation]
        server.script(operation, problem(404, "Not Found"))
        server.script("9001", problem(404, "Not Found"))
        with pytest.raises(NotFound):
            write(qondor)

    @pytest.mark.parametrize("answer", [Answer(hang_up=True), page("oops", 500), page("oops", 503)])
    def test_that_is_lost_is_repeated_by_the_next_run(
        self, qondor: QondorClient, server: ScriptedServer, pauses: Pauses, operation: str, answer: Answer
    ) -> None:
        write, _, _ = WRITE_BACKS[operation]
        server.script(operation, answer)
        with pytest.raises(SystemUnreachable):
            write(qondor)
        assert len(server.requests) == 1
        assert pauses == []

    def test_answered_with_a_web_page_did_not_arrive(
        self, qondor: QondorClient, server: ScriptedServer, operation: str
    ) -> None:
        write, _, _ = WRITE_BACKS[operation]
        server.script(operation, page("Please sign in"))
        with pytest.raises(ContractBroken):
            write(qondor)

    def test_may_be_told_to_wait(
        self, qondor: QondorClient, server: ScriptedServer, gate: RecordingGate, operation: str
    ) -> None:
        write, _, _ = WRITE_BACKS[operation]
        server.script(operation, as_json({}, 429, **{"Retry-After": "5"}))
        with pytest.raises(CallsBlocked):
            write(qondor)
        assert len(gate.blocks) == 1


@pytest.mark.parametrize(
    "now",
    [
        {"status": 2, "externalReference": "4999"},
        {"status": 4, "externalReference": None},
        {"status": 3, "externalReference": "5001"},
    ],
    ids=["with another order", "without a reference", "failed"],
)
def test_processed_otherwise_is_not_processed_by_us(
    qondor: QondorClient, server: ScriptedServer, now: dict[str, Any]
) -> None:
    server.script("SetAsProcessed", REFUSED)
    server.script("9001", as_json(DETAIL | now))
    with pytest.raises(RequestRefused):
        qondor.set_as_processed(INVOICE, OrderId(5001))


def test_a_message_is_cut_at_500_characters(qondor: QondorClient, server: ScriptedServer) -> None:
    server.script("SetAsFailed", DONE)
    qondor.set_as_failed(INVOICE, "å" * 600)
    assert server.requests[0].json["errorMessage"] == "å" * 500


CUSTOMER: dict[str, Any] = {
    "id": 77,
    "officeId": 102,
    "name": "Nordlys AS",
    "legalName": "Nordlys Aksjeselskap",
    "externalReference": None,
    "address": "Storgata 1",
    "address2": None,
    "zipCode": "0155",
    "city": "Oslo",
    "country": "Norway",
    "countryCode": "NO",
    "organisationNumber": "912345688",
    "isInvoiceable": True,
    "invoiceCurrency": "NOK",
    "invoiceCurrencyCode": 578,
    "customerInvoiceFieldsDeprecated": [{"heading": "old"}],
    "customerInvoiceFields": [
        {
            "id": 5,
            "heading": "PO number",
            "description": None,
            "externalReference": "po",
            "isRequired": True,
            "allowedValues": [{"id": 1, "value": "A"}, {"id": 2, "value": "B"}],
        }
    ],
    "customerCategoryId": 3,
    "customerCategoryName": "Events",
    "customerOwner": {"fullName": "Ola", "email": "ola@office.example"},
    "contactPersons": [{"id": 1}],
    "isActive": True,
    "customerCustomFieldAnswers": [
        {"heading": "Segment", "answer": "Gold", "externalReference": "seg", "dataType": 0, "dataTypeText": "Text"}
    ],
    "invoiceEmail": "faktura@nordlys.example",
    "remarks": "<p>VIP</p>",
    "unexpected": 1.25,
}


class TestCustomers:
    @pytest.fixture(autouse=True)
    def customer(self, server: ScriptedServer) -> None:
        server.script("77", as_json(CUSTOMER))
        server.script("Customer", DONE)

    def test_are_listed_for_an_office_and_for_all(self, qondor: QondorClient, server: ScriptedServer) -> None:
        summary = {"id": 77, "officeId": None, "name": " Nordlys AS ", "externalReference": "", "isActive": None}
        inactive = {"id": 78, "officeId": 102, "externalReference": 4711, "isActive": False}
        server.script("GetAll", as_json([summary, inactive]))
        assert qondor.customers(OfficeId(102)) == (
            Customer(id=CustomerId(77), name="Nordlys AS"),
            Customer(id=CustomerId(78), office_id=OfficeId(102), external_reference="4711", is_active=False),
        )
        qondor.customers(None)
        assert [request.query for request in server.requests] == [{"officeId": ["102"]}, {}]
        assert {request.path for request in server.requests} == {"/Prod/Customer/v1/Customer/GetAll"}

    @pytest.mark.parametrize(
        ("odd", "trouble"),
        [
            ({"externalReference": ["4711"]}, "externalReference is not a text"),
            ({"officeId": "north"}, "officeId is not a whole number"),
            ({"name": "\ud83c"}, "name holds half of a character"),
        ],
    )
    def test_that_cannot_be_read_never_pass_for_unlinked_ones(
        self, qondor: QondorClient, server: ScriptedServer, odd: dict[str, Any], trouble: str
    ) -> None:
        server.script("GetAll", as_json([{"id": 77} | odd, {"id": 78, "name": "Nordlys AS"}]))
        found = qondor.customers(None)
        assert [(customer.id, customer.unreadable) for customer in found] == [(77, (trouble,)), (78, ())]

    @pytest.mark.parametrize("element", [None, {"name": "no id"}, {"id": 10**400}])
    def test_without_a_readable_id_are_left_out_with_a_warning(
        self, qondor: QondorClient, server: ScriptedServer, element: Any
    ) -> None:
        server.script("GetAll", as_json([element, {"id": 78}]))
        assert [customer.id for customer in qondor.customers(None)] == [78]
        assert qondor.warnings() == ("Customer/GetAll: element 0 has no readable id and was left out.",)

    def test_whose_days_look_like_utc_are_told_once(self, qondor: QondorClient, server: ScriptedServer) -> None:
        project = {"id": 555, "startDate": "2026-11-20T23:00:00", "endDate": "2026-07-20T22:00:00.000"}
        others = {
            "startDate": "2026-11-20T23:00:00Z",
            "endDate": "2026-11-21T00:00:00",
            "createdDate": "2026-01-01T23:00:00",
        }
        server.script("GetAll", as_json([project, {"id": 556} | others, {"id": 557} | project]))
        found = qondor.projects(OfficeId(102))
        assert [each.start_date for each in found] == [date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 20)]
        (warning,) = qondor.warnings()
        assert "4 days" in warning
        assert "endDate, startDate" in warning

    def test_that_do_not_exist_are_not_found(self, qondor: QondorClient, server: ScriptedServer) -> None:
        server.script("77", problem(404, "Not Found"))
        with pytest.raises(NotFound):
            qondor.customer(CustomerId(77))

    def test_are_written_back_whole_with_one_member_changed(self, qondor: QondorClient, server: ScriptedServer) -> None:
        qondor.put_customer(qondor.customer(CustomerId(77)), external_reference="4711")
        put = server.requests[-1]
        assert (put.method, put.path) == ("PUT", "/Prod/Customer/v1/Customer")
        assert put.json == {
            "id": 77,
            "name": "Nordlys AS",
            "legalName": "Nordlys Aksjeselskap",
            "externalReference": "4711",
            "address": "Storgata 1",
            "zipCode": "0155",
            "city": "Oslo",
            "countryCode": "NO",
            "organisationNumber": "912345688",
            "isInvoiceable": True,
            "invoiceCurrency": "NOK",
            "invoiceCurrencyCode": 578,
            "customerInvoiceFields": [
                {
                    "id": 5,
                    "heading": "PO number",
                    "externalReference": "po",
                    "isRequired": True,
                    "allowedValues": [{"value": "A"}, {"value": "B"}],
                }
            ],
            "customerCategoryId": 3,
            "customerCustomFieldAnswers": [{"externalReference": "seg", "answer": "Gold"}],
            "isActive": True,
            "invoiceEmail": "faktura@nordlys.example",
            "remarks": "<p>VIP</p>",
        }

    def test_keep_the_digits_of_their_numbers(self, qondor: QondorClient, server: ScriptedServer) -> None:
        answers = '[{"externalReference": "r", "answer": 0.10}]'
        server.script("77", as_json(f'{{"id": 77, "customerCustomFieldAnswers": {answers}, "remarks": "å"}}'.encode()))
        qondor.put_customer(qondor.customer(CustomerId(77)), external_reference="1")
        sent = server.requests[-1].body
        assert b'"answer":0.10' in sent
        assert server.requests[-1].json["remarks"] == "å"

    def test_with_an_answer_that_cannot_be_named_are_not_written(
        self, qondor: QondorClient, server: ScriptedServer
    ) -> None:
        server.script("77", as_json(CUSTOMER | {"customerCustomFieldAnswers": [{"heading": "Secret", "answer": "x"}]}))
        record = qondor.customer(CustomerId(77))
        with pytest.raises(CannotEcho, match="Customer 77") as cannot:
            qondor.put_customer(record, external_reference="4711")
        assert cannot.value.remedy
        assert "Secret" not in str(cannot.value)
        assert server.operations == ["77"]

    def test_show_their_differences_by_name_only(self, qondor: QondorClient, server: ScriptedServer) -> None:
        before = qondor.customer(CustomerId(77))
        server.script("77", as_json(CUSTOMER | {"externalReference": "4711"}))
        assert QondorClient.differences(before, qondor.customer(CustomerId(77))) == ()
        changed = {"city": "Bergen", "customerCustomFieldAnswers": [], "contactPersons": []}
        server.script("77", as_json(CUSTOMER | changed))
        after = qondor.customer(CustomerId(77))
        assert QondorClient.differences(before, after) == ("city", "customerCustomFieldAnswers")

    def test_show_nothing_of_themselves(self, qondor: QondorClient) -> None:
        assert "Storgata" not in repr(qondor.customer(CustomerId(77)))


class TestProjects:
    PROJECT: ClassVar[dict[str, Any]] = {
        "id": 555,
        "officeId": 102,
        "projectNo": "SO12345",
        "name": "Kick-off 2026",
        "status": 2,
        "statusText": "Confirmed",
        "customerId": 77,
        "projectCategory": "Konferanse",
        "startDate": "2026-11-20T00:00:00",
        "endDate": "2026-11-22",
    }
    READ: ClassVar[QondorProject] = replace(
        builders.PROJECT, category="Konferanse", start_date=date(2026, 11, 20), end_date=date(2026, 11, 22)
    )

    def test_are_read_one_by_one(self, qondor: QondorClient, server: ScriptedServer) -> None:
        server.script("555", as_json(self.PROJECT))
        assert qondor.project(QondorProjectId(555)) == self.READ
        assert server.requests[0].path == "/Prod/Project/v1/Project/555"

    def test_are_listed_for_an_office(self, qondor: QondorClient, server: ScriptedServer) -> None:
        server.script("GetAll", as_json([self.PROJECT, self.PROJECT | {"id": 556, "status": "Canceled"}]))
        first, second = qondor.projects(OfficeId(102))
        assert first == self.READ
        assert second.status is ProjectStatus.CANCELLED
        assert server.requests[0].query == {"officeId": ["102"]}

    def test_are_listed_by_their_last_change_in_utc(self, qondor: QondorClient, server: ScriptedServer) -> None:
        server.script("GetAll", as_json([]))
        qondor.projects(OfficeId(102), changed_after=datetime(2026, 11, 13, 9, 0, 30, 5, tzinfo=UTC))
        assert server.requests[0].query == {"officeId": ["102"], "changedAfter": ["2026-11-13T09:00:30Z"]}

    def test_that_cannot_be_read_say_so_themselves(self, qondor: QondorClient, server: ScriptedServer) -> None:
        server.script("GetAll", as_json([self.PROJECT | {"startDate": "0000-00-00"}]))
        assert [project.unreadable for project in qondor.projects(OfficeId(102))] == [("startDate is not a date",)]
