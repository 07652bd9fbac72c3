"""The measurements of the ledger's lines, at small sizes: they run, and every reader finds every line."""

from __future__ import annotations

from bench import ledger_reader


def test_every_reader_finds_every_line_of_the_same_reply() -> None:
    measured = ledger_reader.measure(lines=60, repetitions=2, zeep_repetitions=1)
    assert {name: len(rates.seconds) for name, rates in measured.rates.items()} == {
        ledger_reader.OURS: 2,
        ledger_reader.JUDGED: 2,
        ledger_reader.BARE: 2,
        ledger_reader.ZEEP: 1,
    }
