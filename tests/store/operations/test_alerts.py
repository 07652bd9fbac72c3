"""An alert is told once, then counted, then resolved; each delivery tells what it has claimed (decisions 11)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.store import Alert, Store
from tests.store.builders import BERGEN, OSLO, report, resolve

if TYPE_CHECKING:
    from tests.conftest import FakeClock

CLAIM = timedelta(minutes=1)


def unsent(store: Store, office_id: OfficeId | None = None) -> tuple[Alert, ...]:
    with store.read() as transaction:
        return transaction.alerts.unsent(office_id)


def pending(store: Store) -> tuple[OfficeId, ...]:
    with store.read() as transaction:
        return transaction.alerts.pending()


def claim(store: Store, by: str = "a command", office_id: OfficeId = OSLO, **members: Any) -> tuple[Alert, ...]:
    with store.write() as transaction:
        return transaction.alerts.claim(office_id, by=by, lasts=CLAIM, **members)


def tell(store: Store, alerts: Collection[Alert]) -> None:
    with store.write() as transaction:
        transaction.alerts.delivered(alerts, to="Slack")


def causes(alerts: Collection[Alert]) -> list[str]:
    return [alert.cause for alert in alerts]


def test_an_alert_is_told_once_then_counted_then_resolved_and_told_anew_when_it_comes_back(
    store: Store, clock: FakeClock
) -> None:
    began = clock()
    assert report(store, "VAT mismatch", "9001")
    (alert,) = claim(store)
    tell(store, [alert])
    for _ in range(3):
        clock.advance(timedelta(minutes=5))
        assert not report(store, "VAT mismatch", "9001")
        assert (unsent(store), pending(store), claim(store)) == ((), (), ())
    assert resolve(store) == 1
    assert resolve(store) == 0
    assert unsent(store) == ()

    (ended,) = claim(store)
    assert (ended.id, ended.count, ended.first_seen, ended.resolved_at) == (alert.id, 4, began, clock())
    tell(store, [ended])
    assert (pending(store), claim(store)) == ((), ()), "its end is told once too"

    clock.advance(timedelta(minutes=5))
    assert report(store, "VAT mismatch", "9001")
    (again,) = unsent(store)
    assert again.id != alert.id
    assert (again.first_seen, again.count) == (began + timedelta(minutes=20), 1)


def test_an_alert_that_nobody_was_told_of_yet_is_counted_with_its_newest_message(
    store: Store, clock: FakeClock
) -> None:
    began = clock()
    report(store, "VAT mismatch", "9001", message="25 against 15")
    clock.advance(timedelta(minutes=5))
    report(store, "VAT mismatch", "9001", message="25 against 12")
    (alert,) = unsent(store)
    assert alert == Alert(
        id=alert.id,
        office_id=OSLO,
        flow="invoices",
        cause="VAT mismatch",
        record="9001",
        message="25 against 12",
        first_seen=began,
        last_seen=clock(),
        count=2,
    )


def test_it_knows_the_days_and_the_run_that_met_it_last(store: Store) -> None:
    first, last = date(2026, 11, 6), date(2026, 11, 20)
    report(store, "unbalanced", "voucher 2026-3-1", first_day=first, day=last, run_id="one")
    report(store, "unbalanced", "voucher 2026-3-1", first_day=first, day=last, run_id="two")
    (alert,) = unsent(store)
    assert (alert.first_day, alert.day, alert.run_id, alert.count) == (first, last, "two", 2)


def test_a_run_that_tries_again_counts_once(store: Store) -> None:
    for _ in range(3):
        report(store, "unreachable", run_id="one")
    (alert,) = unsent(store)
    assert alert.count == 1


def test_an_alert_of_the_whole_office_is_told_once_too(store: Store) -> None:
    assert report(store, "unreachable")
    assert not report(store, "unreachable")
    (alert,) = unsent(store)
    assert (alert.record, alert.count) == (None, 2)
    assert resolve(store, ("unreachable", None)) == 0
    assert resolve(store, ("unreachable", "9001")) == 1


def test_another_cause_record_flow_or_office_is_another_alert(store: Store) -> None:
    assert report(store, "VAT mismatch", "9001")
    assert report(store, "no project", "9001")
    assert report(store, "VAT mismatch", "9002")
    assert report(store, "VAT mismatch", "9001", flow="costs-and-sales")
    assert report(store, "VAT mismatch", "9001", office_id=BERGEN)
    assert len(unsent(store)) == 5
    assert len(unsent(store, BERGEN)) == 1
    assert pending(store) == (OSLO, BERGEN)


def test_what_is_still_there_is_not_resolved_nor_what_belongs_to_another(store: Store) -> None:
    report(store, "VAT mismatch", "9001")
    report(store, "no project", "9002")
    report(store, "VAT mismatch", "9001", flow="costs-and-sales")
    report(store, "VAT mismatch", "9001", office_id=BERGEN)
    assert resolve(store, ("VAT mismatch", "9001")) == 1
    assert not report(store, "VAT mismatch", "9001")
    assert report(store, "no project", "9002")
    assert [(alert.office_id, alert.flow) for alert in unsent(store)] == [
        (OSLO, "invoices"),
        (OSLO, "costs-and-sales"),
        (BERGEN, "invoices"),
        (OSLO, "invoices"),
    ]


def test_one_cause_can_be_resolved_alone(store: Store) -> None:
    report(store, "silence")
    report(store, "unreachable")
    with store.write() as transaction:
        assert transaction.alerts.open_flows("silence") == {(OSLO, "invoices")}
        ended = transaction.alerts.resolve_cause(office_id=OSLO, flow="invoices", cause="silence")
    assert ended == 1
    with store.read() as transaction:
        assert causes(transaction.alerts.open()) == ["unreachable"]
        assert transaction.alerts.open_flows("silence") == frozenset()
        assert transaction.alerts.open_flows() == {(OSLO, "invoices")}


def test_of_threads_that_report_at_once_one_tells_and_all_are_counted(
    store: Store, together: Callable[..., list[Any]]
) -> None:
    together([lambda: report(store, "unreachable")] * 6)
    (alert,) = unsent(store)
    assert alert.count == 6


# telling


def test_what_ended_before_it_was_told_is_never_told(store: Store) -> None:
    report(store, "unreachable")
    resolve(store)
    assert (pending(store), claim(store)) == ((), ())


def test_what_ends_while_it_is_being_told_is_told_to_have_ended_as_well(store: Store) -> None:
    report(store, "unreachable")
    told = claim(store)
    resolve(store, because="the office is closed")
    tell(store, told)
    (ended,) = claim(store)
    assert ended.resolved_because == "the office is closed"


def test_what_one_has_claimed_no_other_tells_until_the_claim_runs_out(store: Store, clock: FakeClock) -> None:
    report(store, "unreachable")
    report(store, "VAT mismatch", "9001")
    assert len(claim(store, "the daemon")) == 2
    report(store, "no project", "9002")
    assert causes(claim(store, "a command")) == ["no project"], "what is new is anybody's"
    assert claim(store, "a third") == ()
    clock.advance(CLAIM)
    assert len(claim(store, "a third")) == 3, "both died before they could note that they had told it"


def test_what_could_not_be_told_is_given_back_at_once_but_not_by_somebody_else(store: Store) -> None:
    report(store, "unreachable")
    claimed = claim(store, "the daemon")
    with store.write() as transaction:
        transaction.alerts.give_back(claimed, by="a command")
    assert claim(store, "a command") == ()
    with store.write() as transaction:
        transaction.alerts.give_back(claimed, by="the daemon")
    assert len(claim(store, "a command")) == 1


def test_of_deliveries_at_the_same_instant_one_gets_each_alert(
    store: Store, together: Callable[..., list[Any]]
) -> None:
    for invoice in range(20):
        report(store, "VAT mismatch", str(invoice))
    claims = together([lambda name=str(name): claim(store, name) for name in range(6)])
    assert sorted(alert.record or "" for some in claims for alert in some) == sorted(map(str, range(20)))


def test_the_trouble_of_a_run_at_work_waits_for_it_and_what_it_refused_does_not(store: Store, clock: FakeClock) -> None:
    report(store, "unreachable", run_id="at work")
    report(store, "VAT mismatch", "9001", run_id="at work")
    report(store, "login", run_id="over")
    report(store, "silence")
    with store.read() as transaction:
        assert transaction.alerts.runs_behind_pending() == {"at work", "over"}
    waiting: dict[str, Any] = {"wait_for": ["at work"], "waits_since": clock() - timedelta(minutes=10)}
    assert causes(claim(store, **waiting)) == ["VAT mismatch", "login", "silence"]
    clock.advance(timedelta(minutes=11))
    waiting["waits_since"] = clock() - timedelta(minutes=10)
    assert "unreachable" in causes(claim(store, **waiting)), "for ever it does not wait"


@pytest.mark.parametrize("because", [None, "the flow is disabled in the settings"])
def test_an_end_says_why_where_no_run_found_it(store: Store, because: str | None) -> None:
    report(store, "unreachable")
    tell(store, claim(store))
    resolve(store, because=because)
    (ended,) = claim(store)
    assert ended.resolved_because == because
