"""The files of `deploy/`, read once; what they would do is asked of the programs that read them, where those are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from dagster._cli import create_dagster_cli
from dagster._daemon.cli import create_dagster_daemon_cli
from dagster_webserver.cli import create_dagster_webserver_cli
from dotenv import dotenv_values

TOP = Path(__file__).parents[2]
DEPLOY = TOP / "deploy"
HOME_IN_IMAGE = "/opt/dagster/dagster_home"
"""Where the image has the instance file and the workspace of this folder."""


def read_yaml(name: str) -> Any:
    return yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))


def read_environment(name: str) -> dict[str, str]:
    """The variables of an environment file, with references among them filled in."""
    return {key: value or "" for key, value in dotenv_values(DEPLOY / name).items()}


def parse_command(command: Sequence[str]) -> dict[str, Any]:
    """The options of a Dagster command as its own command line reads them; nothing is run.

    Raises click.UsageError for one that Dagster does not know.
    """
    programs = {
        "dagster": create_dagster_cli,
        "dagster-daemon": create_dagster_daemon_cli,
        "dagster-webserver": create_dagster_webserver_cli,
    }
    program, *arguments = (word.replace(f"{HOME_IN_IMAGE}/", f"{DEPLOY}/") for word in command)
    found: click.Command = programs[program]()
    while isinstance(found, click.Group):
        name, *arguments = arguments
        inner = found.get_command(click.Context(found), name)
        if inner is None:
            raise click.UsageError(f"{program} has no command {name}")
        found = inner
    return found.make_context(program, arguments).params


@pytest.fixture(scope="session")
def compose() -> Any:
    return read_yaml("compose.yaml")
