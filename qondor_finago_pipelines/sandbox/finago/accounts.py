"""AccountService: the VAT codes (contract/finago.md 10)."""

from __future__ import annotations

from lxml import etree

from .request import Request
from .shapes import Items, Member, Shape, decimal, integer, plain_text, short

TAX_CODE = Shape(
    "TaxCodeElement",
    (
        integer("TaxId", required=True),
        plain_text("TaxNo"),
        plain_text("TaxName"),
        decimal("TaxRate", required=True),
        Member("AccountNo", short("AccountNo").kind, None, nillable=True),
    ),
)


def get_tax_code_list(request: Request) -> etree._Element:
    """The VAT codes; a posting's `VatCode` is the number, not the id."""
    codes = [
        {"TaxId": 100 + number, "TaxNo": str(number), "TaxName": name, "TaxRate": rate, "AccountNo": account}
        for number, (name, rate, account) in sorted(request.books.tax_codes.items())
    ]
    return request.answer(Items("TaxCodeElement", TAX_CODE), codes)
