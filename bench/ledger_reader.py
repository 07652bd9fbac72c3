"""How fast ledger lines are read: from the bytes of a reply to a balanced, classified table.

Run it as `python -m bench.ledger_reader`. The same reply is read in turn by three: by us, by zeep into its typed
objects, and by lxml, which only parses it. Seconds are those of this process's processor time, since other work on the
machine would show in any others; each figure is the median and the range of its repetitions. Leaves with 1 when we are
not so many times faster than zeep as is promised.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import zeep
from lxml import etree
from rich.console import Console
from rich.table import Table

from bench.ledger_replies import DIMENSIONS_A_LINE, FIELDS_A_LINE, LINES_A_VOUCHER, SupplierLedger
from qondor_finago_pipelines.records.costs_and_sales.posting_table import POSTINGS
from qondor_finago_pipelines.records.costs_and_sales.vouchers import AccountMeaning, FiscalYear
from qondor_finago_pipelines.rules.costs_and_sales.voucher_table import classified, voucher_sums
from qondor_finago_pipelines.rules.costs_and_sales.vouchers import assess_vouchers
from qondor_finago_pipelines.sandbox.world.voucher_builders import HOTEL, INPUT_VAT, PAYABLE
from qondor_finago_pipelines.systems.finago.line_stream import posting_batches
from qondor_finago_pipelines.systems.finago.soap import PACKAGE_WSDLS

LINES = 100_000
TIMES_ZEEP = 12
"""The size and the ratio that are promised."""

REPETITIONS = 7
ZEEP_REPETITIONS = 3
"""zeep takes most of a minute for each, and 1.5 GB."""

EVERY_NTH_HAS_A_PROJECT = 10

BYTES_A_PIECE = 64 * 1024
"""So much of a reply is handed on at a time, as it comes off the socket."""

YEAR = 2026
MEANINGS = {HOTEL: AccountMeaning.EXPENSE, INPUT_VAT: AccountMeaning.VAT, PAYABLE: AccountMeaning.PAYABLE}
FISCAL_YEARS = tuple(
    FiscalYear(starting=date(year, 1, 1), ending=date(year + 1, 1, 1), is_locked=False)
    for year in range(YEAR - 1, YEAR + 2)
)

OURS = "bytes to balanced, classified table"
JUDGED = "the same, then every voucher judged, those of projects as records"
ZEEP = "bytes to zeep's typed objects"
BARE = "bytes parsed by lxml, nothing read"


@dataclass(frozen=True)
class Rates:
    """Lines per second of one reader, a value a repetition."""

    lines: int
    seconds: tuple[float, ...]

    @property
    def each(self) -> tuple[float, ...]:
        return tuple(sorted(self.lines / seconds for seconds in self.seconds))

    @property
    def median(self) -> float:
        return statistics.median(self.each)

    def __str__(self) -> str:
        return f"{self.median:,.0f} ({self.each[0]:,.0f} to {self.each[-1]:,.0f})"


@dataclass(frozen=True)
class Measured:
    """Every reader's rates for the same reply, by what it makes of it."""

    bytes: int
    rates: dict[str, Rates]

    @property
    def times_zeep(self) -> float:
        return self.rates[OURS].median / self.rates[ZEEP].median

    @property
    def of_bare_parse(self) -> float:
        return self.rates[OURS].median / self.rates[BARE].median

    @property
    def is_too_slow(self) -> bool:
        return self.times_zeep < TIMES_ZEEP


def balanced_table(body: bytes) -> int:
    """What is measured: read, classified, summed by voucher. Gives the number of lines in vouchers that balance."""
    vouchers = voucher_sums(classified(_read(body), FISCAL_YEARS, MEANINGS.__getitem__))
    sums = zip(vouchers["total"].to_pylist(), vouchers["lines"].to_pylist(), strict=True)
    return sum(lines for total, lines in sums if total == 0)


def judged_vouchers(body: bytes) -> int:
    """Read and judged, as a run does it. Gives the number of lines."""
    lines = _read(body)
    judged = assess_vouchers(lines, fiscal_years=FISCAL_YEARS, meaning_of=MEANINGS.__getitem__)
    return 0 if judged.refused else lines.num_rows


def zeep_objects(body: bytes, client: zeep.Client) -> int:
    """zeep's way: the whole tree, then an object a line, by the same WSDL. Gives the number of lines."""
    operation = client.service._binding.get("GetTransactions")
    return len(operation.process_reply(etree.fromstring(body)))


def bare_parse(body: bytes) -> int:
    """lxml's whole tree, of which nothing is read. Gives the number of lines."""
    return len(etree.fromstring(body)[0][0][0])


def _read(body: bytes) -> pa.Table:
    return pa.Table.from_batches(posting_batches(_pieces(body), Counter()), POSTINGS)


def _pieces(body: bytes) -> Iterator[bytes]:
    return (body[start : start + BYTES_A_PIECE] for start in range(0, len(body), BYTES_A_PIECE))


def measure(
    lines: int = LINES, *, repetitions: int = REPETITIONS, zeep_repetitions: int = ZEEP_REPETITIONS
) -> Measured:
    """All readers in turn, over and over: what else the machine does meets all of them.

    Raises SystemExit when one of them did not find every line.
    """
    ledger = SupplierLedger(
        vouchers=-(-lines // LINES_A_VOUCHER),
        changed_on=date(YEAR, 11, 20),
        every_nth_has_a_project=EVERY_NTH_HAS_A_PROJECT,
    )
    body = ledger.reply()
    client = zeep.Client(str(PACKAGE_WSDLS / "transaction.wsdl"), settings=zeep.Settings(strict=False))  # type: ignore[no-untyped-call]
    readers: dict[str, Callable[[bytes], int]] = {
        OURS: balanced_table,
        JUDGED: judged_vouchers,
        BARE: bare_parse,
        ZEEP: lambda reply: zeep_objects(reply, client),
    }
    seconds: dict[str, list[float]] = {name: [] for name in readers}
    for number in range(repetitions):
        for name, reader in readers.items():
            if name == ZEEP and number >= zeep_repetitions:
                continue
            gc.collect()
            began = time.process_time()
            found = reader(body)
            seconds[name].append(time.process_time() - began)
            if found != ledger.lines:
                raise SystemExit(f"{name}: {found} lines instead of {ledger.lines}")
    return Measured(bytes=len(body), rates={name: Rates(ledger.lines, tuple(taken)) for name, taken in seconds.items()})


def main() -> int:
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    measured = measure()
    lines = measured.rates[OURS].lines
    table = Table(
        "what is made of the reply",
        title=f"{lines:,} lines of {FIELDS_A_LINE} fields and {DIMENSIONS_A_LINE} dimensions, "
        f"{measured.bytes / 1e6:.0f} MB, one voucher in {EVERY_NTH_HAS_A_PROJECT} on a project",
    )
    for column in ("repetitions", "lines a second of processor time: median (range)", "to zeep", "to the bare parse"):
        table.add_column(column, justify="right")
    for name, rates in measured.rates.items():
        table.add_row(
            name,
            str(len(rates.seconds)),
            str(rates),
            f"{rates.median / measured.rates[ZEEP].median:.1f} times",
            f"{rates.median / measured.rates[BARE].median:.2f}",
            style="red" if name == OURS and measured.is_too_slow else None,
        )
    console.print(table)
    console.print(f"Promised: at least {TIMES_ZEEP} times zeep. Measured: {measured.times_zeep:.1f} times.")
    return 1 if measured.is_too_slow else 0


if __name__ == "__main__":
    sys.exit(main())
