"""`qondor-finago sandbox`: the local stand-ins for Qondor, Finago and Slack, alone."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..sandbox import Sandbox


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Without it: any free port.")
@click.option("--seed", default="demo", show_default=True, help="The world it starts with.")
@click.option("--offices", type=click.IntRange(1), help="How many the world `many` has; without it 100.")
@click.option(
    "--wsdl",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Reads requests and writes answers by the WSDLs in this folder instead of the package's own.",
)
@click.option(
    "--dates",
    type=click.Choice(["naive", "utc", "offset", "mixed", "silent_utc"]),
    default="naive",
    show_default=True,
    help="How Finago writes its dates: without a zone, in UTC, with Oslo's offset, by turns, or in UTC unsaid.",
)
@click.option(
    "--settings",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Also writes a settings file for the offices of that world.",
)
@click.option("--json", "as_json", is_flag=True, help="Prints the environment as one JSON object.")
def sandbox(
    port: int,
    seed: str,
    offices: int | None,
    wsdl: Path | None,
    dates: str,
    settings: Path | None,
    as_json: bool,
) -> None:
    """Answers as Qondor, Finago and Slack do, on this machine only, until Ctrl-C.

    Prints the environment variables that point the other commands at it.
    """
    from ..sandbox import serve
    from ..sandbox.seeds import NAMES, office_settings_yaml

    if seed not in NAMES:
        raise click.BadParameter(f"there is no world '{seed}'; there are {', '.join(NAMES)}.", param_hint="--seed")

    def ready(running: Sandbox) -> None:
        environment = running.environment()
        if settings is not None:
            settings.write_text(office_settings_yaml(running.world), encoding="utf-8")
        if as_json:
            click.echo(json.dumps({"url": running.url, "control": running.control_url, "environment": environment}))
        else:
            for name, value in sorted(environment.items()):
                click.echo(f"export {name}={shlex.quote(value)}")
            click.echo(f"The sandbox answers at {running.url}; Ctrl-C ends it.", err=True)

    try:
        serve(port, wsdl, seed, sizes={"offices": offices} if offices else None, dates=dates, ready=ready)
    except OSError as error:
        raise click.ClickException(f"The sandbox cannot listen on port {port}: {error.strerror}.") from None
