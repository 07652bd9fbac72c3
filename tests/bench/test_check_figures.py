"""The measurement of `check`, at small sizes: a larger office costs pages of companies, and nothing else."""

from __future__ import annotations

from bench import check as bench


def test_a_check_makes_few_calls_whatever_the_size() -> None:
    small, large = bench.measure(10, invoices=25), bench.measure(2500, invoices=25)
    assert not small.is_too_much, small
    assert not large.is_too_much, large
    assert large.calls - small.calls == 2, "three pages of companies instead of one"
    assert large.findings - small.findings == 2490, "the rest is looked at all the same"
