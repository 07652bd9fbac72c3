"""Which Finago product stands for an invoice line: by article category and VAT rate (decisions 6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from ...records.identifiers import QondorInvoiceId
from ...records.invoices.invoices import InvoiceLine, QondorInvoice
from ...records.invoices.orders import Product, ProductCategory
from ...records.refusals import Reason, Refusal
from ..text import listed, one_line
from ..unreadable import refuse_unreadable
from .totals import percent

ACTIVE = 1
"""Finago's `StatusId` of a product that is in use."""


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """What was read of Finago's products: all categories, and the products of those that the invoices need."""

    categories: Sequence[ProductCategory] = ()
    products: Mapping[int, Sequence[Product]] = field(default_factory=dict)
    """By category id."""
    misc_product: Product | None = None
    misc_category_id: int

    def named(self, article: str) -> tuple[ProductCategory, ...]:
        """The categories whose number is the article number; no category for an empty article number."""
        return _named(article, self.categories)


def article_of(line: InvoiceLine) -> str:
    return one_line(line.article_number)


def categories_to_read(
    invoices: Iterable[QondorInvoice], categories: Sequence[ProductCategory], misc_category_id: int
) -> set[int]:
    """The ids of the categories whose products the invoices need; the misc category for articles without one."""
    wanted: set[int] = set()
    for article in {article_of(line) for invoice in invoices for line in invoice.lines if not line.is_comment}:
        wanted |= {category.id for category in _named(article, categories)} or {misc_category_id}
    return wanted


def choose_product(
    invoice_id: QondorInvoiceId, line_no: int, line: InvoiceLine, catalogue: Catalogue
) -> Product | Refusal:
    """The product of a line, or the refusal. `line_no` counts from 1, as people do."""
    article = article_of(line)
    named = catalogue.named(article)
    place = f"Invoice {invoice_id}, line {line_no}"
    if not named:
        return _choose_misc(place, line, catalogue)
    if len(named) > 1:
        return Refusal(
            Reason.SET_UP,
            f"{place}: Finago has {len(named)} product categories with the number {article}: "
            f"{listed(sorted(category.id for category in named))}.",
            "Give each category a number of its own in Finago; the invoice then goes by itself.",
        )
    products = catalogue.products.get(named[0].id, ())
    product = _fitting(line, products)
    if product is not None:
        return product
    if unreadable := _refuse_unreadable(place, products):
        return unreadable
    return Refusal(
        Reason.VAT_MISMATCH,
        f"{place}: article {article} has {percent(line.vat_percentage)} VAT, but the active products of category "
        f"{article} in Finago have {_rates(products)}.",
        f"Correct the line's VAT in Qondor and issue the invoice again, or add a product with "
        f"{percent(line.vat_percentage)} VAT to that category in Finago.",
    )


def _choose_misc(place: str, line: InvoiceLine, catalogue: Catalogue) -> Product | Refusal:
    article = article_of(line) or "(none)"
    misc = catalogue.misc_product
    alone = [misc] if misc is not None else []
    others = catalogue.products.get(catalogue.misc_category_id, ())
    product = _fitting(line, alone) or _fitting(line, others)
    if product is not None:
        return product
    if unreadable := _refuse_unreadable(place, (*alone, *others)):
        return unreadable
    category_exists = any(category.id == catalogue.misc_category_id for category in catalogue.categories)
    if misc is None and not category_exists:
        return Refusal(
            Reason.SET_UP,
            f"{place}: article {article} has no product category in Finago, and neither the misc product nor misc "
            f"category {catalogue.misc_category_id} exists there.",
            "Create them in Finago, or correct misc_product_id and misc_product_category_id in the settings.",
        )
    return Refusal(
        Reason.VAT_MISMATCH,
        f"{place}: article {article} has no product category in Finago and {percent(line.vat_percentage)} VAT, but "
        f"the misc product has {_rates(alone)} and misc category {catalogue.misc_category_id} has {_rates(others)}.",
        f"Correct the line's article or VAT in Qondor and issue the invoice again, or add a product with "
        f"{percent(line.vat_percentage)} VAT to the misc category in Finago.",
    )


def _refuse_unreadable(place: str, products: Iterable[Product]) -> Refusal | None:
    """Where no product fits, one that cannot be read may be the one."""
    found = next((product for product in products if product.unreadable), None)
    return None if found is None else refuse_unreadable(f"{place}: product", found.id, found.unreadable, "Finago")


def _named(article: str, categories: Iterable[ProductCategory]) -> tuple[ProductCategory, ...]:
    return tuple(category for category in categories if article and category.number.strip() == article)


def _fitting(line: InvoiceLine, products: Iterable[Product]) -> Product | None:
    """Of the active products with the line's rate: the one with the article's own number, else the lowest id."""
    article = article_of(line)
    fitting = [
        product
        for product in products
        if product.status_id == ACTIVE and product.tax_rate == line.vat_percentage and not product.unreadable
    ]
    # An article number that is empty is nobody's own: then the lowest id decides alone.
    return min(fitting, key=lambda p: (not article or p.number.strip() != article, p.id), default=None)


def _rates(products: Iterable[Product]) -> str:
    rates: set[Decimal] = {p.tax_rate for p in products if p.status_id == ACTIVE and p.tax_rate is not None}
    return listed(percent(rate) for rate in sorted(rates)) or "none"
