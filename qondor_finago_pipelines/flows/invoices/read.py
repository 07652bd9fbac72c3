"""Everything that one wave of invoices needs to be decided, read from both systems. No decision is taken here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial

from ...records.customers_and_projects.projects import FinagoProject, NamedId, QondorProject
from ...records.errors import ContractBroken, NotFound
from ...records.identifiers import FinagoProjectId, OfficeId, OrderId, QondorInvoiceId, QondorProjectId
from ...records.invoices.invoices import QondorInvoice
from ...records.links import Kind
from ...records.money import ZERO
from ...records.operations.results import RecordState
from ...records.refusals import Reason, Refusal
from ...rules.customers_and_projects.companies import undone_links
from ...rules.invoices.originals import Original, original_of
from ...rules.invoices.planning import InvoiceFindings
from ...rules.invoices.prepared import PreparedInvoice
from ...rules.invoices.products import Catalogue, categories_to_read
from ...rules.linking import finago_project_id, positive_int
from ..run.lookups import foreign_customers, projects_of, read_companies, read_customers, read_finago_projects
from ..run.office_run import OfficeRun
from .credit_notes import credit_notes_of


def read_findings(run: OfficeRun, invoices: Sequence[PreparedInvoice]) -> InvoiceFindings:
    """Reads what the invoices of one wave refer to: as few calls as the wave allows, none for what it does not need."""
    details = [invoice.detail for invoice in invoices]
    with run.store.read() as transaction:
        client_offices = transaction.clients.offices_of(run.client_id) | {run.office_id}
        company_links = transaction.companies.of_client(run.client_id)
        seen_in_qondor = transaction.companies.seen_in_qondor(run.client_id)
        claims = {claim.project_id: claim.finago_project_id for claim in transaction.projects.of_client(run.client_id)}
        order_links = transaction.orders.of_invoices([detail.id for detail in details])
        is_disputed = transaction.outcomes.any_held_for(client_offices, Reason.PROJECT_ID_TAKEN)
    expected = {claims.get(invoice.project_id, invoice.finago_project_on_invoice) for invoice in invoices}
    finago_projects = read_finago_projects(run, expected, claims.values())
    if is_disputed:
        # One of the two may be linked, and would know of no rival.
        projects = _with_rivals(run, invoices, client_offices)
    else:
        projects = _projects(run, invoices, client_offices, claims, finago_projects)
    of_wave = [projects[key] for key in sorted({invoice.project_id for invoice in invoices}) if key in projects]
    comes_to = {project.id: finago_project_id(project.number, project.id).id for project in of_wave}
    finago_projects |= read_finago_projects(run, set(comes_to.values()) - expected, claims.values())
    missing_projects = set(comes_to.values()) - finago_projects.keys()
    customers = read_customers(run, client_offices)
    undone = undone_links(customers.values(), company_links, seen_in_qondor)
    valid_links = {key: company_id for key, company_id in company_links.items() if key not in undone}
    needed = {detail.customer_id for detail in details if not detail.is_booking} | {
        project.customer_id
        for project in of_wave
        if claims.get(project.id) != comes_to[project.id] or comes_to[project.id] in missing_projects
    }
    needed_customers = [customers[key] for key in needed if key is not None and key in customers]
    bookers = [invoice.consumer_key for invoice in invoices if invoice.consumer_key is not None]
    companies = read_companies(run, needed_customers, valid_links, bookers, undone=undone)
    return InvoiceFindings(
        office_id=run.office_id,
        client_offices=client_offices,
        offices_of_unknown_client=run.offices_of_unknown_client,
        customers=customers,
        foreign_customers=foreign_customers(run, needed_customers),
        company_links=valid_links,
        undone_links=undone,
        companies=companies,
        projects=projects,
        project_claims=claims,
        finago_projects=finago_projects,
        project_statuses=run.cached("project statuses", run.finago.project_statuses) if missing_projects else (),
        project_types=run.cached("project types", run.finago.project_types) if missing_projects else (),
        catalogue=_catalogue(run, details),
        currencies=run.cached("currencies", run.finago.currencies),
        departments=run.cached("departments", run.finago.departments),
        payment_methods=_payment_methods(run, details),
        originals=_originals(run, details),
        order_links=order_links,
    )


def _projects(
    run: OfficeRun,
    invoices: Sequence[PreparedInvoice],
    offices: frozenset[OfficeId],
    claims: Mapping[QondorProjectId, FinagoProjectId],
    finago_projects: Mapping[FinagoProjectId, FinagoProject],
) -> dict[QondorProjectId, QondorProject]:
    """The wave's projects; with one that is new or has moved, every project that might come to the same Finago id.

    One that the store links is believed to be what its invoices say where that is what the store says as well; where it
    is not, its own record is asked.
    """
    claimants = Counter(claims.values())
    found: dict[QondorProjectId, QondorProject] = {}
    for invoice in invoices:
        project_id, linked = invoice.project_id, claims.get(invoice.project_id)
        if linked is None or claimants[linked] > 1 or linked not in finago_projects:
            return _with_rivals(run, invoices, offices)
        if invoice.finago_project_on_invoice == linked:
            copied = QondorProject(
                id=project_id,
                office_id=run.office_id,
                number=invoice.detail.project_number,
                name=invoice.detail.project_name,
            )
            found.setdefault(project_id, copied)
        elif (record := _record_of(run, project_id)) is not None:
            if finago_project_id(record.number, project_id).id != linked:
                return _with_rivals(run, invoices, offices)
            found[project_id] = record
    return found


def _with_rivals(
    run: OfficeRun, invoices: Sequence[PreparedInvoice], offices: frozenset[OfficeId]
) -> dict[QondorProjectId, QondorProject]:
    rivals = sorted(offices | run.offices_of_unknown_client)
    found = {project.id: project for office in rivals for project in projects_of(run, office)}
    for project_id in {invoice.project_id for invoice in invoices} - found.keys():
        if (record := _record_of(run, project_id)) is not None:
            found[project_id] = record
    return found


def _record_of(run: OfficeRun, project_id: QondorProjectId) -> QondorProject | None:
    """A project's own record, asked for once in a run; None where Qondor has no such project.

    One whose record is no record is refused by name, and the others go on.
    """
    try:
        record = run.cached(f"project {project_id}", lambda: run.qondor.project(project_id))
    except NotFound:
        return None
    except ContractBroken as broken:
        return QondorProject(id=project_id, unreadable=(broken.message,))
    if record.id != project_id:
        return QondorProject(id=project_id, unreadable=(f"Qondor answers with project {record.id}",))
    return record


def _catalogue(run: OfficeRun, details: Sequence[QondorInvoice]) -> Catalogue:
    categories = run.cached("categories", run.finago.categories)
    wanted = categories_to_read(details, categories, run.office.misc_product_category_id)
    misc = run.cached("misc product", lambda: run.finago.products_by_id([run.office.misc_product_id]))
    return Catalogue(
        categories=tuple(categories),
        products={
            category: run.cached(f"products {category}", partial(run.finago.products, category))
            for category in sorted(wanted)
        },
        misc_product=misc[0] if misc else None,
        misc_category_id=run.office.misc_product_category_id,
    )


def _payment_methods(run: OfficeRun, details: Sequence[QondorInvoice]) -> Sequence[NamedId]:
    if not any(detail.is_card for detail in details):
        return ()
    return run.cached("payment methods", run.finago.payment_methods)


def _originals(run: OfficeRun, details: Sequence[QondorInvoice]) -> dict[QondorInvoiceId, Original | Refusal]:
    """What each credit note credits, by the credit note's own id."""
    notes = [_with_reference(run, detail) for detail in details if detail.is_credit]
    if not notes:
        return {}
    with run.store.read() as transaction:
        by_invoice = transaction.orders.of_invoices(
            [note.credited_invoice_id for note in notes if note.credited_invoice_id is not None]
        )
        references = [number for note in notes if (number := _referenced_order(note)) is not None]
        by_order = transaction.orders.of_orders(run.client_id, references)
    links = {
        note.id: by_invoice.get(note.credited_invoice_id or QondorInvoiceId(0))
        or by_order.get(_referenced_order(note) or OrderId(0))
        for note in notes
    }
    orders = run.finago.orders([*references, *(link.order_id for link in links.values() if link is not None)])
    credit_notes = credit_notes_of(run, orders.values())
    originals: dict[QondorInvoiceId, Original | Refusal] = {}
    for note in notes:
        link = links[note.id]
        order_id = link.order_id if link is not None else _referenced_order(note)
        queued = run.details.get(note.credited_invoice_id or QondorInvoiceId(0))
        originals[note.id] = original_of(
            note,
            link=link,
            order=orders.get(order_id) if order_id is not None else None,
            failed=_failed(run, note),
            unsettled=_in_queue(run, note),
            credit_notes=[
                each for each in credit_notes.get(order_id or OrderId(0), ()) if each.reference.strip() != str(note.id)
            ],
            on_their_way=_on_their_way(run, note),
            credits_a_credit_note=queued is not None and queued.is_credit,
        )
    return originals


def _referenced_order(note: QondorInvoice) -> OrderId | None:
    number = positive_int(note.credited_invoice_external_reference)
    return None if number is None else OrderId(number)


def _with_reference(run: OfficeRun, note: QondorInvoice) -> QondorInvoice:
    """The credit note with its original's External Reference, asked of Qondor where nobody else has it."""
    original_id = note.credited_invoice_id
    if note.credited_invoice_external_reference or original_id is None or _in_queue(run, note):
        return note
    with run.store.read() as transaction:
        if transaction.orders.get(original_id) is not None:
            return note
    try:
        original = run.qondor.invoice(original_id)
    except NotFound:
        return note
    return replace(note, credited_invoice_external_reference=original.external_reference)


def _in_queue(run: OfficeRun, note: QondorInvoice) -> bool:
    """Whether this run met the original and could not settle it: it is held, uncertain, or not looked at yet."""
    outcome = run.record.outcomes.get(str(note.credited_invoice_id))
    return outcome is not None and outcome.state is not RecordState.SETTLED


def _on_their_way(run: OfficeRun, note: QondorInvoice) -> Decimal:
    """What other credit notes of the same original come to that were sent and of which nobody knows what became."""
    with run.store.read() as transaction:
        intents = transaction.intents.unsettled(run.client_id, Kind.ORDER)
    sent = (
        abs(Decimal(str(intent.expected["total"])))
        for intent in intents
        if intent.key != str(note.id)
        and note.credited_invoice_id is not None
        and intent.expected.get("credited_invoice_id") == note.credited_invoice_id
    )
    return sum(sent, ZERO)


def _failed(run: OfficeRun, note: QondorInvoice) -> bool:
    with run.store.read() as transaction:
        stored = transaction.outcomes.get(run.office_id, run.record.flow.value, str(note.credited_invoice_id))
    return stored is not None and stored.state is RecordState.FAILED
