"""The measurements of ledger lines and of costs and sales, at small sizes: they run, and find what they should."""

from __future__ import annotations

from bench import costs_and_sales, ledger_memory, ledger_reader

SMALL = costs_and_sales.Size(standing=8, paid=4, corrected=1, supplier_invoices=6, customer_invoices=2, manual=3)


def test_every_reader_finds_every_line_of_the_same_reply() -> None:
    measured = ledger_reader.measure(lines=60, repetitions=2, zeep_repetitions=1)
    assert {name: len(rates.seconds) for name, rates in measured.rates.items()} == {
        ledger_reader.OURS: 2,
        ledger_reader.JUDGED: 2,
        ledger_reader.BARE: 2,
        ledger_reader.ZEEP: 1,
    }


def test_a_reader_that_is_less_than_twelve_times_as_fast_as_zeep_is_told() -> None:
    def measured(ours: float) -> ledger_reader.Measured:
        seconds = {ledger_reader.OURS: ours, ledger_reader.ZEEP: 12.0, ledger_reader.BARE: 0.5}
        return ledger_reader.Measured(
            bytes=1, rates={name: ledger_reader.Rates(100, (each,)) for name, each in seconds.items()}
        )

    assert measured(ours=1.1).is_too_slow
    assert not measured(ours=0.9).is_too_slow
    assert measured(ours=0.9).of_bare_parse < 1


def test_a_run_in_a_process_of_its_own_reads_every_line_twice_and_tells_its_peak() -> None:
    [peak] = ledger_memory.measure(lines=60, repetitions=1, every_nth_has_a_project=10)
    assert (peak.lines_read, peak.costs) == (120, 2)
    assert 0 < peak.loaded < peak.peak


def test_a_changed_day_costs_few_calls_and_a_quiet_one_fewer() -> None:
    measured = list(costs_and_sales.two_days(SMALL))
    assert not any(each.is_too_much for each in measured), measured
    new, quiet, sweep, changed = measured
    assert (new.finago_allowed, quiet.lines_read, quiet.qondor_writes) == (None, 0, 0)
    assert (sweep.finago, sweep.lines_read) == (25, (new.lines_read or 0) // 2), "twelve months a year, and the years"
    assert changed.qondor_writes
    assert f"{SMALL.new + SMALL.older} changed vouchers, {SMALL.new} of them new" == changed.situation


def test_a_call_above_what_is_allowed_is_told() -> None:
    assert costs_and_sales.Measured(situation="tight", finago=4, finago_allowed=3).is_too_much
    assert costs_and_sales.Measured(situation="tight", finago=1, qondor_writes=1, qondor_writes_allowed=0).is_too_much
    assert not costs_and_sales.Measured(situation="loose", finago=4).is_too_much
