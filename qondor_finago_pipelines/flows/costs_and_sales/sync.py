"""The cost and sale flow: what the accountants post in Finago stands on the right Qondor project the next morning.

The order of a run: settle what is uncertain, read what changed, see once a day what was deleted, read the touched
vouchers whole, then decide and write, a bucket of vouchers at a time. Nothing is written before every read of Finago's
store succeeded, and deletions come last (decisions 8).
"""

from __future__ import annotations

from datetime import timedelta

from ...records.costs_and_sales.vouchers import VoucherKey
from ...records.customers_and_projects.projects import QondorProject
from ...records.days import utc_bounds
from ...records.errors import SyncError
from ...records.operations.results import RecordState
from ...records.refusals import Reason
from ...rules.costs_and_sales.actuals import ProjectIndex, project_index
from ...rules.costs_and_sales.refused_vouchers import VOUCHER
from ..run.alert_causes import cause_of
from ..run.client_identity import check_client_identity
from ..run.lookups import projects_of
from ..run.office_run import OfficeRun
from ..run.unsettled_writes import report_unsettled, settle_uncertain
from .actual_writes import ActualWrites
from .day_totals import DayTotals
from .deleted_vouchers import touch_deleted_vouchers
from .judge import Judge, judged_with
from .line_files import LineFiles
from .load import VoucherLoading
from .read import Reading
from .unsettled_actuals import SETTLERS

ADOPTED_A_RUN = 500
"""Projects whose costs and sales a store learns in one run: two Qondor calls each, so under two minutes."""

UNVERIFIED_A_RUN = 5_000
"""Vouchers of adopted records that are judged in one run."""

FORGOTTEN_AFTER = timedelta(days=400)
"""Judged vouchers from which nothing is loaded are remembered so long: no window reaches back further by itself."""


def sync_costs_and_sales(run: OfficeRun) -> None:
    """Runs the flow for one office and the days of the run; how each voucher ended stands in `run.record`.

    Never raises for what an operator can mend: it becomes a problem of the run, and what it kept from being loaded is
    taken up by the next one. The lines that were read stay on disk until somebody closes `run.totals_by_day.postings`.
    """
    files = LineFiles()
    writes = ActualWrites(run)
    totals = DayTotals(run, files)
    try:
        _work(run, Reading(run, files), writes, totals)
        report_unsettled(run, SETTLERS)
        run.totals_by_day = totals.whole()
    except SyncError as error:
        run.record.stopped_early = True
        run.record.problem(cause_of(error), error)
    finally:
        if run.totals_by_day is None:
            files.close()
    run.record.created = writes.created
    run.record.updated = writes.updated + writes.deleted
    run.record.changes += writes.changes


def _work(run: OfficeRun, reading: Reading, writes: ActualWrites, totals: DayTotals) -> None:
    began = run.store.now()
    start, end = utc_bounds(run.first_day)[0], utc_bounds(run.day)[1]
    with run.write() as transaction:
        transaction.readings.begin(run.office_id, start)
    settle_uncertain(run, SETTLERS)
    reading.read_changes()
    _adopt(run, _project_index(run), writes)
    # Anew: a project's records that were just found in Qondor tell which number it had.
    index = _project_index(run)
    reading.touch_changed(judged_with(run))
    with run.store.read() as transaction:
        stored = transaction.outcomes.of_office(run.office_id, run.record.flow.value)
    was_open = frozenset(
        record for record, how in stored.items() if how.state in (RecordState.HELD, RecordState.UNCERTAIN)
    )
    reading.touched.update(_touched_otherwise(run, index, was_open))
    searched = touch_deleted_vouchers(run, reading)
    if reading.touched:
        with run.store.read() as transaction:
            # What they correct may be loaded by this run.
            reading.touched.update(transaction.unloaded.waiting_corrections(run.office_id))
        # What is about to be written must come from the right books.
        check_client_identity(run)
    reading.complete(reading.touched)
    loading = VoucherLoading(run, reading, Judge(run, reading, index), writes, totals, was_open, searched_all=searched)
    loading.load()
    run.record.not_due |= {
        record for record in was_open if not record.startswith(VOUCHER) and record not in loading.numbered
    }
    if not loading.wrote_everything:
        return
    with run.write() as transaction:
        transaction.readings.deletions_done(run.office_id)
        transaction.readings.advance(run.office_id, start, min(began, end))
        if searched:
            transaction.readings.sweep_done(run.office_id)
            forgotten = run.store.now() - FORGOTTEN_AFTER
            transaction.vouchers.forget_quiet(run.office_id, forgotten)
            transaction.unloaded.forget_before(run.office_id, forgotten)


def _project_index(run: OfficeRun) -> ProjectIndex:
    """Every project of the offices that share the Finago client: a line may be another office's business."""
    with run.store.read() as transaction:
        offices = sorted(transaction.clients.offices_of(run.client_id) | {run.office_id})
        former = {(link.finago_project_id, link.project_id) for link in transaction.projects.of_client(run.client_id)}
        former = former.union(*(transaction.actuals.projects(office) for office in offices))
    projects: list[QondorProject] = [project for office in offices for project in projects_of(run, office)]
    return project_index(run.office_id, projects, former)


def _adopt(run: OfficeRun, index: ProjectIndex, writes: ActualWrites) -> None:
    """Learns which records of ours stand on projects of the office that the store has not looked at yet."""
    with run.store.read() as transaction:
        known = transaction.actuals.listed_projects(run.office_id)
    unknown = sorted({project.id for project in index.ours.values()} - known)
    writes.adopt(unknown[:ADOPTED_A_RUN])


def _touched_otherwise(run: OfficeRun, index: ProjectIndex, was_open: frozenset[str]) -> set[VoucherKey]:
    """Vouchers to be judged although Finago changed nothing in them.

    What is held or uncertain is looked at in every run, also what other offices of the client find no project for: it
    may be one of ours by now. What stands on a project that has moved follows it, from one office to another as well;
    what was adopted from Qondor has to be compared once.
    """
    with run.store.read() as transaction:
        for other in transaction.clients.offices_of(run.client_id) - {run.office_id}:
            stored = transaction.outcomes.of_office(other, run.record.flow.value)
            was_open |= {record for record, how in stored.items() if how.reason is Reason.UNMATCHED}
        moved = [
            (finago_id, project_id)
            for finago_id, project_id in transaction.actuals.projects(run.office_id)
            if finago_id not in index.ours or index.ours[finago_id].id != project_id
        ]
        touched = set(transaction.actuals.vouchers_on(run.office_id, moved))
        touched |= set(transaction.actuals.unverified(run.office_id, UNVERIFIED_A_RUN))
        touched |= transaction.actuals.vouchers_of_other_offices(run.client_id, run.office_id, index.ours)
    held = (record.partition(" ") for record in was_open)
    return touched | {VoucherKey.of(name) for kind, _, name in held if kind == VOUCHER}
