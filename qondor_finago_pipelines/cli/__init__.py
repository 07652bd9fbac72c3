"""`qondor-finago`: the one entry for people and scripts (decisions 11).

Results go to stdout, everything else to stderr. A command leaves with 0 when all is settled, with 1 when something is
not, and with 2 when it was called wrongly or the settings are wrong.
"""

from __future__ import annotations

import logging
import sys

import click

from ..records.errors import SettingsError, SyncError
from .backfill import backfill
from .check import check
from .confirm import confirm
from .demo import demo
from .explain import explain
from .health import health
from .plan import plan
from .reconcile import reconcile
from .rejected import rejected
from .retry import retry
from .sandbox import sandbox
from .sync import sync

NOT_SETTLED = 1
WRONG_USE = 2


class _Commands(click.Group):
    """Turns our own errors into one line and the exit code that belongs to them."""

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except SyncError as error:
            click.echo(str(error), err=True)
            context.exit(WRONG_USE if isinstance(error, SettingsError) else NOT_SETTLED)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="qondor-finago-pipelines")
def main() -> None:
    """Keeps Qondor (event projects) and Finago Office (accounting) equal, to the øre.

    Offices stand in the settings file: offices.yaml in this folder, or the file that QONDOR_FINAGO_SETTINGS names.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s: %(message)s")


for command in (demo, check, plan, sync, backfill, reconcile, rejected, explain, retry, confirm, health, sandbox):
    main.add_command(command)
