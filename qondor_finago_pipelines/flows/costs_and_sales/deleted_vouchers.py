"""Once a day: what was deleted in Finago shows in no change feed, so the vouchers are compared with those loaded.

Read are the unlocked fiscal years that have loaded vouchers, by posting date. What is missing, or has other lines than
when it was judged, is read again as a whole and judged like any other (decisions 8).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from ...records.costs_and_sales.vouchers import VoucherKey
from ...records.days import oslo_day
from ...records.errors import CallsBlocked
from ...rules.costs_and_sales.voucher_table import voucher_keys
from ...rules.costs_and_sales.windows import sweep_searches
from ..run.metering import SWEEP_SHARE
from ..run.office_run import OfficeRun
from .judged_lines import line_mark, together
from .line_files import batches_of
from .read import Reading, read_in_chunks


def sweep(run: OfficeRun, reading: Reading) -> bool:
    """Touches every loaded voucher that Finago no longer has as it was judged. False when it was not done to its end.

    Only the run of today sweeps, and only the first one of the day. It leaves a fifth of Finago's hourly limit to
    others (decisions 9): where that is reached it ends, the run goes on, and the next run sweeps.
    """
    if not _is_due(run):
        return False
    with run.store.read() as transaction:
        loaded = transaction.actuals.voucher_keys(run.office_id)
    if not loaded:
        return True
    reading.read_fiscal_years()
    years = [
        year
        for year in reading.fiscal_years
        if not year.is_locked and any(key.fiscal_year == year.year for key in loaded)
    ]
    swept = {key for key in loaded if any(key.fiscal_year == year.year for year in years)}
    found: dict[VoucherKey, list[bytes]] = defaultdict(list)
    numbers = pa.array(sorted({key.number for key in swept}), pa.int32())
    try:
        with run.meter.at_most(SWEEP_SHARE):
            for year in years:
                for _, file, lines in read_in_chunks(run, reading.files, sweep_searches(year)):
                    reading.files.count(lines)
                    for batch in batches_of([file]) if lines else ():
                        loaded_ones = batch.filter(pc.is_in(batch["number"], numbers))
                        _collect(pa.Table.from_batches([loaded_ones]), reading, found)
                    file.unlink()
    except CallsBlocked as blocked:
        run.record.warn(f"The search for deleted vouchers was left for the next run: {blocked.message}")
        return False
    reading.touched.update(_changed_since_judged(run, swept, found))
    return True


def _is_due(run: OfficeRun) -> bool:
    if run.is_past_day:
        return False
    with run.store.read() as transaction:
        last = transaction.readings.swept_at(run.office_id)
    return last is None or oslo_day(last) < run.today


def _collect(lines: pa.Table, reading: Reading, found: dict[VoucherKey, list[bytes]]) -> None:
    for key, line_id, changed in zip(
        voucher_keys(lines, reading.fiscal_years), lines["id"].to_pylist(), lines["changed"].to_pylist(), strict=True
    ):
        if key is not None:
            found[key].append(line_mark(line_id, changed))


def _changed_since_judged(
    run: OfficeRun, swept: Iterable[VoucherKey], found: Mapping[VoucherKey, list[bytes]]
) -> set[VoucherKey]:
    keys = set(swept)
    with run.store.read() as transaction:
        judged = transaction.vouchers.judged(run.office_id, keys)
    return {key for key in keys if key not in judged or judged[key].seen != together(found.get(key, ()))}
