"""The lists that an order refers to: products, categories, departments, payment methods, currencies."""

from __future__ import annotations

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
        for item in wire.items(result)
    )


def products_of(result: Any) -> tuple[Product, ...]:
    return tuple(
        Product(
            id=wire.identifier(item.Id, "Product.Id"),
            number=wire.text(item.No).strip(),
            name=wire.text(item.Name),
            category_id=wire.whole(item.CategoryId),
            tax_rate=wire.amount(item.TaxRate),
            status_id=wire.whole(item.StatusId),
        )
        for item in wire.items(result)
    )


def departments_of(result: Any) -> tuple[NamedId, ...]:
    return _named(result, "Department.Id")


def payment_methods_of(result: Any) -> tuple[NamedId, ...]:
    return _named(result, "PaymentMethod.Id")


def currencies_of(result: Any) -> tuple[Currency, ...]:
    return tuple(
        Currency(
            symbol=item.Symbol.strip(),
            rate=wire.needed(wire.amount(item.Rate), "Currency.Rate"),
            unit=wire.needed(wire.whole(item.Unit), "Currency.Unit"),
        )
        for item in wire.items(result)
        if item.Symbol and item.Symbol.strip()
    )


def _named(result: Any, member: str) -> tuple[NamedId, ...]:
    return tuple(NamedId(id=wire.identifier(item.Id, member), name=wire.text(item.Name)) for item in wire.items(result))
