"""The prerequisites of the article in Finago's and Qondor's set-up, by the rules with which invoices are planned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from ...records.customers_and_projects.projects import NamedId, ProjectStatus
from ...records.identifiers import QondorInvoiceId
from ...records.invoices.invoices import InvoiceLine, QondorInvoice
from ...records.invoices.orders import Product
from ...records.preflight import Finding, Readings, SetUp, Unread
from ...records.refusals import Refusal
from ..customers_and_projects.projects import ACTIVE_STATUS, COMPLETED_STATUS, mapped_status, mapped_type
from ..invoices.currencies import choose_currency
from ..invoices.products import ACTIVE, Catalogue, article_of, choose_product
from ..invoices.set_up import has
from ..invoices.totals import percent
from ..text import listed, one_line
from .findings import right, unknown, wrong


def access_findings(set_up: SetUp, read: Readings) -> Iterator[Finding]:
    """The key of Qondor, the login to Finago, and whose books that login opens."""
    office = set_up.office
    yield _qondor_access(set_up, read)
    accepted = "the login is accepted"
    client = read.client
    if isinstance(client, Unread) and read.is_session_of_identity:
        make = wrong if client.refused else None
        yield (
            make(office, "finago login", client.why, accepted, client.remedy)
            if make
            else unknown(office, "finago login", client, accepted)
        )
        yield unknown(office, "finago identity", Unread(why="no login"), "the identity of the settings")
        return
    yield right(office, "finago login", "accepted", accepted)
    remedy = (
        "Set finago.identity_id of this office in offices.yaml to its identity in the right client; Finago shows the "
        "user's clients at login."
    )
    if isinstance(client, Unread):
        yield wrong(office, "finago identity", client.why, "the identity that the settings name", remedy)
    elif read.known_client not in (None, client):
        expected = f"Finago client {read.known_client}, which keeps this office's books so far"
        yield wrong(office, "finago identity", f"Finago client {client}", expected, remedy)
    else:
        yield right(office, "finago identity", f"Finago client {client}", "the identity that the settings name")


def _qondor_access(set_up: SetUp, read: Readings) -> Finding:
    office, what = set_up.office, "qondor access"
    expected = f"the key sees the queue, the customers and the projects of office {set_up.office}"
    for each in (read.queue, read.customers, read.projects):
        if isinstance(each, Unread):
            if each.refused:
                return wrong(office, what, each.why, expected, each.remedy)
            return unknown(office, what, each, expected)
    customers, projects = read.customers, read.projects
    assert not isinstance(customers, Unread)
    assert not isinstance(projects, Unread)
    own = [customer for customer in customers if customer.office_id == office]
    found = f"{len(own)} customers, {len(projects)} projects"
    remedy = (
        f"See in Qondor under Settings > Offices whether {office} is the office's id, and ask Qondor whether the "
        "subscription key is of this company and may see the office."
    )
    if not own and not projects:
        return wrong(office, what, "neither a customer nor a project", expected, remedy)
    if not projects:
        unread = Unread(why=f"{found}: types and numbers of projects could not be looked at", remedy=remedy)
        return unknown(office, what, unread, expected)
    return right(office, what, found, expected)


def set_up_findings(set_up: SetUp, read: Readings) -> Iterator[Finding]:
    """Everything that orders and projects refer to."""
    yield _in_list(
        set_up,
        "department",
        set_up.department_id,
        read.departments,
        "Create it in Finago under Settings > Departments, or correct department_id in offices.yaml.",
    )
    yield _in_list(
        set_up,
        "payment method",
        set_up.online_payment_method_id,
        read.payment_methods,
        "Create it in Finago under Settings > Payment methods, or correct online_payment_method_id in offices.yaml.",
    )
    yield _misc_product(set_up, read)
    yield _misc_category(set_up, read)
    yield from _articles(set_up, read)
    yield from _statuses(set_up, read)
    yield from _types(set_up, read)
    yield from _currencies(set_up, read)


def _in_list(set_up: SetUp, what: str, wanted: int, rows: Sequence[NamedId] | Unread, remedy: str) -> Finding:
    expected = f"{what} {wanted} of the settings"
    if isinstance(rows, Unread):
        return unknown(set_up.office, what, rows, expected)
    if has(wanted, rows):
        return right(set_up.office, what, f"{what} {wanted}", expected)
    ids = listed(sorted(row.id for row in rows)) or "none"
    return wrong(set_up.office, what, f"no {what} {wanted}; there are {ids}", expected, remedy)


def _misc_product(set_up: SetUp, read: Readings) -> Finding:
    wanted, what = set_up.misc_product_id, "misc product"
    expected = f"product {wanted} of the settings, in use, with a VAT rate"
    if isinstance(read.misc_products, Unread):
        return unknown(set_up.office, what, read.misc_products, expected)
    product = next((each for each in read.misc_products if each.id == wanted), None)
    remedy = "Create it in Finago under Products, or correct misc_product_id in offices.yaml."
    if product is None:
        return wrong(set_up.office, what, f"no product {wanted}", expected, remedy)
    if product.unreadable or product.tax_rate is None:
        return wrong(set_up.office, what, f"product {wanted} has no VAT rate that can be read", expected, remedy)
    if product.status_id != ACTIVE:
        remedy = "Activate it in Finago under Products, or correct misc_product_id in offices.yaml."
        return wrong(set_up.office, what, f"product {wanted} is not in use", expected, remedy)
    return right(set_up.office, what, f"product {wanted}, {percent(product.tax_rate)} VAT", expected)


def _misc_category(set_up: SetUp, read: Readings) -> Finding:
    wanted, what = set_up.misc_product_category_id, "misc category"
    expected = f"product category {wanted} of the settings"
    if isinstance(read.categories, Unread):
        return unknown(set_up.office, what, read.categories, expected)
    if any(category.id == wanted for category in read.categories):
        return right(set_up.office, what, f"product category {wanted}", expected)
    remedy = "Create it in Finago under Products > Categories, or correct misc_product_category_id in offices.yaml."
    return wrong(set_up.office, what, f"no product category {wanted}", expected, remedy)


def articles_of(invoices: Iterable[QondorInvoice]) -> list[tuple[str, Decimal]]:
    """Article numbers and VAT rates of the invoices' lines, each pair once; comments have none."""
    return sorted(
        {
            (article_of(line), line.vat_percentage)
            for invoice in invoices
            for line in invoice.lines
            if not line.is_comment and line.vat_percentage is not None
        }
    )


def _articles(set_up: SetUp, read: Readings) -> Iterator[Finding]:
    pairs = articles_of(read.details.values())
    for article in sorted({article for article, _ in pairs if article}):
        yield _category(set_up, read, article)
    for article, rate in pairs:
        yield _vat(set_up, read, article, rate)


def _category(set_up: SetUp, read: Readings, article: str) -> Finding:
    what, expected = f"product category {article}", f"one product category with the number {article}"
    if isinstance(read.categories, Unread):
        return unknown(set_up.office, what, read.categories, expected)
    named = Catalogue(categories=read.categories, misc_category_id=set_up.misc_product_category_id).named(article)
    if len(named) == 1:
        return right(set_up.office, what, f"category {named[0].id}", expected)
    if named:
        found = f"{len(named)} categories with that number: {listed(sorted(each.id for each in named))}"
        return wrong(set_up.office, what, found, expected, "Give each its own number in Finago, Products > Categories.")
    return wrong(
        set_up.office,
        what,
        "no category with that number; the misc product or misc category stands in",
        expected,
        f"Give the number {article} to its category in Finago, Products > Categories, or correct the article number in "
        "Qondor, Settings > Articles.",
    )


def _vat(set_up: SetUp, read: Readings, article: str, rate: Decimal) -> Finding:
    what = f"vat {article or '(none)'} {rate.normalize():f}"
    expected = f"an active product with {percent(rate)} VAT"
    if isinstance(read.categories, Unread):
        return unknown(set_up.office, what, read.categories, expected)
    misc = read.misc_products
    catalogue = Catalogue(
        categories=read.categories,
        products={key: each for key, each in read.products.items() if not isinstance(each, Unread)},
        misc_product=None if isinstance(misc, Unread) else next(iter(misc), None),
        misc_category_id=set_up.misc_product_category_id,
    )
    needed = [category.id for category in catalogue.named(article)] or [set_up.misc_product_category_id]
    line = InvoiceLine(article_number=article, vat_percentage=rate)
    chosen: Product | Refusal = choose_product(QondorInvoiceId(0), 1, line, catalogue)
    if not isinstance(chosen, Refusal):
        return right(set_up.office, what, f"product {chosen.id}", expected)
    for unread in (misc, *(read.products.get(category) for category in needed)):
        if isinstance(unread, Unread):
            return unknown(set_up.office, what, unread, expected)
    found = chosen.message.removeprefix("Invoice 0, line 1: ")
    remedy = (
        f"Add a product with {percent(rate)} VAT to that category in Finago under Products, or correct the article's "
        "VAT in Qondor, Settings > Articles."
    )
    return wrong(set_up.office, what, found, expected, remedy)


def _statuses(set_up: SetUp, read: Readings) -> Iterator[Finding]:
    for name, status in ((ACTIVE_STATUS, ProjectStatus.CONFIRMED), (COMPLETED_STATUS, ProjectStatus.FINISHED)):
        what, expected = f"project status {name}", f"a project status named {name}"
        if isinstance(read.statuses, Unread):
            yield unknown(set_up.office, what, read.statuses, expected)
            continue
        found = mapped_status(status, read.statuses)
        if isinstance(found, Refusal):
            names = listed(one_line(each.name) for each in read.statuses) or "none"
            remedy = f"Create the project status {name} in Finago under Projects > Settings > Statuses."
            yield wrong(set_up.office, what, f"no status of that name; there are {names}", expected, remedy)
        else:
            yield right(set_up.office, what, f"status {found.id}", expected)


def _types(set_up: SetUp, read: Readings) -> Iterator[Finding]:
    if isinstance(read.projects, Unread):
        return
    for category in sorted({one_line(project.category) for project in read.projects} - {""}):
        what, expected = f"project type {category}", "a project type of that name"
        if isinstance(read.types, Unread):
            yield unknown(set_up.office, what, read.types, expected)
        elif (found := mapped_type(category, read.types)) is not None:
            yield right(set_up.office, what, f"type {found.id}", expected)
        else:
            remedy = (
                "Create a project type of that name in Finago under Projects > Settings > Types; until then the type "
                "is left out."
            )
            yield wrong(set_up.office, what, "no type of that name", expected, remedy)


def _currencies(set_up: SetUp, read: Readings) -> Iterator[Finding]:
    """The client's own currency, and those of the office's invoices in the queue."""
    codes = set()
    if not isinstance(read.queue, Unread):
        own = [entry for entry in read.queue.entries if entry.office_id == set_up.office]
        codes = {one_line(entry.currency).upper() for entry in own if one_line(entry.currency)}
    if not isinstance(read.home_currency, Unread):
        codes.add(read.home_currency)
    for code in sorted(codes):
        what, expected = f"currency {code}", "in Finago's list once, with a rate and a unit"
        if isinstance(read.currencies, Unread):
            yield unknown(set_up.office, what, read.currencies, expected)
            continue
        asked = QondorInvoice(id=QondorInvoiceId(0), office_id=set_up.office, currency=code)
        chosen = choose_currency(asked, read.currencies)
        if isinstance(chosen, Refusal):
            found = chosen.message.removeprefix("Invoice 0: ")
            remedy = f"Add {code} with its rate in Finago under Settings > Currencies."
            yield wrong(set_up.office, what, found, expected, remedy)
        else:
            yield right(set_up.office, what, f"rate {chosen.rate.normalize():f} for {chosen.unit}", expected)
    if isinstance(read.home_currency, Unread):
        expected = "the currency in which Finago keeps the books"
        yield unknown(set_up.office, "assumption F63", read.home_currency, expected)
