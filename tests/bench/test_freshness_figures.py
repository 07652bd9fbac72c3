"""The measurement of freshness without its processes: arrivals, percentiles, and one office worked in this process."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from pathlib import Path

import pytest

from bench.freshness import Freshness, arrivals, at_once, percentile, waits
from bench.real_processes import InstalledOffices
from qondor_finago_pipelines.flows.service import SyncService
from qondor_finago_pipelines.records.days import oslo_day
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.operations.results import Flow
from qondor_finago_pipelines.sandbox import Sandbox
from qondor_finago_pipelines.sandbox.seeds.many import many
from qondor_finago_pipelines.sandbox.seeds.settings_text import office_settings_yaml
from qondor_finago_pipelines.settings import load_settings
from qondor_finago_pipelines.store import Store

MOMENT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def two_offices(tmp_path: Path) -> Iterator[InstalledOffices]:
    """Two offices that are worked whenever somebody looks whether the processes still live."""
    with Sandbox(world=many(2)) as sandbox, Store.open(f"sqlite:///{tmp_path / 'store.db'}") as store:
        file = tmp_path / "offices.yaml"
        file.write_text(office_settings_yaml(sandbox.world), encoding="utf-8")
        sync = SyncService(load_settings(file), sandbox.environment(), store)
        runs = count(1)

        def work() -> None:
            for office in sandbox.world.offices:
                sync.sync(
                    Flow.INVOICES,
                    OfficeId(office),
                    day=oslo_day(store.now()),
                    run_id=f"run-{next(runs)}",
                    trigger="sensor",
                )

        yield InstalledOffices(
            offices=list(sandbox.world.offices),
            control_url=sandbox.control_url,
            store=store,
            processes={},
            watch=work,
        )


def test_invoices_in_every_office_at_once_are_followed_to_their_orders(two_offices: InstalledOffices) -> None:
    assert two_offices.offices_looked_at() == 0
    measured = at_once(two_offices)
    assert (measured.offices, len(measured.seconds), measured.never) == (2, 2, 0)
    assert all(0 <= seconds < math.inf for seconds in measured.seconds)
    assert measured.calls["finago SaveInvoices"] == 2
    assert two_offices.offices_looked_at() == 2


def test_the_percentile_is_one_of_the_values() -> None:
    hundred = [float(each) for each in range(100, 0, -1)]
    assert (percentile(hundred, 0.5), percentile(hundred, 0.95)) == (50, 95)
    assert (percentile([7.0], 0.5), percentile([7.0], 0.95)) == (7, 7)
    assert percentile([1.0, 2.0, 3.0], 0.95) == 3
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.5)


def test_arrivals_keep_the_rate_on_average_and_stay_inside() -> None:
    hours = 50
    moments = list(arrivals(1000, 3600 * hours, random.Random(1)))
    assert moments == sorted(moments)
    assert 0 < moments[0] < moments[-1] < 3600 * hours
    assert len(moments) == pytest.approx(1000 * hours, rel=0.02)
    gaps = [after - before for before, after in pairwise(moments)]
    assert sum(gap < 3.6 for gap in gaps) / len(gaps) == pytest.approx(1 - 1 / math.e, rel=0.02), "at random"


def test_an_invoice_without_an_order_waits_for_ever_and_one_with_two_ends_the_measurement() -> None:
    issued = {9001: MOMENT, 9002: MOMENT}
    later = MOMENT + timedelta(seconds=12)
    assert waits(issued, {9001: [later], 8001: [MOMENT]}) == [12, math.inf]
    with pytest.raises(SystemExit, match="9001 has 2 orders"):
        waits(issued, {9001: [later, later]})


@pytest.mark.parametrize(
    ("seconds", "is_too_slow"),
    [([10.0] * 95 + [900.0] * 5, False), ([10.0] * 94 + [60.0] * 6, True), ([math.inf], True)],
)
def test_an_aim_that_was_missed_is_told(seconds: list[float], is_too_slow: bool) -> None:
    measured = Freshness(situation="some", offices=1, seconds=seconds, allowed=60, calls={}, processors={})
    assert measured.is_too_slow is is_too_slow
