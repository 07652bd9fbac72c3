"""Once a day: what was deleted in Finago shows in no change feed, so the vouchers are compared with those loaded.

Read are the unlocked fiscal years that have loaded vouchers, by posting date. What is missing, or has other lines than
when it was judged, is read again as a whole and judged like any other (decisions 8).
"""

from __future__ import annotations

from collections import defaultdict

import pyarrow as pa
import pyarrow.compute as pc

from ...records.costs_and_sales.vouchers import VoucherKey
from ...records.days import oslo_day
from ...records.errors import CallsBlocked
from ...rules.costs_and_sales.windows import searches_of_year
from ..run.metering import SWEEP_SHARE
from ..run.office_run import OfficeRun
from .judged_lines import pack_marks
from .line_files import batches_of
from .read import Reading, read_in_chunks


def touch_deleted_vouchers(run: OfficeRun, reading: Reading) -> bool:
    """Touches every loaded voucher that Finago no longer has as it was judged. False when it was not done to its end.

    Only the run of today looks, and only the first one of the day. It leaves a fifth of Finago's hourly limit to
    others (decisions 9): where that is reached the search ends, the run goes on, and the next run searches.
    """
    if not _is_due(run):
        return False
    with run.store.read() as transaction:
        # What was deleted is looked for as well: it may be back.
        loaded = transaction.actuals.voucher_keys(run.office_id) | transaction.vouchers.without_lines(run.office_id)
    if not loaded:
        return True
    reading.read_fiscal_years()
    loaded_in = {key.fiscal_year for key in loaded}
    years = [year for year in reading.fiscal_years if not year.is_locked and year.year in loaded_in]
    compared = {key for key in loaded if key.fiscal_year in {year.year for year in years}}
    numbers = pa.array(sorted({key.number for key in compared}), pa.int32())
    found: dict[VoucherKey, list[bytes]] = defaultdict(list)
    try:
        with run.meter.at_most(SWEEP_SHARE):
            for year in years:
                for _, file, lines in read_in_chunks(run, reading.files, searches_of_year(year)):
                    reading.files.count(lines)
                    for batch in batches_of([file]) if lines else ():
                        loaded_ones = pa.Table.from_batches([batch.filter(pc.is_in(batch["number"], numbers))])
                        for key, marks in reading.marks(loaded_ones).items():
                            found[key] += (mark for _, mark in marks)
                    file.unlink()
    except CallsBlocked as blocked:
        run.record.warn(f"The search for deleted vouchers was left for the next run: {blocked.message}")
        return False
    with run.store.read() as transaction:
        judged = transaction.vouchers.judged(run.office_id, compared)
    reading.touched.update(
        key for key in compared if key not in judged or judged[key].seen != pack_marks(found.get(key, ()))
    )
    return True


def _is_due(run: OfficeRun) -> bool:
    if run.is_past_day:
        return False
    with run.store.read() as transaction:
        last = transaction.readings.swept_at(run.office_id)
    return last is None or oslo_day(last) < run.today
