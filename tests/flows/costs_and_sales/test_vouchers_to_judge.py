"""The vouchers that a run judges: a set like any other, only smaller."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qondor_finago_pipelines.flows.costs_and_sales.vouchers_to_judge import VouchersToJudge
from qondor_finago_pipelines.records.costs_and_sales.vouchers import VoucherKey

KEYS = st.builds(
    VoucherKey, st.integers(2024, 2026), st.integers(1, 3), st.integers(-5, 30) | st.integers(-(2**31), 2**31 - 1)
)


@given(st.lists(st.sets(KEYS, max_size=12), max_size=4), st.integers(1, 5))
def test_it_holds_every_key_once_and_in_order_and_each_bucket_its_own(added: list[set[VoucherKey]], many: int) -> None:
    touched = VouchersToJudge()
    for keys in added:
        touched.update(keys)
    expected = sorted(set().union(*added))
    assert (list(touched), len(touched), bool(touched)) == (expected, len(expected), bool(expected))
    assert all(key in touched for key in expected)
    buckets = [touched.of_bucket(bucket, many) for bucket in range(many)]
    assert sorted(key for bucket in buckets for key in bucket) == expected
    assert all(abs(key.number) % many == bucket for bucket, keys in enumerate(buckets) for key in keys)


def test_what_was_not_added_is_not_in_it() -> None:
    touched = VouchersToJudge()
    touched.update([VoucherKey(2026, 3, 20418)])
    assert VoucherKey(2026, 3, 20419) not in touched
    assert VoucherKey(2025, 3, 20418) not in touched
    assert "2026-3-20418" not in touched
