"""`qondor-finago retry --all-of CAUSE`: the offices in which records wait for one cause are run now, then counted."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

import click

from ..records.identifiers import OfficeId
from ..records.operations.inbox import RefusedRecord
from ..records.operations.results import Flow
from ..rules.operations.causes import why_trying_is_vain
from ..rules.text import counted, ended, listed, one_line
from ..settings import Settings
from .common import chosen_offices, log_console, read_settings

if TYPE_CHECKING:
    from ..flows.service import SyncService

NAMED = 20
"""So many records are named; the others are counted, and stand in `rejected`."""


def try_all_again(cause: str, office: int | None) -> bool:
    """Runs what may help, now, and says what became of each record; whether all of them are settled.

    Raises UsageError where nothing waits for this cause.
    """
    from ..flows.operations.due_work import DueWork
    from ..flows.operations.inbox import refused_records
    from ..flows.service import SyncService

    settings = read_settings()
    offices = [each.id for each in chosen_offices(settings, [office] if office else [])]
    with SyncService(settings, os.environ).open() as sync:
        due_work = DueWork(settings, os.environ, sync.store)
        before = refused_records(sync.store, due_work, offices, failed=True)
        waiting = [each for each in before if each.cause.casefold() == cause.strip().casefold()]
        if not waiting:
            causes = listed(sorted({each.cause for each in before})) or "nothing"
            raise click.UsageError(f"No record waits for {cause!r}. What is open waits for: {causes}.")
        worth_it = [each for each in waiting if why_trying_is_vain(each) is None and _is_at_work(settings, each)]
        _name_the_vain(settings, [each for each in waiting if each not in worth_it])
        if not worth_it:
            return False
        _run(settings, sync, worth_it)
        still = {_place(each): each for each in refused_records(sync.store, due_work, offices, failed=True)}
    return _tell(worth_it, still) and len(worth_it) == len(waiting)


def _is_at_work(settings: Settings, record: RefusedRecord) -> bool:
    return settings.office(record.office).does(record.flow)


def _name_the_vain(settings: Settings, records: Iterable[RefusedRecord]) -> None:
    by_why: dict[str, list[RefusedRecord]] = {}
    for each in records:
        off = None if _is_at_work(settings, each) else "the office is closed, or has the flow disabled in the settings"
        by_why.setdefault(off or why_trying_is_vain(each) or "", []).append(each)
    for why, some in by_why.items():
        click.echo(f"Not tried: {_named(some)}. {ended(why[:1].upper() + why[1:])}")


def _run(settings: Settings, sync: SyncService, records: Iterable[RefusedRecord]) -> None:
    """One run for each office and flow, recorded in Dagster as any that a person starts."""
    from ..partitions import OfficeDays
    from ..records.days import oslo_day
    from .instance import open_instance
    from .running import FlowRuns

    log = log_console()
    with open_instance() as instance:
        runs = FlowRuns(settings, instance, sync)
        for flow, office in dict.fromkeys((each.flow, each.office) for each in records):
            today = oslo_day(sync.store.now())
            days = runs.window(office, today) if flow is Flow.COSTS_AND_SALES else OfficeDays(today, today, office)
            log.print(f"Office {office}: {flow.in_words} …")
            result = runs.run(flow, days)
            for problem in result.problems:
                log.print(one_line(f"{problem.message} {problem.remedy}"), markup=False)
        runs.deliver_alerts()


def _tell(tried: Collection[RefusedRecord], still: dict[tuple[OfficeId, Flow, str], RefusedRecord]) -> bool:
    waiting = [still[_place(each)] for each in tried if _place(each) in still]
    click.echo(f"{len(tried) - len(waiting)} of {counted(len(tried), 'record')} no longer wait.")
    for each in waiting[:NAMED]:
        click.echo(one_line(f"{each.named} of office {each.office} still does: {each.message} {each.remedy}"))
    if len(waiting) > NAMED:
        click.echo(f"… and {len(waiting) - NAMED} more: `qondor-finago rejected` lists them.")
    return not waiting


def _place(record: RefusedRecord) -> tuple[OfficeId, Flow, str]:
    return record.office, record.flow, record.key


def _named(records: Collection[RefusedRecord]) -> str:
    names = [f"{each.named} of office {each.office}" for each in records]
    more = [f"{len(names) - NAMED} more"] if len(names) > NAMED else []
    return listed([*names[:NAMED], *more])
