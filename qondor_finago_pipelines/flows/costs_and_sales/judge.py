"""What becomes of each voucher of a bucket: loaded, with what, or refused, and why. Nothing is written here.

What is decided is decided in `rules`; here stands what they are asked, and what has to be read for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa

from ...records.costs_and_sales.actuals import ActualKind
from ...records.costs_and_sales.vouchers import AccountMeaning, Voucher, VoucherKey
from ...records.days import oslo_day
from ...records.plans import digest_of
from ...records.refusals import Reason, Refusal, passes_by_itself
from ...rules.costs_and_sales.actuals import ProjectIndex, Wanted, actuals_of, costs_on_accounts, unloaded_of
from ...rules.costs_and_sales.allocation import Allocation, allocate, is_ours, only_listed
from ...rules.costs_and_sales.completing import adjacent_halves
from ...rules.costs_and_sales.home_money import ForeignLines, foreign_currencies
from ...rules.costs_and_sales.refused_vouchers import RefusedVoucher
from ...rules.costs_and_sales.vat_codes import VatCodes
from ...rules.costs_and_sales.vouchers import JudgedVouchers, assess_vouchers
from ...store import JudgedVoucher, LoadedActual
from ..run.office_run import OfficeRun
from .day_totals import home_currency
from .judged_lines import pack_marks
from .our_orders import our_orders
from .parties import paid_dates, read_names
from .read import Marks, Reading

RULES = 3
"""Raised by one whenever the rules for vouchers change: then every voucher in the window is judged anew."""

ADJACENT_CALLS = 2
"""Into so many range calls the halves in adjacent years are gathered, of vouchers that do not balance by themselves."""


def judged_with(run: OfficeRun) -> str:
    """A voucher that was judged with other account ranges, options or rules is judged anew."""
    return digest_of(
        {
            "accounts": run.accounts.model_dump(mode="json"),
            "sales": run.office.costs_and_sales.sales_invoiced_by_qondor,
            "other expenses": run.office.costs_and_sales.other_expenses,
            "foreign lines": run.office.costs_and_sales.foreign_lines,
            "rules": RULES,
        }
    )[:16]


@dataclass(frozen=True, kw_only=True)
class VoucherToLoad:
    """A voucher that is not refused. One that is withdrawn, gone or of no project's concern comes to nothing."""

    judged: JudgedVoucher
    """What the store remembers once the voucher is brought to its end."""
    allocation: Allocation
    wanted: Wanted
    loaded: Sequence[LoadedActual]
    """What the office has loaded from it so far."""
    of_others: Sequence[LoadedActual]
    """What other offices of the client have loaded from it."""
    paid_dates: Mapping[ActualKind, date | None]
    changed: datetime | None
    is_missing: bool
    """Finago showed no line of it."""
    waits_for: VoucherKey | None
    """The voucher in which its lines stood: until the records of that one are gone, the store must not forget whose
    lines these were."""

    @property
    def key(self) -> VoucherKey:
        return self.judged.key


@dataclass(frozen=True, kw_only=True)
class JudgedBucket:
    """Every voucher of a bucket, judged; each is in one of the two, in order of its key."""

    refused: Sequence[tuple[RefusedVoucher, Sequence[LoadedActual]]]
    """With what was loaded earlier, and stays."""
    to_load: Sequence[VoucherToLoad]
    totals: Mapping[VoucherKey, Decimal]
    """What the lines of each sum to."""


@dataclass
class Judge:
    """Judges what one run read, a bucket at a time."""

    run: OfficeRun
    reading: Reading
    index: ProjectIndex
    _names: dict[int, str] = field(default_factory=dict)
    """Of suppliers and customers, by company."""

    def bucket(self, bucket: int, keys: Collection[VoucherKey], changed: pa.Table) -> JudgedBucket:
        """Judges the vouchers `keys`; `changed` are the lines of the change feed that touched them."""
        run = self.run
        lines, found = self._whole_vouchers(bucket, keys)
        marks = self.reading.marks(lines)
        with run.store.read() as transaction:
            concerned = {*keys, *found.merged.keys(), *found.merged.values()}
            loaded = transaction.actuals.of_vouchers(run.office_id, concerned)
            of_others = transaction.actuals.of_other_offices(run.client_id, run.office_id, concerned)
        refused = {each.key: each for each in found.refused if each.key is not None}
        refused |= {key: _changed_while_read(key) for key in self._vanished(keys, changed, lines) - refused.keys()}
        vouchers = [voucher for voucher in found.vouchers if voucher.key not in refused]
        allocations = self._allocate(vouchers)
        refused |= _refused_splits(vouchers, allocations, found.changed)
        lines_of = _lines_by_voucher(marks, found.merged)
        redated = self._redated({key for key in keys if loaded.get(key) and key not in marks}, lines_of)
        refused |= _redated_into_refused(redated, refused)
        read_names(run, self._names, allocations.values(), self.index)
        paid = paid_dates(self.reading, allocations.values(), loaded, found.merged)
        redated_away = {old for olds in redated.values() for old in olds}
        rules = judged_with(run)
        to_load = []
        for key in sorted({*keys, *allocations, *found.merged} - refused.keys()):
            allocation = allocations.get(key, Allocation(voucher=key))
            wanted = self._wanted(allocation, paid.get(key, {}))
            changed_at = found.changed.get(found.merged.get(key, key))
            judged = JudgedVoucher(
                key=key,
                seen=pack_marks(mark for _, mark in marks.get(key, ())),
                judged_with=rules,
                changed_on=oslo_day(changed_at) if changed_at else None,
                line_ids=lines_of.get(key, ()) if wanted.actuals else (),
                unloaded=unloaded_of(allocation, wanted, self.index),
                costs=costs_on_accounts(allocation, self.index),
            )
            to_load.append(
                VoucherToLoad(
                    judged=judged,
                    allocation=allocation,
                    wanted=wanted,
                    loaded=loaded.get(key, ()),
                    of_others=of_others.get(key, ()),
                    paid_dates=paid.get(key, {}),
                    changed=changed_at,
                    is_missing=key not in marks and key not in redated_away and key not in found.merged,
                    waits_for=max(redated[key]) if key in redated else None,
                )
            )
        return JudgedBucket(
            refused=[(refused[key], loaded.get(key, ())) for key in sorted(refused)],
            to_load=to_load,
            totals=found.totals,
        )

    def only_listed(self, voucher: VoucherToLoad) -> VoucherToLoad:
        """The same correction, of what was never loaded: its costs are listed."""
        allocation = only_listed(voucher.allocation)
        wanted = self._wanted(allocation, voucher.paid_dates)
        judged = replace(
            voucher.judged,
            line_ids=voucher.judged.line_ids if wanted.actuals else (),
            unloaded=unloaded_of(allocation, wanted, self.index),
            costs=(),
        )
        return replace(voucher, judged=judged, allocation=allocation, wanted=wanted)

    def _whole_vouchers(self, bucket: int, keys: Collection[VoucherKey]) -> tuple[pa.Table, JudgedVouchers]:
        """The lines of these vouchers and the verdict on each; a half that does not balance is joined by its other."""
        lines = self.reading.whole_vouchers(bucket, keys)
        judged = self.assess(lines)
        halves = adjacent_halves(judged.refused, self.reading.fiscal_years) - set(keys)
        if halves:
            self.reading.complete(halves, calls=ADJACENT_CALLS)
            lines = self.reading.whole_vouchers(bucket, {*keys, *halves})
            judged = self.assess(lines)
            # What was read only as a possible other half, and is none, is no business of this run.
            judged = judged.without(halves - judged.merged.keys() - {*judged.merged.values()})
        return lines, judged

    def assess(self, lines: pa.Table) -> JudgedVouchers:
        """The verdict on these lines by themselves, each guid once."""
        return assess_vouchers(
            lines,
            fiscal_years=self.reading.fiscal_years,
            meaning_of=self._meaning_of,
            foreign=self._foreign_lines(lines),
        )

    def _foreign_lines(self, lines: pa.Table) -> ForeignLines:
        """How foreign lines are read here; Finago is asked for its currencies only where there are any."""
        reading = self.run.office.costs_and_sales.foreign_lines
        if reading == "home" or not foreign_currencies(lines):
            return ForeignLines(reading=reading)
        home = home_currency(self.run)
        if reading == "hold" or not foreign_currencies(lines, home):
            return ForeignLines(reading=reading, home_currency=home)
        currencies = self.run.cached("currencies", self.run.finago.currencies)
        return ForeignLines(
            reading=reading, home_currency=home, known=frozenset(each.symbol.upper() for each in currencies)
        )

    def _meaning_of(self, number: int) -> AccountMeaning:
        return AccountMeaning(self.run.accounts.meaning_of(number) or AccountMeaning.OTHER)

    def _vanished(self, keys: Collection[VoucherKey], changed: pa.Table, lines: pa.Table) -> set[VoucherKey]:
        """Vouchers of which a line came in the change feed and not with the whole voucher: it changed in between."""
        there = set(lines["id"].to_pylist())
        return {
            key
            for key, line_id in zip(self.reading.keys(changed), changed["id"].to_pylist(), strict=True)
            if key is not None and key in keys and line_id not in there
        }

    def _allocate(self, vouchers: Sequence[Voucher]) -> dict[VoucherKey, Allocation]:
        if not vouchers:
            return {}
        codes = VatCodes(self.run.cached("VAT codes", self.run.finago.vat_codes))
        orders = our_orders(self.run, vouchers)
        for voucher in vouchers:
            self._warn_of(voucher, codes)
        return {
            voucher.key: allocate(
                voucher,
                vat_codes=codes,
                skip_sales=is_ours(voucher, orders),
                other_expenses=self.run.office.costs_and_sales.other_expenses,
            )
            for voucher in vouchers
        }

    def _warn_of(self, voucher: Voucher, codes: VatCodes) -> None:
        """What on the lines shows that an assumption or a setting may be wrong, each once a run."""
        for number in sorted(codes.only_as_ids(voucher.postings)):
            self.run.record.warn(
                f"VAT code {number} on lines of vouchers is the TaxId of a code in Finago's list, and the TaxNo of "
                "none: such lines have no VAT until it is settled which of the two a line holds."
            )
        for posting in voucher.postings:
            if posting.meaning is AccountMeaning.RECEIVABLE and posting.company_id is None:
                self.run.record.warn(
                    f"Account {posting.account} counts as receivable and has lines without a customer: where it is a "
                    "clearing account, take it out of accounts.receivable in the settings."
                )

    def _redated(
        self, emptied: Collection[VoucherKey], lines_of: Mapping[VoucherKey, Collection[str]]
    ) -> dict[VoucherKey, set[VoucherKey]]:
        """By voucher: the ones without any line left, with records in Qondor, whose lines stand in it now."""
        if not emptied:
            return {}
        with self.run.store.read() as transaction:
            voucher_of_line = transaction.vouchers.lines_loaded(self.run.office_id, emptied)
        found: dict[VoucherKey, set[VoucherKey]] = {}
        for key, lines in lines_of.items():
            if stood_in := {voucher_of_line[line] for line in lines if line in voucher_of_line}:
                found[key] = stood_in
        return found

    def _wanted(self, allocation: Allocation, paid_dates: Mapping[ActualKind, date | None]) -> Wanted:
        wanted = actuals_of(
            allocation,
            office_id=self.run.office_id,
            index=self.index,
            names=self._names,
            currency=home_currency(self.run) if allocation.amounts else "",
            paid_dates=paid_dates,
        )
        for reference, actual in wanted.actuals.items():
            planned_in = (self.index.ours[reference.finago_project_id].currency or "").strip()
            if planned_in and planned_in != actual.currency:
                self.run.record.warn(
                    f"Project {actual.project_id} is planned in {planned_in}; its actual costs and sales are in "
                    f"{actual.currency}, the currency of the books in Finago."
                )
        return wanted


def _lines_by_voucher(marks: Marks, merged: Mapping[VoucherKey, VoucherKey]) -> dict[VoucherKey, list[str]]:
    """The guids of each voucher's lines; those of a later half stand with the earlier one."""
    lines: defaultdict[VoucherKey, list[str]] = defaultdict(list)
    for key, found in marks.items():
        lines[merged.get(key, key)] += (line_id for line_id, _ in found if line_id)
    return lines


def _changed_while_read(key: VoucherKey) -> RefusedVoucher:
    return RefusedVoucher(
        key=key,
        refusal=Refusal(
            Reason.CHANGED_WHILE_READ,
            f"{key.in_words} changed in Finago while it was read.",
            passes_by_itself("the next run reads it again."),
        ),
    )


def _refused_splits(
    vouchers: Iterable[Voucher],
    allocations: Mapping[VoucherKey, Allocation],
    changed: Mapping[VoucherKey, datetime | None],
) -> dict[VoucherKey, RefusedVoucher]:
    return {
        voucher.key: RefusedVoucher(
            key=voucher.key, refusal=refusal, lines=len(voucher.postings), changed=changed.get(voucher.key)
        )
        for voucher in vouchers
        if (refusal := allocations[voucher.key].refusal) is not None
    }


def _redated_into_refused(
    redated: Mapping[VoucherKey, Collection[VoucherKey]], refused: Mapping[VoucherKey, RefusedVoucher]
) -> dict[VoucherKey, RefusedVoucher]:
    """The vouchers whose records stay, since the lines that they had stand in one that is refused."""
    return {
        old: RefusedVoucher(
            key=old,
            refusal=Refusal(
                refused[new].refusal.reason,
                f"{old.in_words} was re-dated in Finago to {new}, which is refused.",
                refused[new].refusal.remedy,
            ),
            changed=refused[new].changed,
        )
        for new, olds in redated.items()
        if new in refused
        for old in olds
    }
