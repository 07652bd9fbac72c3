"""What the general ledger's lines of the last year show of the assumptions."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from ...records.preflight import Readings, SetUp, Unread
from ..costs_and_sales.home_money import foreign_currencies, readings_seen
from ..costs_and_sales.voucher_table import KEY, fiscal_years_of, lines_of
from ..text import counted
from .probes import Answer, Seen, some_of


def foreign_lines_as_set(set_up: SetUp, read: Readings) -> Answer:
    """Whether the vouchers with another currency sum to zero in the reading that the settings name."""
    for each in (read.postings, read.fiscal_years, read.home_currency):
        if isinstance(each, Unread):
            return each
    assert isinstance(read.postings, pa.Table)
    assert not isinstance(read.fiscal_years, Unread)
    assert isinstance(read.home_currency, str)
    lines = read.postings.append_column("fiscal_year", fiscal_years_of(read.postings["day"], read.fiscal_years))
    symbols = pc.utf8_upper(pc.utf8_trim_whitespace(lines["currency"]))
    is_foreign = pc.is_in(
        symbols, value_set=pa.array(sorted(foreign_currencies(lines, read.home_currency)), pa.string())
    )
    vouchers = lines.filter(is_foreign).select(KEY).group_by(KEY).aggregate([])
    # The year's lines are many, and only whole vouchers with a line in another currency are looked at one by one.
    seen = readings_seen(lines_of(lines, vouchers), read.home_currency)
    if not (seen.as_home or seen.as_stated or seen.neither):
        return Seen.NOTHING
    told = (
        f"of the last year's vouchers with another currency {seen.as_home} sum to zero only as they stand (`home`), "
        f"{seen.as_stated} only at their rates (`stated`), {seen.neither} in no way"
    )
    if seen.fitting is None:
        return set_up.foreign_lines == "hold", f"{told}: no reading fits, and `hold` is right"
    fits = f"{told}: costs_and_sales.foreign_lines: {seen.fitting} fits; it is {set_up.foreign_lines}"
    # Held vouchers are in nobody's way that does not know of it: each is told by name when it is met.
    return set_up.foreign_lines in ("hold", seen.fitting), fits


def codes_are_tax_numbers(_: SetUp, read: Readings) -> Answer:
    """Whether codes on lines are the `TaxNo` of a row where they cannot be both that and a `TaxId`."""
    for each in (read.postings, read.vat_codes):
        if isinstance(each, Unread):
            return each
    assert isinstance(read.postings, pa.Table)
    assert not isinstance(read.vat_codes, Unread)
    used = set(read.postings["vat_code"].unique().to_pylist()) - {None, 0}
    numbers = {code.number for code in read.vat_codes}
    ids = {code.id for code in read.vat_codes if code.id is not None}
    only_ids = sorted(used & ids - numbers)
    only_numbers = sorted(used & numbers - ids)
    if only_ids:
        also = f"; only a TaxNo: {some_of(only_numbers)}" if only_numbers else ""
        return False, f"only a TaxId: {counted(len(only_ids), 'code')} {some_of(only_ids)}{also}"
    return (True, f"only a TaxNo: {some_of(only_numbers)}") if only_numbers else Seen.NOTHING
