"""One writer for each Finago client: who finds it taken leaves, and who lost it writes no more (decisions 7)."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from qondor_finago_pipelines.flows.run.metering import Meter
from qondor_finago_pipelines.records.operations.results import FlowResult, RecordState
from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.seeds.empty import empty
from qondor_finago_pipelines.systems.finago.client import FinagoClient
from qondor_finago_pipelines.systems.http import Call, Http, Reply
from tests.end_to_end.installation import BERGEN, OSLO, Installation, outcome
from tests.end_to_end.invoices.every_kind import (
    assert_exactly_once,
    assert_nothing_twice,
    queue_of_every_kind,
    run_until_quiet,
)

PATIENCE_SECONDS = 300
"""Only what is broken waits so long."""


class Paused:
    """A run in a thread of its own that stands still at one moment until it is told to go on."""

    def __init__(self, run: Callable[[], FlowResult]) -> None:
        self.arrived = Event()
        self.go_on = Event()
        self._results: list[FlowResult] = []
        self._thread = Thread(target=lambda: self._results.append(run()), daemon=True)

    def start(self) -> None:
        self._thread.start()
        assert self.arrived.wait(PATIENCE_SECONDS)

    def stand_still(self) -> None:
        if not self.arrived.is_set():
            self.arrived.set()
            assert self.go_on.wait(PATIENCE_SECONDS)

    def finish(self) -> FlowResult:
        self.go_on.set()
        self._thread.join(PATIENCE_SECONDS)
        return self._results[0]


@contextmanager
def paused_run(
    run: Callable[[], FlowResult], *, before: str | None = None, after: str | None = None
) -> Iterator[Paused]:
    """A run that stands still right before, or right after, its first call of this method of the Finago client."""
    method = before or after or ""
    original = getattr(FinagoClient, method)
    paused = Paused(run)

    def standing_still(self: FinagoClient, *arguments: Any, **options: Any) -> Any:
        if before is not None:
            paused.stand_still()
        answer = original(self, *arguments, **options)
        if after is not None:
            paused.stand_still()
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FinagoClient, method, standing_still)
        paused.start()
        try:
            yield paused
        finally:
            paused.go_on.set()


def written_by(installation: Installation, run: str) -> int:
    """How many events of any record one run has written to the store, other than what it created and heard of late."""
    with sqlite3.connect(installation.store_url.removeprefix("sqlite:///")) as store:
        return int(
            store.execute("SELECT count(*) FROM events WHERE run_id = ? AND event <> 'landed late'", (run,)).fetchone()[
                0
            ]
        )


def test_a_second_run_on_the_same_finago_client_is_skipped_and_names_the_holder(
    careful: Installation, world: World
) -> None:
    queue = queue_of_every_kind(world)
    with paused_run(careful.sync, before="save_orders") as first:
        second = careful.sync()
        assert second.skipped is not None
        assert "run-1" in second.skipped
        assert "50102:finago" in second.skipped
        assert (second.problems, second.rejected, second.all_settled) == ((), (), False)
        assert first.finish().all_settled

    assert_exactly_once(careful, queue)


@pytest.mark.parametrize("method", ["save_companies", "save_project", "save_orders", "invoice_order"])
@pytest.mark.parametrize("minutes", [1, 16])
def test_a_holder_that_was_suspended_before_a_write_does_not_send_it_any_more(
    careful: Installation, world: World, method: str, minutes: int
) -> None:
    queue = queue_of_every_kind(world)
    with paused_run(careful.sync, before=method) as first:
        careful.wait(minutes=minutes)
        careful.sync()
        late = first.finish()

    assert [problem.cause for problem in late.problems] == ["lease lost"]
    run_until_quiet(careful, [16, 1, 1])
    assert_exactly_once(careful, queue)


@pytest.mark.parametrize("creation", [1, 2, 3, 4, 5])
def test_a_holder_that_slept_between_renewing_its_lease_and_sending_sends_nothing_when_it_wakes(
    careful: Installation, world: World, monkeypatch: pytest.MonkeyPatch, creation: int
) -> None:
    """The connection stands, the lease was renewed a moment ago, and then the machine sleeps past the quiet period."""
    queue = queue_of_every_kind(world)
    look, looked = Meter.before_bytes, itertools.count(1)
    first = Paused(careful.sync)

    def standing_still(meter: Meter) -> None:
        if next(looked) == creation:
            first.stand_still()
        look(meter)

    monkeypatch.setattr(Meter, "before_bytes", standing_still)
    first.start()
    careful.wait(minutes=16)
    careful.sync()
    late = first.finish()
    assert [problem.cause for problem in late.problems] == ["lease lost"]
    run_until_quiet(careful, [16, 1, 1])
    assert_exactly_once(careful, queue)


def test_what_was_sent_twice_all_the_same_is_told_at_once_with_both_ids(
    careful: Installation, world: World, invoice: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one gap that is left: the machine sleeps between the last look and the bytes, past the quiet period."""
    monkeypatch.setattr(Meter, "before_bytes", lambda _: None)
    exchange = Http._exchange
    first = Paused(careful.sync)

    def sleeping(http: Http, call: Call) -> Reply:
        if call.operation == "SaveInvoices":
            first.stand_still()
        return exchange(http, call)

    monkeypatch.setattr(Http, "_exchange", sleeping)
    first.start()
    for minutes in (1, 16, 1):
        careful.wait(minutes=minutes)
        careful.sync()
    late = first.finish()
    ours, theirs = (order.members["OrderId"] for order in world.orders_of(invoice))
    (double,) = [problem for problem in late.problems if problem.cause.startswith("double")]
    assert str(ours) in double.message
    assert str(theirs) in double.message
    assert str(invoice) in double.message


@pytest.mark.parametrize("method", ["save_companies", "save_project", "save_orders", "invoice_order"])
def test_a_holder_that_was_suspended_after_a_write_leaves_it_to_its_successor(
    careful: Installation, world: World, method: str
) -> None:
    queue = queue_of_every_kind(world)
    with paused_run(careful.sync, after=method) as first:
        careful.wait(minutes=1)
        second = careful.sync()
        assert second.skipped is None
        before = written_by(careful, "run-1")
        late = first.finish()

    assert written_by(careful, "run-1") == before
    assert [problem.cause for problem in late.problems] == ["lease lost"]
    run_until_quiet(careful, [16, 1, 1])
    assert_exactly_once(careful, queue)


def test_a_holder_whose_lease_ran_out_unnoticed_goes_on(careful: Installation, world: World) -> None:
    queue = queue_of_every_kind(world)
    with paused_run(careful.sync, before="save_orders") as only:
        careful.wait(minutes=1)
        assert only.finish().all_settled

    assert_exactly_once(careful, queue)


@pytest.fixture
def two_offices_of_one_client(
    running_sandbox: Sandbox, tmp_path: Path, clock: Any, unused_sqlite_store: Path
) -> Installation:
    running_sandbox.world = empty(shared_client=True, clock=clock)
    store = tmp_path / "store.db"
    store.write_bytes(unused_sqlite_store.read_bytes())
    return Installation(tmp_path, running_sandbox, clock, f"sqlite:///{store}")


def one_invoice_each(world: World) -> tuple[int, int]:
    """Both offices have a customer record of the same company, which Finago does not know yet."""
    invoices = []
    for office in (OSLO, BERGEN):
        customer = world.add_customer("Havgap AS", office=office, organisation_number="987654325")
        project = world.add_project(f"Event of {office}", office=office, customer=customer)
        invoices.append(world.add_invoice(customer=customer, project=project, office=office))
    return invoices[0], invoices[1]


def test_two_offices_of_one_finago_client_wait_for_each_other(two_offices_of_one_client: Installation) -> None:
    installation = two_offices_of_one_client
    oslo, bergen = one_invoice_each(installation.world)
    with paused_run(lambda: installation.sync(OSLO), before="save_companies") as first:
        second = installation.sync(BERGEN)
        assert second.skipped is not None
        assert "run-1" in second.skipped
        assert outcome(first.finish(), oslo).state is RecordState.SETTLED

    assert outcome(installation.sync(BERGEN), bergen).state is RecordState.SETTLED
    assert_nothing_twice(installation.world)
    companies = [one for one in installation.world.books(OSLO).companies.values() if one["Name"] == "Havgap AS"]
    assert len(companies) == 1
    assert len(installation.world.orders_of(oslo)) == len(installation.world.orders_of(bergen)) == 1


def test_offices_of_different_finago_clients_do_not_wait_for_each_other(careful: Installation, world: World) -> None:
    oslo, bergen = one_invoice_each(world)
    with paused_run(lambda: careful.sync(OSLO), before="save_orders") as first:
        # The pause is for the first run only: the second goes straight through.
        assert outcome(careful.sync(BERGEN), bergen).state is RecordState.SETTLED
        assert outcome(first.finish(), oslo).state is RecordState.SETTLED
