"""The invoice flow: what stands in Qondor's queue goes to Finago, and payment status comes back.

The order of a run is fixed (decisions 7): settle what is uncertain, take new work (originals, then the credit notes
of originals that came in the same queue), acknowledge last, then ask for payments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...records.days import oslo_day
from ...records.errors import CallFailed, NotFound, SyncError
from ...records.identifiers import QondorInvoiceId
from ...records.invoices.invoices import QondorInvoice, Queue, QueueEntry
from ...records.links import Kind, OrderLink
from ...records.operations.results import RecordState
from ...records.plans import Stage, digest_of
from ...records.refusals import Reason, Refusal
from ...rules.invoices.orders import OrderOptions
from ...rules.invoices.planning import plan_invoices
from ...rules.invoices.prepared import prepare
from ...rules.invoices.queue import check_entry, describe, divide_queue, split_waves
from ...rules.invoices.totals import check_totals
from ...rules.invoices.waiting import held_or_failed, qondor_message
from ..customers_and_projects.apply import apply_companies_and_projects
from ..run.alert_causes import cause_of
from ..run.office_run import OfficeRun
from ..run.progress import Progress
from ..run.run_record import held_since
from ..run.unsettled_writes import report_unsettled, settle_uncertain
from .adoption import adopt_processed, adopt_queued, learn_unknown_orders, list_orders_once
from .finishing import finish
from .first_contact import within_first_contact
from .payments import report_payments
from .read import read_findings
from .send_orders import OrderWrites, sent_and_unknown
from .unsettled import SETTLERS


def sync_invoices(run: OfficeRun) -> None:
    """Runs the flow for one office; how each record ended stands in `run.record`.

    Never raises for what an operator can mend: a refused login, an unreachable system, a broken contract become
    problems of the run, and every invoice that they kept from being settled is untouched and says so.
    """
    try:
        settle_uncertain(run, SETTLERS)
        queue = run.queue()
        list_orders_once(run, queue)
        for wave in _waves_of(run, queue):
            _work_on(run, wave)
        if not run.is_past_day:
            _acknowledge_what_left_the_queue(run)
            adopt_processed(run)
        report_payments(run)
        report_unsettled(run, SETTLERS)
    except SyncError as error:
        run.record.stopped_early = True
        run.record.problem(cause_of(error), error)
    _decide_how_long_to_wait(run)


def _waves_of(run: OfficeRun, queue: Queue) -> Sequence[Sequence[QondorInvoice]]:
    """What is to be decided, in waves. What has its order already is finished on the way."""
    division = divide_queue(queue, run.known_offices)
    run.record.warn(*division.warnings)
    for invoice_id, refusal in division.refusals[run.office_id].items():
        run.record.begin_unread(invoice_id, None)
        run.record.refuse(invoice_id, refusal)
    details = _read_details(run, [entry for entry in division.by_office[run.office_id] if _belongs_to_day(run, entry)])
    with run.store.read() as transaction:
        links = transaction.orders.of_invoices(list(details))
        unsettled = {
            intent.key
            for kind in (Kind.ORDER, Kind.INVOICING)
            for intent in transaction.intents.unsettled(run.client_id, kind)
        }
    workable = _workable(run, details, links, unsettled)
    to_decide = [detail for detail in workable if detail.id not in links or _still_to_be_invoiced(links[detail.id])]
    ready = {detail.id for detail in workable} - {detail.id for detail in to_decide}
    finish(run, [links[invoice_id] for invoice_id in sorted(ready)], {})
    return split_waves(to_decide, [*details, *division.refusals[run.office_id]])


def _belongs_to_day(run: OfficeRun, entry: QueueEntry) -> bool:
    """Today takes the whole queue; a past day only what was created then (decisions 12)."""
    return not run.is_past_day or (entry.created is not None and oslo_day(entry.created) == run.day)


def _read_details(run: OfficeRun, entries: Sequence[QueueEntry]) -> dict[QondorInvoiceId, QondorInvoice]:
    """The details of the office's entries. One that cannot be read stays untouched; the others go on."""
    details: dict[QondorInvoiceId, QondorInvoice] = {}
    for entry in entries:
        run.record.begin_unread(entry.id, entry.number)
        try:
            detail = entry.detail or run.qondor.invoice(entry.id)
        except NotFound:
            run.record.drop(entry.id)
            run.record.warn(f"Invoice {entry.id} left the queue before it was read: it was withdrawn in Qondor.")
            continue
        except CallFailed as failure:
            run.record.untouched(entry.id, f"Invoice {entry.id} could not be read: {failure.message}")
            run.goes_on_after(failure, cause_of(failure))
            continue
        run.circuit_breaker.kept()
        run.details[entry.id] = detail
        if detail.is_booking:
            for system in (run.qondor, run.finago):
                system.redact(detail.customer_name, detail.address.street)
        run.record.begin(detail, describe(detail), digest_of(detail))
        refusal = check_entry(entry, detail)
        if refusal is None:
            details[entry.id] = detail
        elif refusal.reason is Reason.NO_LONGER_UNPROCESSED:
            run.record.drop(entry.id)
            run.record.warn(str(refusal))
        else:
            run.record.refuse(entry.id, refusal)
    return details


def _workable(
    run: OfficeRun,
    details: Mapping[QondorInvoiceId, QondorInvoice],
    links: Mapping[QondorInvoiceId, OrderLink],
    unsettled: set[str],
) -> list[QondorInvoice]:
    """The invoices that may be worked on now: readable, adding up, and with no write under way."""
    workable: list[QondorInvoice] = []
    for detail in details.values():
        if str(detail.id) in unsettled:
            run.record.leave_uncertain(
                detail.id,
                sent_and_unknown(detail.id),
            )
        elif detail.id in links:
            workable.append(detail)
        elif (refusal := check_totals(detail)) is not None:
            run.record.refuse(detail.id, refusal)
        else:
            workable.append(detail)
    return workable


def _acknowledge_what_left_the_queue(run: OfficeRun) -> None:
    """Settles orders whose acknowledgement got no answer: Qondor may have taken it, and the queue shows them no more.

    Without it nobody would ever ask for their payment. Sending it again is harmless: Qondor compares.
    """
    with run.store.read() as transaction:
        left = [
            link
            for link in transaction.orders.unacknowledged(run.office_id)
            if str(link.invoice_id) not in run.record.outcomes
        ]
    for link in left:
        run.record.look_at_link(link)
        if _still_to_be_invoiced(link):
            run.record.refuse(
                link.invoice_id,
                Refusal(
                    Reason.REFUSED_BY_QONDOR,
                    f"Invoice {link.invoice_id} stands in Finago as order {link.order_id}, but left Qondor's queue "
                    "before the order was invoiced.",
                    "See what became of the invoice in Qondor; delete the order in Finago if it was withdrawn.",
                ),
            )
    finish(run, [link for link in left if not _still_to_be_invoiced(link)], {})


def _still_to_be_invoiced(link: OrderLink) -> bool:
    return link.to_be_invoiced and link.invoice_number is None


def _work_on(run: OfficeRun, wave: Sequence[QondorInvoice]) -> None:
    """One wave: read what it refers to, decide, apply, finish."""
    if not wave:
        return
    by_id = {detail.id: detail for detail in wave}
    prepared = [prepare(detail) for detail in wave]
    findings = read_findings(run, prepared)
    plan = plan_invoices(prepared, findings, _options(run))
    run.record.warn(*plan.warnings)
    if any(change.creates for change in plan.at(Stage.ORDERS)):
        learn_unknown_orders(run)
    plan = within_first_contact(run, adopt_queued(run, plan, by_id))
    for invoice_id, refusal in plan.refusals.items():
        run.record.refuse(invoice_id, refusal)
        if refusal.reason is Reason.QUARANTINED:
            run.record.problem(f"quarantine order {invoice_id}", refusal.message, refusal.remedy)
    progress = Progress(run)
    apply_companies_and_projects(plan, findings.customers, progress)
    orders = OrderWrites(progress, by_id).write(plan)
    with run.store.read() as transaction:
        links = transaction.orders.of_invoices(list(orders))
    finish(run, [links[invoice_id] for invoice_id in sorted(links)], orders)


def _options(run: OfficeRun) -> OrderOptions:
    return OrderOptions(
        department_id=run.office.department_id,
        online_payment_method_id=run.office.online_payment_method_id,
        send_to_factoring_directly=run.office.invoices.send_to_factoring_directly,
        rounding_product_id=run.office.rounding_product_id,
    )


def _decide_how_long_to_wait(run: OfficeRun) -> None:
    """What a project manager can mend waits for its time, then fails in Qondor, which tells them (decisions 3)."""
    now = run.store.now()
    for outcome in list(run.record.outcomes.values()):
        detail = run.details.get(int(outcome.id)) if outcome.id.isdigit() else None
        if outcome.state is not RecordState.HELD or outcome.reason is None or detail is None:
            continue
        refusal = Refusal(outcome.reason, outcome.message, outcome.remedy)
        with run.store.read() as transaction:
            stored = transaction.outcomes.get(run.office_id, run.record.flow.value, outcome.id)
            # What may stand in Finago is not failed: a failed invoice is issued again, and would be billed twice.
            may_stand_in_finago = (
                transaction.orders.get(detail.id) is not None
                or any(intent.key == outcome.id for intent in transaction.intents.unsettled(run.client_id, Kind.ORDER))
                or bool(transaction.adoption.waiting_for(run.client_id, [outcome.id]))
            )
            original = (
                transaction.orders.get(detail.credited_invoice_id) if detail.credited_invoice_id is not None else None
            )
        state = held_or_failed(
            refusal,
            card_payment_involved=detail.is_card or (original is not None and original.is_card),
            held_since=held_since(stored, outcome.reason),
            now=now,
            fail_after_hours=run.office.invoices.fail_in_qondor_after_hours,
        )
        if state is RecordState.FAILED and not may_stand_in_finago:
            _fail_in_qondor(run, detail.id, refusal)


def _fail_in_qondor(run: OfficeRun, invoice_id: QondorInvoiceId, refusal: Refusal) -> None:
    try:
        run.qondor.set_as_failed(invoice_id, qondor_message(refusal))
    except CallFailed as failure:
        run.record.problem(cause_of(failure), failure)
        return
    run.record.refuse(invoice_id, refusal, RecordState.FAILED)
