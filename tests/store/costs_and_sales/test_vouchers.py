"""What the store remembers of costs and sales: judged vouchers, loaded records, how far changes were read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from qondor_finago_pipelines.records.costs_and_sales.actuals import ActualKind, ActualReference
from qondor_finago_pipelines.records.costs_and_sales.vouchers import VoucherKey
from qondor_finago_pipelines.records.identifiers import ClientId, FinagoProjectId, OfficeId, QondorProjectId
from qondor_finago_pipelines.store import JudgedVoucher, LoadedActual, ProjectTotal, Store

OSLO, BERGEN = OfficeId(102), OfficeId(103)
KEY = VoucherKey(2026, 3, 20418)
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def loaded(key: VoucherKey = KEY, *, kind: ActualKind = ActualKind.COST, finago: int = 12345) -> LoadedActual:
    return LoadedActual(
        reference=ActualReference(kind=kind, office_id=OSLO, voucher=key, finago_project_id=FinagoProjectId(finago)),
        client_id=ClientId(7),
        qondor_id=31,
        project_id=QondorProjectId(555),
        posting_day=date(2026, 11, 16),
        amount_excluding_vat=Decimal("8000.10"),
        vat=Decimal("2000.03"),
        currency="NOK",
        is_paid=False,
        paid_date=None,
        content_hash="abc",
        verified=True,
    )


def test_a_judged_voucher_is_known_by_office(store: Store) -> None:
    verdict = JudgedVoucher(
        key=KEY, seen=b"12345678", judged_with="x", changed_on=date(2026, 11, 20), line_ids=("a", "b")
    )
    with store.write() as transaction:
        transaction.vouchers.put(OSLO, [verdict], AT)
    with store.read() as transaction:
        assert transaction.vouchers.judged(OSLO, [KEY, VoucherKey(2025, 3, 20418)]) == {
            KEY: replace(verdict, line_ids=())
        }
        assert transaction.vouchers.judged(BERGEN, [KEY]) == {}
        assert transaction.vouchers.voucher_of_line(OSLO, ["a", "c"]) == {"a": KEY}
        assert transaction.vouchers.count_by_day(OSLO, date(2026, 11, 1), date(2026, 11, 20)) == {date(2026, 11, 20): 1}


def test_a_line_that_moved_has_one_home(store: Store) -> None:
    later = VoucherKey(2027, 3, 20418)
    with store.write() as transaction:
        transaction.vouchers.put(OSLO, [JudgedVoucher(key=KEY, seen=b"", judged_with="x", line_ids=("a", "b"))], AT)
        transaction.vouchers.put(OSLO, [JudgedVoucher(key=later, seen=b"", judged_with="x", line_ids=("a",))], AT)
    with store.read() as transaction:
        assert transaction.vouchers.voucher_of_line(OSLO, ["a", "b"]) == {"a": later, "b": KEY}
    with store.write() as transaction:
        transaction.vouchers.put(OSLO, [JudgedVoucher(key=KEY, seen=b"", judged_with="x")], AT)
        transaction.vouchers.remove(OSLO, [later])
    with store.read() as transaction:
        assert transaction.vouchers.voucher_of_line(OSLO, ["a", "b"]) == {}
        assert transaction.vouchers.judged(OSLO, [later]) == {}


def test_thousands_of_vouchers_are_put_and_found(store: Store) -> None:
    keys = [VoucherKey(2026, number % 4, number) for number in range(3000)]
    verdicts = [
        JudgedVoucher(key=key, seen=b"12345678", judged_with="x", line_ids=(f"{key}-1", f"{key}-2")) for key in keys
    ]
    with store.write() as transaction:
        transaction.vouchers.put(OSLO, verdicts, AT)
    with store.read() as transaction:
        assert transaction.vouchers.judged(OSLO, keys).keys() == set(keys)
        assert len(transaction.vouchers.voucher_of_line(OSLO, [f"{key}-2" for key in keys])) == 3000


def test_quiet_vouchers_are_forgotten_and_loaded_ones_are_not(store: Store) -> None:
    quiet = VoucherKey(2026, 3, 1)
    with store.write() as transaction:
        for key in (KEY, quiet):
            transaction.vouchers.put(OSLO, [JudgedVoucher(key=key, seen=b"", judged_with="x")], AT)
        transaction.actuals.put(loaded(), AT)
        assert transaction.vouchers.forget_quiet(OSLO, AT + timedelta(days=1)) == 1
    with store.read() as transaction:
        assert transaction.vouchers.judged(OSLO, [KEY, quiet]).keys() == {KEY}


def test_a_loaded_record_is_kept_to_the_last_digit(store: Store) -> None:
    with store.write() as transaction:
        transaction.actuals.put(loaded(), AT)
        transaction.actuals.put(replace(loaded(), is_paid=True, paid_date=date(2026, 12, 1)), AT)
        transaction.actuals.put(loaded(kind=ActualKind.SALE), AT)
    with store.read() as transaction:
        found = transaction.actuals.of_vouchers(OSLO, [KEY])[KEY]
        assert set(found) == {
            replace(loaded(), is_paid=True, paid_date=date(2026, 12, 1)),
            loaded(kind=ActualKind.SALE),
        }
        assert transaction.actuals.voucher_keys(OSLO) == {KEY}
        assert transaction.actuals.voucher_keys(OSLO, 2025) == frozenset()
        assert transaction.actuals.projects(OSLO) == {(12345, 555)}
        assert transaction.actuals.of_vouchers(BERGEN, [KEY]) == {}
    with store.write() as transaction:
        transaction.actuals.remove(loaded().reference)
    with store.read() as transaction:
        (left,) = transaction.actuals.of_vouchers(OSLO, [KEY])[KEY]
        assert left.reference.kind is ActualKind.SALE


def test_totals_are_exact(store: Store) -> None:
    keys = [VoucherKey(2026, 3, number) for number in range(1, 4)]
    with store.write() as transaction:
        for key in keys:
            transaction.actuals.put(loaded(key), AT)
            transaction.vouchers.put(
                OSLO, [JudgedVoucher(key=key, seen=b"", judged_with="x", changed_on=date(2026, 11, 20))], AT
            )
    with store.read() as transaction:
        assert transaction.actuals.totals(OSLO) == (
            ProjectTotal(
                kind=ActualKind.COST,
                project_id=QondorProjectId(555),
                currency="NOK",
                amount_excluding_vat=Decimal("24000.30"),
                vat=Decimal("6000.09"),
                count=3,
            ),
        )
        assert transaction.actuals.sums_by_day(OSLO, date(2026, 11, 20), date(2026, 11, 20)) == {
            (date(2026, 11, 20), ActualKind.COST): Decimal("24000.30")
        }


def test_records_of_a_project_and_those_not_judged_yet_are_found(store: Store) -> None:
    other = VoucherKey(2026, 3, 7)
    with store.write() as transaction:
        transaction.actuals.put(loaded(), AT)
        transaction.actuals.put(replace(loaded(other, finago=9), verified=False), AT)
        transaction.actuals.mark_listed(OSLO, QondorProjectId(555), AT)
        transaction.actuals.mark_listed(OSLO, QondorProjectId(555), AT)
    with store.read() as transaction:
        pair = (FinagoProjectId(9), QondorProjectId(555))
        assert transaction.actuals.vouchers_on(OSLO, [pair]) == {other}
        assert transaction.actuals.unverified(OSLO, 10) == (other,)
        assert transaction.actuals.listed_projects(OSLO) == {555}


def test_reading_advances_without_a_gap_and_never_goes_back(store: Store) -> None:
    def read(start: int, until: int) -> datetime | None:
        with store.write() as transaction:
            transaction.readings.advance(OSLO, AT + timedelta(days=start), AT + timedelta(days=until))
            return transaction.readings.read_until(OSLO)

    assert read(0, 5) == AT + timedelta(days=5)
    assert read(6, 9) == AT + timedelta(days=5), "nobody has read the sixth day"
    assert read(1, 3) == AT + timedelta(days=5), "older days were read anew"
    assert read(5, 9) == AT + timedelta(days=9)
    with store.write() as transaction:
        assert transaction.readings.swept_at(OSLO) is None
        transaction.readings.sweep_done(OSLO, AT)
        assert transaction.readings.swept_at(OSLO) == AT
        assert transaction.readings.read_until(OSLO) == AT + timedelta(days=9)
