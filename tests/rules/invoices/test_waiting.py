"""How long a refused invoice waits, and what its project manager reads in Qondor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from qondor_finago_pipelines.records.operations.results import RecordState
from qondor_finago_pipelines.records.refusals import Reason, Refusal
from qondor_finago_pipelines.rules.invoices.waiting import held_or_failed, qondor_message

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)

PROJECT_MANAGERS = [
    Reason.INVALID_CUSTOMER_REFERENCE,
    Reason.NO_CUSTOMER,
    Reason.INACTIVE_CUSTOMER,
    Reason.VAT_MISMATCH,
    Reason.NO_PROJECT,
    Reason.UNKNOWN_CURRENCY,
    Reason.TOTALS_DO_NOT_ADD_UP,
    Reason.ORIGINAL_UNKNOWN,
    Reason.BOOKING_WITHOUT_EMAIL,
]


def state(reason: Reason, **changes: Any) -> RecordState:
    arguments: dict[str, Any] = {
        "card_payment_involved": False,
        "held_since": NOW - timedelta(hours=24),
        "now": NOW,
        "fail_after_hours": 24,
    }
    return held_or_failed(Refusal(reason, "What is wrong.", "What to do."), **{**arguments, **changes})


@pytest.mark.parametrize("reason", PROJECT_MANAGERS)
def test_what_a_project_manager_can_correct_fails_after_its_hours(reason: Reason) -> None:
    assert state(reason) is RecordState.FAILED
    assert state(reason, held_since=NOW - timedelta(hours=23, minutes=59)) is RecordState.HELD
    assert state(reason, held_since=None) is RecordState.HELD


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason not in PROJECT_MANAGERS])
def test_everything_else_stays_held_however_long_it_waits(reason: Reason) -> None:
    assert state(reason, held_since=NOW - timedelta(days=400)) is RecordState.HELD
    assert state(reason, fail_after_hours=0) is RecordState.HELD


def test_with_0_hours_it_fails_at_once() -> None:
    assert state(Reason.NO_PROJECT, held_since=None, fail_after_hours=0) is RecordState.FAILED


@pytest.mark.parametrize("reason", PROJECT_MANAGERS)
def test_a_card_payment_and_its_credit_note_never_fail_since_the_money_is_taken(reason: Reason) -> None:
    assert state(reason, card_payment_involved=True, fail_after_hours=0) is RecordState.HELD


def test_the_message_says_what_is_wrong_and_what_to_change() -> None:
    refusal = Refusal(Reason.NO_PROJECT, "Invoice 9001 is not linked to a project.", "Link it and issue it again.")
    assert qondor_message(refusal) == "Invoice 9001 is not linked to a project. Link it and issue it again."


def test_a_long_message_is_cut_at_500_characters_and_keeps_what_to_do() -> None:
    message = qondor_message(Refusal(Reason.VAT_MISMATCH, "w" * 600, "Correct the rate."))
    assert len(message) == 500
    assert message.endswith("… Correct the rate.")


def test_even_a_remedy_that_is_too_long_fits() -> None:
    assert len(qondor_message(Refusal(Reason.VAT_MISMATCH, "Wrong.", "r" * 900))) == 500


def test_a_message_of_exactly_500_characters_is_left_whole() -> None:
    message = qondor_message(Refusal(Reason.VAT_MISMATCH, "w" * 400, "r" * 99))
    assert message == "w" * 400 + " " + "r" * 99
