"""ProductService: products and their categories."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Any

from lxml import etree

from .call import SoapCall, chosen, equal, fits

_CRITERIA: dict[str, Callable[[dict[str, Any], Any], bool]] = {
    "ProductIds": lambda product, ids: product["Id"] in ids,
    "Name": lambda product, name: name == "%" or name.strip("%").lower() in str(product["Name"]).lower(),
    **{name: equal(name) for name in ("Id", "CategoryId", "No", "EAN1", "Price")},
}


def get_products(call: SoapCall) -> etree._Element:
    """The products that fit every criterion; all of them for a search without one, which no other service takes."""
    search = call.search("searchParams", needed=False)
    if not search:
        call.violation("a search without any parameter")
    return _answer(call, [product for product in call.books.products.values() if fits(product, search, _CRITERIA)])


def get_categories(call: SoapCall) -> etree._Element:
    return _answer(call, list(call.books.categories.values()))


def _answer(call: SoapCall, found: list[dict[str, Any]]) -> etree._Element:
    properties = call.argument("returnProperties")
    return call.answer([chosen(one, properties, ("Id", "Name")) for one in sorted(found, key=itemgetter("Id"))])
