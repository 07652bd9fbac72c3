"""Tells people what the store says they have not been told yet: one Slack message for each office (decisions 11).

A trouble is told once when it begins, counted while it lasts, and told once more when it has ended. What ended before
it was told is never told. Any number of deliveries may be at it at once: each claims what it tells. One that dies right
after Slack took its message, and before it could note so, leaves it to be told a second time.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from logging import getLogger

from ...records.days import days_in_words
from ...records.errors import SyncError
from ...records.identifiers import OfficeId
from ...records.operations.results import Flow, RecordState
from ...rules.text import counted
from ...settings import Addresses
from ...store import Alert, Store, Transaction
from ...systems.slack import SlackMessenger

ALERTS_A_MESSAGE = 20
"""Slack cuts long messages; what does not fit is counted, and stands in `qondor-finago rejected`."""

CLAIM = timedelta(minutes=1)
"""How long an office's alerts are left to one delivery: longer than Slack may take for a message."""

FAILURES_IN_A_ROW = 2
"""After so many messages that Slack did not take it is left in peace; the next delivery tries again."""

A_ROUND = timedelta(seconds=30)
"""How long one delivery goes on: the tick of a sensor has a minute in all. The next one goes on with the rest."""

MAY_PASS_FOR = timedelta(minutes=10)
"""How long the trouble of a run waits for that run to try again: longer than a run tries."""

log = getLogger(__name__)

StillAtWork = Callable[[Collection[str]], Collection[str]]
"""Tells which of these runs are at work: what stopped one of them may have passed when it tries again."""


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """What a delivery came to: how many messages were taken, and how many offices were left to the next one."""

    messages: int = 0
    left: int = 0


def nobody(_: Collection[str]) -> Collection[str]:
    """No run is at work."""
    return ()


def deliver(store: Store, addresses: Addresses, still_at_work: StillAtWork = nobody) -> Delivered:
    """Delivers to the Slack of these addresses; without one, to the log."""
    slack = addresses.slack
    messenger = SlackMessenger(token=slack.token, channel=slack.channel, base_url=slack.api_url) if slack else None
    return deliver_alerts(store, messenger.send if messenger else None, still_at_work, ui_url=addresses.dagster_ui_url)


def show_pending(store: Store, *, ui_url: str | None = None) -> None:
    """Puts into the log what nobody was told of yet, and leaves it untold: somebody else may know Slack."""
    with store.read() as transaction:
        unsent = transaction.alerts.unsent()
    by_office: dict[OfficeId, list[Alert]] = defaultdict(list)
    for alert in unsent:
        by_office[alert.office_id].append(alert)
    for office, alerts in sorted(by_office.items()):
        log.warning("%s", message_for(office, alerts, {}, ui_url=ui_url))


def deliver_alerts(
    store: Store,
    send: Callable[[str], None] | None,
    still_at_work: StillAtWork = nobody,
    *,
    ui_url: str | None = None,
) -> Delivered:
    """Sends what there is to tell, an office a message, and remembers that it was told.

    Without Slack (`send` None) the alerts go to the log, once. A message that cannot be delivered is tried again by the
    next delivery and never fails a sync.
    """
    me = uuid.uuid4().hex
    began = store.now()
    with store.read() as transaction:
        offices = transaction.alerts.pending()
        behind = transaction.alerts.runs_behind_pending()
    wait_for = still_at_work(behind) if behind else ()
    messages, failures, left = 0, 0, 0
    for place, office in enumerate(offices):
        now = store.now()
        if failures == FAILURES_IN_A_ROW or now - began > A_ROUND:
            left += len(offices) - place
            break
        with store.write() as transaction:
            alerts = transaction.alerts.claim(
                office, by=me, lasts=CLAIM, wait_for=wait_for, waits_since=now - MAY_PASS_FOR
            )
            endings = {alert.id: _how_it_ended(transaction, alert) for alert in alerts if alert.resolved_at}
        if not alerts:
            # Somebody else tells it just now, or the run that met it may yet get over it.
            continue
        try:
            _send(send, message_for(office, alerts, endings, ui_url=ui_url))
        except Exception as error:  # Slack may be down in any way it likes: the money has been handled.
            reason = error if isinstance(error, SyncError) else type(error).__name__
            log.warning("Slack could not be told about office %s: %s", office, reason)
            failures, left = failures + 1, left + 1
            with store.write() as transaction:
                transaction.alerts.give_back(alerts, by=me)
        else:
            messages, failures = messages + 1, 0
            with store.write() as transaction:
                transaction.alerts.delivered(alerts, to="the log" if send is None else "Slack")
    return Delivered(messages=messages, left=left)


def _send(send: Callable[[str], None] | None, text: str) -> None:
    if send is None:
        log.warning("%s", text)
    else:
        send(text)


def _how_it_ended(transaction: Transaction, alert: Alert) -> str:
    if alert.resolved_because is not None:
        return f"no longer looked at, since {alert.resolved_because}"
    if alert.record is None:
        return "over"
    stored = transaction.outcomes.get(alert.office_id, alert.flow, alert.record)
    if stored is None:
        return "no longer open: a person settled or withdrew it"
    match stored.state:
        case RecordState.SETTLED:
            return "settled"
        case RecordState.FAILED:
            return "failed in Qondor, which is final: its project manager issues a new one"
        case RecordState.UNCERTAIN:
            return "sent to Finago, and being looked up there"
        case _:
            return "mended, but held for another reason now"


def message_for(
    office: OfficeId, alerts: Collection[Alert], endings: dict[int, str], *, ui_url: str | None = None
) -> str:
    """What is new and what has ended of one office, by flow, days and run; each with what a person can do."""
    new = [alert for alert in alerts if alert.resolved_at is None]
    ended = [alert for alert in alerts if alert.resolved_at is not None]
    lines = [f"Office {office}, {_flows(alerts)}: {_headline(len(new), len(ended))}"]
    shown = new[:ALERTS_A_MESSAGE]
    for where, some in _by_run(shown):
        lines.append(_place(where, ui_url))
        lines += [f"• {alert.message}" for alert in some]
    if len(new) > len(shown):
        lines.append(f"… and {len(new) - len(shown)} more: run `qondor-finago rejected --office {office}`.")
    if ended:
        lines.append("Resolved:")
        lines += [f"• {_what(alert)}: {endings[alert.id]}. {_how_long(alert)}" for alert in ended[:ALERTS_A_MESSAGE]]
    if len(ended) > ALERTS_A_MESSAGE:
        lines.append(f"… and {len(ended) - ALERTS_A_MESSAGE} more.")
    return "\n".join(lines)


Where = tuple[str, str, str | None]
"""Flow, days and run of an alert."""


def _by_run(alerts: Iterable[Alert]) -> Iterator[tuple[Where, list[Alert]]]:
    found: dict[Where, list[Alert]] = defaultdict(list)
    for alert in alerts:
        found[alert.flow, _days(alert), alert.run_id].append(alert)
    yield from found.items()


def _place(where: Where, ui_url: str | None) -> str:
    """`Invoices, 2026-11-20, https://dagster.example/runs/1f0c`."""
    flow, days, run_id = where
    return ", ".join(part for part in (Flow(flow).in_words.capitalize(), days, _run(run_id, ui_url)) if part) + ":"


def _days(alert: Alert) -> str:
    return "" if alert.day is None else days_in_words(alert.first_day, alert.day)


def _run(office_run_id: str | None, ui_url: str | None) -> str:
    if office_run_id is None:
        return ""
    # An office's part of a batch run has the batch run's page.
    run_id, _, _ = office_run_id.partition(":")
    return f"{ui_url}/runs/{run_id}" if ui_url else f"run {run_id}"


def _flows(alerts: Iterable[Alert]) -> str:
    return ", ".join(sorted({Flow(alert.flow).in_words for alert in alerts}))


def _headline(new: int, ended: int) -> str:
    words = [f"{new} {'thing needs' if new == 1 else 'things need'} a look"] if new else []
    if ended:
        words.append(f"{ended} resolved")
    return ", ".join(words) + "."


def _what(alert: Alert) -> str:
    """`invoice 9001, VAT mismatch`."""
    if alert.record is None:
        return alert.cause
    record = f"invoice {alert.record}" if alert.record.isdigit() else alert.record
    return f"{record}, {alert.cause}"


def _how_long(alert: Alert) -> str:
    """`It lasted 2 hours 5 minutes and was met by 12 runs.`"""
    assert alert.resolved_at is not None
    met = f" and was met by {alert.count} runs" if alert.count > 1 else ""
    return f"It lasted {_duration(alert.first_seen, alert.resolved_at)}{met}."


def _duration(start: datetime, end: datetime) -> str:
    minutes = max(1, round((end - start).total_seconds() / 60))
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(days, "day"), (hours, "hour"), (minutes, "minute")]
    return " ".join(counted(number, unit) for number, unit in parts if number)
