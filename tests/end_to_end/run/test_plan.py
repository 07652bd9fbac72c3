"""`plan` and `sync --plan`: what is planned is what is written, and nothing else; a plan itself writes nothing.

The worlds are random. What a run wrote is not asked of the program: both systems are compared with how they stood.
"""

from __future__ import annotations

import copy
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from qondor_finago_pipelines.flows.rehearsal.finago import RehearsedFinago
from qondor_finago_pipelines.flows.rehearsal.plan_file import read_plan, write_plan
from qondor_finago_pipelines.flows.rehearsal.qondor import RehearsedQondor
from qondor_finago_pipelines.flows.rehearsal.services import PlannedRun, PlannedService, rehearse
from qondor_finago_pipelines.records.days import oslo_day
from qondor_finago_pipelines.records.errors import SyncError
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.operations.planned import FlowPlan
from qondor_finago_pipelines.records.operations.results import Flow, FlowResult
from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.seeds.empty import empty
from qondor_finago_pipelines.sandbox.world.invoice_lines import line
from qondor_finago_pipelines.store import schema
from tests.conftest import FakeClock, PostgreSQL
from tests.end_to_end.costs_and_sales.test_property import Accountants
from tests.end_to_end.customers_and_projects.edits import edit_customer, edit_project, writes
from tests.end_to_end.installation import BERGEN, OSLO, Installation, outcome
from tests.end_to_end.invoices.every_kind import queue_of_every_kind

Line = tuple[str, str, str]
"""Record, key, action."""

FLOWS = tuple(Flow)

PROJECT_EDITS: list[dict[str, Any]] = [
    {"name": "Summer party"},
    {"status": 3},
    {"startDate": "2027-02-01"},
    {"customerId": 77},
]


def runs_of_today(installation: Installation, flow: Flow, *offices: OfficeId) -> list[PlannedRun]:
    with installation.service() as service:
        return [
            PlannedRun(
                office=office,
                day=oslo_day(service.store.now()),
                first_day=service.cost_window(office) if flow is Flow.COSTS_AND_SALES else None,
            )
            for office in offices or (OSLO,)
        ]


def planned(installation: Installation, flow: Flow = Flow.INVOICES, *offices: OfficeId) -> FlowPlan:
    """What `qondor-finago plan` shows now."""
    runs = runs_of_today(installation, flow, *offices)
    with installation.service() as service:
        return rehearse(service, flow, runs)


def apply(installation: Installation, plan: FlowPlan) -> tuple[list[FlowResult], tuple[str, ...]]:
    """The runs of a plan, as `sync --plan` starts them once it still holds; and what it held back."""
    runs = runs_of_today(installation, plan.flow, *plan.offices)
    with installation.service() as service:
        guarded = PlannedService(service, plan)
        results = [
            guarded.sync(
                plan.flow, run.office, day=run.day, first_day=run.first_day, run_id=f"apply-{run.office}", trigger="cli"
            )
            for run in runs
        ]
    for result in results:
        if result.totals_by_day is not None:
            result.totals_by_day.postings.close()
    return results, guarded.gate.held_back


def rows(installation: Installation) -> Mapping[str, list[Any]]:
    """All that the store holds, but for sessions and counted calls."""
    with installation.service() as service, service.store.rows() as connection:
        kept = (table for table in schema.metadata.sorted_tables if table.name not in ("sessions", "call_budgets"))
        return {table.name: [tuple(row) for row in connection.execute(select(table))] for table in kept}


def stand(world: World) -> dict[tuple[str, str], Any]:
    """Every record of both systems that a flow may write, by kind and key."""
    found: dict[tuple[str, str], Any] = {}
    for books in world.finago.books.values():
        for number, company in books.companies.items():
            found["company", f"{books.client_id}/{number}"] = company.members
        for number, project in books.projects.items():
            found["project", f"{books.client_id}/{number}"] = (project.members, project.active)
        for order in books.orders.values():
            found["order", str(order["ReferenceNumber"])] = order.members
    for number, customer in world.qondor.customers.items():
        found["customer", str(number)] = (customer["externalReference"],)
    for number, invoice in world.qondor.invoices.items():
        found["invoice", str(number)] = invoice["status"]
    for kind, records in world.qondor.actuals.items():
        for number, record in records.items():
            found[kind, str(number)] = record
    return copy.deepcopy(found)


def observed(before: Mapping[tuple[str, str], Any], after: Mapping[tuple[str, str], Any]) -> Counter[Line]:
    """What was written between two looks, in the words of a plan; companies and projects by number alone."""
    seen: Counter[Line] = Counter()
    for kind, key in before.keys() | after.keys():
        was: Any = before.get((kind, key))
        is_now: Any = after.get((kind, key))
        if was == is_now:
            continue
        action = "create" if was is None else "delete" if is_now is None else "update"
        if kind == "invoice":
            passed: dict[int, tuple[str, ...]] = {1: (), 2: ("process",), 3: ("fail",), 4: ("process", "pay")}
            for each in set(passed[is_now]) - set(passed[was]):
                seen["payment" if each == "pay" else "invoice", key, each] += 1
        elif kind == "order":
            seen[kind, key, action] += action == "create"
            invoiced = is_now.get("InvoiceId") is not None and (was is None or was.get("InvoiceId") is None)
            seen[kind, key, "update"] += invoiced
        elif kind in ("cost", "sale"):
            seen[kind, (is_now or was)["externalReference"].split(":")[2], action] += 1
        else:
            seen[kind, key if kind == "customer" else "", action] += 1
    return +seen


def lines_of(plan: FlowPlan) -> Counter[Line]:
    by_number = ("company", "project")
    return Counter(
        (change.record or "", "" if change.record in by_number else change.key or "", change.action)
        for change in plan.changes
        if change.is_write
    )


@contextmanager
def nothing_written(installation: Installation) -> Iterator[None]:
    """In either system, and in the store."""
    before = writes(installation.world), stand(installation.world), rows(installation)
    yield
    assert (writes(installation.world), stand(installation.world), rows(installation)) == before


def a_random_world(world: World, dice: random.Random) -> Accountants:
    """Two offices on two clients, customers and projects in every state of being known, invoices of every kind."""
    world.add_company("Grand Hotel AS", id=4800, type="Supplier")
    queue = queue_of_every_kind(world)
    # What the accountants edit beside.
    world.add_project("Study tour", id=777, number="Study tour", office=OSLO)
    world.add_project("Fjord tour", id=888, number="Fjord", office=BERGEN)
    for number in range(80, 80 + dice.randint(1, 4)):
        known = dice.random() < 0.5
        if known:
            world.add_company("As Finago has it AS", id=4000 + number, organisation_number=f"9{number}000000")
        world.add_customer(
            f"Customer {number} AS",
            id=number,
            reference=dice.choice([4000 + number, None, "ABC"]) if known else None,
            organisation_number=f"9{number}000000",
        )
        project = world.add_project(f"Event {number}", id=500 + number, customer=number, number=f"SO{number}000")
        for _ in range(dice.randint(0, 2)):
            world.add_invoice(
                customer=number,
                project=dice.choice([project, 555]),
                kind=dice.choice(["offer", "form", "booking"]),
                card=dice.random() < 0.3,
                currency=dice.choice(["NOK", "NOK", "EUR", "ISK"]),
                lines=[line(quantity=dice.randint(1, 9), price=dice.choice(["99.99", "1250.00"]), vat=25)],
            )
    assert queue.invoices
    return Accountants(world, dice)


def edit(world: World, accountants: Accountants, dice: random.Random) -> None:
    """A day in the life of both systems."""
    for _ in range(dice.randint(1, 5)):
        accountants.do()
    customers = sorted(world.qondor.customers)
    edit_customer(world, dice.choice(customers), name=dice.choice(["Bølge & Blad AS", "Fjord AS"]))
    edit_project(
        world,
        dice.choice(sorted(world.qondor.projects)),
        **dice.choice(PROJECT_EDITS),
    )
    unpaid = [
        number
        for number, order in world.books(OSLO).orders.items()
        if order.get("InvoiceId") is None and order.get("OrderStatus") == "Offer"
    ]
    if unpaid:
        world.pay(dice.choice(sorted(unpaid)))
    world.add_invoice(customer=77, project=555)


def a_life_of_plans(installation: Installation, seed: int, *, rounds: int) -> None:
    """In each round every flow is planned, and then run: the plan's changes are what the run wrote."""
    dice = random.Random(seed)
    world = installation.world
    accountants = a_random_world(world, dice)
    for _ in range(rounds):
        for flow in dice.sample(FLOWS, len(FLOWS)):
            with nothing_written(installation):
                first = planned(installation, flow)
                # The first may have met a session that ran out meanwhile, and asked once more.
                plan = planned(installation, flow)
            assert first.digest == plan.digest, "same world, same plan"
            before, calls = stand(world), world.calls.by_operation()
            (result,), held_back = apply(installation, plan)
            assert held_back == ()
            assert observed(before, stand(world)) == lines_of(plan), (seed, flow, result.problems)
            assert_amounts(world, plan)
            made = Counter(world.calls.by_operation()) - Counter(calls)
            for system in ("qondor", "finago"):
                count = sum(number for operation, number in made.items() if operation.startswith(system))
                assert count == plan.calls.get(system, 0), (seed, flow, system, made)
            again = planned(installation, flow)
            assert again.writes == 0, (seed, flow, again.changes)
        edit(world, accountants, dice)
        installation.wait(minutes=20)


def assert_amounts(world: World, plan: FlowPlan) -> None:
    for change in plan.changes:
        if change.record == "order" and change.action == "create":
            order = world.order_of(int(change.key or 0))
            assert Decimal(order["OrderTotalIncVat"]) == change.amount


@pytest.mark.parametrize("seed", range(2))
def test_the_changes_of_a_plan_are_the_writes_of_the_sync_that_follows(
    another_world: Callable[..., Installation], seed: int
) -> None:
    a_life_of_plans(another_world(), seed, rounds=2)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 108))
def test_plans_come_true_in_many_worlds(another_world: Callable[..., Installation], seed: int) -> None:
    a_life_of_plans(another_world(), seed, rounds=4)


def test_plans_come_true_on_postgresql(installation: Installation, postgresql: PostgreSQL) -> None:
    installation.store_url = postgresql.unused_store()
    a_life_of_plans(installation, 7, rounds=1)


def test_money_comes_first_and_what_belongs_to_one_record_stands_together(
    installation: Installation, world: World
) -> None:
    queue_of_every_kind(world)
    plan = planned(installation)
    shown = [(change.name, change.action) for change in plan.changes]
    assert shown[:2] == [("order 9001", "create"), ("invoice 9001", "process")]
    card = [line for line in shown if line[0].endswith(" 9002")]
    assert card == [
        ("order 9002", "create"),
        ("order 9002", "update"),
        ("invoice 9002", "process"),
        ("payment 9002", "pay"),
    ]
    place = shown.index(card[0])
    assert shown[place : place + 4] == card
    amounts = [abs(change.amount) for change in plan.changes if change.record == "order" and change.amount is not None]
    assert amounts == sorted(amounts, reverse=True)


def test_a_child_names_its_parent_while_its_id_is_not_known(installation: Installation, world: World) -> None:
    queue_of_every_kind(world)
    after = {
        (change.record, change.key, field.field): field.after
        for change in planned(installation).changes
        for field in change.fields
    }
    assert after["order", "9005", "customer"] == "<company of customer 78>"
    assert after["project", "556", "customer"] == "<company of customer 78>"
    assert after["customer", "78", "external reference"] == "<company of customer 78>"
    assert after["order", "9004", "customer"] == "<company of the booker of invoice 9004>"
    assert after["invoice", "9001", "external reference"] == "<order of invoice 9001>"
    assert after["order", "9003", "credits order"] == "<order of invoice 9002>"


def test_a_project_that_comes_back_shows_what_it_was(installation: Installation, world: World, customer: int) -> None:
    world.add_project("Kick-off 2026", id=555, number="SO12345", customer=customer)
    world.add_finago_project("Kick-off 2026", id=12345, customer=4711, deactivated=True)
    fields = {
        field.field: (field.before, field.after)
        for change in planned(installation, Flow.CUSTOMERS_AND_PROJECTS).changes
        for field in change.fields
        if (change.record, change.key) == ("project", "555")
    }
    assert fields["status"] == ("deactivated", "Aktiv")


@pytest.mark.parametrize("flow", Flow)
def test_every_update_says_what_it_changes(installation: Installation, world: World, flow: Flow) -> None:
    dice = random.Random(3)
    accountants = a_random_world(world, dice)
    for _ in range(2):
        plan = planned(installation, flow)
        assert [change.name for change in plan.changes if change.action == "update" and not change.fields] == []
        for each in Flow:
            apply(installation, planned(installation, each))
        edit(world, accountants, dice)
        installation.wait(minutes=20)


def test_no_name_no_address_and_no_email_is_in_a_plan(installation: Installation, world: World, tmp_path: Path) -> None:
    queue_of_every_kind(world)
    plan = planned(installation)
    write_plan(plan, tmp_path / "plan.json")
    written = (tmp_path / "plan.json").read_text(encoding="utf-8").lower()
    for invoice in world.qondor.invoices.values():
        for member in ("email", "customerName", "address", "city", "name", "projectName"):
            assert not invoice[member] or str(invoice[member]).lower() not in written, member


def test_refused_and_waiting_stand_in_the_plan_with_reason_and_remedy(
    installation: Installation, world: World, invoice: int
) -> None:
    second = world.add_invoice(customer=77, project=555)
    refused = world.add_invoice(customer=77, project=555, currency="ISK")
    installation.configure(sync={"max_new_orders": 1})
    plan = planned(installation)
    left = {change.key: change for change in plan.changes if not change.is_write}
    assert left.keys() == {str(second), str(refused)}
    assert (left[str(second)].action, left[str(refused)].action) == ("wait", "refuse")
    for change in left.values():
        assert change.reason
        assert change.remedy
        assert change.amount is not None
    assert (plan.summary()["refusals"], plan.is_whole) == (2, True)


def test_a_project_manager_is_told_nothing_while_a_failure_is_only_planned(
    installation: Installation, world: World, customer: int
) -> None:
    number = world.add_invoice(customer=customer, project=None)
    installation.configure(invoices={"fail_in_qondor_after_hours": 0})
    (change,) = planned(installation).changes
    assert (change.record, change.key, change.action) == ("invoice", str(number), "fail")
    assert change.reason
    assert world.qondor.status_of(number) == "Unprocessed"


@pytest.fixture
def shared(running_sandbox: Sandbox, clock: FakeClock, installed: Callable[[FakeClock], Installation]) -> Installation:
    """Oslo and Bergen keep their books in one Finago client."""
    running_sandbox.world = empty(clock=clock, shared_client=True)
    return installed(clock)


def test_two_offices_of_one_client_are_planned_as_they_run_one_after_the_other(shared: Installation) -> None:
    """Whoever runs first creates the company of a customer of both; the second finds it."""
    world = shared.world
    world.add_customer("Nordlys AS", id=77, office=None, organisation_number="912345678")
    for office, number in ((OSLO, 555), (BERGEN, 655)):
        world.add_project(f"Event {number}", id=number, customer=77, office=office)
        world.add_invoice(customer=77, project=number, office=office)
    plan = planned(shared, Flow.INVOICES, OSLO, BERGEN)
    assert [each.office for each in plan.changes if (each.record, each.action) == ("company", "create")] == [OSLO]
    before = stand(world)
    results, held_back = apply(shared, plan)
    assert held_back == ()
    assert all(result.all_settled for result in results)
    assert observed(before, stand(world)) == lines_of(plan)


# a plan that no longer holds


Change = Callable[[World, int], object]

CHANGES: dict[str, Change] = {
    "another amount in Qondor": lambda world, invoice: (
        world.qondor.invoices[invoice].update(remarks="x")
        or world.qondor.invoices[invoice]["invoiceLines"][0].update(nameOnInvoice="Another line")
    ),
    "another due date": lambda world, invoice: world.qondor.invoices[invoice].update(dueDate="2027-01-31"),
    "withdrawn in Qondor": lambda world, invoice: world.qondor.invoices.pop(invoice),
    "a second invoice": lambda world, _: world.add_invoice(customer=77, project=555),
    "another customer record": lambda world, _: edit_customer(world, 77, externalReference=None),
    "the company renamed in Finago": lambda world, _: world.books(OSLO).companies[4711].members.update(Name="Other"),
    "the project made in Finago": lambda world, _: world.add_finago_project("Kick-off 2026", id=12345, customer=4711),
    "the VAT product gone in Finago": lambda world, _: [
        product.update(StatusId=2) for product in world.books(OSLO).products.values()
    ],
    "an order made by somebody else": lambda world, invoice: world.add_order(
        invoice, id=40099, company=4711, project=12345
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_changed_since_on_either_side_is_named(
    installation: Installation, world: World, invoice: int, what: str
) -> None:
    plan = planned(installation)
    assert list(plan.differences(planned(installation))) == []
    CHANGES[what](world, invoice)
    named = list(plan.differences(planned(installation)))
    assert named, what
    assert all(line.startswith("Office 102, ") for line in named)


@pytest.mark.parametrize("what", CHANGES)
def test_a_run_of_a_plan_writes_nothing_that_was_not_in_it(
    installation: Installation, world: World, invoice: int, what: str
) -> None:
    """Should the change come after the comparison: what is written was planned, and the rest is named."""
    plan = planned(installation)
    CHANGES[what](world, invoice)
    before = stand(world)
    _, held_back = apply(installation, plan)
    assert observed(before, stand(world)) <= lines_of(plan)
    if what in ("another due date", "a second invoice", "another amount in Qondor"):
        assert any("create order" in each for each in held_back), held_back


def test_what_was_held_back_is_done_by_the_next_run_without_a_plan(
    installation: Installation, world: World, invoice: int
) -> None:
    plan = planned(installation)
    second = world.add_invoice(customer=77, project=555)
    (result,), held_back = apply(installation, plan)
    assert held_back == (f"office 102: create order {second}",)
    assert outcome(result, invoice).state == "settled"
    assert "not in the plan" in outcome(result, second).message
    assert installation.sync().all_settled
    assert len(world.orders_of(second)) == 1


# the file


def test_a_plan_comes_back_from_its_file(installation: Installation, world: World, tmp_path: Path) -> None:
    queue_of_every_kind(world)
    plan = planned(installation)
    write_plan(plan, tmp_path / "plan.json")
    read = read_plan(tmp_path / "plan.json", Flow.INVOICES, plan.installation)
    assert (read.digest, read.changes, read.offices) == (plan.digest, plan.changes, plan.offices)


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ('"12500.00"', '"12500.01"'),
        ('"create"', '"update"'),
        ("4711", "4712"),
        ('"offices": [\n  102', '"offices": [\n  103'),
        ('"payload": "', '"payload": "0'),
    ],
)
def test_a_tampered_file_is_refused(
    installation: Installation, invoice: int, tmp_path: Path, written: str, instead: str
) -> None:
    plan, file = planned(installation), tmp_path / "plan.json"
    write_plan(plan, file)
    text = file.read_text(encoding="utf-8")
    assert written in text
    file.write_text(text.replace(written, instead, 1), encoding="utf-8")
    with pytest.raises(SyncError, match=r"its digest does not fit"):
        read_plan(file, Flow.INVOICES, plan.installation)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "no plan", '{"plan": 1}', '{"flow": "invoices", "lines": 7}'])
def test_a_file_that_holds_no_plan_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "plan.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SyncError, match="holds no plan"):
        read_plan(file, Flow.INVOICES, "ours")


def test_a_plan_of_another_installation_or_flow_is_refused(
    installation: Installation, invoice: int, tmp_path: Path
) -> None:
    plan, file = planned(installation), tmp_path / "plan.json"
    write_plan(plan, file)
    with pytest.raises(SyncError, match="another installation"):
        read_plan(file, Flow.INVOICES, "somebody else's")
    with pytest.raises(SyncError, match="not of costs-and-sales"):
        read_plan(file, Flow.COSTS_AND_SALES, plan.installation)


# what is in the way


def test_a_plan_in_the_middle_of_a_running_sync_says_so_and_shows_what_is_left(
    installation: Installation, world: World, invoice: int
) -> None:
    first = planned(installation)
    with installation.service() as service:
        client = world.books(OSLO).client_id
        lease = service.store.take_lease(f"{client}:finago", "run 7", lasts=timedelta(minutes=5), wait=timedelta(0))
        plan = planned(installation)
        service.store.release(lease)
    assert plan.digest == first.digest
    assert plan.notes == ("Office 102: run 7 is at work in this Finago client. The plan shows what it has left.",)


@pytest.mark.parametrize(("system", "operation"), [("qondor", "GetAllUnprocessedInvoices"), ("finago", "GetCompanies")])
def test_one_system_down_gives_a_plan_that_says_what_could_not_be_looked_at(
    installation: Installation, world: World, invoice: int, system: str, operation: str
) -> None:
    world.faults.add(system, operation, "500", times=None)
    with nothing_written(installation):
        plan = planned(installation)
    assert not plan.is_whole
    assert plan.writes == 0
    (whole,) = [change for change in plan.changes if change.record is None]
    assert (whole.action, whole.system, whole.key) == ("wait", system, None)
    assert whole.remedy


@pytest.mark.parametrize("flow", Flow)
def test_a_call_that_a_rehearsal_forgets_to_imagine_never_leaves(
    installation: Installation, world: World, flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new write of a flow, say, of which the rehearsal does not know yet."""
    queue_of_every_kind(world)
    world.post_supplier_invoice("100.00", project=12345)
    for client in (RehearsedFinago, RehearsedQondor):
        for name in [name for name in vars(client) if name.startswith(("save_", "set_", "put_", "create_"))]:
            monkeypatch.delattr(client, name)
    with nothing_written(installation), pytest.raises(RuntimeError, match="A rehearsal writes nothing"):
        planned(installation, flow)
