"""An invoice's currency in Finago's list (decisions 6): the code, and the rate and unit that are sent with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import iso4217

from ...records.invoices.invoices import QondorInvoice
from ...records.invoices.orders import Currency
from ...records.money import ORE
from ...records.refusals import Reason, Refusal
from ..text import one_line


def iso_number(code: str) -> int | None:
    """The numeric ISO 4217 code: 578 for NOK; None for a code that ISO does not list today."""
    try:
        return iso4217.Currency(code).number
    except ValueError:
        return None


def smallest_unit(code: str | None) -> Decimal:
    """0.01 for NOK, 1 for JPY, 0.001 for KWD: as ISO 4217 has it; 0.01 for a code that it does not list."""
    try:
        decimals = iso4217.Currency(one_line(code).upper()).exponent
    except ValueError:
        decimals = None
    return ORE if decimals is None else Decimal(1).scaleb(-decimals)


def choose_currency(
    invoice: QondorInvoice,
    currencies: Sequence[Currency],
    number_of_code: Callable[[str], int | None] = iso_number,
) -> Currency | Refusal:
    """The row of Finago's currency list for the invoice, or why there is none that can be used."""
    code = one_line(invoice.currency).upper()
    number = number_of_code(code)
    if invoice.currency_number is not None and number is not None and invoice.currency_number != number:
        return Refusal(
            Reason.UNKNOWN_CURRENCY,
            f"Invoice {invoice.id}: its currency is {code} ({number}), but its currency code is "
            f"{invoice.currency_number}.",
            "Correct the currency in Qondor: delete the invoice and issue it again.",
        )
    rows = {row for row in currencies if row.symbol.strip().upper() == code}
    if not rows:
        return Refusal(
            Reason.UNKNOWN_CURRENCY,
            f"Invoice {invoice.id}: its currency {code or '(none)'} is not among Finago's currencies.",
            "Add the currency in Finago, or delete the invoice in Qondor and issue it in another currency.",
        )
    usable = [row for row in rows if row.rate > 0 and row.unit > 0]
    if len(rows) == 1 and usable:
        return usable[0]
    shown = " and ".join(sorted(f"rate {row.rate:f} for {row.unit}" for row in rows))
    return Refusal(
        Reason.SET_UP,
        f"Invoice {invoice.id}: Finago's currency list has {shown} {code}, which is no rate to invoice with.",
        f"Correct the rate of {code} in Finago; the invoice then goes by itself.",
    )
