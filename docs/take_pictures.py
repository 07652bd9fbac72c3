"""Takes the pictures of `docs/pictures/`: `make pictures`, or `.venv/bin/python docs/take_pictures.py [NAME …]`.

It starts what `qondor-finago demo` starts - the sandbox with its two offices, Dagster's web server and daemon - runs
the flows, lets one office fail for want of its password, and photographs Dagster's pages in a headless Chromium. The
only thing that it needs beside the project is that browser: Debian's package is called `chromium`.
"""

from __future__ import annotations

import base64
import io
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image
from websockets.sync.client import ClientConnection, connect

from qondor_finago_pipelines.cli.children import Children, interrupted_by_signals
from qondor_finago_pipelines.cli.demo import clean, settle_in
from qondor_finago_pipelines.cli.instance import LOCATION, open_instance
from qondor_finago_pipelines.cli.local_dagster import LocalDagster
from qondor_finago_pipelines.cli.running import FlowRuns
from qondor_finago_pipelines.flows.service import SyncService
from qondor_finago_pipelines.partitions import OfficeDays
from qondor_finago_pipelines.records.days import oslo_day
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.operations.results import Flow
from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.seeds.demo import world as demo_world
from qondor_finago_pipelines.settings import SETTINGS_VARIABLE, load_settings
from qondor_finago_pipelines.store import utc_now

PICTURES = Path(__file__).parent / "pictures"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SECONDS_TO_SHOW = 180
WORKS, FAILS, ITS_PASSWORD = OfficeId(102), OfficeId(103), "FINAGO_PASSWORD_BERGEN"
DAYS = 5
"""So many days have runs of invoices; on the last of them one office fails."""
COLOURS = 128
"""Enough for a page of letters and lines, at half the size."""


class Picture(NamedTuple):
    """A page, how large the window is, and what has to be on it before it is taken."""

    name: str
    path: str
    width: int
    height: int
    ready: str
    """JavaScript that is true when the page shows what it should."""
    first: str = "true"
    """JavaScript that does something before, and is true once it could."""


def pictures(today: date) -> tuple[Picture, ...]:
    """Everything that is taken."""
    return (
        Picture(
            "asset-graph",
            f"/locations/{LOCATION}/asset-groups/invoices",
            1850,
            620,
            shows("qondor_invoices", "finago_orders", "invoice_payments", "invoices_open_items", "Passed", "filled"),
        ),
        Picture(
            "partitions",
            f"/assets/finago_orders?view=partitions&partition={today}%7C{FAILS}",
            1500,
            950,
            shows(f"{today}|{FAILS}", "Failed (1)", "did not materialize this asset"),
        ),
        Picture(
            "check",
            "/assets/invoices_open_items?view=checks&checkDetail=nothing_is_refused",
            1700,
            1000,
            shows("nothing_is_refused", "invalid customer reference", "offices_without"),
        ),
        Picture(
            "chart",
            f"/assets/qondor_costs?view=partitions&partition={today}%7C{WORKS}",
            1500,
            950,
            "[...document.images].some(each => each.src.startsWith('data:image/png') && each.complete)",
            first=click("[Show Markdown]"),
        ),
    )


def shows(*texts: str) -> str:
    """True when the page has all of these words."""
    return " && ".join(f"document.body.innerText.includes({json.dumps(text)})" for text in texts)


def click(text: str) -> str:
    """Clicks the first thing that has just this text."""
    return (
        "(() => { const found = [...document.querySelectorAll('a, button, span, div')]"
        f".find(each => each.innerText.trim() === {json.dumps(text)} && !each.children.length);"
        " if (found) found.click(); return Boolean(found); })()"
    )


def main(names: list[str]) -> None:
    with interrupted_by_signals(), tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with Sandbox(world=demo_world()) as sandbox:
            post_earlier(sandbox.world)
            environ = {**clean(os.environ), **sandbox.environment(), **settle_in(home)}
            password = environ.pop(ITS_PASSWORD)
            run_flows(environ, password)
            with Children(environ, home) as processes:
                dagster = LocalDagster(processes, home, print)
                dagster.start_code_server()
                address = dagster.start_web_server_and_daemon()
                wait_for("the verdicts of the status checks", lambda: has_verdicts(address))
                with Browser(home / "browser") as browser:
                    for picture in pictures(oslo_day(utc_now())):
                        if not names or picture.name in names:
                            file = PICTURES / f"{picture.name}.png"
                            file.write_bytes(browser.take(address, picture))
                            print(f"{file}: {file.stat().st_size // 1024} kB")


def post_earlier(world: World) -> None:
    """Costs and sales of the last weeks, so that there is something to be drawn."""
    for ago in range(2, 44):
        day = oslo_day(utc_now()) - timedelta(days=ago)
        if day.weekday() < 5:
            # Any amounts will do that are not all alike, and are the same next time.
            world.post_supplier_invoice(f"{1_500 + ago * 977 % 6_000}.00", project=12345, day=day, office=WORKS)
            if ago % 3:
                world.post_customer_invoice(f"{2_000 + ago * 1_733 % 9_000}.00", project=12346, day=day, office=WORKS)


def run_flows(environ: Mapping[str, str], password: str) -> None:
    """The office that works has all of its runs; the other has had invoices on the days before, and fails today."""
    settings = load_settings(Path(environ[SETTINGS_VARIABLE]))
    # The password was known before today.
    earlier = {**environ, ITS_PASSWORD: password}
    today = oslo_day(utc_now())
    before = [today - timedelta(days=ago) for ago in range(DAYS - 1, 0, -1)]
    for known, work in (
        (
            earlier,
            [
                *((Flow.CUSTOMERS_AND_PROJECTS, office, today) for office in (WORKS, FAILS)),
                *((Flow.INVOICES, office, day) for day in before for office in (WORKS, FAILS)),
            ],
        ),
        (
            environ,
            [
                (Flow.INVOICES, WORKS, today),
                (Flow.INVOICES, FAILS, today),
                (Flow.COSTS_AND_SALES, WORKS, today),
                (Flow.COSTS_AND_SALES, FAILS, today),
            ],
        ),
    ):
        with SyncService(settings, known).open() as sync, open_instance(known) as instance:
            runs = FlowRuns(settings, instance, sync)
            for flow, office, day in work:
                print(f"Office {office}: {flow.in_words} of {day} …")
                days = runs.window(office, day) if flow is Flow.COSTS_AND_SALES else OfficeDays(day, day, office)
                runs.run(flow, days)


def has_verdicts(address: str) -> bool:
    """Whether the daemon's sensor has judged."""
    query = (
        '{ assetNodes(assetKeys: [{path: ["invoices_open_items"]}]) { assetChecksOrError { ... on AssetChecks '
        "{ checks { name executionForLatestMaterialization { status } } } } } }"
    )
    request = urllib.request.Request(
        f"{address}/graphql",
        json.dumps({"query": query}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        nodes = json.load(answer)["data"]["assetNodes"]
    checks = nodes[0]["assetChecksOrError"]["checks"] if nodes else []
    return bool(checks) and all(check["executionForLatestMaterialization"] for check in checks)


def wait_for(what: str, condition: Callable[[], bool]) -> None:
    """Asks again until it is so; gives up after a while, saying what did not come."""
    deadline = time.monotonic() + SECONDS_TO_SHOW
    while time.monotonic() < deadline:
        with suppress(OSError):
            if condition():
                return
        time.sleep(0.5)
    raise SystemExit(f"{what} did not come within {SECONDS_TO_SHOW} seconds.")


class Browser:
    """A headless Chromium that is told what to do over its debugging port, in a profile of its own."""

    def __init__(self, profile: Path) -> None:
        chromium = next((found for name in BROWSERS if (found := shutil.which(name))), None)
        if chromium is None:
            raise SystemExit(f"No browser is there ({', '.join(BROWSERS)}). On Debian: apt-get install chromium")
        self._profile = profile
        self._process = subprocess.Popen(
            [
                chromium,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--remote-debugging-port=0",
                f"--user-data-dir={profile}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._numbers = itertools.count(1)
        self._connection: ClientConnection | None = None

    def __enter__(self) -> Browser:
        port_file = self._profile / "DevToolsActivePort"
        wait_for("The browser", lambda: port_file.exists() and port_file.read_text(encoding="utf-8").count("\n") > 0)
        port = port_file.read_text(encoding="utf-8").splitlines()[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=10) as answer:
            page = next(target for target in json.load(answer) if target["type"] == "page")
        self._connection = connect(page["webSocketDebuggerUrl"], max_size=None, proxy=None, legacy=True)
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.close()
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def take(self, address: str, picture: Picture) -> bytes:
        """The page as a PNG of few colours, once it shows what it should."""
        size = {"width": picture.width, "height": picture.height, "deviceScaleFactor": 1, "mobile": False}
        self._do("Emulation.setDeviceMetricsOverride", **size)
        self._do("Page.navigate", url=f"{address}{picture.path}")
        for expression in (picture.first, picture.ready):
            wait_for(f"{picture.name}: {expression}", lambda wanted=expression: self._is_true(wanted))  # type: ignore[misc]
        # What is on its way - a line that is drawn, a colour that fades in - arrives before two pictures are equal.
        last, taken = "", self._shot()
        deadline = time.monotonic() + 20
        while taken != last and time.monotonic() < deadline:
            time.sleep(1)
            last, taken = taken, self._shot()
        image = Image.open(io.BytesIO(base64.b64decode(taken))).convert("RGB").quantize(COLOURS)
        small = io.BytesIO()
        image.save(small, format="png", optimize=True)
        return small.getvalue()

    def _shot(self) -> str:
        return str(self._do("Page.captureScreenshot", format="png")["data"])

    def _is_true(self, expression: str) -> bool:
        answer = self._do("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value") is True

    def _do(self, method: str, **parameters: Any) -> dict[str, Any]:
        assert self._connection is not None
        number = next(self._numbers)
        self._connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._connection.recv(timeout=60))
            if answer.get("id") == number:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']['message']}")
                result: dict[str, Any] = answer["result"]
                return result


if __name__ == "__main__":
    main(sys.argv[1:])
