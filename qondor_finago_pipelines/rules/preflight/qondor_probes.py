"""What Qondor's queue, customers and projects show of the assumptions."""

from __future__ import annotations

from collections.abc import Callable

from ...records.invoices.invoices import QondorInvoice
from ...records.preflight import Readings, SetUp, Unread
from ..customers_and_projects.projects import mapped_type
from ..invoices.currencies import iso_number
from ..linking import positive_int
from ..text import one_line
from .probes import Answer, Seen, holds_of_any, holds_of_each, some_of
from .set_up import articles_of


def of_details(
    is_concerned: Callable[[QondorInvoice], bool], is_bad: Callable[[QondorInvoice], bool]
) -> Callable[[SetUp, Readings], Answer]:
    """A probe over the invoices of the queue that were read: the ids of those that contradict."""

    def judge(_: SetUp, read: Readings) -> Answer:
        concerned = [invoice for invoice in read.details.values() if is_concerned(invoice)]
        if not concerned and (isinstance(read.queue, Unread) or read.unread_details):
            return _unread_details(read)
        return holds_of_each("invoice", [invoice.id for invoice in concerned if is_bad(invoice)], len(concerned))

    return judge


def _unread_details(read: Readings) -> Answer:
    if isinstance(read.queue, Unread):
        return read.queue
    # Nothing of this kind among those that were read; nobody says that there is one among the others.
    return Seen.NOTHING


def every_invoice(_: QondorInvoice) -> bool:
    return True


def is_complete(invoice: QondorInvoice) -> bool:
    numbers = [each for line in invoice.lines for each in (line.quantity, line.out_price, line.vat_percentage)]
    return invoice.total_including_vat is not None and bool(numbers) and None not in numbers


def queue_of_all_offices(set_up: SetUp, read: Readings) -> Answer:
    if isinstance(read.queue, Unread):
        return read.queue
    offices = {entry.office_id for entry in read.queue.entries}
    if not offices:
        return Seen.NOTHING
    if None in offices:
        return False, "an invoice of the queue names no office"
    strangers = sorted(office for office in offices if office is not None and office not in set_up.known_offices)
    if strangers:
        return False, f"the queue holds office {some_of(strangers)}, which the settings do not have"
    return (True, f"{len(offices)} offices in one answer") if len(offices) > 1 else Seen.NOTHING


def form_of_the_queue(_: SetUp, read: Readings) -> Answer:
    if isinstance(read.queue, Unread):
        return read.queue
    entries = read.queue.entries
    if not entries:
        return Seen.NOTHING
    whole = sum(entry.detail is not None for entry in entries)
    return whole in (0, len(entries)), f"{whole} of {len(entries)} elements of the list hold lines"


def articles_are_categories(_: SetUp, read: Readings) -> Answer:
    if isinstance(read.queue, Unread):
        return read.queue
    if isinstance(read.categories, Unread):
        return read.categories
    if read.unread_details:
        why = f"{read.unread_details} invoices of the queue were not read: a check makes few calls"
        return Unread(why=why, remedy="Run it again when the queue is shorter.")
    numbers = {category.number.strip() for category in read.categories}
    articles = sorted({article for article, _ in articles_of(read.details.values()) if article})
    return holds_of_any([each for each in articles if each in numbers])


def project_numbers(_: SetUp, read: Readings) -> Answer:
    if isinstance(read.projects, Unread):
        return read.projects
    numbered = [project for project in read.projects if one_line(project.number)]
    # A number that is nearly SO and digits is told of its project; digits alone would mean that the prefix is not sent.
    bare = [project.id for project in numbered if positive_int(project.number) is not None]
    return holds_of_each("digits without SO: project", bare, len(numbered))


def categories_are_types(_: SetUp, read: Readings) -> Answer:
    for each in (read.projects, read.types):
        if isinstance(each, Unread):
            return each
    assert not isinstance(read.projects, Unread)
    assert not isinstance(read.types, Unread)
    words = sorted({one_line(project.category) for project in read.projects} - {""})
    return holds_of_any([word for word in words if mapped_type(word, read.types) is not None])


def projects_of_the_office(set_up: SetUp, read: Readings) -> Answer:
    if isinstance(read.projects, Unread):
        return read.projects
    others = [project.id for project in read.projects if project.office_id not in (None, set_up.office)]
    return holds_of_each("of another office: project", others, len(read.projects))


def customers_of_the_office(set_up: SetUp, read: Readings) -> Answer:
    if isinstance(read.customers, Unread):
        return read.customers
    others = [each.id for each in read.customers if each.office_id not in (None, set_up.office)]
    return holds_of_each("of another office: customer", others, len(read.customers))


def currencies_differ(invoice: QondorInvoice) -> bool:
    number = iso_number(one_line(invoice.currency).upper())
    return number is not None and invoice.currency_number != number
