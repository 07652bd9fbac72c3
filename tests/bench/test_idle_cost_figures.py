"""The measurement of an idle installation, at a small size: it runs, and its figures stay within what is allowed."""

from __future__ import annotations

from bench import idle_cost as bench


def test_idle_offices_cost_a_poll_every_half_minute_and_a_sweep_for_each_turn_of_payments() -> None:
    cost = bench.measure(offices=9, hours=0.5)
    assert (cost.sensor_ticks, cost.schedule_ticks) == (60, 54)
    assert cost.runs == 1, "a sweep at the half hour"
    logins = cost.calls_by_operation.get("finago Login", 0)
    assert cost.calls_by_operation["finago GetInvoices"] == 9 + logins, "a session that ran out is refused first"
    assert cost.qondor_calls == cost.calls_by_operation["qondor GetAllUnprocessedInvoices"] <= 60 + cost.runs
    assert not cost.is_too_much


def test_a_figure_above_what_is_allowed_is_told() -> None:
    assert bench.Cost(hours=1, qondor_calls=400).is_too_much
    assert bench.Cost(hours=1, finago_calls=1801).is_too_much
    assert not bench.Cost(hours=1, qondor_calls=300, finago_calls=1800).is_too_much
