"""`qondor-finago explain`: the story of one record, and who lets it wait (decisions 13)."""

from __future__ import annotations

from collections.abc import Mapping

import click
from rich.console import Console
from rich.table import Table

from ..records.days import in_oslo
from ..records.operations.stories import Story, StoryLine, Told
from .common import as_data, chosen_offices, json_line, office_option, open_store, read_settings, results_console


@click.command()
@click.argument("kind", type=click.Choice([told.value for told in Told]))
@click.argument("record_id", metavar="ID")
@office_option("Only this office: another Finago client may have a voucher of the same number.", multiple=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line; the last says how it stands now.")
@click.pass_context
def explain(context: click.Context, kind: str, record_id: str, office: tuple[int, ...], as_json: bool) -> None:
    """Tells what happened to one record, and why, from the store alone: neither system is asked.

    ID is that in Qondor; for a voucher its year, series and number: 2026-3-20418. Leaves with 1 when no run has met it.
    """
    from ..flows.operations.stories import story_of

    offices = chosen_offices(read_settings(), office)
    with open_store() as store:
        story = story_of(store, Told(kind), record_id, [each.id for each in offices], alone=bool(office))
    if as_json:
        for line in story.lines:
            click.echo(json_line(line.as_json()))
        click.echo(json_line(story.standing.as_json()))
    else:
        show_story(results_console(), story)
    context.exit(0 if story.is_known else 1)


def show_story(console: Console, story: Story) -> None:
    """A time line by the clocks of Oslo, and below it how the record stands."""
    if story.is_known:
        table = Table("when (Oslo)", "office", "run", "what happened", title=as_data(story.record))
        for line in story.lines:
            table.add_row(in_oslo(line.at), str(line.office), as_data(_run(line)), as_data(_what(line)))
        console.print(table)
    standing = story.standing
    console.print(as_data(f"Now: {standing.now}. {standing.reason}".strip()))
    if standing.remedy:
        console.print(as_data(f"What to do: {standing.remedy}"))


def _run(line: StoryLine) -> str:
    """`sensor 1f0c9a2b`: enough to find it in Dagster."""
    return " ".join(part for part in (line.trigger, line.run[:8] if line.run else "") if part)


def _what(line: StoryLine) -> str:
    return f"{line.what} ({in_words(line.detail)})" if line.detail else line.what


def in_words(detail: Mapping[str, object]) -> str:
    """`order 5001, amount 12500.00, currency NOK`."""
    return ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in detail.items())
