"""`qondor-finago check`: what is wrong with the set-up, before anything is written."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from ..records.errors import SettingsError, SyncError
from ..records.identifiers import OfficeId
from ..records.preflight import Finding, Preflight, State
from .common import chosen_offices, log_console, office_option, read_settings

WIDTH = 80
"""The table fits it where the output goes to a file."""

RECORDS_SHOWN = 10
"""Rows of customers, or of projects, of one office; the rest is counted and stands in --json."""

COLOURS = {State.OK: "green", State.WRONG: "red", State.UNKNOWN: "yellow"}


@click.command()
@office_option("Only this office; may be given several times. Without it: all open offices.", multiple=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, one line a finding.")
@click.option(
    "--save",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Also writes all findings into FILE, without secrets and personal data, for whoever maintains this program.",
)
@click.pass_context
def check(context: click.Context, office: tuple[int, ...], as_json: bool, save: Path | None) -> None:
    """Looks at every prerequisite in both systems, and writes nothing in either.

    Each row says what was found, what is expected, and where to mend it. Leaves with 0 when all is right, with 1 when
    something is wrong or could not be asked, and with 2 when the command was called wrongly.
    """
    log = log_console()
    preflight = _look(office, log)
    if save is not None:
        save.write_text(json.dumps(_report(preflight), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        log.print(f"The report stands in {save}.")
    if as_json:
        for finding in preflight.findings:
            click.echo(json.dumps(finding.as_json(), ensure_ascii=False))
    else:
        _show(preflight)
    if preflight.not_seen:
        log.print(f"Assumptions of which nothing was seen here: {', '.join(preflight.not_seen)}.", style="dim")
    context.exit(0 if preflight.all_right else 1)


def _look(ids: tuple[int, ...], log: Console) -> Preflight:
    from ..flows.preflight.check import could_not_begin
    from ..flows.service import SyncService

    try:
        settings = read_settings()
    except SettingsError as error:
        return could_not_begin(error)
    offices = [each for each in chosen_offices(settings, ids) if ids or not each.closed]
    try:
        with SyncService(settings, os.environ).open() as sync:
            return sync.check(offices, lambda text: log.print(text, style="dim"))
    except SyncError as error:
        return could_not_begin(error)


def _report(preflight: Preflight) -> dict[str, object]:
    return {
        "program": version("qondor-finago-pipelines"),
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "calls": {str(office): dict(calls) for office, calls in preflight.calls.items()},
        "findings": [finding.as_json() for finding in preflight.findings],
        "not_seen": list(preflight.not_seen),
    }


def _show(preflight: Preflight) -> None:
    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    for office in dict.fromkeys(finding.office for finding in preflight.findings):
        mine = [finding for finding in preflight.findings if finding.office == office]
        console.print(_table(office, mine))
    counts = Counter(finding.state for finding in preflight.findings)
    console.print(f"{counts[State.OK]} right, {counts[State.WRONG]} wrong, {counts[State.UNKNOWN]} unknown.")


def _table(office: OfficeId | None, findings: Iterable[Finding]) -> Table:
    title = "The installation" if office is None else f"Office {office}"
    table = Table(title=title, show_lines=True, expand=False)
    for heading, share in (("what", 18), ("found", 20), ("expected", 16), ("what to do", 26)):
        table.add_column(heading, ratio=share, overflow="fold")
    shown: Counter[str] = Counter()
    for finding in findings:
        kind, _, number = finding.what.partition(" ")
        if kind in ("customer", "project") and number.isdigit():
            shown[kind] += 1
            if shown[kind] > RECORDS_SHOWN:
                continue
        colour = COLOURS[finding.state]
        state = "" if finding.state is State.OK else f"\n{finding.state.value.upper()}"
        table.add_row(f"[{colour}]{_plain(finding.what)}{state}[/]", *map(_plain, _cells(finding)))
    for kind in ("customer", "project"):
        if shown[kind] > RECORDS_SHOWN:
            table.add_row(f"… {shown[kind] - RECORDS_SHOWN} more of {kind}", "", "", "See them all with --json.")
    return table


def _cells(finding: Finding) -> tuple[str, str, str]:
    return finding.found, finding.expected, finding.remedy


def _plain(text: str) -> str:
    """Brackets are no markup here."""
    return text.replace("[", "\\[")
