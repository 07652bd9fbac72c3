"""Probes whose contradiction no stand-in plays: an order that one of two lists lacks."""

from __future__ import annotations

import pytest

from qondor_finago_pipelines.records.identifiers import OrderId
from qondor_finago_pipelines.records.preflight import Readings, SetUp, Unread
from qondor_finago_pipelines.rules.preflight.assumptions import PROBES
from qondor_finago_pipelines.rules.preflight.probes import Answer, Seen
from tests.end_to_end.installation import OSLO

SET_UP = SetUp(
    office=OSLO,
    known_offices=frozenset({OSLO}),
    department_id=3,
    online_payment_method_id=7,
    misc_product_id=900,
    misc_product_category_id=9,
    foreign_lines="hold",
)


@pytest.mark.parametrize(
    ("listed", "changed", "answer"),
    [
        ((5, 6, 7), (5, 6, 7), (True, "3 looked at")),
        ((5, 7), (5, 6, 7), (False, "not listed: order 6")),
        ((5, 7), (5, 7, 8), (False, "not listed: order 8")),
        ((5, 7), (3, 5, 7), (True, "2 looked at")),
        ((5, 7), (3,), Seen.NOTHING),
        ((), (3,), Seen.NOTHING),
    ],
)
def test_the_list_of_orders_lacks_what_the_search_by_change_date_shows(
    listed: tuple[int, ...], changed: tuple[int, ...], answer: Answer
) -> None:
    read = Readings(
        order_ids=tuple(map(OrderId, listed)),
        changed_order_ids=tuple(map(OrderId, changed)),
    )
    assert PROBES["F67"].judge(SET_UP, read) == answer


def test_what_was_not_read_is_never_taken_for_an_empty_list() -> None:
    unread = Unread(why="no reply")
    read = Readings(order_ids=(OrderId(5),), changed_order_ids=unread)
    assert PROBES["F67"].judge(SET_UP, read) == unread
