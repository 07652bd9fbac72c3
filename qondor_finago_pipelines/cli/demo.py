"""`qondor-finago demo`: the whole integration at work, against local stand-ins and with nothing set up before.

A demo lives in a folder of its own under `.demo`: settings, Dagster instance, ledger and logs. It knows only the
sandbox's addresses, whatever the environment says, and never touches a real system.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..records.results import Flow, FlowResult
from ..settings import DAGSTER_HOME_VARIABLE, SETTINGS_VARIABLE, Addresses, Settings, load_settings
from .children import Children, interrupted_by_signals
from .common import log_console, results_console
from .showing import show_results
from .surprises import surprises_in

if TYPE_CHECKING:
    from rich.console import Console

FOLDER = Path(".demo")
SHOWN = (Flow.CUSTOMERS_AND_PROJECTS, Flow.INVOICES, Flow.COSTS_AND_SALES)
"""The flows of the demo in the order in which it runs them, as an installation would that starts with both."""
USUAL_PORT = 3000
SECONDS_TO_ANSWER = 120
OURS = ("QONDOR_", "FINAGO_", "SLACK_", "DAGSTER_")
"""What in the environment speaks of real systems; a demo starts without any of it."""


@click.command()
@click.option("--once", is_flag=True, help="No web server: runs the flows once, prints what happened, and ends.")
@click.option("--port", type=click.IntRange(1, 65535), help="Of the web UI. Without it: 3000, or any free one.")
@click.pass_context
def demo(context: click.Context, once: bool, port: int | None) -> None:
    """Shows the integration at work: a sandbox, two seeded offices, Dagster.

    Prints what happened to each customer, project and invoice, what Finago now holds, what was refused and why, then
    the address of the web UI. Ctrl-C ends everything. Leaves with 0 when the outcomes are the seeded ones.
    """
    log = log_console()
    folder = fresh_folder(FOLDER)
    with interrupted_by_signals(), Children(clean(os.environ), folder) as sandbox_process:
        try:
            log.print("Starting the sandbox: Qondor, Finago and Slack on this machine …")
            environ = {**clean(os.environ), **_start_sandbox(sandbox_process), **settle_in(folder)}
            with Children(environ, folder) as dagster:
                address = None if once else start_web_server(dagster, folder, port or free_port())
                results = _run_flows(environ, log)
                as_seeded = _show(environ, results)
                if address is not None:
                    # The daemon comes last, so that no schedule runs into what is being shown.
                    dagster.start("daemon", [program("dagster-daemon"), "run", "-w", str(folder / "workspace.yaml")])
                    _keep_showing(dagster, address, log)
        except KeyboardInterrupt:
            log.print("\nEnding everything that was started …")
            context.exit(130 if once else 0)
    context.exit(0 if as_seeded else 1)


def clean(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without a word of real systems."""
    return {name: value for name, value in environ.items() if not name.startswith(OURS)}


def fresh_folder(root: Path) -> Path:
    """A folder for this demo, named by its process; those of demos that have ended are removed."""
    root.mkdir(exist_ok=True)
    for left in root.iterdir():
        if left.name.isdigit() and not _lives(int(left.name)):
            shutil.rmtree(left, ignore_errors=True)
    folder = root.resolve() / str(os.getpid())
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _lives(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _start_sandbox(children: Children) -> dict[str, str]:
    """Starts it with the demo's world; gives the environment that leads to it."""
    command = [sys.executable, "-m", "qondor_finago_pipelines", "sandbox", "--seed", "demo", "--json"]
    output = children.start("sandbox", command, read_output=True)
    line = output.readline() if output is not None else b""
    if not line:
        raise click.ClickException(f"The sandbox did not start; {children.log_of('sandbox')} says why.")
    environment: dict[str, str] = json.loads(line)["environment"]
    return environment


def settle_in(folder: Path) -> dict[str, str]:
    """Writes the demo's settings file and workspace; gives the variables that name them."""
    from ..sandbox.seeds.demo import office_settings_yaml
    from .instance import WORKSPACE

    settings_file = folder / "offices.yaml"
    settings_file.write_text(office_settings_yaml(), encoding="utf-8")
    (folder / "workspace.yaml").write_text(WORKSPACE, encoding="utf-8")
    return {SETTINGS_VARIABLE: str(settings_file), DAGSTER_HOME_VARIABLE: str(folder / "dagster")}


def _run_flows(environ: Mapping[str, str], log: Console) -> list[FlowResult]:
    """Runs customers and projects, invoices, then costs and sales, for every office, each as a run in Dagster."""
    from ..flows.desk import Desk
    from ..partitions import OfficeDays
    from ..records.days import oslo_day
    from .instance import open_instance
    from .running import FlowRuns

    settings = _settings(environ)
    if not Addresses.from_environment(settings, environ).all_loopback:
        raise click.ClickException(
            "The demo only ever talks to its own sandbox; these addresses are not on this machine."
        )
    results: list[FlowResult] = []
    with Desk.open(settings, environ) as desk, open_instance(environ) as instance:
        runs = FlowRuns(settings, instance, desk)
        today = oslo_day(desk.ledger.now())
        work = [(flow, office) for flow in SHOWN for office in settings.offices if office.does(flow)]
        for place, (flow, office) in enumerate(work, start=1):
            what = f"Office {office.id} {office.name} ({place} of {len(work)}): syncing {flow.in_words} …"
            if not log.is_terminal:
                log.print(what)
            with log.status(what):
                window = OfficeDays(today, today, office.id)
                if flow is Flow.COSTS_AND_SALES:
                    window = runs.window(office.id, today)
                results.append(runs.run(flow, window))
        told = desk.deliver_alerts()
    log.print(f"Slack was told {'once' if told == 1 else f'{told} times'} what needs a person.")
    return results


def _show(environ: Mapping[str, str], results: Sequence[FlowResult]) -> bool:
    """Prints the outcomes; whether they are those that the demo's world was made for."""
    console = results_console()
    show_results(console, _settings(environ), results)
    surprises = surprises_in(results)
    for surprise in surprises:
        console.print(surprise, style="red")
    if not surprises:
        console.print("Every customer, project, invoice and voucher ended as this demo was seeded.", style="green")
    return not surprises


def start_web_server(dagster: Children, folder: Path, port: int) -> str:
    """Starts the UI on its way; it is asked later whether it has arrived."""
    from .instance import open_instance

    # The instance is there before anybody else looks for it.
    open_instance(dagster.environ).dispose()
    dagster.start(
        "web server",
        [program("dagster-webserver"), "-h", "127.0.0.1", "-p", str(port), "-w", str(folder / "workspace.yaml")],
    )
    return f"http://127.0.0.1:{port}"


def _keep_showing(dagster: Children, address: str, log: Console) -> None:
    """Waits for the web server, says where it is, and returns when something ended by itself."""
    with log.status("Dagster is starting …"):
        wait_for_dagster(address, dagster)
    log.print(f"\nDagster: [bold]{address}/asset-groups[/bold]   (Ctrl-C ends everything)")
    while (ended := dagster.ended()) is None:
        time.sleep(1)
    raise click.ClickException(f"The {ended} ended by itself; {dagster.log_of(ended)} says why.")


def wait_for_dagster(address: str, dagster: Children) -> None:
    """Returns when the web server answers."""
    deadline = time.monotonic() + SECONDS_TO_ANSWER
    while time.monotonic() < deadline:
        if (ended := dagster.ended()) is not None:
            raise click.ClickException(f"The {ended} did not start; {dagster.log_of(ended)} says why.")
        try:
            with urllib.request.urlopen(f"{address}/server_info", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise click.ClickException(f"Dagster's web server did not answer within {SECONDS_TO_ANSWER} seconds.")


def free_port() -> int:
    """The usual port of Dagster's UI, or any other when that one is taken."""
    for port in (USUAL_PORT, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            chosen: int = probe.getsockname()[1]
            return chosen
    raise click.ClickException("This machine has no free port left for the web UI.")


def program(name: str) -> str:
    """A program of the environment that we run in, wherever the shell looks for it."""
    return str(Path(sys.executable).with_name(name))


def _settings(environ: Mapping[str, str]) -> Settings:
    return load_settings(Path(environ[SETTINGS_VARIABLE]))
