"""ProductService: products and their categories."""

from __future__ import annotations

from typing import Any

from lxml import etree

from .request import Request, criteria, limit_ids
from .shapes import (
    API_EXCEPTION,
    DECIMAL,
    INTEGERS,
    NO_DOUBLE,
    Items,
    Member,
    Shape,
    boolean,
    chosen,
    decimal,
    integer,
    moment,
    nested,
    text,
)
from .soap import RequestFailed

PRODUCT_SEARCH = Shape(
    "ProductSearchParameters",
    (
        integer("Id"),
        integer("CategoryId"),
        text("No"),
        text("EAN1"),
        text("Name"),
        decimal("Price"),
        moment("DateChanged"),
        Member("ProductIds", INTEGERS),
    ),
)
PRODUCT = Shape(
    "Product",
    (
        Member("CashPriceIncTax", DECIMAL, NO_DOUBLE),
        decimal("WebPrice"),
        integer("SupplierId"),
        integer("Id"),
        text("Name"),
        decimal("TaxRate"),
        decimal("Stock"),
        integer("StatusId"),
        integer("CategoryId"),
        integer("PriceGroupID"),
        decimal("InPrice"),
        text("Description"),
        text("DescriptionLong"),
        decimal("Cost"),
        text("EAN1"),
        decimal("Price"),
        text("No"),
        moment("DateChanged"),
        nested("APIException", API_EXCEPTION),
        decimal("Weight"),
        decimal("MinimumStock"),
        decimal("OrderProposal"),
        text("StockLocation"),
        text("SupplierProductCode"),
        text("SupplierProductName"),
        boolean("Web", nillable=True),
        text("ProductCode"),
        boolean("StockControlled", nillable=True),
        boolean("NewOffer", nillable=True),
        boolean("NewProduct", nillable=True),
    ),
)
CATEGORY = Shape(
    "Category", (integer("Id"), text("Name"), text("No"), integer("ParentId"), nested("APIException", API_EXCEPTION))
)


def get_products(request: Request) -> etree._Element:
    """The products that fit every criterion; a search without one is a fault."""
    search = criteria(request.argument("searchParams", PRODUCT_SEARCH))
    if not search:
        raise RequestFailed("Please specify at least one search parameter")
    limit_ids(search, "ProductIds")
    found = [product for _, product in sorted(request.books.products.items()) if _fits(product, search)]
    properties = request.texts("returnProperties")
    return request.answer(
        Items("Product", PRODUCT), [chosen(product, PRODUCT, properties, ("Id", "Name")) for product in found]
    )


def _fits(product: dict[str, Any], search: dict[str, Any]) -> bool:
    for name, value in search.items():
        if name == "ProductIds":
            if product["Id"] not in value:
                return False
        elif name == "Name":
            if value != "%" and value.strip("%").lower() not in str(product["Name"]).lower():
                return False
        elif name != "DateChanged" and product.get(name) != value:
            return False
    return True


def get_categories(request: Request) -> etree._Element:
    properties = request.texts("returnProperties")
    categories = [category for _, category in sorted(request.books.categories.items())]
    return request.answer(
        Items("Category", CATEGORY), [chosen(category, CATEGORY, properties, ("Id", "Name")) for category in categories]
    )
