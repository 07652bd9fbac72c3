"""Whether an invoice adds up, in Qondor and then in Finago (decisions 3 and 6).

Everything is exact decimal arithmetic in the invoice's own currency; `records.money.rounded` is the only rounding.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from ...records.identifiers import OrderId, QondorInvoiceId
from ...records.invoices.invoices import InvoiceLine, QondorInvoice
from ...records.money import ORE, ZERO, plain, rounded
from ...records.refusals import Reason, Refusal

TOLERANCE_PER_LINE = ORE
"""What rounding may add for each line."""

LARGEST_TOLERANCE_IN_FINAGO = Decimal("0.05")
"""How far Finago's total of an order may be off at most, where it need not be exact."""

_REISSUE = "Correct it in Qondor: delete the invoice and issue it again."


def line_net(line: InvoiceLine) -> Decimal:
    """Quantity × price excluding VAT, rounded to 0.01. ValueError for a line without quantity or price."""
    return rounded(_exact_net(line))


def line_vat(line: InvoiceLine) -> Decimal:
    """The VAT of the line, from its rounded net amount. ValueError for a line without a VAT rate."""
    return rounded(line_net(line) * _given(line.vat_percentage) / 100)


def computed_total(lines: Iterable[InvoiceLine]) -> Decimal:
    """What the lines come to, VAT included."""
    return sum((line_net(line) + line_vat(line) for line in lines), ZERO)


def check_totals(invoice: QondorInvoice) -> Refusal | None:
    """Refuses an invoice whose lines do not come to its totals, or whose line does not come to its VAT.

    Expects a complete invoice (`rules.queue.check_entry`): ValueError where a line lacks a number or the total is null.
    """
    for number, line in enumerate(invoice.lines, start=1):
        refusal = _check_line_vat(invoice, number, line)
        if refusal is not None:
            return refusal
    lines = invoice.lines
    sums = (
        ("total including VAT", invoice.total_including_vat, computed_total(lines)),
        ("total excluding VAT", invoice.total_excluding_vat, sum(map(line_net, lines), ZERO)),
        ("total VAT", invoice.total_vat, sum(map(line_vat, lines), ZERO)),
    )
    tolerance = TOLERANCE_PER_LINE * len(lines)
    _given(invoice.total_including_vat)
    for what, stated, computed in sums:
        if stated is None:
            continue
        if stated != rounded(stated):
            return Refusal(
                Reason.TOTALS_DO_NOT_ADD_UP,
                f"Invoice {invoice.id}: its {what} is {plain(stated)}, with more than two decimals.",
                _REISSUE,
            )
        if abs(stated - computed) > tolerance:
            return Refusal(
                Reason.TOTALS_DO_NOT_ADD_UP,
                f"Invoice {invoice.id}: its {what} is {_amount(stated, invoice)}, but its {_lines(len(lines))} to "
                f"{_amount(computed, invoice)}.",
                _REISSUE,
            )
    return None


def _check_line_vat(invoice: QondorInvoice, number: int, line: InvoiceLine) -> Refusal | None:
    if line.vat_amount is None:
        return None
    exact = _exact_net(line) * _given(line.vat_percentage) / 100
    if abs(line.vat_amount - exact) <= TOLERANCE_PER_LINE:
        return None
    return Refusal(
        Reason.TOTALS_DO_NOT_ADD_UP,
        f"Invoice {invoice.id}, line {number}: its VAT is {_amount(line.vat_amount, invoice)}, but "
        f"{percent(line.vat_percentage)} of {plain(line_net(line))} is {_amount(rounded(exact), invoice)}.",
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
    tolerance = ZERO if exact else min(TOLERANCE_PER_LINE * line_count, LARGEST_TOLERANCE_IN_FINAGO)
    if finago is not None and abs(ours - finago) <= tolerance:
        return None
    order = "The order" if order_id is None else f"Order {order_id}"
    invoice = "the invoice" if invoice_id is None else f"invoice {invoice_id}"
    figure = "no total" if finago is None else f"a total of {plain(finago)}"
    return Refusal(
        Reason.TOTAL_DIFFERS_IN_FINAGO,
        f"{order} has {figure} in Finago, but {invoice} has {plain(ours)} in Qondor.",
        "Compare the rows of both, and correct the order in Finago so that its total agrees; it is never sent again.",
    )


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
