"""The lists that an order refers to: products, categories, departments, payment methods, currencies."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ...records.customers_and_projects.projects import NamedId
from ...records.invoices.orders import Currency, Product, ProductCategory
from . import wire

CATEGORY_RETURNED = ("Id", "Name", "No")
PRODUCT_RETURNED = ("Id", "No", "Name", "CategoryId", "TaxRate", "StatusId")


def categories_of(result: Any) -> tuple[ProductCategory, ...]:
    return tuple(
        ProductCategory(
            id=wire.identifier(item.Id, "Category.Id"), number=wire.text(item.No).strip(), name=wire.text(item.Name)
        )
        for item in wire.readable(result, CATEGORY_RETURNED)
    )


def products_of(result: Any) -> tuple[Product, ...]:
    return tuple(
        Product(
            id=wire.id_or_none(item.Id, int),
            number=wire.text(item.No).strip(),
            name=wire.text(item.Name),
            category_id=wire.whole(item.CategoryId),
            tax_rate=wire.amount(item.TaxRate),
            status_id=wire.whole(item.StatusId),
            unreadable=troubles,
        )
        for item, troubles in wire.with_troubles(result, PRODUCT_RETURNED)
    )


def departments_of(result: Any) -> tuple[NamedId, ...]:
    return _named(result, "Department.Id")


def payment_methods_of(result: Any) -> tuple[NamedId, ...]:
    return _named(result, "PaymentMethod.Id")


def currencies_of(result: Any) -> tuple[Currency, ...]:
    return tuple(
        Currency(
            symbol=item.Symbol.strip(),
            # One that is missing or cannot be read is no rate to invoice with, and refused by the rule that says so.
            rate=wire.amount(item.Rate) or Decimal(0),
            unit=wire.whole(item.Unit) or 0,
        )
        for item in wire.items(result)
        if item.Symbol and item.Symbol.strip()
    )


def _named(result: Any, member: str) -> tuple[NamedId, ...]:
    return tuple(
        NamedId(id=wire.identifier(item.Id, member), name=wire.text(item.Name))
        for item in wire.readable(result, ("Id", "Name"))
    )
