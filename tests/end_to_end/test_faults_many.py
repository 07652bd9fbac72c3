"""Whatever goes wrong, in whatever order: once it stops, everything stands there exactly once.

Random scripts of faults are played against a random small queue. Faults that the client cannot tell from the truth are
left out, since no client could be right about them: a list of ids that is short of one, a clean refusal of the
session, of the limit or of one item after the effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from qondor_finago_pipelines.records.results import RecordState
from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.seeds.empty import empty
from qondor_finago_pipelines.sandbox.world.invoice_lines import line

from .every_kind import Queue, assert_exactly_once, assert_nothing_twice, queue_of_every_kind, run_until_quiet
from .installation import OSLO, Installation, outcome

FINAGO_READS = ("Login", "GetIdentity", "GetInvoices", "GetOrderSyncList", "GetCompanies", "GetCompanySyncList")
FINAGO_READS += ("GetProjectsDetailed", "GetCategories", "GetProducts", "GetCurrencyList", "GetDepartmentList")
FINAGO_WRITES = ("SaveInvoices", "SaveCompanies", "SaveProject")
QONDOR_READS = ("GetAllUnprocessedInvoices", "Invoice", "Customer/GetAll", "Customer", "Project/GetAll")
QONDOR_WRITES = ("SetAsProcessed", "SetAsPaid", "Customer/Put")

CONNECTION = ("reset-before-effect", "reset-after-effect", "cut-reply", "short-reply", "html", "not-parsable", "500")


@dataclass(frozen=True)
class ScriptedFault:
    """One entry of a fault script, as `Faults.add` takes it."""

    system: str
    operation: str
    kind: str
    times: int | None = 1
    after: int = 0
    lands: bool = False
    at: int = 0
    item: int = 0
    calls: int = 1
    status: int = 200

    def play(self, world: World) -> None:
        details = {name: value for name, value in vars(self).items() if name not in ("system", "operation", "kind")}
        world.faults.add(self.system, self.operation, self.kind, **details)


def faults_of(system: str, operations: tuple[str, ...], kinds: tuple[str, ...], **fixed: Any) -> Any:
    return st.builds(
        ScriptedFault,
        system=st.just(system),
        operation=st.sampled_from(operations),
        kind=st.sampled_from(kinds),
        times=st.sampled_from((1, 1, 2, 6, None)),
        after=st.integers(0, 3),
        at=st.integers(0, 900),
        item=st.integers(0, 2),
        **{name: st.just(value) for name, value in fixed.items()},
    )


FAULTS = st.one_of(
    faults_of("finago", FINAGO_WRITES, CONNECTION, lands=True),
    faults_of("finago", FINAGO_WRITES, (*CONNECTION, "429", "503", "quarantine", "session-expired")),
    faults_of("finago", FINAGO_WRITES, ("503",), lands=True),
    faults_of("finago", ("SaveInvoices", "SaveCompanies"), ("api-exception", "item-missing", "items-reordered")),
    st.builds(
        ScriptedFault,
        system=st.just("finago"),
        operation=st.sampled_from(FINAGO_WRITES),
        kind=st.just("late-visibility"),
        times=st.sampled_from((1, 3)),
        calls=st.integers(1, 3),
    ),
    faults_of("finago", FINAGO_READS, (*CONNECTION, "429", "503", "quarantine", "session-expired")),
    faults_of("finago", ("GetInvoices", "GetCompanies"), ("item-missing", "items-reordered", "wrong-shape")),
    faults_of("qondor", QONDOR_READS, (*CONNECTION, "429", "503", "wrong-shape")),
    faults_of("qondor", QONDOR_WRITES, (*CONNECTION, "429", "503"), lands=True),
    faults_of("qondor", QONDOR_WRITES, (*CONNECTION, "429", "503")),
)


@dataclass(frozen=True)
class Trouble:
    """A queue, the offices' batch size, and what goes wrong in the first runs."""

    parts: frozenset[str]
    batch_size: int
    scripts: tuple[tuple[ScriptedFault, ...], ...]
    """One script for each troubled run."""


TROUBLES = st.builds(
    Trouble,
    parts=st.frozensets(st.sampled_from(("offer", "card", "credit", "booking", "unknown")), min_size=2),
    batch_size=st.sampled_from((1, 2, 50)),
    scripts=st.lists(st.lists(FAULTS, min_size=1, max_size=3).map(tuple), min_size=1, max_size=2).map(tuple),
)


def queue_of(world: World, parts: frozenset[str]) -> Queue:
    """Some of the queue of every kind: the others are taken out of Qondor again."""
    whole = queue_of_every_kind(world)
    wanted = dict(zip(("offer", "card", "credit", "booking", "unknown"), whole.invoices, strict=True))
    kept = {part for part in parts if part != "credit" or "card" in parts}
    for part, invoice in wanted.items():
        if part not in kept:
            del world.qondor.invoices[invoice]
    return Queue(
        invoices=tuple(wanted[part] for part in wanted if part in kept),
        cards=tuple(wanted[part] for part in ("card",) if part in kept),
        credited_cards=tuple(wanted[part] for part in ("credit",) if part in kept),
    )


@pytest.fixture(scope="module")
def many_installations(
    running_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory, unused_sqlite_ledger: Path
) -> Any:
    def fresh(clock: Any) -> Installation:
        folder = tmp_path_factory.mktemp("installation")
        (folder / "ledger.db").write_bytes(unused_sqlite_ledger.read_bytes())
        running_sandbox.world = empty(clock=clock)
        return Installation(folder, running_sandbox, clock, f"sqlite:///{folder / 'ledger.db'}")

    return fresh


@settings(
    max_examples=350,
    derandomize=False,
    deadline=None,
    print_blob=False,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(trouble=TROUBLES)
def test_after_any_faults_everything_stands_there_exactly_once(
    many_installations: Any, clock: Any, trouble: Trouble
) -> None:
    installation = many_installations(clock)
    installation.configure(sync={"quiet_period_seconds": 900, "invoice_batch_size": trouble.batch_size})
    world = installation.world
    queue = queue_of(world, trouble.parts)

    for script in trouble.scripts:
        for fault in script:
            fault.play(world)
        event("settled" if installation.sync().all_settled else "not settled")
        world.faults.clear()
        assert_nothing_twice(world)
        installation.wait(minutes=2)

    # A blocked system is open again after the hour, and by then whatever was saved can be seen.
    runs = run_until_quiet(installation, [2])
    for books in world.finago.books.values():
        for record in (*books.orders.values(), *books.companies.values(), *books.projects.values()):
            record.hidden_for = 0
    runs += run_until_quiet(installation, [61, 16, 1])

    assert runs[-1].all_settled, runs[-1]
    assert_exactly_once(installation, queue)
