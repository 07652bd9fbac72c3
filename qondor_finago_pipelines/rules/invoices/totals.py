"""Whether an invoice adds up, in Qondor and then in Finago (decisions 3 and 6).

Everything is exact decimal arithmetic in the invoice's own currency; `records.money.rounded` is the only rounding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from ...records.identifiers import OrderId, QondorInvoiceId
from ...records.invoices.invoices import InvoiceLine, QondorInvoice
from ...records.money import ORE, ZERO, plain, rounded
from ...records.refusals import Reason, Refusal
from .currencies import smallest_unit

LARGEST_TOLERANCE_IN_FINAGO = Decimal("0.05")
"""How far Finago's total of an order may be off at most, where it need not be exact."""

LARGEST_ROUNDING = Decimal("0.50")
"""What a rounding row carries at most."""

_REISSUE = "Correct it in Qondor: delete the invoice and issue it again."


def line_net(line: InvoiceLine, unit: Decimal = ORE) -> Decimal:
    """Quantity × price excluding VAT, rounded to the currency's unit. ValueError without quantity or price."""
    return rounded(_exact_net(line), unit)


def line_vat(line: InvoiceLine, unit: Decimal = ORE) -> Decimal:
    """The VAT of the line, from its rounded net amount. ValueError for a line without a VAT rate."""
    return rounded(line_net(line, unit) * _given(line.vat_percentage) / 100, unit)


def computed_total(lines: Iterable[InvoiceLine], unit: Decimal = ORE) -> Decimal:
    """What the lines come to, VAT included: what Finago makes of them, row by row."""
    return sum((line_net(line, unit) + line_vat(line, unit) for line in lines), ZERO)


def vat_by_rate(lines: Iterable[InvoiceLine], unit: Decimal = ORE) -> Decimal:
    """The VAT of all lines, reckoned once for each rate instead of once for each line."""
    by_rate: dict[Decimal, Decimal] = defaultdict(Decimal)
    for line in lines:
        by_rate[_given(line.vat_percentage)] += line_net(line, unit)
    return sum((rounded(net * rate / 100, unit) for rate, net in by_rate.items()), ZERO)


def check_totals(invoice: QondorInvoice) -> Refusal | None:
    """Refuses an invoice whose lines do not come to its totals, or whose line does not come to its VAT.

    VAT may be reckoned line by line or once for each rate (decisions 6); of each line the currency's smallest unit may
    be lost in rounding. Expects a complete invoice (`rules.queue.check_entry`): ValueError where a line lacks a number
    or the total is null.
    """
    unit = smallest_unit(invoice.currency)
    for number, line in enumerate(invoice.lines, start=1):
        refusal = _check_line_vat(invoice, number, line, unit)
        if refusal is not None:
            return refusal
    lines = invoice.lines
    net, vat = sum((line_net(line, unit) for line in lines), ZERO), sum((line_vat(line, unit) for line in lines), ZERO)
    _given(invoice.total_including_vat)
    for what, stated, computed, otherwise in (
        ("total including VAT", invoice.total_including_vat, net + vat, net + vat_by_rate(lines, unit)),
        ("total excluding VAT", invoice.total_excluding_vat, net, net),
        ("total VAT", invoice.total_vat, vat, vat_by_rate(lines, unit)),
    ):
        if stated is None:
            continue
        if stated != rounded(stated, unit):
            return Refusal(
                Reason.TOTALS_DO_NOT_ADD_UP,
                f"Invoice {invoice.id}: its {what} is {plain(stated)}, with more decimals than {invoice.currency} has.",
                _REISSUE,
            )
        if abs(stated - computed) > unit * len(lines) and abs(stated - otherwise) > unit:
            return Refusal(
                Reason.TOTALS_DO_NOT_ADD_UP,
                f"Invoice {invoice.id}: its {what} is {_amount(stated, invoice)}, but its {_lines(len(lines))} to "
                f"{_amount(computed, invoice)}.",
                _REISSUE,
            )
    return None


def rounding_of(invoice: QondorInvoice, *, exact: bool) -> Decimal:
    """What a rounding row has to carry so that Finago's rows come to the invoice's total; 0 where none is needed.

    `exact` is for card payments and factoring; otherwise Finago's total may be a little off, and is left so.
    """
    unit = smallest_unit(invoice.currency)
    difference = _given(invoice.total_including_vat) - computed_total(invoice.lines, unit)
    return ZERO if abs(difference) <= _tolerance_in_finago(len(invoice.lines), exact=exact) else difference


def _check_line_vat(invoice: QondorInvoice, number: int, line: InvoiceLine, unit: Decimal) -> Refusal | None:
    if line.vat_amount is None:
        return None
    exact = _exact_net(line) * _given(line.vat_percentage) / 100
    if abs(line.vat_amount - exact) <= unit:
        return None
    return Refusal(
        Reason.TOTALS_DO_NOT_ADD_UP,
        f"Invoice {invoice.id}, line {number}: its VAT is {_amount(line.vat_amount, invoice)}, but "
        f"{percent(line.vat_percentage)} of {plain(line_net(line, unit))} is {_amount(rounded(exact, unit), invoice)}.",
        _REISSUE,
    )


def check_sign(invoice: QondorInvoice) -> Refusal | None:
    """Refuses a credit note with a positive total and an invoice with a negative one."""
    total = _given(invoice.total_including_vat)
    if invoice.is_credit and total > 0:
        what, wanted = "a credit note", "negative"
    elif not invoice.is_credit and total < 0:
        what, wanted = "not a credit note", "positive"
    else:
        return None
    return Refusal(
        Reason.WRONG_SIGN,
        f"Invoice {invoice.id} is {what}, yet its total is {_amount(total, invoice)} and not {wanted}.",
        _REISSUE,
    )


def finago_total_agrees(
    ours: Decimal,
    finago: Decimal | None,
    *,
    line_count: int,
    exact: bool,
    invoice_id: QondorInvoiceId | None = None,
    order_id: OrderId | None = None,
) -> Refusal | None:
    """None when Finago's own total of an order agrees with Qondor's; else why the order goes no further.

    `exact` is for card payments and factoring; otherwise 0.01 a line is allowed, and at most 0.05.
    """
    if finago is not None and abs(ours - finago) <= _tolerance_in_finago(line_count, exact=exact):
        return None
    order = "The order" if order_id is None else f"Order {order_id}"
    invoice = "the invoice" if invoice_id is None else f"invoice {invoice_id}"
    figure = "no total" if finago is None else f"a total of {plain(finago)}"
    return Refusal(
        Reason.TOTAL_DIFFERS_IN_FINAGO,
        f"{order} has {figure} in Finago, but {invoice} has {plain(ours)} in Qondor.",
        "Compare the rows of both, and correct the order in Finago so that its total agrees; it is never sent again.",
    )


def _tolerance_in_finago(line_count: int, *, exact: bool) -> Decimal:
    return ZERO if exact else min(ORE * line_count, LARGEST_TOLERANCE_IN_FINAGO)


def percent(rate: Decimal | None) -> str:
    """A VAT rate as people write it: `25 %`, `11.11 %`."""
    return "no rate" if rate is None else f"{format(rate.normalize(), 'f')} %"


def _exact_net(line: InvoiceLine) -> Decimal:
    return _given(line.quantity) * _given(line.out_price)


def _given(number: Decimal | None) -> Decimal:
    if number is None:
        raise ValueError("A null number is refused by rules.queue.check_entry before it is reckoned with.")
    return number


def _amount(amount: Decimal, invoice: QondorInvoice) -> str:
    return f"{plain(amount)} {invoice.currency or ''}".strip()


def _lines(count: int) -> str:
    return "line comes" if count == 1 else f"{count} lines come"
