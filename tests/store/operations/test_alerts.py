"""An alert is told once, then counted, then resolved; each delivery tells what it has claimed (decisions 11)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.store import Alert, Ledger

if TYPE_CHECKING:
    from tests.conftest import FakeClock

OSLO, BERGEN = OfficeId(102), OfficeId(103)
CLAIM = timedelta(minutes=1)


def report(ledger: Ledger, cause: str, record: str | None = None, **members: Any) -> bool:
    given: dict[str, Any] = {"office_id": OSLO, "flow": "invoices", "message": f"{cause} {record}", **members}
    with ledger.write() as transaction:
        return transaction.alerts.report(cause=cause, record=record, at=ledger.now(), **given)


def resolve(
    ledger: Ledger, *keep: tuple[str, str | None], office_id: OfficeId = OSLO, because: str | None = None
) -> int:
    with ledger.write() as transaction:
        return transaction.alerts.resolve(
            office_id=office_id, flow="invoices", keep=keep, at=ledger.now(), because=because
        )


def unsent(ledger: Ledger, office_id: OfficeId | None = None) -> tuple[Alert, ...]:
    with ledger.read() as transaction:
        return transaction.alerts.unsent(office_id)


def untold(ledger: Ledger) -> tuple[OfficeId, ...]:
    with ledger.read() as transaction:
        return transaction.alerts.untold()


def claim(ledger: Ledger, by: str = "a command", office_id: OfficeId = OSLO, **members: Any) -> tuple[Alert, ...]:
    with ledger.write() as transaction:
        now = ledger.now()
        return transaction.alerts.claim(office_id, by=by, at=now, until=now + CLAIM, **members)


def tell(ledger: Ledger, alerts: Collection[Alert]) -> None:
    with ledger.write() as transaction:
        transaction.alerts.told(alerts, at=ledger.now())


def causes(alerts: Collection[Alert]) -> list[str]:
    return [alert.cause for alert in alerts]


def test_an_alert_is_told_once_then_counted_then_resolved_and_told_anew_when_it_comes_back(
    ledger: Ledger, clock: FakeClock
) -> None:
    began = clock()
    assert report(ledger, "VAT mismatch", "9001")
    (alert,) = claim(ledger)
    tell(ledger, [alert])
    for _ in range(3):
        clock.advance(timedelta(minutes=5))
        assert not report(ledger, "VAT mismatch", "9001")
        assert (unsent(ledger), untold(ledger), claim(ledger)) == ((), (), ())
    assert resolve(ledger) == 1
    assert resolve(ledger) == 0
    assert unsent(ledger) == ()

    (ended,) = claim(ledger)
    assert (ended.id, ended.count, ended.first_seen, ended.resolved_at) == (alert.id, 4, began, clock())
    tell(ledger, [ended])
    assert (untold(ledger), claim(ledger)) == ((), ()), "its end is told once too"

    clock.advance(timedelta(minutes=5))
    assert report(ledger, "VAT mismatch", "9001")
    (again,) = unsent(ledger)
    assert again.id != alert.id
    assert (again.first_seen, again.count) == (began + timedelta(minutes=20), 1)


def test_an_alert_that_nobody_was_told_of_yet_is_counted_with_its_newest_message(
    ledger: Ledger, clock: FakeClock
) -> None:
    began = clock()
    report(ledger, "VAT mismatch", "9001", message="25 against 15")
    clock.advance(timedelta(minutes=5))
    report(ledger, "VAT mismatch", "9001", message="25 against 12")
    (alert,) = unsent(ledger)
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


def test_it_knows_the_days_and_the_run_that_met_it_last(ledger: Ledger) -> None:
    first, last = date(2026, 11, 6), date(2026, 11, 20)
    report(ledger, "unbalanced", "voucher 2026-3-1", first_day=first, day=last, run_id="one")
    report(ledger, "unbalanced", "voucher 2026-3-1", first_day=first, day=last, run_id="two")
    (alert,) = unsent(ledger)
    assert (alert.first_day, alert.day, alert.run_id, alert.count) == (first, last, "two", 2)


def test_a_run_that_tries_again_counts_once(ledger: Ledger) -> None:
    for _ in range(3):
        report(ledger, "unreachable", run_id="one")
    (alert,) = unsent(ledger)
    assert alert.count == 1


def test_an_alert_of_the_whole_office_is_told_once_too(ledger: Ledger) -> None:
    assert report(ledger, "unreachable")
    assert not report(ledger, "unreachable")
    (alert,) = unsent(ledger)
    assert (alert.record, alert.count) == (None, 2)
    assert resolve(ledger, ("unreachable", None)) == 0
    assert resolve(ledger, ("unreachable", "9001")) == 1


def test_another_cause_record_flow_or_office_is_another_alert(ledger: Ledger) -> None:
    assert report(ledger, "VAT mismatch", "9001")
    assert report(ledger, "no project", "9001")
    assert report(ledger, "VAT mismatch", "9002")
    assert report(ledger, "VAT mismatch", "9001", flow="costs-and-sales")
    assert report(ledger, "VAT mismatch", "9001", office_id=BERGEN)
    assert len(unsent(ledger)) == 5
    assert len(unsent(ledger, BERGEN)) == 1
    assert untold(ledger) == (OSLO, BERGEN)


def test_what_is_still_there_is_not_resolved_nor_what_belongs_to_another(ledger: Ledger) -> None:
    report(ledger, "VAT mismatch", "9001")
    report(ledger, "no project", "9002")
    report(ledger, "VAT mismatch", "9001", flow="costs-and-sales")
    report(ledger, "VAT mismatch", "9001", office_id=BERGEN)
    assert resolve(ledger, ("VAT mismatch", "9001")) == 1
    assert not report(ledger, "VAT mismatch", "9001")
    assert report(ledger, "no project", "9002")
    assert [(alert.office_id, alert.flow) for alert in unsent(ledger)] == [
        (OSLO, "invoices"),
        (OSLO, "costs-and-sales"),
        (BERGEN, "invoices"),
        (OSLO, "invoices"),
    ]


def test_one_cause_can_be_resolved_alone(ledger: Ledger) -> None:
    report(ledger, "silence")
    report(ledger, "unreachable")
    with ledger.write() as transaction:
        assert transaction.alerts.open_with("silence") == {(OSLO, "invoices")}
        ended = transaction.alerts.resolve_cause(office_id=OSLO, flow="invoices", cause="silence", at=ledger.now())
    assert ended == 1
    with ledger.read() as transaction:
        assert causes(transaction.alerts.open()) == ["unreachable"]
        assert transaction.alerts.open_with("silence") == frozenset()
        assert transaction.alerts.open_flows() == {(OSLO, "invoices")}


def test_of_threads_that_report_at_once_one_tells_and_all_are_counted(
    ledger: Ledger, together: Callable[..., list[Any]]
) -> None:
    together([lambda: report(ledger, "unreachable")] * 6)
    (alert,) = unsent(ledger)
    assert alert.count == 6


# telling


def test_what_ended_before_it_was_told_is_never_told(ledger: Ledger) -> None:
    report(ledger, "unreachable")
    resolve(ledger)
    assert (untold(ledger), claim(ledger)) == ((), ())


def test_what_ends_while_it_is_being_told_is_told_to_have_ended_as_well(ledger: Ledger) -> None:
    report(ledger, "unreachable")
    told = claim(ledger)
    resolve(ledger, because="the office is closed")
    tell(ledger, told)
    (ended,) = claim(ledger)
    assert ended.resolved_because == "the office is closed"


def test_what_one_has_claimed_no_other_tells_until_the_claim_runs_out(ledger: Ledger, clock: FakeClock) -> None:
    report(ledger, "unreachable")
    report(ledger, "VAT mismatch", "9001")
    assert len(claim(ledger, "the daemon")) == 2
    report(ledger, "no project", "9002")
    assert causes(claim(ledger, "a command")) == ["no project"], "what is new is anybody's"
    assert claim(ledger, "a third") == ()
    clock.advance(CLAIM)
    assert len(claim(ledger, "a third")) == 3, "both died before they could note that they had told it"


def test_what_could_not_be_told_is_given_back_at_once_but_not_by_somebody_else(ledger: Ledger) -> None:
    report(ledger, "unreachable")
    claimed = claim(ledger, "the daemon")
    with ledger.write() as transaction:
        transaction.alerts.give_back(claimed, by="a command")
    assert claim(ledger, "a command") == ()
    with ledger.write() as transaction:
        transaction.alerts.give_back(claimed, by="the daemon")
    assert len(claim(ledger, "a command")) == 1


def test_of_deliveries_at_the_same_instant_one_gets_each_alert(
    ledger: Ledger, together: Callable[..., list[Any]]
) -> None:
    for invoice in range(20):
        report(ledger, "VAT mismatch", str(invoice))
    claims = together([lambda name=str(name): claim(ledger, name) for name in range(6)])
    assert sorted(alert.record or "" for some in claims for alert in some) == sorted(map(str, range(20)))


def test_the_trouble_of_a_run_at_work_waits_for_it_and_what_it_refused_does_not(
    ledger: Ledger, clock: FakeClock
) -> None:
    report(ledger, "unreachable", run_id="at work")
    report(ledger, "VAT mismatch", "9001", run_id="at work")
    report(ledger, "login", run_id="over")
    report(ledger, "silence")
    with ledger.read() as transaction:
        assert transaction.alerts.runs_behind_untold() == {"at work", "over"}
    waiting = {"wait_for": ["at work"], "waits_since": clock() - timedelta(minutes=10)}
    assert causes(claim(ledger, **waiting)) == ["VAT mismatch", "login", "silence"]
    clock.advance(timedelta(minutes=11))
    waiting["waits_since"] = clock() - timedelta(minutes=10)
    assert "unreachable" in causes(claim(ledger, **waiting)), "for ever it does not wait"


@pytest.mark.parametrize("because", [None, "the flow is disabled in the settings"])
def test_an_end_says_why_where_no_run_found_it(ledger: Ledger, because: str | None) -> None:
    report(ledger, "unreachable")
    tell(ledger, claim(ledger))
    resolve(ledger, because=because)
    (ended,) = claim(ledger)
    assert ended.resolved_because == because
