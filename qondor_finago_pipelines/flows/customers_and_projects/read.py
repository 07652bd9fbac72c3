"""Everything that a run of the customer and project flow decides on, read from both systems. No decision is taken here.

An office in which nothing changed costs three calls to Qondor and four to Finago, however many customers it has (up to
1,000 of each): the companies and projects that are linked are read by their ids. The whole list of companies is read
only for a customer without Reference and link, all projects only for one that the store does not know yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from ...records.customers_and_projects.customers import Customer
from ...records.customers_and_projects.projects import QondorProject
from ...records.identifiers import FinagoProjectId, OfficeId, QondorProjectId
from ...records.operations.results import RecordState
from ...records.refusals import Reason
from ...rules.customers_and_projects.companies import undone_links
from ...rules.customers_and_projects.findings import Findings
from ...rules.customers_and_projects.planning import customer_record, project_record
from ...rules.linking import customer_key, finago_project_id
from ..run.lookups import foreign_customers, projects_of, read_companies, read_customers, read_finago_projects
from ..run.office_run import OfficeRun
from .window import window_start


@dataclass(frozen=True, kw_only=True)
class Following:
    """The office's own customers, those of its projects, its changed projects, and all that is needed to judge them."""

    customers: tuple[Customer, ...]
    projects: tuple[QondorProject, ...]
    findings: Findings


def read_following(run: OfficeRun) -> Following:
    """Reads both systems. Raises what stops the run: a read that fails is never an empty list."""
    with run.store.read() as transaction:
        client_offices = transaction.clients.offices_of(run.client_id) | {run.office_id}
        company_links = transaction.companies.of_client(run.client_id)
        seen_in_qondor = transaction.companies.seen_in_qondor(run.client_id)
        claims = {claim.project_id: claim.finago_project_id for claim in transaction.projects.of_client(run.client_id)}
        stored = transaction.outcomes.of_office(run.office_id, run.record.flow.value)
        is_disputed = transaction.outcomes.any_held_for(client_offices, Reason.PROJECT_ID_TAKEN)
    still_open = {
        key
        for key, how in stored.items()
        if how.state in (RecordState.HELD, RecordState.UNCERTAIN) or how.reason is Reason.PARENT_FAILED
    }
    looked_at, projects = _projects(run, client_offices, claims, still_open, is_disputed=is_disputed)
    customers = read_customers(run, client_offices)
    undone = undone_links(customers.values(), company_links, seen_in_qondor)
    valid_links = {key: company_id for key, company_id in company_links.items() if key not in undone}
    named = {project.customer_id for project in looked_at.values()}
    followed = [
        customer
        for customer in customers.values()
        if customer.office_id == run.office_id
        or (customer.id in named and customer.office_id in (None, *client_offices))
        or (
            customer.office_id is None
            and (customer_key(customer.id) in company_links or customer_record(customer.id) in still_open)
        )
    ]
    finago_ids = {finago_project_id(project.number, project.id).id for project in looked_at.values()}
    return Following(
        customers=tuple(followed),
        projects=tuple(looked_at.values()),
        findings=Findings(
            office_id=run.office_id,
            client_offices=client_offices,
            offices_of_unknown_client=run.offices_of_unknown_client,
            customers=customers,
            foreign_customers=foreign_customers(run, followed),
            company_links=valid_links,
            undone_links=undone,
            companies=read_companies(run, followed, valid_links, undone=undone),
            projects=projects,
            project_claims=claims,
            finago_projects=read_finago_projects(run, finago_ids, claims.values()),
            project_statuses=run.cached("project statuses", run.finago.project_statuses) if looked_at else (),
            project_types=run.cached("project types", run.finago.project_types) if looked_at else (),
        ),
    )


def _projects(
    run: OfficeRun,
    client_offices: frozenset[OfficeId],
    claims: Mapping[QondorProjectId, FinagoProjectId],
    still_open: set[str],
    *,
    is_disputed: bool,
) -> tuple[dict[QondorProjectId, QondorProject], dict[QondorProjectId, QondorProject]]:
    """The projects to be looked at, and all those among which a rival for one of their ids may be.

    Looked at is what changed in the window, and what an earlier run could not settle, whenever that changed. While an
    id is disputed, by a project of another office perhaps, nothing is taken for known.
    """
    changed = {
        project.id: project
        for project in run.qondor.projects(run.office_id, changed_after=window_start(run))
        if project.office_id in (None, run.office_id)
    }
    waiting = still_open - {project_record(project_id) for project_id in changed}
    claimants = Counter(claims.values())
    all_known = not is_disputed and all(
        claims.get(project.id) == (finago_id := finago_project_id(project.number, project.id).id)
        and claimants[finago_id] == 1
        for project in changed.values()
    )
    if all_known and not any(record.startswith("project ") for record in waiting):
        return changed, changed
    rivals = sorted(client_offices | run.offices_of_unknown_client)
    everyone = {project.id: project for office in rivals for project in projects_of(run, office)}
    everyone = changed | everyone
    wanted = {finago_project_id(project.number, project.id).id for project in changed.values()}
    return {
        project.id: project
        for project in everyone.values()
        if project.id in changed
        or (
            project.office_id in (None, run.office_id)
            and (
                project_record(project.id) in waiting
                # Two projects that come to one id are both told of it, whichever of them changed.
                or finago_project_id(project.number, project.id).id in wanted
            )
        )
    }, everyone
