"""The demo's world: two offices, every kind of invoice, customers and projects that have moved on in Qondor, and each
of the article's error cases once. `expected` says what a first run must make of it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from ..world import World, line
from ..world.invoice_lines import credited
from ..world.qondor import nulls
from ..world.state import utc_now
from ..world.voucher_builders import SUPPLIER_SERIES, posting
from .empty import BERGEN, OSLO, empty
from .expected import PAID_IN_FINAGO
from .settings_text import office_settings_yaml as settings_for

PENDING_PROJECT = 561
LONG_UNCHANGED_PROJECT = 564
"""Neither is in Finago before the first run, nor after it: one is pending, the other was last changed long ago."""

NEW_CUSTOMER = 79
"""Has no External Reference before the first run and one after it."""


def world(*, clock: Callable[[], datetime] = utc_now, mishaps: bool = True) -> World:
    """The demo's world. `mishaps`: a reset connection while reading, and a session that expires on the way; both are
    mended by the integration itself and change no outcome."""
    made = empty(clock=clock)
    _oslo(made)
    _oslo_invoices(made)
    _oslo_credit_and_payment(made)
    _oslo_errors(made)
    _oslo_projects(made)
    _bergen(made)
    _ledger(made)
    if mishaps:
        made.faults.add("qondor", "GetInvoice", "reset-before-effect", after=4)
        made.faults.add("finago", "GetCategories", "session-expired")
    return made


def office_settings_yaml() -> str:
    """The settings file of the demo."""
    return settings_for(empty())


def _days_ago(made: World, days: int) -> date:
    return made.today() - timedelta(days=days)


def _known_project(
    made: World,
    project: int,
    *,
    id: int,
    company: int,
    name: str | None = None,
    moved_by: int = 0,
    deactivated: bool = False,
) -> None:
    """A project of Qondor as Finago knows it: active and equal, but for another name and dates some days off."""
    ours = made.qondor.projects[project]
    types = {word: number for number, word in made.books(ours["officeId"]).project_types.items()}
    start, end = (
        datetime.fromisoformat(ours[member]) + timedelta(days=moved_by) for member in ("startDate", "endDate")
    )
    made.add_finago_project(
        name or ours["name"],
        id=id,
        office=ours["officeId"],
        customer=company,
        deactivated=deactivated,
        TypeId=types[ours["projectCategory"]],
        DateStart=start,
        DateStop=end,
    )


def _oslo(made: World) -> None:
    # Renamed in Qondor; the same in both systems; unknown to Finago; found by its organisation number.
    made.add_company("Nordlys Arrangement AS", id=4711, office=OSLO, organisation_number="912345688")
    made.add_company("Havgap Konferanse AS", id=4712, office=OSLO, organisation_number="923456783", external_id=78)
    made.add_company("Fagerheim Forlag AS", id=4716, office=OSLO, organisation_number="987654325")
    made.add_company("Grand Hotel Leverandør AS", id=4790, office=OSLO, type="Supplier")
    made.add_customer("Nordlys AS", id=77, office=OSLO, reference=4711, organisation_number="912 345 688")
    segment = {"heading": "Segment", "answer": "Energy", "externalReference": "segment"}
    made.add_customer(
        "Havgap Konferanse AS",
        id=78,
        office=OSLO,
        reference=4712,
        organisation_number="NO 923 456 783 MVA",
        custom_answers=[{**segment, "dataType": 0, "dataTypeText": "Text"}],
    )
    made.add_customer("Bølge & Blad AS", id=NEW_CUSTOMER, office=OSLO, organisation_number="934567897")
    made.add_customer("Fagerheim Forlag AS", id=83, office=OSLO, organisation_number="987 654 325")

    made.add_project("Kick-off 2026", id=555, customer=77, number="SO12345", category="Conference")
    made.add_project("Havgap Conference", id=556, customer=78, number="SO12346", category="Conference")
    made.add_project("Book Fair", id=557, customer=83, number="SO12347", category="Trade fair")
    made.add_project("Summer Party", id=558, customer=79, number="SO12348", category="Incentive")
    _known_project(made, 556, id=12346, company=4712, name="Havgap Conference, draft", moved_by=-7)


def _oslo_invoices(made: World) -> None:
    nordlys = partial(made.add_invoice, customer=77, project=555)
    nordlys(
        id=9001,
        lines=[
            line("Conference package", article="3000", quantity=25, price="400.00", cost="310.00"),
            line("Lunch buffet", article="3100", quantity=25, price="289.00", cost="215.50", vat=15),
            line("Single room", article="3200", quantity=10, price="1295.00", cost="990.00", vat=12),
        ],
        invoice_date=_days_ago(made, 2),
    )
    ticket = partial(line, "Conference ticket", price="1250.00", cost="700.00")
    deposit = line("Deposit already invoiced", article="3000", quantity=-1, price="10000.00")
    lines = [ticket(article="3000", quantity=42), deposit]
    made.add_invoice(id=9002, kind="form", customer=78, project=556, name="Registrations", lines=lines)
    booking = partial(made.add_invoice, kind="booking", project=556, name="Booking")
    booking(id=9003, booker="Kari Nordmann", email="kari.nordmann@booker.example", lines=[ticket()])
    bus = line("Airport bus", article="3300", quantity=2, price="133.93", cost="95.00", vat=12)
    booking(id=9004, card=True, booker="Ola Hansen", email="ola.hansen@booker.example", lines=[ticket(), bus])
    speaker = line("Keynote speaker", article="3000", quantity=1, price="2450.00", cost="2000.00")
    nordlys(id=9008, name="Keynote speaker", currency="EUR", lines=[speaker])
    # An article that no category knows: the misc product.
    flowers = line("Flower decoration", article="7777", quantity=6, price="349.90", cost="200.00")
    boat = line("Boat trip", article="7777", quantity=25, price="210.00", cost="180.00", vat=12)
    nordlys(id=9009, name="Sundries", lines=[flowers, boat])
    party = line("Summer party", quantity=80, price="612.50", cost="480.00")
    made.add_invoice(id=9010, customer=NEW_CUSTOMER, project=558, name="First invoice of a new customer", lines=[party])
    stand = line("Exhibition stand", quantity=1, price="4800.00", cost="3000.00")
    made.add_invoice(id=9011, customer=83, project=557, name="Stand at the book fair", lines=[stand])


def _oslo_credit_and_payment(made: World) -> None:
    """An invoice whose credit note is in the queue too, one that Finago has invoiced already, and one that is paid."""
    dinner = line("Three-course dinner", article="3100", quantity=30, price="745.50", cost="510.00", vat=15)
    earlier = _days_ago(made, 3)
    made.add_invoice(id=9005, customer=77, project=555, name="Dinner, cancelled", lines=[dinner], invoice_date=earlier)
    made.add_invoice(id=9006, credit_of=9005, name="Dinner, cancelled")

    processed = partial(made.add_invoice, customer=78, project=556, status="Processed")
    stand = line("Exhibition stand", quantity=2, price="4800.00", cost="3000.00")
    processed(id=8901, name="Stand, first invoice", reference=40011, lines=[stand], invoice_date=_days_ago(made, 20))
    deposit = line("Deposit", quantity=1, price="10000.00")
    processed(id=PAID_IN_FINAGO, name="Deposit", reference=40012, lines=[deposit], invoice_date=_days_ago(made, 18))
    registered = made.now() - timedelta(days=20)
    invoiced = partial(made.add_order, company=4712, project=12346, status="Invoiced", registered=registered)
    invoiced(8901, id=40011)
    made.add_invoice(id=9007, credit_of=8901, name="Stand, credited")
    invoiced(PAID_IN_FINAGO, id=40012, paid_on=_days_ago(made, 1))


def _oslo_errors(made: World) -> None:
    made.add_customer("Wrong Reference AS", id=80, office=OSLO, reference="ABC-17", organisation_number="945678909")
    made.add_customer("Twin Events AS", id=81, office=OSLO, reference=4715, organisation_number="956789028")
    made.add_customer("Twin Events Conference AS", id=82, office=OSLO, reference=4715, organisation_number="956789028")
    made.add_company("Twin Events AS", id=4715, office=OSLO, organisation_number="956789028")
    made.add_project("Error Seminar", id=560, customer=77, number="SO12360", category="Conference")

    simple = [line("Seminar", quantity=10, price="500.00", cost="400.00")]
    wrong_vat = [line("Seminar", article="3000", quantity=10, price="500.00", vat=12)]
    seminar = partial(made.add_invoice, project=560, lines=simple)
    seminar(id=9101, customer=80, name="Customer with an invalid reference")
    seminar(id=9102, customer=77, name="VAT rate that the article does not have", lines=wrong_vat)
    seminar(id=9103, customer=81, name="Two customers, one company")
    made.add_invoice(id=9104, customer=77, office=OSLO, name="Invoice without a project", lines=simple)
    seminar(id=9105, customer=77, name="Totals that do not add up", totalInclVat=Decimal("6350.00"))
    seminar(id=9106, customer=77, name="Currency that Finago does not have", currency="ISK")
    seminar(id=9107, kind="booking", name="Booking without an e-mail address", booker="Per Uten Epost", email=None)
    turned = credited(simple)
    seminar(id=9108, customer=77, name="Credit note of an unknown invoice", credit_of=8999, lines=turned)
    seminar(id=9109, name="Offer invoice without a customer")


def _oslo_projects(made: World) -> None:
    """Projects that no invoice belongs to: what became of them in Qondor since Finago last heard."""
    made.add_customer("Fellesreiser AS", id=84, shared=True)
    made.add_project("Winter Seminar", id=PENDING_PROJECT, customer=77, number="SO12361", status="pending")
    made.add_project("Annual Dinner", id=562, customer=78, number="SO12362", category="Conference")
    _known_project(made, 562, id=12362, company=4712, deactivated=True)
    made.add_project("Mountain Hike", id=563, customer=78, number="SO12363", status="cancelled", category="Incentive")
    _known_project(made, 563, id=12363, company=4712)
    long_ago = f"{_days_ago(made, 60).isoformat()}T09:00:00Z"
    made.add_project(
        "Spring Conference", id=LONG_UNCHANGED_PROJECT, customer=77, number="SO12364", settingsLastEditedDate=long_ago
    )
    made.add_project("Study Trip", id=565, office=OSLO, customer=84, number="SO12365", category="Incentive")
    for project, name in ((566, "Team Day"), (567, "Team Day, part two")):
        made.add_project(name, id=project, customer=78, number="SO12370", category="Conference")


def _bergen(made: World) -> None:
    made.add_company("Bryggen Reiser AS", id=2201, office=BERGEN, organisation_number="967890138", external_id=90)
    made.add_company("Ingrid Solberg", id=2202, office=BERGEN, type="Consumer", email="Ingrid.Solberg@booker.example")
    made.add_customer("Bryggen Reiser AS", id=90, office=BERGEN, reference=2201, organisation_number="967890138")
    made.add_project("Fjord Tour", id=655, customer=90, number="SO22345", category="Incentive")
    # A number that is no SO number.
    made.add_project("Harbour Festival", id=656, customer=90, number="BG-2026-7", category="Conference")
    made.add_project("Opera Gala", id=657, customer=90, number="SO22347", status="finished", category="Conference")
    _known_project(made, 657, id=22347, company=2201)

    cruise = partial(line, "Fjord cruise", article="3300", price="875.00", cost="610.00", vat=12)
    deposit = line("Deposit", quantity=1, price="15000.00")
    passes = line("Festival pass", quantity=120, price="319.20", cost="180.00")
    bryggen = partial(made.add_invoice, customer=90, project=655)
    bryggen(id=9201, name="Swedish guests", currency="SEK", lines=[cruise(quantity=48)])
    bryggen(id=9202, card=True, name="Deposit by card", lines=[deposit])
    # A booker whom Finago knows.
    booking = partial(made.add_invoice, kind="booking", project=655, name="Booking", lines=[cruise(quantity=2)])
    booking(id=9203, booker="Ingrid Solberg", email="ingrid.solberg@booker.example")
    bryggen(id=9204, kind="form", project=656, name="Festival passes", lines=[passes])


def _ledger(made: World) -> None:
    """What the accountants posted, and one cost on a project that somebody else registered in Qondor."""
    hotel = 4790
    due = made.today() + timedelta(days=30)
    bill = partial(made.post_supplier_invoice, supplier=hotel, office=OSLO, due=due)
    made.pay_voucher(bill("8000.00", project=12345, invoice_number="F-99812"))
    split = {12345: "60", 12346: "40"}
    bill("1499.99", split=split, vat_rate=12, invoice_number="F-99820", comment="Coaches to the fjord")
    made.post_supplier_credit_note(
        "800.00", project=12345, supplier=hotel, office=OSLO, invoice_number="K-118", comment="Two rooms less"
    )
    made.post_voucher(
        [posting(6300, "450.00", project=12346, Comment="Flowers"), posting(2400, "-449.90", company=hotel)],
        type_id=SUPPLIER_SERIES,
        system_type="InvoiceSupplier",
        office=OSLO,
        InvoiceNo="B-7",
    )
    bill("2500.00", project=99999, invoice_number="F-99830", comment="Sound")
    euro: dict[str, Any] = {"Currency": "EUR", "CurrencyRate": Decimal("11.745"), "CurrencyUnit": 1}
    made.post_voucher(
        [
            posting(6300, "250.00", project=12345, Comment="Band", **euro),
            posting(2400, "-250.00", company=hotel, **euro),
        ],
        type_id=SUPPLIER_SERIES,
        system_type="InvoiceSupplier",
        office=OSLO,
        InvoiceNo="F-99841",
    )
    made.post_customer_invoice("5000.00", project=12346, customer=4712, office=OSLO, due=due, comment="Late guests")
    wages = [posting(5000, "12000.00", project=12345, Comment="Wages"), posting(2930, "-12000.00")]
    made.post_voucher(wages, office=OSLO)
    made.post_supplier_invoice(
        "6400.00", project=22345, office=BERGEN, due=due, vat_rate=15, invoice_number="2026-31", comment="Catering"
    )
    made.qondor.keep_actual(
        "cost",
        {
            "projectId": 555,
            "supplierName": "Taxi",
            "description": "Registered by hand",
            "invoiceDate": made.today().isoformat(),
            "amountExclVat": Decimal("321.00"),
            "vatAmount": Decimal("0.00"),
            "amountInclVat": Decimal("321.00"),
            "isPaid": True,
            "currency": "NOK",
            **nulls("externalReference transactionReference dueDate paidDate"),
        },
    )
