"""The assumptions of docs/assumptions.md that a read can settle: does each hold, as far as this installation shows?

A probe names the one place in the code that holds its assumption, so that one that fails is a small correction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import Enum

from ...records.invoices.invoices import InvoiceStatus, InvoiceType, PaymentType, QondorInvoice
from ...records.preflight import Finding, Readings, SetUp, Unread
from ..customers_and_projects.projects import ACTIVE_STATUS, COMPLETED_STATUS, mapped_type
from ..invoices.currencies import iso_number
from ..invoices.set_up import has
from ..invoices.totals import check_sign, check_totals
from ..linking import positive_int
from ..text import listed, one_line, same_text
from .findings import right, unknown, wrong
from .set_up import articles_of

LARGEST_CLOCK_DIFFERENCE = timedelta(minutes=10)
"""What a look-up's margin covers by default (F70)."""

SHOWN = 5
"""Ids or words that a probe names; the rest is counted."""


class Seen(Enum):
    NOTHING = "not seen here"


Answer = tuple[bool, str] | Seen | Unread
"""Whether it holds, and by what; nothing to judge by; or what could not be read."""


@dataclass(frozen=True)
class Probe:
    assumed: str
    place: str
    """`module · name`, below the package."""
    judge: Callable[[SetUp, Readings], Answer]


def assumption_findings(set_up: SetUp, read: Readings) -> Iterator[Finding | str]:
    """A finding for each probe that could be judged or not be asked; the bare number of one that met nothing."""
    for number, probe in PROBES.items():
        answer = probe.judge(set_up, read)
        what = f"assumption {number}"
        if isinstance(answer, Seen):
            yield number
        elif isinstance(answer, Unread):
            yield unknown(set_up.office, what, answer, probe.assumed)
        elif answer[0]:
            yield right(set_up.office, what, f"holds: {answer[1]}", probe.assumed)
        else:
            remedy = f"Tell the maintainer (--save): it is held by {probe.place} alone."
            yield wrong(set_up.office, what, f"does not hold: {answer[1]}", probe.assumed, remedy)


def _some(values: Sequence[object]) -> str:
    more = f" and {len(values) - SHOWN} more" if len(values) > SHOWN else ""
    return listed(values[:SHOWN]) + more


def _each(what: str, bad: Sequence[object], looked_at: int) -> Answer:
    """Holds where none of those looked at is bad."""
    if not looked_at:
        return Seen.NOTHING
    return (False, f"{what} {_some(bad)}") if bad else (True, f"{looked_at} looked at")


def _any(good: Sequence[object]) -> Answer:
    """Holds where something of the kind was met. Where nothing was, a prerequisite is missing, and told as that."""
    return (True, _some(good)) if good else Seen.NOTHING


def _details(
    is_concerned: Callable[[QondorInvoice], bool], is_bad: Callable[[QondorInvoice], bool]
) -> Callable[[SetUp, Readings], Answer]:
    """A probe over the invoices of the queue that were read: the ids of those that contradict."""

    def judge(_: SetUp, read: Readings) -> Answer:
        concerned = [invoice for invoice in read.details.values() if is_concerned(invoice)]
        if not concerned and (isinstance(read.queue, Unread) or read.unread_details):
            return _unread_details(read)
        return _each("invoice", [invoice.id for invoice in concerned if is_bad(invoice)], len(concerned))

    return judge


def _unread_details(read: Readings) -> Answer:
    if isinstance(read.queue, Unread):
        return read.queue
    # Nothing of this kind among those that were read; nobody says that there is one among the others.
    return Seen.NOTHING


def _every(_: QondorInvoice) -> bool:
    return True


def _is_complete(invoice: QondorInvoice) -> bool:
    numbers = [each for line in invoice.lines for each in (line.quantity, line.out_price, line.vat_percentage)]
    return invoice.total_including_vat is not None and bool(numbers) and None not in numbers


def _queue_of_all_offices(set_up: SetUp, read: Readings) -> Answer:
    if isinstance(read.queue, Unread):
        return read.queue
    offices = {entry.office_id for entry in read.queue.entries}
    if not offices:
        return Seen.NOTHING
    if None in offices:
        return False, "an invoice of the queue names no office"
    strangers = sorted(office for office in offices if office is not None and office not in set_up.known_offices)
    if strangers:
        return False, f"the queue holds office {_some(strangers)}, which the settings do not have"
    return (True, f"{len(offices)} offices in one answer") if len(offices) > 1 else Seen.NOTHING


def _form_of_the_queue(_: SetUp, read: Readings) -> Answer:
    if isinstance(read.queue, Unread):
        return read.queue
    entries = read.queue.entries
    if not entries:
        return Seen.NOTHING
    whole = sum(entry.detail is not None for entry in entries)
    return whole in (0, len(entries)), f"{whole} of {len(entries)} elements of the list hold lines"


def _articles_are_categories(_: SetUp, read: Readings) -> Answer:
    if isinstance(read.queue, Unread):
        return read.queue
    if isinstance(read.categories, Unread):
        return read.categories
    if read.unread_details:
        why = f"{read.unread_details} invoices of the queue were not read: a check makes few calls"
        return Unread(why=why, remedy="Run it again when the queue is shorter.")
    numbers = {category.number.strip() for category in read.categories}
    articles = sorted({article for article, _ in articles_of(read.details.values()) if article})
    return _any([each for each in articles if each in numbers])


def _project_numbers(_: SetUp, read: Readings) -> Answer:
    if isinstance(read.projects, Unread):
        return read.projects
    numbered = [project for project in read.projects if one_line(project.number)]
    # A number that is nearly SO and digits is told of its project; digits alone would mean that the prefix is not sent.
    bare = [project.id for project in numbered if positive_int(project.number) is not None]
    return _each("digits without SO: project", bare, len(numbered))


def _categories_are_types(_: SetUp, read: Readings) -> Answer:
    for each in (read.projects, read.types):
        if isinstance(each, Unread):
            return each
    assert not isinstance(read.projects, Unread)
    assert not isinstance(read.types, Unread)
    words = sorted({one_line(project.category) for project in read.projects} - {""})
    return _any([word for word in words if mapped_type(word, read.types) is not None])


def _projects_of_the_office(set_up: SetUp, read: Readings) -> Answer:
    if isinstance(read.projects, Unread):
        return read.projects
    others = [project.id for project in read.projects if project.office_id not in (None, set_up.office)]
    return _each("of another office: project", others, len(read.projects))


def _customers_of_the_office(set_up: SetUp, read: Readings) -> Answer:
    if isinstance(read.customers, Unread):
        return read.customers
    others = [each.id for each in read.customers if each.office_id not in (None, set_up.office)]
    return _each("of another office: customer", others, len(read.customers))


def _same_client(_: SetUp, read: Readings) -> Answer:
    if isinstance(read.client, Unread):
        return read.client
    if read.known_client is None:
        return Seen.NOTHING
    return _any([f"client {read.client}"] if read.client == read.known_client else [])


def _identity(_: SetUp, read: Readings) -> Answer:
    if isinstance(read.client, Unread) and read.is_session_of_identity:
        return read.client
    return _any(["the session's identity is the one asked for"] if read.is_session_of_identity else [])


def _no_day_like_utc(system: str) -> Callable[[SetUp, Readings], Answer]:
    def judge(_: SetUp, read: Readings) -> Answer:
        count = read.days_like_utc.get(system, 0)
        dated = read.details if system == "qondor" else () if isinstance(read.orders, Unread) else read.orders
        if count:
            return False, f"{count} days at 22:00 or 23:00 without a zone"
        return (True, "no day looks like UTC without saying so") if dated else Seen.NOTHING

    return judge


def _only_what_is_described(_: SetUp, read: Readings) -> Answer:
    if isinstance(read.client, Unread):
        return read.client
    return _each("not described:", sorted(read.unknown_elements), 1)


def _both_statuses(_: SetUp, read: Readings) -> Answer:
    if isinstance(read.statuses, Unread):
        return read.statuses
    names = (ACTIVE_STATUS, COMPLETED_STATUS)
    return _any([name for name in names if any(same_text(row.name, name) for row in read.statuses)])


def _ids_of_the_settings(set_up: SetUp, read: Readings) -> Answer:
    for rows in (read.departments, read.payment_methods):
        if isinstance(rows, Unread):
            return rows
    assert not isinstance(read.departments, Unread)
    assert not isinstance(read.payment_methods, Unread)
    department = has(set_up.department_id, read.departments)
    method = has(set_up.online_payment_method_id, read.payment_methods)
    return _any([*["the department"] * department, *["the payment method"] * method])


def _home_currency(_: SetUp, read: Readings) -> Answer:
    for each in (read.home_currency, read.currencies):
        if isinstance(each, Unread):
            return each
    assert isinstance(read.home_currency, str)
    assert not isinstance(read.currencies, Unread)
    code = read.home_currency
    rows = [row for row in read.currencies if row.symbol.strip().upper() == code and row.rate > 0 and row.unit > 0]
    shown = listed(f"rate {row.rate.normalize():f} for {row.unit}" for row in rows)
    # One that is missing, or without a rate, is told as a currency that is wrong.
    return (all(row.rate == Decimal(row.unit) for row in rows), f"{code}: {shown}") if rows else Seen.NOTHING


def _listed_orders_are_shown(_: SetUp, read: Readings) -> Answer:
    for each in (read.order_ids, read.orders):
        if isinstance(each, Unread):
            return each
    assert not isinstance(read.order_ids, Unread)
    assert not isinstance(read.orders, Unread)
    hidden = [order for order in read.order_ids if order not in read.orders]
    return _each("listed and not shown: order", hidden, len(read.order_ids))


def _clocks(_: SetUp, read: Readings) -> Answer:
    apart = {name: each for name, each in read.clock_differences.items() if abs(each) >= LARGEST_CLOCK_DIFFERENCE}
    if not read.clock_differences:
        return Unread(why="no reply told a time")
    shown = read.clock_differences.items()
    told = ", ".join(f"{name} {each.total_seconds():+.0f} s" for name, each in sorted(shown))
    return not apart, told


def _fiscal_years(_: SetUp, read: Readings) -> Answer:
    if isinstance(read.fiscal_years, Unread):
        return read.fiscal_years
    years = read.fiscal_years
    odd = [
        year.starting
        for year in years
        # The first day after it is the first of a month, as every first day of a year is.
        if year.ending.day != 1 or year.ending <= year.starting
    ]
    return _each("its EndingDate is its own last day: the year of", odd, len(years))


def _currency_pairs(invoice: QondorInvoice) -> bool:
    number = iso_number(one_line(invoice.currency).upper())
    return number is not None and invoice.currency_number != number


_TOTALS = "rules/invoices/totals.py"
_QUEUE = "systems/qondor/invoices.py"

PROBES: Mapping[str, Probe] = {
    "Q7": Probe(
        "one answer holds the queue of all offices",
        "systems/qondor/client.py · QondorClient.unprocessed_invoices",
        _queue_of_all_offices,
    ),
    "Q8": Probe("the list holds summaries, or whole invoices", f"{_QUEUE} · _entry_of", _form_of_the_queue),
    "Q9": Probe(
        "members of an invoice are called as they are read",
        f"{_QUEUE} · invoice_of",
        _details(_every, lambda invoice: bool(invoice.unreadable)),
    ),
    "Q11": Probe(
        "invoiceType is 1, 2 or 3",
        "records/invoices/invoices.py · InvoiceType",
        _details(_every, lambda invoice: not isinstance(invoice.invoice_type, InvoiceType)),
    ),
    "Q12": Probe(
        "paymentType is 1 or 2",
        "records/invoices/invoices.py · PaymentType",
        _details(_every, lambda invoice: not isinstance(invoice.payment_type, PaymentType)),
    ),
    "Q13": Probe(
        "status 1 is what the queue holds",
        "records/invoices/invoices.py · InvoiceStatus",
        _details(_every, lambda invoice: invoice.status is not InvoiceStatus.UNPROCESSED),
    ),
    "Q14": Probe(
        "credit notes are below zero, invoices are not",
        f"{_TOTALS} · check_sign",
        _details(lambda each: each.is_credit and _is_complete(each), lambda each: check_sign(each) is not None),
    ),
    "Q15": Probe(
        "a credit note names its original",
        "rules/invoices/originals.py · original_of",
        _details(
            lambda each: each.is_credit,
            lambda each: each.credited_invoice_id is None and not one_line(each.credited_invoice_external_reference),
        ),
    ),
    "Q17": Probe(
        "a booking's e-mail is the booker's",
        "rules/customers_and_projects/consumers.py · decide_consumer",
        _details(lambda each: each.is_booking, lambda each: not one_line(each.email)),
    ),
    "Q19": Probe(
        "article numbers are category numbers",
        "rules/invoices/products.py · article_of",
        _articles_are_categories,
    ),
    "Q20": Probe(
        "lines come to the invoice's total",
        f"{_TOTALS} · check_totals",
        _details(_is_complete, lambda each: check_totals(each) is not None),
    ),
    "Q22": Probe(
        "a date without a zone is a day", "systems/qondor/members.py · Members.day", _no_day_like_utc("qondor")
    ),
    "Q24": Probe(
        "currency and currencyCode agree",
        "rules/invoices/currencies.py · choose_currency",
        _details(lambda each: each.currency_number is not None, _currency_pairs),
    ),
    "Q33": Probe(
        "GetAll gives the office's customers, and global ones",
        "systems/qondor/client.py · QondorClient.customers",
        _customers_of_the_office,
    ),
    "Q37": Probe(
        "GetAll gives the office's projects",
        "systems/qondor/client.py · QondorClient.projects",
        _projects_of_the_office,
    ),
    "Q38": Probe("projectNo holds SO and digits", "rules/linking.py · finago_project_id", _project_numbers),
    "Q39": Probe(
        "projectCategory is the name of a type",
        "rules/customers_and_projects/projects.py · mapped_type",
        _categories_are_types,
    ),
    "F5": Probe("a login leads to one client for good", "flows/run/client_offices.py · client_of", _same_client),
    "F6": Probe("the identity of Login holds", "systems/finago/client.py · FinagoClient.client_id", _identity),
    "F14": Probe("a date without a zone is a day", "systems/finago/wire.py · day", _no_day_like_utc("finago")),
    "F18": Probe("replies hold what is described", "systems/finago/soap.py · _check", _only_what_is_described),
    "F32": Probe(
        "GetProjectStatuses has both statuses",
        "rules/customers_and_projects/projects.py · mapped_status",
        _both_statuses,
    ),
    "F53": Probe(
        "a category's No is the article number",
        "rules/invoices/products.py · Catalogue.named",
        _articles_are_categories,
    ),
    "F54": Probe("ids of the settings are in the lists", "rules/invoices/set_up.py · has", _ids_of_the_settings),
    "F63": Probe(
        "the list has the client's own currency, at par",
        "systems/finago/lists.py · currencies_of",
        _home_currency,
    ),
    "F68": Probe(
        "GetInvoices shows what GetOrderSyncList names",
        "flows/invoices/unsettled.py · orders_registered_after",
        _listed_orders_are_shown,
    ),
    "F70": Probe(
        "clocks differ by less than 10 minutes",
        "settings/model.py · SyncSettings.lookup_margin_seconds",
        _clocks,
    ),
    "F78": Probe(
        "EndingDate is the first day after the year",
        "records/costs_and_sales/vouchers.py · FiscalYear",
        _fiscal_years,
    ),
}
"""By number in docs/assumptions.md."""
