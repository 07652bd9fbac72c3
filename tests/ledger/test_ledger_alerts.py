"""An alert is told once, then counted, then resolved (decisions 11)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from qondor_finago_pipelines.ledger import Alert, Ledger
from qondor_finago_pipelines.records.identifiers import OfficeId

if TYPE_CHECKING:
    from tests.conftest import FakeClock

OSLO, BERGEN = OfficeId(102), OfficeId(103)


def report(ledger: Ledger, cause: str, record: str | None = None, **members: Any) -> bool:
    given: dict[str, Any] = {"office_id": OSLO, "flow": "invoices", "message": f"{cause} {record}", **members}
    with ledger.write() as transaction:
        return transaction.alerts.report(cause=cause, record=record, at=ledger.now(), **given)


def resolve(ledger: Ledger, *keep: tuple[str, str | None], office_id: OfficeId = OSLO) -> int:
    with ledger.write() as transaction:
        return transaction.alerts.resolve(office_id=office_id, flow="invoices", keep=keep, at=ledger.now())


def unsent(ledger: Ledger, office_id: OfficeId | None = None) -> tuple[Alert, ...]:
    with ledger.read() as transaction:
        return transaction.alerts.unsent(office_id)


def send(ledger: Ledger, alerts: Collection[Alert]) -> None:
    with ledger.write() as transaction:
        transaction.alerts.mark_sent([alert.id for alert in alerts], ledger.now())


def test_an_alert_is_told_once_then_counted_then_resolved_and_told_anew_when_it_comes_back(
    ledger: Ledger, clock: FakeClock
) -> None:
    began = clock()
    assert report(ledger, "VAT mismatch", "9001")
    (alert,) = unsent(ledger)
    send(ledger, [alert])
    for _ in range(3):
        clock.advance(timedelta(minutes=5))
        assert not report(ledger, "VAT mismatch", "9001")
        assert unsent(ledger) == ()
    assert resolve(ledger) == 1
    assert resolve(ledger) == 0
    assert unsent(ledger) == ()

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


def test_of_threads_that_report_at_once_one_tells_and_all_are_counted(
    ledger: Ledger, together: Callable[..., list[Any]]
) -> None:
    results = together([lambda: report(ledger, "unreachable")] * 6)
    assert sorted(results) == [False] * 5 + [True]
    (alert,) = unsent(ledger)
    assert alert.count == 6
