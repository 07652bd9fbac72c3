"""AccountService: the VAT codes (contract/finago.md 10)."""

from __future__ import annotations

from lxml import etree

from .call import SoapCall


def get_tax_code_list(call: SoapCall) -> etree._Element:
    """The VAT codes; a posting's `VatCode` is the number, not the id."""
    codes = [
        {"TaxId": 100 + number, "TaxNo": str(number), "TaxName": name, "TaxRate": rate, "AccountNo": account}
        for number, (name, rate, account) in sorted(call.books.tax_codes.items())
    ]
    return call.answer(codes)
