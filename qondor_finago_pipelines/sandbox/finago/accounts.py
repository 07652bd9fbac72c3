"""AccountService: the accounts and the VAT codes (contract/finago.md 10)."""

from __future__ import annotations

from lxml import etree

from .call import SoapCall


def get_account_list(call: SoapCall) -> etree._Element:
    """The accounts that are in use, each with the VAT code that its lines bear."""
    codes: dict[int, int] = {}
    for line in call.books.postings.values():
        if line.get("AccountNo"):
            codes[line["AccountNo"]] = line.get("VatCode") or codes.get(line["AccountNo"], 0)
    return call.answer(
        [
            {"AccountId": number, "AccountNo": number, "AccountName": f"Account {number}", "TaxNo": code}
            for number, code in sorted(codes.items())
        ]
    )


def get_tax_code_list(call: SoapCall) -> etree._Element:
    """The VAT codes; a posting's `VatCode` is the number, not the id."""
    codes = [
        {"TaxId": 100 + number, "TaxNo": str(number), "TaxName": name, "TaxRate": rate, "AccountNo": account}
        for number, (name, rate, account) in sorted(call.books.tax_codes.items())
    ]
    return call.answer(codes)
