"""The measurement of customers and projects, at a small size: it runs, and each figure stays within what is allowed."""

from __future__ import annotations

from bench import customers_and_projects as bench


def test_what_both_systems_know_costs_few_calls_and_no_write() -> None:
    empty_store, nothing_changed, changed = bench.nothing_and_little_changed(linked=12, changed=3)
    assert not any(each.is_too_much for each in (nothing_changed, changed)), (nothing_changed.took, changed.took)
    for quiet in (empty_store, nothing_changed):
        assert (quiet.result.unchanged, quiet.took.qondor_writes, quiet.took.finago_writes) == (24, 0, 0)
    assert (changed.result.updated, changed.took.finago_writes) == (3, 3)


def test_new_customers_are_found_or_created_in_batches() -> None:
    (cold,) = bench.cold(new=20, companies=40)
    assert (cold.result.created, cold.result.updated) == (10, 10)
    assert cold.took.qondor_writes == 20, "each gets its Company ID"
    assert cold.took.finago_writes is not None
    assert cold.took.finago_writes < 5
    assert not cold.is_too_much


def test_a_figure_above_what_is_allowed_is_told() -> None:
    (cold,) = bench.cold(new=2, companies=2)
    assert cold.took.finago is not None
    tight = bench.Measured(
        situation="tight", result=cold.result, allowed=bench.Calls(finago=cold.took.finago - 1), took=cold.took
    )
    assert tight.is_too_much
