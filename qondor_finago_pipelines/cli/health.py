"""`qondor-finago health`: whether everything that has to live does, for probes and for people."""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import click
from rich.table import Table

from ..records.days import in_oslo
from ..records.errors import SyncError
from ..records.identifiers import OfficeId
from ..settings import Settings, dagster_home, store_url
from ..store import Alert, Store, utc_now
from .common import read_settings, results_console

if TYPE_CHECKING:
    import dagster as dg

DAEMON_SILENT_FOR = timedelta(minutes=5)
"""The daemon gives a sign of life twice a minute."""

SENSOR_SILENT_FOR = timedelta(minutes=5)
"""The sensors that people are told by tick several times a minute."""

PENDING_FOR = timedelta(minutes=15)
"""Longer than an alert ever waits for a run that tries again."""

BLOCKED_FOR = timedelta(minutes=5)
"""A system that asks for more than that keeps somebody's invoices waiting."""

UNPRUNED_FOR = timedelta(days=2)
"""The history is pruned every night."""

SENSORS = ("alerts", "run_failures")


class Line(NamedTuple):
    """What was looked at, whether it is as it should be, and in words what is wrong and what to do."""

    what: str
    healthy: bool
    text: str


@dataclass(frozen=True)
class _Patient:
    settings: Settings

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The store as it is: a probe makes and migrates nothing. Raises StoreUnavailable."""
        with Store.open_as_it_is(store_url(os.environ)) as store:
            yield store

    @contextmanager
    def instance(self) -> Iterator[dg.DagsterInstance]:
        """The Dagster instance. Raises SyncError where there is none, or none that answers."""
        home = dagster_home(os.environ)
        if not (home / "dagster.yaml").exists():
            raise SyncError(
                f"There is no Dagster instance in {home}.",
                remedy="See that DAGSTER_HOME is that of the daemon. Any `qondor-finago sync` makes one.",
            )
        from .instance import open_instance

        try:
            opened = open_instance()
        except SyncError:
            raise
        except Exception as error:  # Its storage may be out of order in any way it likes.
            raise SyncError(
                f"The Dagster instance in {home} cannot be opened ({type(error).__name__}).",
                remedy="See that its database runs, and that this user may read that folder.",
            ) from None
        with opened:
            yield opened


def _store(patient: _Patient) -> Line:
    with patient.store() as store, store.read() as transaction:
        transaction.installation_id()
    return Line("store", True, "The store answers, and has the form that this version uses.")


def _daemon(patient: _Patient) -> Line:
    with patient.instance() as instance:
        last = {
            name: status.last_heartbeat.timestamp if status.last_heartbeat else None
            for name, status in instance.get_daemon_statuses().items()
            if status.required
        }
    seen = [timestamp for timestamp in last.values() if timestamp is not None]
    if not seen:
        return Line(
            "daemon", False, "The Dagster daemon has never run here. Start `dagster-daemon run -w workspace.yaml`."
        )
    before = (utc_now() - DAEMON_SILENT_FOR).timestamp()
    silent = sorted(name for name, timestamp in last.items() if timestamp is None or timestamp < before)
    if silent:
        return Line(
            "daemon",
            False,
            f"The Dagster daemon lived last at {in_oslo(_instant(max(seen)))}; silent are {', '.join(silent)}. Restart "
            "it, and see its log for why.",
        )
    return Line("daemon", True, "The Dagster daemon lives.")


def _sensors(patient: _Patient) -> Line:
    from ..automation.dagster_internals import InstigatorType, TickStatus

    with patient.instance() as instance:
        states = instance.all_instigator_state(instigator_type=InstigatorType.SENSOR)
        wrong = []
        for name in SENSORS:
            mine = [state for state in states if state.instigator_name == name]
            ticks = [
                tick.timestamp
                for state in mine
                for tick in instance.get_ticks(
                    state.instigator_origin_id,
                    state.selector_id,
                    limit=1,
                    statuses=[TickStatus.SUCCESS, TickStatus.SKIPPED],
                )
            ]
            if mine and not any(state.is_running for state in mine):
                wrong.append(
                    f"The sensor {name} is switched off: people are not told. Switch it on in Dagster, under "
                    "Automation."
                )
            elif not ticks:
                wrong.append(f"The sensor {name} has never ticked: start the daemon, and see that the location loads.")
            elif max(ticks) < (utc_now() - SENSOR_SILENT_FOR).timestamp():
                wrong.append(
                    f"The sensor {name} ticked well for the last time at {in_oslo(_instant(max(ticks)))}: see its "
                    "ticks in Dagster, under Automation."
                )
    return Line("sensors", not wrong, " ".join(wrong) or "The sensors tick by which people are told.")


def _flows(patient: _Patient) -> Line:
    from ..flows.operations.silence import find_silences

    with patient.store() as store, store.read() as transaction:
        silences = find_silences(transaction, patient.settings, store.now())
    text = " ".join(f"Office {silence.office}: {silence}" for silence in silences)
    return Line("flows", not silences, text or "No flow of any open office has been silent for too long.")


def _alerts(patient: _Patient) -> Line:
    with patient.store() as store, store.read() as transaction:
        waiting = [alert for alert in transaction.alerts.unsent() if alert.first_seen < store.now() - PENDING_FOR]
    if not waiting:
        return Line("alerts", True, "Nothing has waited for long to be told.")
    alerts = "1 alert has" if len(waiting) == 1 else f"{len(waiting)} alerts have"
    return Line(
        "alerts",
        False,
        f"{alerts} waited longer than {PENDING_FOR.total_seconds() / 60:.0f} minutes to be told, the oldest since "
        f"{in_oslo(min(alert.first_seen for alert in waiting))}. Check SLACK_BOT_TOKEN, SLACK_CHANNEL and Slack "
        "itself; the log of the code server says what Slack answers.",
    )


def _history(patient: _Patient) -> Line:
    import dagster as dg

    from ..automation.prune_history import ENDED, JOB

    with patient.instance() as instance:
        last = next(iter(instance.get_run_records(dg.RunsFilter(job_name=JOB, statuses=[*ENDED]), limit=1)), None)
        oldest = next(iter(instance.get_run_records(limit=1, ascending=True)), None)
    grows = "no money hangs on it, but meanwhile the history of runs only grows"
    if last is not None and last.dagster_run.status is not dg.DagsterRunStatus.SUCCESS:
        run_id = last.dagster_run.run_id
        return Line("history", False, f"The nightly job {JOB} did not succeed: {grows}. See run {run_id} in Dagster.")
    since = last or oldest
    if since is not None and since.create_timestamp < utc_now() - UNPRUNED_FOR:
        return Line(
            "history",
            False,
            f"The nightly job {JOB} has not run since {in_oslo(since.create_timestamp)}: {grows}. See that its "
            "schedule is on in Dagster, under Automation.",
        )
    return Line("history", True, "The history of runs is pruned." if last else "The history was never pruned so far.")


def _limits(patient: _Patient) -> Line:
    with patient.store() as store:
        blocks = store.blocked_calls()
    if not blocks:
        return Line("limits", True, "No system asks to be left alone.")
    said = " ".join(
        f"{block.system.capitalize()} is left alone until {in_oslo(block.until)}: {block.why}" for block in blocks
    )
    soon = utc_now() + BLOCKED_FOR
    return Line(
        "limits",
        all(block.until <= soon for block in blocks),
        f"{said} It is called again by itself then. `qondor-finago retry --unblock` ends it at once: only where you "
        "know that the system answers again.",
    )


LOOKS: dict[str, Callable[[_Patient], Line]] = {
    "store": _store,
    "daemon": _daemon,
    "sensors": _sensors,
    "flows": _flows,
    "alerts": _alerts,
    "limits": _limits,
    "history": _history,
}


@click.command()
@click.option(
    "--only",
    type=click.Choice(list(LOOKS)),
    multiple=True,
    help="Only this; may be given several times. A probe that restarts the daemon should look at the daemon alone.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: what was looked at, then open alerts.")
@click.pass_context
def health(context: click.Context, only: tuple[str, ...], as_json: bool) -> None:
    """Tells whether store, daemon and sensors live, every flow comes to its end, people are told and runs pruned.

    Changes nothing. Leaves with 0 when all is well, with 1 when something is not, and with 2 when the settings are
    wrong. The open alerts of each office are listed as well; they are for people and make nothing unhealthy.
    """
    patient = _Patient(read_settings())
    lines = [_look(patient, name) for name in LOOKS if not only or name in only]
    alerts = [] if only else _open_alerts(patient)
    if as_json:
        for line in lines:
            click.echo(json.dumps({"check": line.what, "healthy": line.healthy, "message": line.text}))
        for office, causes in _by_office(alerts):
            click.echo(json.dumps({"office": office, "open_alerts": causes}, ensure_ascii=False))
    else:
        results_console().print(_as_table(lines))
        for office, causes in _by_office(alerts):
            what = ", ".join(cause if count == 1 else f"{cause} ({count})" for cause, count in causes.items())
            click.echo(f"Office {office}: open alerts: {what}.")
    context.exit(0 if all(line.healthy for line in lines) else 1)


def _look(patient: _Patient, name: str) -> Line:
    try:
        return LOOKS[name](patient)
    except SyncError as error:
        return Line(name, False, str(error))


def _open_alerts(patient: _Patient) -> Sequence[Alert]:
    try:
        with patient.store() as store, store.read() as transaction:
            return transaction.alerts.open()
    except SyncError:
        # Its own line has said so.
        return ()


def _by_office(alerts: Sequence[Alert]) -> list[tuple[OfficeId, dict[str, int]]]:
    """How many open alerts of each cause each office has."""
    found: dict[OfficeId, Counter[str]] = defaultdict(Counter)
    for alert in alerts:
        found[alert.office_id][alert.cause] += 1
    return [(office, dict(sorted(causes.items()))) for office, causes in sorted(found.items())]


def _as_table(lines: Sequence[Line]) -> Table:
    table = Table("what", "healthy", "why, and what to do", show_lines=True)
    for line in lines:
        table.add_row(line.what, "yes" if line.healthy else "NO", line.text)
    return table


def _instant(timestamp: float) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)
