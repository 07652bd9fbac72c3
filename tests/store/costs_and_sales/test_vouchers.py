"""What the store remembers of costs and sales: judged vouchers, loaded records, how far changes were read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from qondor_finago_pipelines.records.costs_and_sales.actuals import ActualKind
from qondor_finago_pipelines.records.costs_and_sales.vouchers import VoucherKey
from qondor_finago_pipelines.records.identifiers import FinagoProjectId, QondorProjectId
from qondor_finago_pipelines.store import JudgedVoucher, Store
from tests.store.builders import BERGEN, OSLO, VOUCHER, loaded_actual


def test_a_judged_voucher_is_known_by_office(store: Store) -> None:
    verdict = JudgedVoucher(
        key=VOUCHER, seen=b"12345678", judged_with="x", changed_on=date(2026, 11, 20), line_ids=("a", "b")
    )
    with store.write() as transaction:
        transaction.vouchers.put(OSLO, [verdict])
    with store.read() as transaction:
        assert transaction.vouchers.judged(OSLO, [VOUCHER, VoucherKey(2025, 3, 20418)]) == {
            VOUCHER: replace(verdict, line_ids=())
        }
        assert transaction.vouchers.judged(BERGEN, [VOUCHER]) == {}
        assert transaction.vouchers.voucher_of_line(OSLO, ["a", "c"]) == {"a": VOUCHER}
        assert transaction.vouchers.count_by_day(OSLO, date(2026, 11, 1), date(2026, 11, 20)) == {date(2026, 11, 20): 1}


def test_a_line_that_moved_has_one_home(store: Store) -> None:
    later = VoucherKey(2027, 3, 20418)
    with store.write() as transaction:
        transaction.vouchers.put(OSLO, [JudgedVoucher(key=VOUCHER, seen=b"", judged_with="x", line_ids=("a", "b"))])
        transaction.vouchers.put(OSLO, [JudgedVoucher(key=later, seen=b"", judged_with="x", line_ids=("a",))])
    with store.read() as transaction:
        assert transaction.vouchers.voucher_of_line(OSLO, ["a", "b"]) == {"a": later, "b": VOUCHER}
    with store.write() as transaction:
        transaction.vouchers.put(OSLO, [JudgedVoucher(key=VOUCHER, seen=b"", judged_with="x")])
        transaction.vouchers.put(OSLO, [JudgedVoucher(key=later, seen=b"", judged_with="x")])
    with store.read() as transaction:
        assert transaction.vouchers.voucher_of_line(OSLO, ["a", "b"]) == {}


def test_thousands_of_vouchers_are_put_and_found(store: Store) -> None:
    keys = [VoucherKey(2026, number % 4, number) for number in range(3000)]
    verdicts = [
        JudgedVoucher(key=key, seen=b"12345678", judged_with="x", line_ids=(f"{key}-1", f"{key}-2")) for key in keys
    ]
    with store.write() as transaction:
        transaction.vouchers.put(OSLO, verdicts)
    with store.read() as transaction:
        assert transaction.vouchers.judged(OSLO, keys).keys() == set(keys)
        assert len(transaction.vouchers.voucher_of_line(OSLO, [f"{key}-2" for key in keys])) == 3000


def test_quiet_vouchers_are_forgotten_and_loaded_ones_are_not(store: Store) -> None:
    quiet = VoucherKey(2026, 3, 1)
    with store.write() as transaction:
        for key in (VOUCHER, quiet):
            transaction.vouchers.put(OSLO, [JudgedVoucher(key=key, seen=b"", judged_with="x")])
        transaction.actuals.put(loaded_actual())
        assert transaction.vouchers.forget_quiet(OSLO, store.now() + timedelta(days=1)) == 1
    with store.read() as transaction:
        assert transaction.vouchers.judged(OSLO, [VOUCHER, quiet]).keys() == {VOUCHER}


def test_a_loaded_record_is_kept_to_the_last_digit(store: Store) -> None:
    with store.write() as transaction:
        transaction.actuals.put(loaded_actual())
        transaction.actuals.put(replace(loaded_actual(), is_paid=True, paid_date=date(2026, 12, 1)))
        transaction.actuals.put(loaded_actual(kind=ActualKind.SALE))
    with store.read() as transaction:
        found = transaction.actuals.of_vouchers(OSLO, [VOUCHER])[VOUCHER]
        assert set(found) == {
            replace(loaded_actual(), is_paid=True, paid_date=date(2026, 12, 1)),
            loaded_actual(kind=ActualKind.SALE),
        }
        assert transaction.actuals.voucher_keys(OSLO) == {VOUCHER}
        assert transaction.actuals.voucher_keys(OSLO, 2025) == frozenset()
        assert transaction.actuals.projects(OSLO) == {(12345, 555)}
        assert transaction.actuals.of_vouchers(BERGEN, [VOUCHER]) == {}
    with store.write() as transaction:
        transaction.actuals.remove(loaded_actual().reference)
    with store.read() as transaction:
        (left,) = transaction.actuals.of_vouchers(OSLO, [VOUCHER])[VOUCHER]
        assert left.reference.kind is ActualKind.SALE


def test_sums_are_exact(store: Store) -> None:
    keys = [VoucherKey(2026, 3, number) for number in range(1, 4)]
    with store.write() as transaction:
        for key in keys:
            transaction.actuals.put(loaded_actual(key))
            transaction.vouchers.put(
                OSLO, [JudgedVoucher(key=key, seen=b"", judged_with="x", changed_on=date(2026, 11, 20))]
            )
    with store.read() as transaction:
        assert transaction.actuals.sums_by_day(OSLO, date(2026, 11, 20), date(2026, 11, 20)) == {
            (date(2026, 11, 20), ActualKind.COST): Decimal("24000.30")
        }


def test_records_of_a_project_and_those_not_judged_yet_are_found(store: Store) -> None:
    other = VoucherKey(2026, 3, 7)
    with store.write() as transaction:
        transaction.actuals.put(loaded_actual())
        transaction.actuals.put(replace(loaded_actual(other, finago=9), verified=False))
        transaction.actuals.mark_listed(OSLO, QondorProjectId(555))
        transaction.actuals.mark_listed(OSLO, QondorProjectId(555))
    with store.read() as transaction:
        pair = (FinagoProjectId(9), QondorProjectId(555))
        assert transaction.actuals.vouchers_on(OSLO, [pair]) == {other}
        assert transaction.actuals.unverified(OSLO, 10) == (other,)
        assert transaction.actuals.listed_projects(OSLO) == {555}


def test_reading_advances_without_a_gap_and_never_goes_back(store: Store) -> None:
    def read(start: int, until: int) -> datetime | None:
        with store.write() as transaction:
            transaction.readings.advance(OSLO, store.now() + timedelta(days=start), store.now() + timedelta(days=until))
            return transaction.readings.read_until(OSLO)

    assert read(0, 5) == store.now() + timedelta(days=5)
    assert read(6, 9) == store.now() + timedelta(days=5), "nobody has read the sixth day"
    assert read(1, 3) == store.now() + timedelta(days=5), "older days were read anew"
    assert read(5, 9) == store.now() + timedelta(days=9)
    with store.write() as transaction:
        assert transaction.readings.swept_at(OSLO) is None
        transaction.readings.sweep_done(OSLO)
        assert transaction.readings.swept_at(OSLO) == store.now()
        assert transaction.readings.read_until(OSLO) == store.now() + timedelta(days=9)
