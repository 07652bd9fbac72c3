"""Runs that died or broke off: what no flow could report itself goes to the outbox all the same (decisions 11).

Whatever a flow foresees is in the store already when its run turns red. What remains is a process that died, an error
in the program, and a run that could not even begin. The next complete run of the office and flow resolves the alert.
"""

from __future__ import annotations

from ...records.identifiers import OfficeId
from ...records.operations.failures import FailedRun, FailedWork
from ...store import Store, Transaction
from ..run.alert_causes import CODE_ERROR, NOT_BEGUN, PROCESS_DIED


def record_failure(store: Store, failed: FailedRun) -> tuple[OfficeId, ...]:
    """Reports the run for each office that it concerns; gives those offices. None: the flow said it all itself."""
    now = store.now()
    with store.write() as transaction:
        concerned = []
        for work in _concerned(transaction, failed):
            cause = _cause(transaction, failed, work)
            if cause is None:
                continue
            transaction.alerts.report(
                office_id=work.office,
                flow=work.flow.value,
                cause=cause,
                record=None,
                message=_message(cause, failed),
                at=now,
                day=work.day,
                first_day=work.first_day,
                run_id=work.office_run_id,
            )
            concerned.append(work.office)
    return tuple(dict.fromkeys(concerned))


def _concerned(transaction: Transaction, failed: FailedRun) -> tuple[FailedWork, ...]:
    """Of a batch run the offices that were at work; where none was, those that it never came to."""
    if not failed.is_batch_run:
        return failed.works
    unfinished = {run.run_id for run in transaction.runs.unfinished()}
    at_work = tuple(work for work in failed.works if work.office_run_id in unfinished)
    return at_work or tuple(work for work in failed.works if transaction.runs.result(work.office_run_id) is None)


def _cause(transaction: Transaction, failed: FailedRun, work: FailedWork) -> str | None:
    if any(step.error for step in failed.steps) or (not failed.steps and failed.error):
        return CODE_ERROR
    if not failed.steps:
        return PROCESS_DIED
    result = transaction.runs.result(work.office_run_id)
    if result is not None and result.get("problems"):
        return None
    # The run refused in its own words before it began, or after it ended. A person who began it reads them there.
    return NOT_BEGUN if failed.nobody_watches else None


def _message(cause: str, failed: FailedRun) -> str:
    if cause == CODE_ERROR:
        where, error = next(
            ((f" in the step {step.step}", step.error) for step in failed.steps if step.error), ("", failed.error)
        )
        return (
            f"The run broke off with an error in the program ({error}{where}). What it had written is looked up before "
            "anything is sent again. Open the run in Dagster and hand its traceback to whoever maintains this program."
        )
    if cause == PROCESS_DIED:
        return (
            "The process of the run died: it was killed, ran out of memory, or its machine went away. What it was "
            "writing is looked up before anything is sent again, and the next run carries on. If it happens again, see "
            "to the memory and the logs of the machine."
        )
    return (
        "The run could not do its work, and the store has no word of why. Open the run in Dagster: it says what is "
        "wrong, most often in the settings or with the store's database. Mend that; the next run carries on."
    )
