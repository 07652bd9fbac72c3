"""The Qondor stand-in: key, queue, state machine, customers, projects (contract/qondor.md, decisions 3 and 5)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from qondor_finago_pipelines.sandbox import World, line
from tests.conftest import FakeClock

from .conftest import BERGEN, OSLO, Rest

INVOICE = "Invoicing/v1/Invoice"
CUSTOMER = "Customer/v1/Customer"
PROJECT = "Project/v1/Project"


@pytest.mark.parametrize("key", [None, "somebody-else"])
def test_without_a_valid_subscription_key_the_gateway_answers_401(qondor: Rest, key: str | None) -> None:
    qondor.key = key
    reply = qondor.send("GET", f"{INVOICE}/GetAllUnprocessedInvoices")
    assert reply.status_code == 401
    assert reply.json()["statusCode"] == 401
    assert "subscription key" in reply.json()["message"]


def test_an_unknown_route_is_unknown_to_the_gateway(qondor: Rest) -> None:
    assert qondor.send("GET", "Invoicing/v1/Invoice/GetEverything").status_code == 404
    assert qondor.send("DELETE", f"{CUSTOMER}/77").status_code == 404


def test_the_queue_holds_unprocessed_invoices_of_all_offices_as_summaries(qondor: Rest, world: World) -> None:
    oslo = world.add_invoice(office=OSLO)
    bergen = world.add_invoice(office=BERGEN, currency="EUR")
    world.add_invoice(status="Processed", reference=40001)
    queue = qondor.get(f"{INVOICE}/GetAllUnprocessedInvoices")
    assert [(entry["id"], entry["officeId"], entry["currency"]) for entry in queue] == [
        (oslo, OSLO, "NOK"),
        (bergen, BERGEN, "EUR"),
    ]
    assert "invoiceLines" not in queue[0]
    assert queue[0]["invoiceTypeText"] == "CustomerOffer"


def test_the_queue_can_come_in_its_full_form(qondor: Rest, world: World) -> None:
    world.qondor.queue_in_full = True
    world.add_invoice()
    (entry,) = qondor.get(f"{INVOICE}/GetAllUnprocessedInvoices")
    assert entry["invoiceLines"][0]["nameOnInvoice"] == "Conference package"


def test_the_queue_can_say_something_else_than_the_invoice_and_say_it_twice(qondor: Rest, world: World) -> None:
    number = world.add_invoice()
    world.qondor.queue_says[number] = {"totalInclVat": Decimal("1.00")}
    world.qondor.queued_twice.add(number)
    queue = qondor.get(f"{INVOICE}/GetAllUnprocessedInvoices")
    assert [(entry["id"], entry["totalInclVat"]) for entry in queue] == [(number, Decimal("1.00"))] * 2


def test_amounts_are_written_exactly(qondor: Rest, world: World) -> None:
    number = world.add_invoice(
        lines=[line(quantity="0.3", price="0.10", vat=25), line(price="9999999999999.99", vat=0)]
    )
    reply = qondor.send("GET", f"{INVOICE}/{number}")
    assert '"outPriceExclVat":9999999999999.99' in reply.text
    assert '"totalInclVat":10000000000000.03' in reply.text


def test_totals_follow_from_the_lines_each_rounded_to_the_ore(qondor: Rest, world: World) -> None:
    number = world.add_invoice(lines=[line(quantity=3, price="33.335", vat=25), line(quantity=1, price="0.02", vat=25)])
    detail = qondor.get(f"{INVOICE}/{number}")
    # 100.005 becomes 100.01 with 25.0025 of VAT; 0.02 has 0.005 of VAT, which becomes 0.01.
    assert detail["totalExclVat"] == Decimal("100.03")
    assert detail["totalVat"] == Decimal("25.01")
    assert detail["totalInclVat"] == Decimal("125.04")


def test_floats_are_no_amounts() -> None:
    with pytest.raises(TypeError, match="float"):
        line(price=0.1)  # type: ignore[arg-type]


def test_a_credit_note_repeats_its_original_with_the_sign_turned(qondor: Rest, world: World) -> None:
    customer = world.add_customer(reference=4711)
    project = world.add_project(customer=customer)
    original = world.add_invoice(kind="form", customer=customer, project=project, status="Processed", reference=40001)
    note = qondor.get(f"{INVOICE}/{world.add_invoice(credit_of=original)}")
    assert note["isCredit"] is True
    assert note["invoiceTypeText"] == "CustomerForm"
    assert (note["customerId"], note["projectId"]) == (customer, project)
    assert note["totalInclVat"] == -world.qondor.invoices[original]["totalInclVat"]
    assert note["invoiceLines"][0]["quantity"] == -25
    assert note["creditedInvoiceId"] == original
    assert note["creditedInvoiceExternalReference"] == "40001"


def test_an_unknown_invoice_is_404_with_problem_details(qondor: Rest) -> None:
    reply = qondor.send("GET", f"{INVOICE}/4040")
    assert reply.status_code == 404
    assert reply.headers["Content-Type"].startswith("application/problem+json")
    assert reply.json()["status"] == 404


def test_an_invoice_is_processed_and_then_paid(qondor: Rest, world: World) -> None:
    number = world.add_invoice()
    assert qondor.put(f"{INVOICE}/SetAsProcessed", {"invoiceId": number, "externalReference": "50001"}).content == b""
    assert qondor.get(f"{INVOICE}/{number}")["externalReference"] == "50001"
    assert qondor.get(f"{INVOICE}/GetAllUnprocessedInvoices") == []
    assert qondor.put(f"{INVOICE}/SetAsPaid", {"invoiceId": number, "paidDate": "2026-11-20"}).status_code == 200
    detail = qondor.get(f"{INVOICE}/{number}")
    assert (detail["status"], detail["statusText"], detail["paidDate"]) == (4, "Paid", "2026-11-20")


def test_processed_again_with_the_same_reference_is_no_error_but_with_another_it_is(qondor: Rest, world: World) -> None:
    number = world.add_invoice(status="Processed", reference=50001)
    same = qondor.put(f"{INVOICE}/SetAsProcessed", {"invoiceId": number, "externalReference": "50001"})
    other = qondor.put(f"{INVOICE}/SetAsProcessed", {"invoiceId": number, "externalReference": "50002"})
    assert (same.status_code, other.status_code) == (200, 400)
    assert world.qondor.invoices[number]["externalReference"] == "50001"


@pytest.mark.parametrize(
    ("status", "move", "body"),
    [
        ("Unprocessed", "SetAsPaid", {"paidDate": "2026-11-20"}),
        ("Failed", "SetAsProcessed", {"externalReference": "50001"}),
        ("Failed", "SetAsPaid", {"paidDate": "2026-11-20"}),
        ("Failed", "SetAsFailed", {"errorMessage": "again"}),
        ("Processed", "SetAsFailed", {"errorMessage": "too late"}),
        ("Paid", "SetAsPaid", {"paidDate": "2026-11-20"}),
        ("Paid", "SetAsProcessed", {"externalReference": "50001"}),
    ],
)
def test_illegal_moves_answer_400_and_change_nothing(
    qondor: Rest, world: World, status: str, move: str, body: dict[str, str]
) -> None:
    number = world.add_invoice(status=status)
    reply = qondor.put(f"{INVOICE}/{move}", {"invoiceId": number, **body})
    assert reply.status_code == 400
    assert "InvoiceId" in reply.json()["errors"]
    assert world.qondor.status_of(number) == status


@pytest.mark.parametrize(
    ("move", "body", "member"),
    [
        ("SetAsProcessed", {"id": 1, "externalReference": "50001"}, "Id"),
        ("SetAsProcessed", {"externalReference": 50001}, "ExternalReference"),
        ("SetAsProcessed", {}, "ExternalReference"),
        ("SetAsFailed", {"errorMessage": ""}, "ErrorMessage"),
        ("SetAsFailed", {"errorMessage": "x" * 501}, "ErrorMessage"),
        ("SetAsPaid", {"paidDate": "20.11.2026"}, "PaidDate"),
    ],
)
def test_a_body_that_is_not_the_agreed_one_is_refused(
    qondor: Rest, world: World, move: str, body: dict[str, object], member: str
) -> None:
    number = world.add_invoice()
    reply = qondor.put(f"{INVOICE}/{move}", {"invoiceId": number, **body})
    assert reply.status_code == 400
    assert member in reply.json()["errors"]


def test_a_failed_invoice_leaves_the_queue_for_good_with_its_message(qondor: Rest, world: World) -> None:
    number = world.add_invoice()
    assert qondor.put(f"{INVOICE}/SetAsFailed", {"invoiceId": number, "errorMessage": "x" * 500}).status_code == 200
    assert world.qondor.status_of(number) == "Failed"
    assert qondor.get(f"{INVOICE}/GetAllUnprocessedInvoices") == []


def test_customers_come_by_office_and_without_one_only_the_global_ones(qondor: Rest, world: World) -> None:
    own = world.add_customer(office=OSLO)
    world.add_customer(office=BERGEN)
    shared = world.add_customer(shared=True)
    assert [customer["id"] for customer in qondor.get(f"{CUSTOMER}/GetAll", officeId=OSLO)] == [own]
    (only,) = qondor.get(f"{CUSTOMER}/GetAll")
    assert (only["id"], only["officeId"]) == (shared, None)
    assert "address" not in only


def test_a_put_of_the_whole_record_changes_one_field(qondor: Rest, world: World) -> None:
    answer = {"heading": "Segment", "answer": "Energy", "externalReference": "segment", "dataType": 0}
    number = world.add_customer(custom_answers=[answer])
    before = qondor.get(f"{CUSTOMER}/{number}")
    assert qondor.put(CUSTOMER, {**before, "externalReference": "5001"}).status_code == 200
    assert qondor.get(f"{CUSTOMER}/{number}") == {**before, "externalReference": "5001"}
    assert qondor.get(f"{CUSTOMER}/GetByExternalReference", externalReference="5001")["id"] == number


def test_a_careless_put_loses_what_it_leaves_out(qondor: Rest, world: World) -> None:
    number = world.add_customer(custom_answers=[{"externalReference": "segment", "answer": "Energy"}])
    assert qondor.put(CUSTOMER, {"id": number, "name": "Nordlys AS", "externalReference": "5001"}).status_code == 200
    after = qondor.get(f"{CUSTOMER}/{number}")
    assert after["remarks"] is None
    assert after["isActive"] is None
    assert after["customerCustomFieldAnswers"] == []
    assert after["officeId"] == OSLO


@pytest.mark.parametrize(
    ("change", "member"),
    [
        ({"externalReference": 5001}, "ExternalReference"),
        ({"name": None}, "Name"),
        ({"customerCustomFieldAnswers": [{"answer": "Energy"}]}, "CustomerCustomFieldAnswers"),
    ],
)
def test_a_put_that_does_not_bind_is_400(qondor: Rest, world: World, change: dict[str, object], member: str) -> None:
    before = qondor.get(f"{CUSTOMER}/{world.add_customer()}")
    reply = qondor.put(CUSTOMER, {**before, **change})
    assert reply.status_code == 400
    assert member in reply.json()["errors"]


def test_a_reference_that_nobody_has_is_404(qondor: Rest) -> None:
    assert qondor.send("GET", f"{CUSTOMER}/GetByExternalReference?externalReference=1").status_code == 404


def test_projects_by_office_status_and_change(qondor: Rest, world: World) -> None:
    old = world.add_project(status="finished", settingsLastEditedDate="2026-11-01T10:00:00Z")
    new = world.add_project(status="confirmed", settingsLastEditedDate="2026-11-19T10:00:00Z")
    world.add_project(office=BERGEN)

    def ids(**parameters: object) -> list[int]:
        return [project["id"] for project in qondor.get(f"{PROJECT}/GetAll", **parameters)]

    assert ids(officeId=OSLO) == [old, new]
    assert ids(officeId=OSLO, status=[2, 4]) == [new]
    assert ids(officeId=OSLO, changedAfter="2026-11-19T10:00:00Z") == []
    assert ids(officeId=OSLO, changedAfter="2026-11-19T10:59:59+01:00") == [new]
    assert qondor.send("GET", f"{PROJECT}/GetAll?changedAfter=yesterday").status_code == 400
    assert qondor.get(f"{PROJECT}/{new}")["statusText"] == "Confirmed"


def test_a_project_number_of_two_offices_needs_the_office(qondor: Rest, world: World) -> None:
    world.add_project(number="SO1", office=OSLO)
    bergen = world.add_project(number="SO1", office=BERGEN)
    assert qondor.send("GET", f"{PROJECT}/GetByProjectNo?projectNo=SO1").status_code == 400
    assert qondor.get(f"{PROJECT}/GetByProjectNo", projectNo="SO1", officeId=BERGEN)["id"] == bergen


def test_offices(qondor: Rest) -> None:
    assert [office["id"] for office in qondor.get("Office/v1/Office/GetAll")] == [OSLO, BERGEN]


def test_eleven_calls_within_a_second_are_too_many_where_the_limit_is_played(
    qondor: Rest, world: World, clock: FakeClock
) -> None:
    world.qondor.calls_per_second = 10
    replies = [qondor.send("GET", "Office/v1/Office/GetAll") for _ in range(11)]
    assert [reply.status_code for reply in replies] == [200] * 10 + [429]
    assert replies[-1].headers["Retry-After"] == "1"
    clock.advance(seconds=1)
    assert qondor.send("GET", "Office/v1/Office/GetAll").status_code == 200
