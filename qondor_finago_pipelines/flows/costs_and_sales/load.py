"""Touched vouchers become costs and sales in Qondor, a bucket at a time: judged, allocated, matched, written.

What is decided is decided in `rules`; here stands what they are asked and what is done about their answers. One bad
voucher never stops the others; a refused one keeps what was loaded from it earlier, and says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import pyarrow as pa

from ...records.costs_and_sales.actuals import ActualKind
from ...records.costs_and_sales.vouchers import AccountMeaning, Voucher, VoucherKey
from ...records.days import oslo_day
from ...records.errors import NotFound
from ...records.identifiers import CompanyId, InvoiceNumber, QondorInvoiceId
from ...records.invoices.orders import FinagoOrder
from ...records.money import ZERO, plain
from ...records.plans import digest_of
from ...records.refusals import Reason, Refusal
from ...rules.costs_and_sales.actuals import ProjectIndex, Wanted, actuals_of, our_companies
from ...rules.costs_and_sales.allocation import (
    NO_PROJECT_FOR_THE_REST,
    Allocation,
    UnloadedAmount,
    allocate,
    invoice_numbers,
    is_ours,
)
from ...rules.costs_and_sales.completing import adjacent_halves
from ...rules.costs_and_sales.vouchers import JudgedVouchers, RefusedVoucher, assess_vouchers
from ...rules.linking import positive_int
from ...store import JudgedVoucher, LoadedActual
from ..run.office_run import OfficeRun
from .actual_writes import ActualWrites, Written
from .day_totals import DayTotals
from .judged_lines import line_mark, together
from .line_files import release_memory
from .read import Reading, each_once

RULES = 1
"""Raised by one whenever the rules for vouchers change: then every voucher in the window is judged anew."""

ADJACENT_CALLS = 2
"""Into so many range calls the halves in adjacent years are gathered, of vouchers that do not balance by themselves."""

VOUCHER, LINE = "voucher", "line"
"""What the records of this flow are called: a voucher with its key, a line without one with its guid."""

STILL_OPEN = "open"
"""Stands where the settings and rules stand otherwise: no verdict is compared with it."""

AMOUNTS_NAMED = 5


def judged_with(run: OfficeRun) -> str:
    """A voucher that was judged with other account ranges, options or rules is judged anew."""
    return digest_of(
        {
            "accounts": run.accounts.model_dump(mode="json"),
            "sales": run.office.costs_and_sales.sales_invoiced_by_qondor,
            "rules": RULES,
        }
    )[:16]


@dataclass
class VoucherLoading:
    """What one run makes of the vouchers that it touched."""

    run: OfficeRun
    reading: Reading
    index: ProjectIndex
    writes: ActualWrites
    account: DayTotals
    was_open: frozenset[str] = frozenset()
    """The records that were held or uncertain when the run began."""
    wrote_everything: bool = True
    """False when a voucher could not be brought to its end: then its window is read again by the next run."""
    _names: dict[int, str] = field(default_factory=dict)
    _to_delete: dict[VoucherKey, list[LoadedActual]] = field(default_factory=dict)
    numbered: set[str] = field(default_factory=set)
    """Lines that were held for want of a voucher and have one now."""
    _judged: dict[VoucherKey, list[JudgedVoucher]] = field(default_factory=dict)
    """By voucher of which a record is still to be deleted: what counts as judged when that is done."""

    def load(self) -> None:
        """Judges and writes bucket after bucket; deletions follow when all of them are done.

        Raises what stops the whole run: a system that cannot be reached, a lost lease.
        """
        for bucket in self.reading.divide():
            keys = self.reading.keys_of(bucket)
            lines_changed = self.reading.changed_of(bucket)
            self.account.count_lines(each_once(lines_changed))
            if keys:
                self._load_bucket(bucket, set(keys), lines_changed)
            self._refuse_lines(lines_changed)
            release_memory()
        for key, gone in self._to_delete.items():
            self._delete(key, gone)

    def _load_bucket(self, bucket: int, keys: set[VoucherKey], changed: pa.Table) -> None:
        run = self.run
        lines, judged = self._judge(bucket, keys)
        self.account.add_totals(judged.totals)
        marks = _marks_by_voucher(self.reading, lines)
        with run.store.read() as transaction:
            concerned = {*keys, *judged.merged.keys(), *judged.merged.values()}
            loaded = transaction.actuals.of_vouchers(run.office_id, concerned)
            of_others = transaction.actuals.of_other_offices(run.client_id, run.office_id, concerned)
        refused: dict[VoucherKey, RefusedVoucher] = {each.key: each for each in judged.refused if each.key is not None}
        for key in _vanished(self.reading, keys, changed, lines) - refused.keys():
            refused[key] = _changed_while_read(key)
        vouchers = {voucher.key: voucher for voucher in judged.vouchers if voucher.key not in refused}
        allocations = self._allocate(vouchers.values())
        self._read_names(allocations.values())
        paid_on = self._paid_dates(allocations.values(), loaded, judged.merged)
        for key, voucher in vouchers.items():
            if (refusal := allocations[key].refusal) is not None:
                refused[key] = _as_refused(refusal, voucher, judged.changed.get(key))
        redated = self._redated({key for key in keys if loaded.get(key) and key not in marks}, marks, judged.merged)
        kept = {old: refused[new] for new, olds in redated.items() if new in refused for old in olds}
        halves_of = {home: [half] for half, home in judged.merged.items()}
        with_these_rules = judged_with(run)
        done: list[JudgedVoucher] = []
        for key in sorted(keys | refused.keys() | vouchers.keys() | judged.merged.keys()):
            changed_at = judged.changed.get(judged.merged.get(key, key))
            before = loaded.get(key, ())
            if key in kept:
                self._refuse(_redated_into(kept[key], key), before)
                continue
            if key in refused:
                self._refuse(refused[key], before)
                continue
            allocation = allocations.get(key)
            wanted = self._wanted(allocation, paid_on.get(key, {}))
            lines_of_both = [*marks.get(key, ()), *(line for half in halves_of.get(key, ()) for line in marks[half])]
            verdict = JudgedVoucher(
                key=key,
                seen=together(mark for _, mark in marks.get(key, ())),
                judged_with=with_these_rules,
                changed_on=oslo_day(changed_at) if changed_at else None,
                line_ids=tuple(line for line, _ in lines_of_both if line) if wanted.actuals else (),
            )
            if self._write(verdict, allocation, wanted, before, of_others.get(key, ()), changed_at):
                if key in redated:
                    # Until the record of the old one is gone, nothing may forget whose lines these were.
                    self._judged.setdefault(max(redated[key]), []).append(verdict)
                else:
                    done.append(verdict)
            elif wanted.unmatched:
                # It counts with what of it is loaded, and is judged again by every run.
                done.append(replace(verdict, judged_with=STILL_OPEN))
        with run.write() as transaction:
            transaction.vouchers.put(run.office_id, done)

    def _redated(
        self,
        emptied: Collection[VoucherKey],
        marks: Mapping[VoucherKey, Sequence[tuple[str, bytes]]],
        merged: Mapping[VoucherKey, VoucherKey],
    ) -> dict[VoucherKey, set[VoucherKey]]:
        """By voucher: the ones without any line left, with records in Qondor, whose lines stand in it now."""
        if not emptied:
            return {}
        with self.run.store.read() as transaction:
            voucher_of_line = transaction.vouchers.lines_loaded(self.run.office_id, emptied)
        found: dict[VoucherKey, set[VoucherKey]] = {}
        for key, lines in marks.items():
            for line_id, _ in lines:
                if line_id in voucher_of_line:
                    found.setdefault(merged.get(key, key), set()).add(voucher_of_line[line_id])
        return found

    # judging

    def _judge(self, bucket: int, keys: Collection[VoucherKey]) -> tuple[pa.Table, JudgedVouchers]:
        """The lines of these vouchers and the verdict on each; a half that does not balance is joined by its other."""
        lines = _of(self.reading, self.reading.whole_of(bucket), keys)
        judged = self._verdict(lines)
        halves = adjacent_halves(judged.refused, self.reading.fiscal_years) - set(keys)
        if halves:
            self.reading.complete(halves, calls=ADJACENT_CALLS)
            lines = _of(self.reading, self.reading.whole_of(bucket), {*keys, *halves})
            judged = _without_unrelated(self._verdict(lines), {*keys}, halves)
        return lines, judged

    def _verdict(self, lines: pa.Table) -> JudgedVouchers:
        return assess_vouchers(lines, fiscal_years=self.reading.fiscal_years, meaning_of=self._meaning_of)

    def _meaning_of(self, number: int) -> AccountMeaning:
        return AccountMeaning(self.run.accounts.meaning_of(number) or AccountMeaning.OTHER)

    def _allocate(self, vouchers: Iterable[Voucher]) -> dict[VoucherKey, Allocation]:
        vouchers = list(vouchers)
        if not vouchers:
            return {}
        rates = {rate.number: rate.percent for rate in self.run.cached("VAT rates", self.run.finago.vat_rates)}
        orders = self._our_orders(vouchers)
        return {
            voucher.key: allocate(
                voucher,
                meaning_of=self._meaning_of,
                vat_rates=rates,
                skip_sales=is_ours(voucher, orders, self._meaning_of),
            )
            for voucher in vouchers
        }

    # what came from Qondor

    def _our_orders(self, vouchers: Iterable[Voucher]) -> Mapping[int, bool]:
        """The invoice numbers among these vouchers that are of Qondor's orders; True for those of a credit note.

        A number that the store does not know is looked up: an order may have been invoiced by hand, and a lost store
        must not load as news what came from Qondor itself.
        """
        run = self.run
        if run.office.costs_and_sales.sales_invoiced_by_qondor == "load":
            return {}
        numbers = {number for voucher in vouchers for number in invoice_numbers(voucher, self._meaning_of)}
        with run.store.read() as transaction:
            linked = transaction.orders.of_invoice_numbers(run.client_id, numbers)
        ours = {number: link.is_credit for number, link in linked.items()}
        unknown = sorted(numbers - ours.keys())
        if not unknown:
            return ours
        found = run.finago.orders_by_number([InvoiceNumber(number) for number in unknown])
        with run.store.read() as transaction:
            links = transaction.orders.of_orders(run.client_id, [order.id for order in found.values()])
        for number, order in found.items():
            link = links.get(order.id)
            if link is not None:
                ours[number] = link.is_credit
            elif (is_credit := self._is_credit_in_qondor(order)) is not None:
                ours[number] = is_credit
        return ours

    def _is_credit_in_qondor(self, order: FinagoOrder) -> bool | None:
        """Whether the Qondor invoice that has just this order is a credit note; None when none has it."""
        reference = positive_int(order.reference)
        if reference is None:
            return None
        try:
            invoice = self.run.qondor.invoice(QondorInvoiceId(reference))
        except NotFound:
            return None
        return invoice.is_credit if (invoice.external_reference or "").strip() == str(order.id) else None

    # names and days

    def _read_names(self, allocations: Iterable[Allocation]) -> None:
        """The names of suppliers and customers, each read once in a run."""
        wanted = {company for each in allocations for company in our_companies(each, self.index)} - self._names.keys()
        if not wanted:
            return
        found = self.run.finago.companies([CompanyId(company) for company in sorted(wanted)])
        for company in sorted(wanted):
            known = found.get(CompanyId(company))
            self._names[company] = known.name if known else ""
            self.run.qondor.redact(self._names[company])
            if known is None:
                self.run.record.warn(
                    f"Finago has no company {company}, which a voucher names: its costs and sales stand without a name."
                )

    def _paid_dates(
        self,
        allocations: Iterable[Allocation],
        loaded: Mapping[VoucherKey, Sequence[LoadedActual]],
        merged: Mapping[VoucherKey, VoucherKey],
    ) -> dict[VoucherKey, dict[ActualKind, date | None]]:
        """When each voucher was paid: the latest day of another voucher's line in its link, as far as this run read it.

        Where the payment was read by an earlier run only, the date that was loaded then stays.
        """
        allocations = list(allocations)
        links = {link for each in allocations for terms in each.terms.values() for link in terms.link_ids}
        days = self.reading.days_by_link(links) if links else {}
        paid: dict[VoucherKey, dict[ActualKind, date | None]] = {}
        for each in allocations:
            before = {
                record.reference.kind: record.paid_date for record in loaded.get(each.voucher, ()) if record.paid_date
            }
            paid[each.voucher] = {
                kind: max(
                    (
                        day
                        for link in terms.link_ids
                        for key, day in days.get(link, ())
                        if key is None or merged.get(key, key) != each.voucher
                    ),
                    # Nothing that is linked to nothing was ever paid.
                    default=before.get(kind) if terms.link_ids else None,
                )
                for kind, terms in each.terms.items()
            }
        return paid

    # writing

    def _write(
        self,
        verdict: JudgedVoucher,
        allocation: Allocation | None,
        wanted: Wanted,
        loaded: Sequence[LoadedActual],
        of_others: Sequence[LoadedActual],
        changed_at: datetime | None,
    ) -> bool:
        """Brings Qondor to what the voucher comes to; True when nothing of it is left open.

        `of_others` is what other offices of the client have loaded from it. Where its project is one of ours now, our
        record replaces theirs; where a project of ours went to another office, ours stays until its run replaces it.
        """
        key = verdict.key
        known = {each.reference: each for each in loaded}
        written = [
            self.writes.put(reference, actual, known.get(reference)) for reference, actual in wanted.actuals.items()
        ]
        left_to_others = {replace(reference, office_id=self.run.office_id) for reference in wanted.elsewhere}
        gone = [
            each
            for reference, each in known.items()
            if reference not in wanted.actuals and reference not in left_to_others
        ]
        if all(each.settled for each in written):
            gone += (each for each in of_others if each.reference.finago_project_id in self.index.ours)
        unplaced = list(wanted.unmatched)
        if f"{VOUCHER} {key}" in self.was_open:
            # Somebody was told of it: it is closed when it is loaded, by whichever office.
            loaded_by_others = {each.reference for each in of_others}
            unplaced += (each for reference, each in wanted.elsewhere.items() if reference not in loaded_by_others)
        if allocation is not None:
            self.account.list_unloaded(key, changed_at, allocation.unloaded)
            self.account.skipped_as_ours += allocation.is_ours
            unplaced += (each for each in allocation.unloaded if each.why == NO_PROJECT_FOR_THE_REST)
        self.account.list_unloaded(key, changed_at, wanted.unmatched)
        if unplaced:
            self.account.unmatched(changed_at)
        is_settled = self._conclude(key, written, _unmatched(key, unplaced))
        if gone:
            self._to_delete[key] = gone
            if is_settled:
                self._judged.setdefault(key, []).append(verdict)
        return is_settled and not gone

    def _delete(self, key: VoucherKey, gone: Sequence[LoadedActual]) -> None:
        record, run_record = f"{VOUCHER} {key}", self.run.record
        if record not in run_record.outcomes:
            self._begin(key)
            run_record.settle(record)
            run_record.unchanged -= 1
        ended = [self.writes.delete(each) for each in gone]
        for each in ended:
            if each.did:
                run_record.note(record, each.did)
            if each.untouched:
                run_record.untouched(record, each.untouched)
                self.wrote_everything = False
            if each.refusal:
                run_record.refuse(record, each.refusal)
        if key in self._judged and all(each.settled for each in ended):
            with self.run.write() as transaction:
                transaction.vouchers.put(self.run.office_id, self._judged[key])

    def _wanted(self, allocation: Allocation | None, paid_dates: Mapping[ActualKind, date | None]) -> Wanted:
        if allocation is None:
            return Wanted()
        wanted = actuals_of(
            allocation,
            office_id=self.run.office_id,
            index=self.index,
            names=self._names,
            currency=self.account.currency() if allocation.amounts else "",
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

    # the run's record

    def _begin(self, key: VoucherKey) -> None:
        record = f"{VOUCHER} {key}"
        if record not in self.run.record.outcomes:
            self.run.record.begin_record(record, VOUCHER, str(key.number))

    def _refuse(self, refused: RefusedVoucher, loaded: Sequence[LoadedActual]) -> None:
        refusal = refused.refusal
        if loaded:
            stays = ", ".join(
                f"{each.reference.kind.value} {each.qondor_id} on project {each.project_id}" for each in loaded
            )
            refusal = replace(refusal, message=f"{refusal.message} Loaded earlier, and left as it is: {stays}.")
        if refused.record not in self.run.record.outcomes:
            self.run.record.begin_record(refused.record, refused.record.partition(" ")[0])
        self.run.record.refuse(refused.record, refusal)
        self.account.refuse(refused, refusal.reason)

    def _refuse_lines(self, lines: pa.Table) -> None:
        """Lines that belong to no voucher cannot be completed: they are judged as they came."""
        keys = self.reading.keys(lines)
        open_lines = self.was_open & {f"{LINE} {line_id}" for line_id in lines["id"].to_pylist()}
        if open_lines:
            self.numbered |= open_lines & {
                f"{LINE} {line_id}"
                for key, line_id in zip(keys, lines["id"].to_pylist(), strict=True)
                if key is not None
            }
        stray = lines.filter(pa.array([key is None for key in keys], pa.bool_()))
        if stray.num_rows:
            for refused in self._verdict(each_once(stray)).refused:
                self._refuse(refused, ())

    def _conclude(self, key: VoucherKey, written: Sequence[Written], unmatched: Refusal | None) -> bool:
        """Says how the voucher ended; True when it is settled. One with which nothing happened is only counted."""
        record, run_record = f"{VOUCHER} {key}", self.run.record
        if unmatched is None and record not in self.was_open and all(each == Written() for each in written):
            run_record.unchanged += 1
            return True
        self._begin(key)
        for each in written:
            if each.did:
                run_record.note(record, each.did)
        untouched = next((each.untouched for each in written if each.untouched), "")
        uncertain = next((each.uncertain for each in written if each.uncertain), "")
        refusal = next((each.refusal for each in written if each.refusal), unmatched)
        if untouched:
            run_record.untouched(record, untouched)
            self.wrote_everything = False
        elif uncertain:
            run_record.leave_uncertain(record, uncertain)
        elif refusal is not None:
            run_record.refuse(record, refusal)
        else:
            run_record.settle(record)
            return True
        return False


def _of(reading: Reading, lines: pa.Table, keys: Collection[VoucherKey]) -> pa.Table:
    """The lines of these vouchers; those that stand beside them in a range are nobody's business."""
    wanted = set(keys)
    return lines.filter(pa.array([key in wanted for key in reading.keys(lines)], pa.bool_()))


def _marks_by_voucher(reading: Reading, lines: pa.Table) -> dict[VoucherKey, list[tuple[str, bytes]]]:
    marks: dict[VoucherKey, list[tuple[str, bytes]]] = {}
    for key, line_id, changed in zip(
        reading.keys(lines), lines["id"].to_pylist(), lines["changed"].to_pylist(), strict=True
    ):
        if key is not None:
            marks.setdefault(key, []).append((line_id, line_mark(line_id, changed)))
    return marks


def _vanished(
    reading: Reading, keys: Collection[VoucherKey], changed: pa.Table, lines: pa.Table
) -> frozenset[VoucherKey]:
    """Vouchers of which a line came in the change feed and not with the whole voucher: it changed in between."""
    there = set(lines["id"].to_pylist())
    return frozenset(
        key
        for key, line_id in zip(reading.keys(changed), changed["id"].to_pylist(), strict=True)
        if key is not None and key in keys and line_id not in there
    )


def _changed_while_read(key: VoucherKey) -> RefusedVoucher:
    return RefusedVoucher(
        key=key,
        record=f"{VOUCHER} {key}",
        refusal=Refusal(
            Reason.CHANGED_WHILE_READ,
            f"Voucher {key.number} of series {key.type_id} in {key.year_in_words} changed in Finago while it was read.",
            "Nothing to do: the next run reads it again.",
        ),
        lines=0,
        total=ZERO,
        changed=None,
    )


def _as_refused(refusal: Refusal, voucher: Voucher, changed: datetime | None) -> RefusedVoucher:
    return RefusedVoucher(
        key=voucher.key,
        record=f"{VOUCHER} {voucher.key}",
        refusal=refusal,
        lines=len(voucher.postings),
        total=ZERO,
        changed=changed,
    )


def _redated_into(refused: RefusedVoucher, old: VoucherKey) -> RefusedVoucher:
    """The voucher whose records stay, since the lines that it had stand in one that is refused."""
    return RefusedVoucher(
        key=old,
        record=f"{VOUCHER} {old}",
        refusal=Refusal(
            refused.refusal.reason,
            f"Voucher {old.number} of series {old.type_id} in {old.year_in_words} was re-dated in Finago to "
            f"{refused.key}, which is refused.",
            refused.refusal.remedy,
        ),
        lines=0,
        total=ZERO,
        changed=refused.changed,
    )


def _unmatched(key: VoucherKey, unplaced: Sequence[UnloadedAmount]) -> Refusal | None:
    """Amounts for which Qondor has no project: somebody has to see to them."""
    if not unplaced:
        return None
    amounts = "; ".join(
        f"{plain(each.amount)} on account {each.account}"
        + (f" for Finago project {each.project}" if each.project else "")
        + f" ({each.why})"
        for each in unplaced[:AMOUNTS_NAMED]
    )
    more = f"; {len(unplaced) - AMOUNTS_NAMED} more" if len(unplaced) > AMOUNTS_NAMED else ""
    return Refusal(
        Reason.UNMATCHED,
        f"Voucher {key.number} of series {key.type_id} in {key.year_in_words} has amounts for no project in Qondor: "
        f"{amounts}{more}.",
        "Correct the project of the line in Finago, or the project number in Qondor; the next run loads it.",
    )


def _without_unrelated(
    judged: JudgedVouchers, keys: Collection[VoucherKey], halves: Collection[VoucherKey]
) -> JudgedVouchers:
    """What was read only as a possible other half, and is none, is no business of this run."""
    joined = {*judged.merged.keys(), *judged.merged.values()}
    unrelated = {key for key in halves if key not in joined and key not in keys}
    return replace(
        judged,
        vouchers=tuple(voucher for voucher in judged.vouchers if voucher.key not in unrelated),
        refused=tuple(refused for refused in judged.refused if refused.key not in unrelated),
        withdrawn=judged.withdrawn - unrelated,
        quiet=judged.quiet - unrelated,
    )
