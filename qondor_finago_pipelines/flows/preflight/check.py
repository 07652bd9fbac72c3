"""`check`: every prerequisite of every office, looked at in both systems before anything is written (decisions 13).

Offices are read at the same time, within the installation's budget of calls. Nothing is written: in either system
nothing at all, in the store sessions and the count of calls.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from ...records.customers_and_projects.projects import QondorProject
from ...records.errors import SyncError
from ...records.identifiers import ClientId, OfficeId
from ...records.preflight import Finding, Preflight, Readings, Unread
from ...rules.preflight.assumptions import assumption_findings
from ...rules.preflight.findings import right, unknown, wrong
from ...rules.preflight.records import customer_findings, project_findings, shared_client_finding
from ...rules.preflight.set_up import access_findings, set_up_findings
from ...rules.text import counted, listed
from ...settings import Addresses, OfficeSettings, Settings
from ...store import Store
from ...systems.finago.calls import Caller
from ...systems.finago.soap import PACKAGE_WSDLS
from ...systems.http import Http
from ..run.metering import FINAGO
from .asking import Asking, CheckMeter, Shared
from .reading import LONGEST_CALL_SECONDS, OfficeReader

OFFICES_AT_ONCE = 4

Progress = Callable[[str], None]


def silently(_: str) -> None:
    """Progress that nobody waits for."""


def check_offices(
    settings: Settings,
    environ: Mapping[str, str],
    store: Store,
    offices: Collection[OfficeSettings],
    *,
    pause: Callable[[float], None] = time.sleep,
    progress: Progress = silently,
) -> Preflight:
    """All findings, office by office. Raises SettingsError where an address of the settings is none."""
    addresses = Addresses.from_environment(settings, environ)
    shared = Shared()
    # Whoever is open may share a Finago client with those that are asked for.
    known = frozenset(OfficeId(office.id) for office in settings.offices)
    readers = {
        OfficeId(office.id): OfficeReader(
            office,
            known,
            addresses=addresses,
            environ=environ,
            sync=settings.sync,
            store=store,
            shared=shared,
            meter=CheckMeter(store, settings.sync, sleep=pause),
        )
        for office in settings.offices
        if not office.closed or office in offices
    }
    chosen = [OfficeId(office.id) for office in offices]
    with ThreadPoolExecutor(OFFICES_AT_ONCE) as pool:
        clients = dict(zip(readers, pool.map(lambda each: _client_of(each, chosen), readers.values()), strict=True))

        def read(office: OfficeId) -> Readings:
            found = readers[office].read(clients[office])
            progress(f"Office {office}: {counted(sum(readers[office].calls.values()), 'call')}")
            return found

        readings = dict(zip(chosen, pool.map(read, chosen), strict=True))
    projects = _projects_of_clients(readers, readings, clients)
    findings: list[Finding] = []
    not_seen: dict[str, None] = {}
    for office in chosen:
        made, missing = _judge(office, readers[office], readings[office], clients, projects)
        findings += made
        not_seen |= dict.fromkeys(missing)
    findings += _wsdls(addresses, settings, store, shared, pause, progress)
    seen = {finding.what.removeprefix("assumption ") for finding in findings}
    return Preflight(
        findings=tuple(findings),
        not_seen=tuple(number for number in not_seen if number not in seen),
        calls={office: readers[office].calls for office in chosen},
    )


def _client_of(reader: OfficeReader, chosen: Collection[OfficeId]) -> ClientId | Unread:
    """Asked of Finago; for an office that is not checked, where nobody knows it yet."""
    known = reader.known_client() if reader.office_id not in chosen else None
    return known if known is not None else reader.client()


def _projects_of_clients(
    readers: Mapping[OfficeId, OfficeReader],
    readings: Mapping[OfficeId, Readings],
    clients: Mapping[OfficeId, ClientId | Unread],
) -> dict[OfficeId, Sequence[QondorProject] | Unread]:
    """The projects of the offices that are checked, and of those that share a Finago client with one of them."""
    found = {office: read.projects for office, read in readings.items()}
    own = {client for office, client in clients.items() if office in readings and not isinstance(client, Unread)}
    for office, client in clients.items():
        if office not in found and not isinstance(client, Unread) and client in own:
            found[office] = readers[office].projects_of(office)
    return found


def _judge(
    office: OfficeId,
    reader: OfficeReader,
    read: Readings,
    clients: Mapping[OfficeId, ClientId | Unread],
    projects: Mapping[OfficeId, Sequence[QondorProject] | Unread],
) -> tuple[list[Finding], list[str]]:
    own = clients[office]
    sharers = frozenset(each for each, client in clients.items() if each == office or client == own)
    findings = [
        *access_findings(reader.set_up, read),
        shared_client_finding(office, clients),
        *set_up_findings(reader.set_up, read),
        *customer_findings(reader.set_up, read, sharers),
    ]
    of_client = {each: some for each, some in projects.items() if each in sharers}
    readable = {each: some for each, some in of_client.items() if not isinstance(some, Unread)}
    findings += project_findings(office, readable)
    for each, some in of_client.items():
        if each != office and isinstance(some, Unread):
            unread = Unread(why=f"projects of office {each}, of the same client, could not be read: {some.why}")
            findings.append(unknown(office, "shared client", unread, "no project id is another office's too"))
    not_seen: list[str] = []
    for answer in assumption_findings(reader.set_up, read):
        if isinstance(answer, str):
            not_seen.append(answer)
        else:
            findings.append(answer)
    return findings, not_seen


def _wsdls(
    addresses: Addresses,
    settings: Settings,
    store: Store,
    shared: Shared,
    pause: Callable[[float], None],
    progress: Progress,
) -> list[Finding]:
    """What Finago's services say of themselves, beside what we took them for; asked once for all offices."""
    meter = CheckMeter(store, settings.sync, sleep=pause)
    http = Http(
        FINAGO,
        gate=meter,
        timeout_seconds=min(settings.sync.call_timeout_seconds, LONGEST_CALL_SECONDS),
        pause=pause,
        clock=store.now,
    )
    caller = Caller(
        http, api_url=addresses.finago_api_url, webservices_url=addresses.finago_webservices_url, secrets=()
    )
    asking = Asking(meter, shared)
    findings = []
    for name in sorted(path.stem for path in PACKAGE_WSDLS.glob("*.wsdl")):
        what, expected = f"wsdl {name}", "what this program uses reads as in its own description"
        answer = asking.ask(FINAGO, lambda name=name: caller.differences_from_live(name))  # type: ignore[misc]
        if isinstance(answer, Unread):
            findings.append(unknown(None, what, answer, expected))
        elif answer:
            remedy = "Run nothing that writes, and send the report of --save to whoever maintains this program."
            findings.append(wrong(None, what, listed(answer), expected, remedy))
        else:
            findings.append(right(None, what, "no difference", expected))
    progress(f"Finago's descriptions: {counted(sum(meter.calls_by_system().values()), 'call')}")
    return findings


def could_not_begin(error: SyncError) -> Preflight:
    """What is told where not even the settings can be read: nothing was looked at."""
    unread = Unread(why=error.message, remedy=error.remedy)
    return Preflight(
        findings=tuple(
            unknown(None, what, unread, "settings that can be read") for what in ("qondor access", "finago login")
        )
    )
