"""Which invoices of Finago came from Qondor: their revenue is no news there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...records.costs_and_sales.vouchers import Voucher
from ...records.errors import NotFound
from ...records.identifiers import InvoiceNumber, QondorInvoiceId
from ...records.invoices.orders import FinagoOrder
from ...rules.costs_and_sales.allocation import invoice_numbers
from ...rules.linking import positive_int
from ..run.office_run import OfficeRun


def our_orders(run: OfficeRun, vouchers: Iterable[Voucher]) -> Mapping[int, bool]:
    """The invoice numbers among these vouchers that are of Qondor's orders; True for those of a credit note.

    A number that the store does not know is looked up: an order may have been invoiced by hand, and a lost store must
    not load as news what came from Qondor itself.
    """
    if run.office.costs_and_sales.sales_invoiced_by_qondor == "load":
        return {}
    numbers = {number for voucher in vouchers for number in invoice_numbers(voucher)}
    with run.store.read() as transaction:
        linked = transaction.orders.of_invoice_numbers(run.client_id, numbers)
    ours = {number: link.is_credit for number, link in linked.items()}
    unknown = sorted(numbers - ours.keys())
    if not unknown:
        return ours
    found = run.finago.orders_by_number([InvoiceNumber(number) for number in unknown])
    with run.store.read() as transaction:
        links = transaction.orders.of_orders(run.client_id, [order.id for order in found.values()])
    for number, order in found.items():
        link = links.get(order.id)
        is_credit = _is_credit_in_qondor(run, order) if link is None else link.is_credit
        if is_credit is not None:
            ours[number] = is_credit
    return ours


def _is_credit_in_qondor(run: OfficeRun, order: FinagoOrder) -> bool | None:
    """Whether the Qondor invoice that has just this order is a credit note; None when none has it."""
    reference = positive_int(order.reference)
    if reference is None:
        return None
    try:
        invoice = run.qondor.invoice(QondorInvoiceId(reference))
    except NotFound:
        return None
    return invoice.is_credit if (invoice.external_reference or "").strip() == str(order.id) else None
