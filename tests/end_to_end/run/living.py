"""A small world and a life in it: two offices, all three flows, every kind of record, and most of what goes wrong.

The clock stands where the fixture has it, every id is given or counted, and sessions are named: whoever lives it on an
empty store comes to the same ids in both systems, whichever version of this program he runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import count
from typing import Any
from unittest.mock import patch

from qondor_finago_pipelines.flows.invoices.first_contact import confirm
from qondor_finago_pipelines.flows.operations.run_failures import record_failure
from qondor_finago_pipelines.flows.operations.silence import update_silences
from qondor_finago_pipelines.records.days import oslo_day
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.operations.failures import FailedRun, FailedWork
from qondor_finago_pipelines.records.operations.results import Flow, FlowResult
from qondor_finago_pipelines.sandbox import World, line
from qondor_finago_pipelines.sandbox.seeds.empty import empty
from qondor_finago_pipelines.sandbox.world.voucher_builders import PostedVoucher, posting
from tests.end_to_end.installation import BERGEN, OSLO, Installation

OFFICES = (OSLO, BERGEN)

CREDITED_BY_HAND, PAID_IN_FINAGO = 8901, 8902
"""Processed in an earlier life: their orders are adopted."""

SETTLED = (9001, 9002, 9003, 9004, 9005, 9006, 9007, 9008, 9009, 9010, 9201)
FAILED = 9202
HELD, QUARANTINED, STRANGER, DIFFERS, LATE = 9101, 9102, 9103, 9104, 9105
"""Held for its currency; its order was given to somebody else; a stranger's order has its number; its order has another
total; held for its currency too, and nobody was told yet."""

SOMEBODY_ELSE = 4720
KICK_OFF, CONFERENCE = 12345, 12346
"""Finago ids of Oslo's projects."""


@contextmanager
def named_sessions() -> Iterator[None]:
    """Finago's sessions are called `session1`, `session2` …, in the order of the logins: elsewhere they are random."""
    numbers = count(1)
    with patch("qondor_finago_pipelines.sandbox.finago.authenticate.new_session_id", lambda: f"session{next(numbers)}"):
        yield


def live(installation: Installation, clock: Any) -> None:
    """Makes the world, and lives in it for an hour and a half, from first contact to rest.

    The last round of all flows writes nothing. One alert is left in the outbox, everything else is told.
    """
    with named_sessions():
        world = installation.sandbox.world = empty(clock=clock)
        vouchers = _make(world)
        _first_contact(installation)
        _more_of_every_kind(installation)
        _lost_replies(installation, vouchers)
        written = writes(world)
        for result in a_round(installation, deliver=True):
            assert (result.created, result.updated, result.paid) == (0, 0, 0), result
        assert writes(world) == written, "it came to rest"
        _invoice(world, LATE, name="Currency that Finago does not have", currency="ISK")
        installation.sync()
        installation.wait(minutes=2)


def a_round(
    installation: Installation, offices: tuple[OfficeId, ...] = OFFICES, *, deliver: bool = False
) -> list[FlowResult]:
    """All three flows of these offices; `deliver` sends the alerts at the end."""
    flows = (installation.follow, installation.sync, installation.load)
    work = [(flow, office) for flow in flows for office in offices]
    return [flow(office, deliver=deliver and (flow, office) == work[-1]) for flow, office in work]


def writes(world: World) -> int:
    """Every write to either system so far."""
    return world.calls.writes("qondor") + world.calls.writes("finago")


def _make(world: World) -> dict[str, PostedVoucher]:
    """What there is before anything runs; gives the vouchers that something happens to later."""
    world.add_company("Nordlys Arrangement AS", id=4711, organisation_number="912345678")
    world.add_company("Havgap Konferanse AS", id=4712, organisation_number="923456785", external_id=78)
    world.add_company("Fagerheim Forlag AS", id=4716, organisation_number="987654325")
    world.add_company("Somebody Else AS", id=SOMEBODY_ELSE)
    world.add_company("Grand Hotel Leverandør AS", id=4790, type="Supplier")
    # Renamed in Qondor, the same in both, new to Finago, found by its organisation number, refused.
    world.add_customer("Nordlys AS", id=77, reference=4711, organisation_number="912345678")
    world.add_customer("Havgap Konferanse AS", id=78, reference=4712, organisation_number="923456785")
    world.add_customer("Bølge & Blad AS", id=79, organisation_number="934567892")
    world.add_customer("Fagerheim Forlag AS", id=83, organisation_number="987654325")
    world.add_customer("Wrong Reference AS", id=80, reference="ABC-17", organisation_number="945678904")
    # To be created, known under another name, of a customer linked just before, pending.
    world.add_project("Kick-off 2026", id=555, customer=77, number="SO12345", category="Conference")
    world.add_project("Havgap Conference", id=556, customer=78, number="SO12346", category="Conference")
    world.add_project("Book Fair", id=557, customer=83, number="SO12347")
    world.add_project("Perhaps", id=561, customer=77, number="SO12351", status="pending")
    world.add_finago_project("Havgap Conference, draft", id=CONFERENCE, customer=4712)

    for invoice, order in ((CREDITED_BY_HAND, 40011), (PAID_IN_FINAGO, 40012)):
        _invoice(world, invoice, 78, 556, status="Processed", reference=order, invoice_date=date(2026, 11, 2))
        world.add_order(invoice, id=order, company=4712, project=CONFERENCE, status="Invoiced")
    _invoice(world, 9001, lines=[line(quantity=25, price="400.00"), _lunch(25)])
    _invoice(world, 9005, lines=[_lunch(30)])
    _invoice(world, STRANGER, name="Its number stands at a stranger's order")
    world.add_order(STRANGER, id=40013, company=SOMEBODY_ELSE, project=CONFERENCE)

    world.add_customer("Fjordheim AS", id=90, office=BERGEN, organisation_number="976543210")
    world.add_project("Fjord Days", id=655, customer=90, number="SO22345")
    _invoice(world, 9201, 90, 655, card=True)
    _invoice(world, FAILED, 90, None, office=BERGEN, name="Invoice without a project")

    world.post_supplier_invoice("100.01", split={KICK_OFF: "33.33", CONFERENCE: "66.67"})
    world.post_supplier_credit_note("800.00", project=CONFERENCE)
    world.post_supplier_invoice("500.00", project=99999)
    world.post_voucher([posting(6300, "100.00", project=KICK_OFF, vat_code=0), posting(2400, "-99.00")])
    world.post_customer_invoice("10000.00", project=KICK_OFF, customer=4711, invoice_number="20417")
    return {
        "paid": world.post_supplier_invoice(
            "8000.00", project=KICK_OFF, supplier=4790, day=date(2026, 11, 18), due=date(2026, 12, 16)
        ),
        "moved": world.post_supplier_invoice("640.00", project=KICK_OFF),
    }


def _invoice(world: World, id: int, customer: int = 77, project: int | None = 555, **members: Any) -> None:
    world.add_invoice(id=id, customer=customer, project=project, **members)


def _lunch(quantity: int) -> dict[str, Any]:
    return line("Lunch buffet", article="3100", quantity=quantity, price="289.00", vat=15)


def _first_contact(installation: Installation) -> None:
    """One order a client, until a person has looked at it; Bergen's invoice without a project fails at once."""
    installation.configure(sync={"max_new_orders": 1}, invoices={"fail_in_qondor_after_hours": 0})
    installation.sync(BERGEN, trigger="sensor")
    installation.configure(sync={"max_new_orders": 1})
    with installation.service() as service:
        update_silences(service.store, service.settings)
    a_round(installation, deliver=True)
    with installation.service() as service:
        for office in OFFICES:
            confirm(service.store, office)
    installation.configure()


def _more_of_every_kind(installation: Installation) -> None:
    """The other kinds of invoice, one whose order gets another total in Finago, and a run whose process died."""
    world = installation.world
    installation.wait(minutes=5)
    world.add_invoice(id=9002, kind="form", customer=78, project=556, lines=[line(quantity=42, price="1250.00")])
    world.add_invoice(id=9003, kind="booking", project=556)
    world.add_invoice(id=9004, kind="booking", card=True, project=556, email="ola.hansen@booker.example")
    world.add_invoice(id=9006, credit_of=CREDITED_BY_HAND)
    _invoice(world, 9007, 79, currency="EUR", lines=[line(article="7777", quantity=6, price="349.90")])
    _invoice(world, DIFFERS, name="Finago comes to another total")
    world.distort_total(DIFFERS, "1.00")
    a_round(installation, (OSLO,), deliver=True)
    work = FailedWork(office=BERGEN, flow=Flow.INVOICES, day=oslo_day(installation.clock()), office_run_id="died")
    with installation.service() as service:
        record_failure(service.store, FailedRun(run_id="died", works=(work,)))


def _lost_replies(installation: Installation, vouchers: dict[str, PostedVoucher]) -> None:
    """An hour later, with sessions that have run out: edits on both sides, payments, and replies that are lost.

    From now on invoices are factored. One of the orders that are uncertain for a while is given to somebody else.
    """
    world = installation.world
    installation.wait(minutes=55)
    installation.configure(invoices={"send_to_factoring_directly": True})
    world.pay(40012)
    world.pay_voucher(vouchers["paid"])
    world.move_to_project(vouchers["moved"], CONFERENCE)
    world.qondor.customers[78]["address"] = "Strandgata 2"
    world.qondor.projects[557].update(
        name="Book Fair 2026", settingsLastEditedDate=world.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    )
    _invoice(world, 9008, 83, 557)
    _invoice(world, 9009, card=True)
    world.add_invoice(id=9010, credit_of=9009)
    _invoice(world, HELD, name="Currency that Finago does not have", currency="ISK")
    _invoice(world, QUARANTINED, name="Given to somebody else")
    world.faults.add("finago", "SaveInvoices", "reset-after-effect")
    world.faults.add("qondor", "PutCost", "reset-after-effect")
    a_round(installation, (OSLO,), deliver=True)
    world.order_of(QUARANTINED).members["CustomerId"] = SOMEBODY_ELSE
    installation.wait(minutes=15)
    a_round(installation, (OSLO,), deliver=True)
    installation.wait(minutes=2)
