"""Transaction balancing: which vouchers count, and which are refused before anything of them is loaded."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qondor_finago_pipelines.records.costs_and_sales.vouchers import FiscalYear, VoucherKey
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.rules.costs_and_sales.vouchers import assess_vouchers

from .vouchers import YEARS, judged, meaning_of, row, table

KEY = VoucherKey(2026, 3, 20418)


def test_a_voucher_that_sums_to_zero_and_has_a_project_line_counts() -> None:
    found = judged(row(6300, "100.00", project=1), row(2400, "-100.00"))
    assert [voucher.key for voucher in found.vouchers] == [KEY]
    assert [posting.sequence for posting in found.vouchers[0].postings] == [1, 2]
    assert found.totals == {KEY: Decimal(0)}


@pytest.mark.parametrize("account", [1200, 1500, 1920, 2400, 2710, 7740])
def test_a_project_on_another_account_concerns_no_project(account: int) -> None:
    found = judged(row(account, "100.00", project=1), row(6300, "-100.00"))
    assert (found.vouchers, found.quiet) == ((), {KEY})


@pytest.mark.parametrize("difference", ["0.01", "-0.01", "1000000000.00"])
def test_a_voucher_that_is_off_by_an_ore_is_refused(difference: str) -> None:
    (refused,) = judged(row(6300, "100.00", project=1), row(2400, Decimal("-100.00") + Decimal(difference))).refused
    assert (refused.key, refused.refusal.reason, refused.total) == (KEY, Reason.UNBALANCED, Decimal(difference))
    assert "Voucher 20418 of series 3 in 2026 does not balance: its 2 lines sum to" in refused.refusal.message
    assert "line 1 account 6300 100.00" in refused.refusal.message
    assert refused.refusal.remedy.startswith("Correct the voucher in Finago")


def test_a_long_voucher_is_named_by_a_dozen_lines() -> None:
    (refused,) = judged(*(row(6300, "1.00") for _ in range(30))).refused
    assert refused.refusal.message.count("account 6300") == 12
    assert "18 more" in refused.refusal.message
    assert refused.lines == 30


def test_amounts_finer_than_an_ore_are_rounded_where_the_voucher_sums_to_zero() -> None:
    (voucher,) = judged(row(6300, "919.9982", project=1), row(2710, "229.9995"), row(2400, "-1149.9977")).vouchers
    assert [posting.amount for posting in voucher.postings] == [
        Decimal("920.00"),
        Decimal("230.00"),
        Decimal("-1150.00"),
    ]


def test_a_voucher_that_is_off_by_less_than_an_ore_is_refused() -> None:
    (refused,) = judged(row(6300, "100.0049", project=1), row(2400, "-100.00")).refused
    assert refused.refusal.reason is Reason.UNBALANCED
    assert "sum to 0.0049 instead of 0.00" in refused.refusal.message


def test_a_line_that_cannot_be_read_refuses_its_voucher_and_names_the_member() -> None:
    found = judged(
        row(6300, "100.00", project=1, unreadable="CurrencyRate is not a decimal"),
        row(2400, "-100.00"),
        row(6300, "50.00", project=1, number=20419),
        row(2400, "-50.00", number=20419),
    )
    assert [voucher.key.number for voucher in found.vouchers] == [20419]
    (refused,) = found.refused
    assert refused.refusal.reason is Reason.BROKEN_LINE
    assert "a line that cannot be read (CurrencyRate is not a decimal)" in refused.refusal.message


def test_two_fiscal_years_that_begin_in_one_calendar_year_are_told_apart() -> None:
    short = FiscalYear(starting=date(2026, 1, 1), ending=date(2026, 7, 1))
    broken = FiscalYear(starting=date(2026, 7, 1), ending=date(2027, 7, 1), is_second_in_calendar_year=True)
    found = assess_vouchers(
        table(
            [
                row(6300, "100.00", project=1, day=date(2026, 5, 4)),
                row(2400, "-100.00", day=date(2026, 5, 4)),
                row(6300, "70.00", project=1, day=date(2026, 9, 4)),
                row(2400, "-70.00", day=date(2026, 9, 4)),
            ]
        ),
        fiscal_years=(short, broken),
        meaning_of=meaning_of,
    )
    assert [str(voucher.key) for voucher in found.vouchers] == ["2026-3-20418", "2026-07-3-20418"]
    assert [VoucherKey.of(str(voucher.key)) for voucher in found.vouchers] == [each.key for each in found.vouchers]


def test_every_line_hidden_withdraws_the_voucher() -> None:
    found = judged(row(6300, "100.00", project=1, is_hidden=True), row(2400, "-99.00", is_hidden=True))
    assert (found.withdrawn, found.refused, found.vouchers) == ({KEY}, (), ())


def test_hidden_lines_are_left_out_where_both_parts_balance() -> None:
    found = judged(
        row(6300, "100.00", project=1),
        row(2400, "-100.00"),
        row(6300, "5.00", project=1, is_hidden=True),
        row(2400, "-5.00", is_hidden=True),
    )
    assert [posting.amount for posting in found.vouchers[0].postings] == [100, -100]


@pytest.mark.parametrize("hidden", [(True, False, False), (False, True, False)])
def test_hidden_lines_that_do_not_balance_refuse_the_voucher(hidden: tuple[bool, ...]) -> None:
    amounts = ("100.00", "-60.00", "-40.00")
    lines = [row(6300, amount, is_hidden=flag) for amount, flag in zip(amounts, hidden, strict=True)]
    assert [each.refusal.reason for each in judged(*lines).refused] == [Reason.PARTLY_HIDDEN]


@pytest.mark.parametrize(("member", "word"), [("id", "Id"), ("amount", "amount"), ("account", "account")])
def test_a_line_that_lacks_something_refuses_its_voucher(member: str, word: str) -> None:
    (refused,) = judged(row(6300, "100.00", project=1, **{member: None}), row(2400, "-100.00")).refused
    assert refused.refusal.reason is Reason.BROKEN_LINE
    assert f"has no {word}" in refused.refusal.message


def test_a_line_without_a_date_refuses_the_voucher_of_its_number() -> None:
    (refused,) = judged(row(6300, "100.00", project=1), row(2400, "-100.00"), row(6300, "0.00", day=None)).refused
    assert (refused.key, refused.refusal.reason) == (KEY, Reason.BROKEN_LINE)


def test_a_date_in_no_fiscal_year_is_refused() -> None:
    found = judged(row(6300, "100.00", project=1), row(2400, "-100.00"), row(6300, "0.00", day=date(2031, 1, 1)))
    assert [each.refusal.reason for each in found.refused] == [Reason.NO_FISCAL_YEAR]
    (alone,) = judged(row(6300, "1.00", day=date(2031, 1, 1))).refused
    assert alone.key is None


@pytest.mark.parametrize("member", ["type_id", "number"])
def test_a_line_that_belongs_to_no_voucher_is_refused_by_its_guid(member: str) -> None:
    found = judged(row(6300, "100.00", project=1), row(2400, "-100.00"), row(6300, "5.00", **{member: None}))
    assert [each.record for each in found.refused] == ["line 00000000-0000-0000-0000-000000000003"]
    assert len(found.vouchers) == 1


def test_the_same_number_in_two_years_is_two_vouchers() -> None:
    later = {"day": date(2027, 1, 2)}
    found = judged(
        row(6300, "1.00", project=1),
        row(2400, "-1.00"),
        row(6300, "2.00", project=1, **later),
        row(2400, "-2.00", **later),
    )
    assert [voucher.key.fiscal_year for voucher in found.vouchers] == [2026, 2027]
    assert not found.merged


def test_halves_that_balance_only_together_are_one_voucher_of_the_earlier_year() -> None:
    found = judged(row(6300, "1.00", project=1), row(2400, "-1.00", day=date(2027, 1, 1)))
    assert [voucher.key for voucher in found.vouchers] == [KEY]
    assert found.merged == {VoucherKey(2027, 3, 20418): KEY}
    assert found.refused == ()


def test_halves_in_years_that_do_not_meet_stay_apart() -> None:
    found = judged(row(6300, "1.00", day=date(2025, 1, 1)), row(2400, "-1.00", day=date(2027, 1, 1)))
    assert len(found.refused) == 2


AMOUNTS = st.decimals(min_value=-(10**6), max_value=10**6, places=2)
VOUCHERS = st.lists(
    st.tuples(st.lists(AMOUNTS, min_size=1, max_size=6), st.booleans(), st.booleans()), min_size=1, max_size=8
)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(VOUCHERS, st.randoms(use_true_random=False))
def test_refused_are_exactly_those_that_do_not_sum_to_zero_in_any_order(vouchers: Any, random: Any) -> None:
    rows: list[dict[str, Any]] = []
    unbalanced = set()
    for number, (amounts, balance, with_project) in enumerate(vouchers, start=1):
        lines = [*amounts, -sum(amounts)] if balance else list(amounts)
        rows += [row(6300, amount, number=number, project=7 if with_project else None) for amount in lines]
        if sum(lines) != 0:
            unbalanced.add(number)
    guids = [{"id": str(number), "sequence": number, **each} for number, each in enumerate(rows)]
    random.shuffle(guids)
    found = assess_vouchers(table(guids), fiscal_years=YEARS, meaning_of=meaning_of)
    assert {each.key.number for each in found.refused if each.key} == unbalanced
    sound = {voucher.key.number for voucher in found.vouchers} | {key.number for key in found.quiet}
    assert sound == set(range(1, len(vouchers) + 1)) - unbalanced


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(AMOUNTS.filter(bool), min_size=1, max_size=5), st.data())
def test_a_dropped_or_doubled_line_is_always_refused(amounts: list[Decimal], data: st.DataObject) -> None:
    lines = [row(6300, amount, project=7) for amount in [*amounts, -sum(amounts)] if amount]
    which = data.draw(st.integers(0, len(lines) - 1))
    dropped = lines[:which] + lines[which + 1 :]
    doubled = [*lines, lines[which]]
    for wrong in (dropped, doubled):
        if wrong:
            found = judged(*wrong)
            assert [each.refusal.reason for each in found.refused] == [Reason.UNBALANCED]
            assert found.vouchers == ()
