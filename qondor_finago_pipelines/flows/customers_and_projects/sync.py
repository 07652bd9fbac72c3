"""The customer and project flow: what stands in Qondor stands in Finago an hour later, and nothing there twice.

Qondor is the master. The order of a run is that of the invoice flow: settle what is uncertain, read, decide, apply,
judge. Both flows work under the lease of one Finago client, so that neither creates what the other is creating.
"""

from __future__ import annotations

from ...records.errors import SyncError
from ...records.links import Kind
from ...records.operations.results import RecordState
from ...records.refusals import Reason, Refusal
from ...rules.customers_and_projects.planning import FollowingPlan, customer_record, plan_following, project_record
from ...rules.linking import customer_key, finago_project_id
from ..run.alert_causes import cause_of
from ..run.office_run import OfficeRun
from ..run.progress import Progress
from ..run.unsettled_writes import report_unsettled, settle_uncertain
from .apply import apply_companies_and_projects
from .read import Following, read_following
from .unsettled import SETTLERS

CUSTOMER = "customer"
PROJECT = "project"


def sync_customers_and_projects(run: OfficeRun) -> None:
    """Runs the flow for one office; how each customer and project ended stands in `run.record`.

    Never raises for what an operator can mend: it becomes a problem of the run, and what it kept from being settled is
    looked at again by the next run.
    """
    progress = Progress(run)
    try:
        settle_uncertain(run, SETTLERS)
        following = read_following(run)
        _begin(run, following)
        decided = plan_following(following.customers, following.projects, following.findings)
        run.record.warn(*decided.plan.warnings)
        for record, refusal in decided.plan.refusals.items():
            run.record.refuse(record, refusal)
        apply_companies_and_projects(decided.plan, following.findings.customers, progress)
        _judge(run, following, decided, progress)
        report_unsettled(run, SETTLERS)
    except SyncError as error:
        run.record.stopped_early = True
        run.record.problem(cause_of(error), error)
    _count(run, progress)


def _begin(run: OfficeRun, following: Following) -> None:
    run.customers, run.projects = following.customers, following.projects
    for customer in following.customers:
        run.record.begin_record(customer_record(customer.id), CUSTOMER)
        for system in (run.qondor, run.finago):
            # A customer's name may be a person's.
            system.redact(customer.name)
    for project in following.projects:
        run.record.begin_record(project_record(project.id), PROJECT, project.number)


def _judge(run: OfficeRun, following: Following, decided: FollowingPlan, progress: Progress) -> None:
    """Whatever was not refused and did not fail on the way is settled."""
    for customer in following.customers:
        key = customer_key(customer.id)
        company_id = progress.company_ids.get(key) or following.findings.company_links.get(key)
        _settle(run, decided, progress, customer_record(customer.id), (Kind.COMPANY, key), f"company {company_id}")
    for project in following.projects:
        finago_id = finago_project_id(project.number, project.id).id
        place = (Kind.PROJECT, str(project.id))
        _settle(run, decided, progress, project_record(project.id), place, f"project {finago_id}")


def _settle(
    run: OfficeRun, decided: FollowingPlan, progress: Progress, record: str, place: tuple[Kind, str], what: str
) -> None:
    if run.record.state_of(record) is not RecordState.NOT_REACHED:
        return
    reservation = decided.reservations.get(record)
    if record in progress.without_customer:
        reservation = Refusal(
            Reason.PARENT_FAILED,
            f"{record.capitalize()} goes without its customer, which could not be created in Finago in this run.",
            "It follows once its customer is mended.",
        )
        run.record.warn(str(reservation))
    run.record.settle(record, reservation)
    if place in progress.created:
        did = f"created {what}"
    elif place in progress.updated:
        did = f"updated {what}"
    else:
        did = decided.left_out.get(record, "nothing to do")
        run.record.unchanged += 1
    run.record.note(record, did)


def _count(run: OfficeRun, progress: Progress) -> None:
    """What was written counts, however the run ended."""
    run.record.created = len(progress.created)
    run.record.updated = len(progress.updated - progress.created)
