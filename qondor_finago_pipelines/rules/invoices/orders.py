"""The Finago order of a Qondor invoice: every row of the article's header and line tables (decisions 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ...records.addresses import PostalAddress
from ...records.identifiers import CompanyId, FinagoProjectId
from ...records.invoices.invoices import InvoiceLine, InvoiceType, QondorInvoice
from ...records.invoices.orders import AUTO, INVOICED, MANUAL, OFFER, CardPayment, Currency, Order, OrderRow, Product
from ...records.money import at_most_four_decimals, plain
from ...records.plans import Pending
from ...records.refusals import Reason, Refusal
from ..customers_and_projects.company_drafts import postal_address
from ..email_addresses import usable_emails
from ..text import Fitting, one_line
from .currencies import choose_currency
from .originals import Original
from .products import Catalogue, choose_product
from .totals import LARGEST_ROUNDING, check_sign, check_totals, rounding_of

LONGEST_TITLE = 300
LONGEST_TEXT = 750
LONGEST_ROW_NAME = 300
LONGEST_CUSTOMER_NAME = 100
LONGEST_EMAIL = 250
LONGEST_PAYMENT_TIME = 32_767
"""Finago's PaymentTime is a 16-bit number of days."""

_TEXTS: Mapping[object, str] = {
    InvoiceType.CUSTOMER_OFFER: "Customer offer invoice",
    InvoiceType.CUSTOMER_FORM: "Customer form invoice",
    InvoiceType.BOOKING: "Booking invoice",
}


@dataclass(frozen=True, kw_only=True)
class OrderOptions:
    """The office's settings that shape an order."""

    department_id: int
    online_payment_method_id: int
    send_to_factoring_directly: bool = False
    rounding_product_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class OrderDecision:
    """The order of an invoice, or why there is none."""

    order: Order | None = None
    refusal: Refusal | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _StatusAndPayment:
    """How an order ends in Finago: its final status, and how it reaches the customer."""

    status: str = OFFER
    distributor: str = MANUAL
    send_to_factoring: bool = False
    is_paid: bool = False
    warning: str | None = None


def order_for(
    invoice: QondorInvoice,
    *,
    customer_id: CompanyId | Pending,
    project_id: FinagoProjectId,
    options: OrderOptions,
    catalogue: Catalogue,
    currencies: Sequence[Currency],
    original: Original | None,
    other_bill_to: bool,
) -> OrderDecision:
    """The order that is to stand in Finago for an invoice that `rules.queue.check_entry` let through.

    `original` is given for a credit note (`original_of`). `other_bill_to` puts the booker's own name and address on
    the order, since the company stands under another name.
    """
    refusal = check_totals(invoice) or check_sign(invoice) or _check_dates(invoice)
    if refusal is not None:
        return OrderDecision(refusal=refusal)
    currency = choose_currency(invoice, currencies)
    if isinstance(currency, Refusal):
        return OrderDecision(refusal=currency)
    fitting = Fitting(f"Invoice {invoice.id}")
    rows: list[OrderRow] = []
    for number, line in enumerate(invoice.lines, start=1):
        if line.is_comment:
            rows.append(_text_row(number, line, fitting))
            continue
        product = choose_product(invoice.id, number, line, catalogue)
        if isinstance(product, Refusal):
            return OrderDecision(refusal=product)
        rows.append(_row(number, line, product, fitting))
    end = _status_and_payment(invoice, options, original)
    rounding = _rounding_row(invoice, options, exact=end.status == INVOICED)
    if isinstance(rounding, Refusal):
        return OrderDecision(refusal=rounding)
    rows += rounding
    if end.warning is not None:
        fitting.warn(end.warning)
    assert invoice.invoice_date is not None
    assert invoice.total_including_vat is not None
    order = Order(
        reference=invoice.id,
        customer_id=customer_id,
        project_id=project_id,
        department_id=options.department_id,
        title=fitting.fit(title_of(invoice), LONGEST_TITLE, "its title"),
        text=fitting.fit(text_of(invoice), LONGEST_TEXT, "its text"),
        status=end.status,
        distributor=end.distributor,
        send_to_factoring=end.send_to_factoring,
        date_ordered=invoice.invoice_date,
        payment_time=_payment_time(invoice, is_card=_is_card(invoice, original), fitting=fitting),
        currency=currency,
        total_including_vat=invoice.total_including_vat,
        rows=tuple(rows),
        email=_email(invoice, fitting),
        customer_name=_bill_to_name(invoice, fitting) if other_bill_to else None,
        invoice_address=_bill_to_address(invoice, fitting) if other_bill_to else None,
        card_payment=_card_payment(invoice, options) if end.is_paid else None,
        credited_order_id=original.order_id if original is not None else None,
        credited_invoice_number=original.invoice_number if original is not None else None,
    )
    return OrderDecision(order=order, warnings=fitting.warnings)


# The header


def title_of(invoice: QondorInvoice) -> str:
    """Name and event, `Kick-off 2026, final - Kick-off 2026`; the event left out when it is empty or the same."""
    name, event = one_line(invoice.name), one_line(invoice.project_name)
    return name if not event or event == name else " - ".join(filter(None, (name, event)))


def text_of(invoice: QondorInvoice) -> str:
    """The invoice type in words; a credit note or card payment is called that, whatever it was issued from."""
    if invoice.is_credit:
        return "Credit note"
    if invoice.is_card:
        return "Credit card payment"
    return _TEXTS[invoice.invoice_type]


def _status_and_payment(invoice: QondorInvoice, options: OrderOptions, original: Original | None) -> _StatusAndPayment:
    if invoice.total_including_vat == 0:
        return _StatusAndPayment(warning="its total is 0, so that it becomes an offer, whatever the settings say.")
    if invoice.is_credit:
        return _status_of_credit_note(invoice, original)
    if invoice.is_card:
        return _StatusAndPayment(status=INVOICED, is_paid=True)
    if options.send_to_factoring_directly:
        return _StatusAndPayment(status=INVOICED, distributor=AUTO, send_to_factoring=True)
    return _StatusAndPayment()


def _status_of_credit_note(invoice: QondorInvoice, original: Original | None) -> _StatusAndPayment:
    if original is None or original.invoice_number is None:
        return _StatusAndPayment(
            warning="the invoice that it credits is not invoiced in Finago, so that the credit note becomes an offer."
        )
    if _is_card(invoice, original):
        return _StatusAndPayment(status=INVOICED, is_paid=True)
    if original.factored:
        return _StatusAndPayment(status=INVOICED, distributor=AUTO, send_to_factoring=True)
    return _StatusAndPayment(status=INVOICED)


def _is_card(invoice: QondorInvoice, original: Original | None) -> bool:
    """A card payment, or the credit note of one."""
    return invoice.is_card or (original is not None and original.is_card)


def _card_payment(invoice: QondorInvoice, options: OrderOptions) -> CardPayment:
    assert invoice.total_including_vat is not None
    paid_on = invoice.paid_date or invoice.invoice_date
    assert paid_on is not None
    return CardPayment(method_id=options.online_payment_method_id, amount=invoice.total_including_vat, paid_on=paid_on)


def _check_dates(invoice: QondorInvoice) -> Refusal | None:
    if invoice.due_date is None or invoice.invoice_date is None:
        return None
    if (invoice.due_date - invoice.invoice_date).days <= LONGEST_PAYMENT_TIME:
        return None
    return Refusal(
        Reason.INCOMPLETE,
        f"Invoice {invoice.id}: its due date {invoice.due_date} lies more than {LONGEST_PAYMENT_TIME} days after its "
        f"date {invoice.invoice_date}.",
        "Correct the due date in Qondor: delete the invoice and issue it again.",
    )


def _payment_time(invoice: QondorInvoice, *, is_card: bool, fitting: Fitting) -> int | None:
    """Days from invoice date to due date. Finago reads negative numbers as codes, so that they become 0."""
    if is_card:
        return 0
    if invoice.due_date is None or invoice.invoice_date is None:
        return None
    days = (invoice.due_date - invoice.invoice_date).days
    if days < 0:
        fitting.warn(f"its due date is {-days} days before its date, so that it is due at once.")
        return 0
    return days


def _email(invoice: QondorInvoice, fitting: Fitting) -> str | None:
    """Where the invoice is sent; what is no address by the standard reaches nobody and is never sent."""
    if not one_line(invoice.email):
        return None
    email = usable_emails(invoice.email)
    if email is None:
        fitting.warn("its e-mail address is no valid one, and the order goes without.")
        return None
    if len(email) <= LONGEST_EMAIL:
        return email
    # An address is as good as an id: a cut one would be somebody else's.
    fitting.warn(f"its e-mail address has {len(email)} characters, Finago takes {LONGEST_EMAIL}: it is left out.")
    return None


def _bill_to_name(invoice: QondorInvoice, fitting: Fitting) -> str | None:
    return fitting.fit(invoice.customer_name, LONGEST_CUSTOMER_NAME, "the booker's name") or None


def _bill_to_address(invoice: QondorInvoice, fitting: Fitting) -> PostalAddress | None:
    return postal_address(invoice.address, fitting)


# The lines


def _row(number: int, line: InvoiceLine, product: Product, fitting: Fitting) -> OrderRow:
    """One row. Finago's price is never negative: the quantity takes the sign of quantity × price, the cost follows."""
    assert line.quantity is not None
    assert line.out_price is not None
    sign = -1 if line.out_price < 0 else 1
    in_price = None if line.in_price is None else sign * line.in_price
    return OrderRow(
        product_id=product.id,
        name=fitting.fit(line.name, LONGEST_ROW_NAME, f"the name of line {number}"),
        price=_sent(abs(line.out_price), f"the price of line {number}", fitting),
        in_price=None if in_price is None else _sent(in_price, f"the cost price of line {number}", fitting),
        quantity=_sent(sign * line.quantity, f"the quantity of line {number}", fitting),
    )


def _text_row(number: int, line: InvoiceLine, fitting: Fitting) -> OrderRow:
    name = fitting.fit(line.name, LONGEST_ROW_NAME, f"the name of line {number}")
    return OrderRow(product_id=None, name=name, price=Decimal(0), in_price=None, quantity=Decimal(0))


def _rounding_row(invoice: QondorInvoice, options: OrderOptions, *, exact: bool) -> list[OrderRow] | Refusal:
    """The row that carries what the lines lack of the invoice's total, so that a card payment settles its order."""
    difference = rounding_of(invoice, exact=exact)
    if not difference:
        return []
    lacks = f"Invoice {invoice.id}: its lines come to {plain(difference.copy_abs())} {invoice.currency} "
    lacks += "less" if difference > 0 else "more"
    lacks += " than its total, so that Finago's total would differ."
    if abs(difference) > LARGEST_ROUNDING:
        return Refusal(
            Reason.TOTALS_DO_NOT_ADD_UP, lacks, "Correct it in Qondor: delete the invoice and issue it again."
        )
    if options.rounding_product_id is None:
        return Refusal(
            Reason.SET_UP,
            lacks,
            "Set rounding_product_id of this office in the settings to a product in Finago with 0 % VAT: a row of it "
            "then carries the difference.",
        )
    quantity = Decimal(1 if difference > 0 else -1)
    return [
        OrderRow(
            product_id=options.rounding_product_id,
            name="Rounding",
            price=abs(difference),
            in_price=None,
            quantity=quantity,
        )
    ]


def _sent(exact: Decimal, what: str, fitting: Fitting) -> Decimal:
    sent = at_most_four_decimals(exact)
    if sent != exact:
        fitting.warn(f"{what} has more than four decimals and was rounded to {sent:f}.")
    return sent
