"""What several commands share: the settings, the choice of offices, the two consoles."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from ..records.identifiers import OfficeId
from ..records.operations.results import Flow
from ..rules.text import one_line
from ..settings import OfficeSettings, Settings, find_settings_file, load_settings, store_url
from ..store import Store

_CONTROL = re.compile("[\x7f-\x9f]")
"""JSON itself escapes only what is below a space."""

WIDTH_WITHOUT_A_TERMINAL = 200
"""Rich would cut tables at 80 columns where the output goes to a file."""


def read_settings() -> Settings:
    """The settings file of this process. Raises SettingsError."""
    return load_settings(find_settings_file(os.environ))


def open_store() -> Store:
    """The store of this process. Raises SettingsError, StoreUnavailable."""
    return Store.open(store_url(os.environ))


def results_console() -> Console:
    """Where results go."""
    return Console(width=None if sys.stdout.isatty() else WIDTH_WITHOUT_A_TERMINAL, highlight=False)


def log_console() -> Console:
    """Where progress and remarks go."""
    return Console(stderr=True, highlight=False)


def as_data(text: str) -> Text:
    """A text from either system or the store, to be shown as it stands: no markup and no escape sequence in it acts."""
    return Text(one_line(text))


def json_line(members: Mapping[str, object]) -> str:
    """One object on one line. What a terminal could take for a command is written as an escape of JSON."""
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(members, ensure_ascii=False))


def office_option(help_text: str, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--office ID`, as the commands that take it all have it."""
    return click.option("--office", type=click.IntRange(min=1), metavar="ID", help=help_text, **options)


def offices_that_do(settings: Settings, flow: Flow, ids: Sequence[int], log: Console) -> tuple[OfficeSettings, ...]:
    """The chosen offices that do this flow; one that was named and does not is spoken of."""
    chosen = chosen_offices(settings, ids)
    for each in chosen:
        if ids and not each.does(flow):
            log.print(f"Office {each.id} is left alone: it is closed, or has the flow disabled in the settings.")
    return tuple(each for each in chosen if each.does(flow))


def chosen_offices(settings: Settings, ids: Sequence[int]) -> tuple[OfficeSettings, ...]:
    """The offices with these ids, once each and in the order of the file; all of them without ids.

    Raises SettingsError for an id that the file does not have.
    """
    wanted = {settings.office(OfficeId(office_id)).id for office_id in ids}
    return tuple(office for office in settings.offices if not ids or office.id in wanted)
