"""What refused records have in common: grouped by cause, summed to the øre by currency, mended all at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.operations.inbox import RefusedRecord
from qondor_finago_pipelines.records.operations.results import Flow, RecordState
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.rules.operations.causes import (
    MEND_ALL,
    ONE_BY_ONE,
    age_in_words,
    common_words,
    groups_of,
    headline,
    money,
    when_next,
    why_trying_is_vain,
)

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
NO_PRODUCT = "article 3000 has 15 % VAT, but the active products of category 3000 in Finago have 25 %."


def refused(key: str, message: str, amount: str | None = None, **members: Any) -> RefusedRecord:
    given: dict[str, Any] = {
        "office": OfficeId(102),
        "flow": Flow.INVOICES,
        "state": RecordState.HELD,
        "reason": Reason.VAT_MISMATCH,
        "remedy": "Correct it.",
        "first_seen": NOW,
        "since": NOW,
        "last_tried": NOW,
        "next_try": NOW,
        "currency": "NOK" if amount else None,
        **members,
    }
    return RefusedRecord(key=key, message=message, amount=Decimal(amount) if amount else None, **given)


def test_invoices_that_lack_the_same_product_are_one_cause_with_one_sum() -> None:
    records = [refused(f"{9001 + n}", f"Invoice {9001 + n}, line {n + 1}: {NO_PRODUCT}", "12071.43") for n in range(6)]
    records.append(refused("9100", f"Invoice 9100, line 4: {NO_PRODUCT}", "12071.42"))
    (group,) = groups_of(records)
    assert headline(group) == f"7 invoices, 84,500.00 NOK: {NO_PRODUCT}"
    assert group.mend == MEND_ALL[Reason.VAT_MISMATCH]
    assert group.trying_helps


def test_another_rate_or_category_is_another_cause() -> None:
    groups = groups_of(
        [
            refused("9001", f"Invoice 9001, line 1: {NO_PRODUCT}"),
            refused("9002", f"Invoice 9002, line 1: {NO_PRODUCT.replace('15', '12')}"),
            refused("9003", f"Invoice 9003, line 1: {NO_PRODUCT.replace('3000', '3100')}"),
        ]
    )
    assert [len(group.records) for group in groups] == [1, 1, 1]


def test_currencies_are_never_added_up() -> None:
    records = [
        refused("9001", "Invoice 9001 is not linked to a project.", "100.10"),
        refused("9002", "Invoice 9002 is not linked to a project.", "-0.05"),
        refused("9003", "Invoice 9003 is not linked to a project.", "7.00", currency="EUR"),
        refused("9004", "Invoice 9004 is not linked to a project."),
    ]
    (group,) = groups_of(records)
    assert group.sums == {"EUR": Decimal("7.00"), "NOK": Decimal("100.05")}
    assert headline(group) == "4 invoices, 7.00 EUR, 100.05 NOK: is not linked to a project."


def test_the_largest_cause_comes_first_and_in_it_the_oldest_record() -> None:
    day = timedelta(days=1)
    groups = groups_of(
        [
            refused("9001", "Invoice 9001 is a mess."),
            refused("9002", "Invoice 9002 has no project.", first_seen=NOW),
            refused("9003", "Invoice 9003 has no project.", first_seen=NOW - day),
        ]
    )
    assert [[each.key for each in group.records] for group in groups] == [["9003", "9002"], ["9001"]]


def test_what_has_no_common_remedy_is_mended_one_by_one() -> None:
    two = [
        refused(str(key), f"Customer {key} is twice in Finago: companies {key} and 9.", reason=Reason.SEVERAL_COMPANIES)
        for key in (71, 72)
    ]
    (group,) = groups_of(two)
    assert group.mend == ONE_BY_ONE
    (alone,) = groups_of(two[:1])
    assert alone.mend == "Correct it."


@pytest.mark.parametrize(
    ("message", "common"),
    [
        ("Credit note 9002 waits for invoice 9001, which it credits.", "waits for invoice …, which it credits."),
        ("Companies 1001, 1002 and 1003 fit customer 77.", "Companies … fit customer …."),
        ("Voucher 20418 of series 3 in 2026 does not balance: it comes to -5.00.", "does not balance: it comes to …."),
        ("Voucher 7 of series 3 in 2026-07 has a line in EUR.", "has a line in EUR."),
        ("Invoice 9001: Finago refused its order. Finago says: x 5", "Finago refused its order. Finago says: …"),
        ("customer 77: its External Reference 'abc' is no id.", "its External Reference '…' is no id."),
        ("Office 102: Finago has no department 7.", "Office …: Finago has no department 7."),
        ("Invoice 9001: its due date 2026-11-01 is odd.", "its due date … is odd."),
    ],
)
def test_what_is_one_records_own_is_left_out(message: str, common: str) -> None:
    assert common_words(message) == common


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"state": RecordState.FAILED}, "final"),
        ({"reason": Reason.QUARANTINED}, "retry --invoice"),
        ({"reason": Reason.WAITS_FOR_CONFIRM}, "confirm"),
        ({"reason": Reason.TOTALS_DO_NOT_ADD_UP}, "issued again"),
        ({"reason": Reason.ORDER_GONE}, "deleted in Finago"),
    ],
)
def test_what_trying_cannot_help_says_why(members: dict[str, Any], words: str) -> None:
    record = refused("9001", "Invoice 9001 is held.", **members)
    assert words in (why_trying_is_vain(record) or "")
    (group,) = groups_of([record])
    assert not group.trying_helps


@pytest.mark.parametrize("reason", [Reason.VAT_MISMATCH, Reason.SET_UP, Reason.REFUSED_BY_FINAGO, None])
def test_what_may_have_been_mended_elsewhere_is_worth_another_try(reason: Reason | None) -> None:
    assert why_trying_is_vain(refused("9001", "Invoice 9001 is held.", reason=reason)) is None


def test_when_and_how_old_in_words() -> None:
    assert when_next(refused("9001", ""), NOW) == "now"
    assert when_next(refused("9001", "", next_try=NOW + timedelta(minutes=5)), NOW) == "2026-11-20 10:05"
    assert when_next(refused("9001", "", next_try=None), NOW) == "not by itself"
    ages = (timedelta(minutes=59), timedelta(hours=1), timedelta(hours=47), timedelta(days=12, hours=3))
    assert [age_in_words(age) for age in ages] == ["under an hour", "1 hour", "1 day", "12 days"]


def test_money_as_people_read_it() -> None:
    assert money(Decimal("84500"), "NOK") == "84,500.00 NOK"
    assert money(Decimal("-0.5"), None) == "-0.50"
    assert money(None, "NOK") == ""
