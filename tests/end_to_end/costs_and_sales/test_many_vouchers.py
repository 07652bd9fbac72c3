"""More vouchers than a run keeps in memory at a time: each is judged, once, whatever is read meanwhile."""

from __future__ import annotations

from datetime import date

import pytest

from qondor_finago_pipelines.flows.costs_and_sales import read as voucher_reading
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import World
from qondor_finago_pipelines.sandbox.world.voucher_builders import posting
from tests.end_to_end.installation import Installation, assert_held, assert_settled

from .actuals import PROJECT, costs


@pytest.mark.parametrize("lines_at_a_time", [1, 4, 7, 10, 25])
def test_every_voucher_is_loaded_also_where_looking_for_another_half_reads_more_lines(
    installation: Installation, world: World, project: int, lines_at_a_time: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voucher_reading, "LINES_A_BUCKET", lines_at_a_time)
    for number in (20000, 20020):
        lines = [posting(6300, "1.00"), posting(1920, "-1.00")] * 12
        world.post_voucher(lines, type_id=3, number=number, day=date(2025, 11, 20))
    for _ in range(2):
        assert installation.load().all_settled
        installation.wait(days=20)
    # The other half of one that does not balance is looked for in the year before, where these stand.
    crooked = [
        world.post_voucher([posting(6300, "1.00"), posting(1920, "-2.00")], type_id=3, number=number)
        for number in (20000, 20020)
    ]
    posted = [world.post_supplier_invoice(f"{100 + number}.00", project=PROJECT) for number in range(12)]
    result = installation.load()
    assert_settled(result, *(f"voucher {voucher.key}" for voucher in posted))
    assert sorted(cost["externalReference"] for cost in costs(world)) == sorted(
        f"finago:102:{voucher.key}:{PROJECT}" for voucher in posted
    )
    for voucher in crooked:
        assert_held(result, f"voucher {voucher.key}", Reason.UNBALANCED)
    assert (result.created, len(result.rejected)) == (12, 2)
