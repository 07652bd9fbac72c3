"""Touched vouchers become costs and sales in Qondor, a bucket at a time: judged, written, concluded.

One bad voucher never stops the others; a refused one keeps what was loaded from it earlier, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa

from ...records.costs_and_sales.vouchers import VoucherKey
from ...records.identifiers import FinagoProjectId
from ...records.money import ZERO, plain
from ...records.refusals import Reason, Refusal
from ...records.unloaded import UnloadedAmount, WhyUnloaded
from ...rules.absence import is_plausible
from ...rules.costs_and_sales.actuals import given_back
from ...rules.costs_and_sales.refused_vouchers import VOUCHER, RefusedVoucher, line_record, voucher_record
from ...store import JudgedVoucher, LoadedActual
from ..run.office_run import OfficeRun
from .actual_writes import ActualWrites, Written
from .day_totals import DayTotals, home_currency
from .judge import Judge, VoucherToLoad
from .line_files import release_memory
from .read import Reading, each_once

STILL_OPEN = "open"
"""Stands where the settings and rules stand otherwise: no verdict is compared with it."""

AMOUNTS_NAMED = 5


@dataclass
class VoucherLoading:
    """What one run makes of the vouchers that it touched."""

    run: OfficeRun
    reading: Reading
    judge: Judge
    writes: ActualWrites
    totals: DayTotals
    was_open: frozenset[str]
    """The records that were held or uncertain when the run began."""
    searched_all: bool = False
    """All that is loaded was compared with Finago, not only what changed."""
    wrote_everything: bool = True
    """False when a voucher could not be brought to its end: then its window is read again by the next run."""
    numbered: set[str] = field(default_factory=set)
    """Lines that were held for want of a voucher and have one now."""
    _to_delete: dict[VoucherKey, list[LoadedActual]] = field(default_factory=dict)
    _projects: frozenset[FinagoProjectId] = frozenset()
    """All that Qondor shows, by the ids that they have in Finago."""
    _loaded: int = 0
    """Records that were loaded from the vouchers of this run."""
    _missing: set[VoucherKey] = field(default_factory=set)
    """Those of which Finago shows no line any more, or Qondor no project."""
    _judged: dict[VoucherKey, list[JudgedVoucher]] = field(default_factory=dict)
    """By voucher of which a record is still to be deleted: what counts as judged when that is done."""
    _corrections: list[VoucherToLoad] = field(default_factory=list)
    """Vouchers that move costs: judged by what is loaded when all others are."""

    def load(self) -> None:
        """Judges and writes bucket after bucket; deletions follow when all of them are done.

        Raises what stops the whole run: a system that cannot be reached, a lost lease.
        """
        self._projects = self.judge.index.seen
        for bucket in self.reading.divide():
            keys = self.reading.keys_of(bucket)
            lines_changed = self.reading.changed_of(bucket)
            self.totals.count_lines(each_once(lines_changed))
            if keys:
                self._load_bucket(bucket, set(keys), lines_changed)
            self._look_at_lines(lines_changed)
            release_memory()
        self._load_corrections()
        self._keep_what_may_not_be_gone()
        for key, outdated in self._to_delete.items():
            self._delete(key, outdated)

    def _keep_what_may_not_be_gone(self) -> None:
        """Nothing is deleted that so many others are missing with that it is no deletion (decisions 8)."""
        run, missing = self.run, sum(len(self._to_delete[key]) for key in self._missing)
        with run.store.read() as transaction:
            is_allowed = transaction.readings.deletions_allowed(run.office_id)
            loaded = transaction.actuals.count(run.office_id) if self.searched_all else self._loaded
        anything_seen = self.reading.files.lines_read > 0 and bool(self._projects)
        if is_plausible(missing, loaded, anything_seen=anything_seen) or is_allowed:
            return
        for key in self._missing:
            del self._to_delete[key]
        self.wrote_everything = False
        run.record.problem(
            "deletions",
            f"{missing} of {loaded} loaded costs and sales have no line in Finago any more, or no project in Qondor; "
            "none of them was deleted.",
            "See whether login and key may still read the general ledger and the projects. If they are gone indeed, "
            f"run `qondor-finago retry --allow-deletions --office {run.office_id}`: the next run then deletes them.",
        )

    def _load_bucket(self, bucket: int, keys: set[VoucherKey], changed: pa.Table) -> None:
        judged = self.judge.bucket(bucket, keys, changed)
        self.totals.add_totals(judged.totals)
        for refused, loaded in judged.refused:
            self._refuse(refused, loaded)
        self._corrections += (voucher for voucher in judged.to_load if voucher.allocation.is_correction)
        self._load_and_remember(voucher for voucher in judged.to_load if not voucher.allocation.is_correction)

    def _load_and_remember(self, vouchers: Iterable[VoucherToLoad]) -> None:
        done: list[JudgedVoucher] = []
        for voucher in vouchers:
            if self._load_voucher(voucher):
                waiting = done if voucher.waits_for is None else self._judged.setdefault(voucher.waits_for, [])
                waiting.append(voucher.judged)
            elif voucher.wanted.unmatched:
                # It counts with what of it is loaded, and is judged again by every run.
                done.append(replace(voucher.judged, judged_with=STILL_OPEN))
        with self.run.write() as transaction:
            transaction.vouchers.put(self.run.office_id, done)

    def _load_corrections(self) -> None:
        """What moves costs is loaded where they were loaded: the earliest first, since one may go on from another.

        The others are listed: payroll that was moved by hand, say. They are judged again when other vouchers are.
        """
        waiting = sorted(self._corrections, key=lambda each: (each.allocation.earliest_day, each.key))
        while fitting := next((each for each in waiting if self._was_loaded(each)), None):
            waiting.remove(fitting)
            self._load_and_remember([fitting])
        if waiting:
            self._load_and_remember(self.judge.only_listed(each) for each in waiting)

    def _was_loaded(self, voucher: VoucherToLoad) -> bool:
        """Whether each project gives back no more than other vouchers have put on it from the same account."""
        taken = given_back(voucher.allocation)
        if taken is None:
            return False
        with self.run.store.read() as transaction:
            offices = transaction.clients.offices_of(self.run.client_id) | {self.run.office_id}
            return all(
                amount <= transaction.unloaded.loaded_on(offices, project, account, besides=voucher.key)
                for (project, account), amount in taken.items()
            )

    def _load_voucher(self, voucher: VoucherToLoad) -> bool:
        """Brings Qondor to what the voucher comes to; True when nothing of it is left open."""
        key = voucher.key
        known = {each.reference: each for each in voucher.loaded}
        self._loaded += len(voucher.loaded)
        written = [
            self.writes.put(reference, actual, known.get(reference))
            for reference, actual in voucher.wanted.actuals.items()
        ]
        outdated = self._outdated(voucher, all_written=all(each.settled for each in written))
        unplaced = self._unplaced(voucher)
        self.totals.skipped_as_ours += voucher.allocation.is_ours
        self.totals.list_unloaded(key, voucher.changed, voucher.judged.unloaded)
        if unplaced:
            self.totals.unmatched(voucher.changed)
        is_settled = self._conclude(key, written, _unmatched(key, unplaced))
        if unplaced:
            waiting = sum((each.amount for each in unplaced), ZERO)
            self.run.record.waits_for(voucher_record(key), waiting, home_currency(self.run))
        if outdated:
            self._to_delete[key] = outdated
            if voucher.is_missing or any(each.reference.finago_project_id not in self._projects for each in outdated):
                self._missing.add(key)
            if is_settled:
                self._judged.setdefault(key, []).append(voucher.judged)
        return is_settled and not outdated

    def _outdated(self, voucher: VoucherToLoad, *, all_written: bool) -> list[LoadedActual]:
        """The records to be deleted: none before all that the voucher comes to stands in Qondor.

        Where the project of another office's record is one of ours now, our record replaces that one, once it is
        written; where a project of ours went to another office, ours stays until that office's run replaces it.
        """
        if not all_written:
            return []
        stay = {replace(reference, office_id=self.run.office_id) for reference in voucher.wanted.elsewhere}
        stay |= voucher.wanted.actuals.keys()
        outdated = [each for each in voucher.loaded if each.reference not in stay]
        ours = self.judge.index.ours
        return [*outdated, *(each for each in voucher.of_others if each.reference.finago_project_id in ours)]

    def _unplaced(self, voucher: VoucherToLoad) -> list[UnloadedAmount]:
        """The amounts that somebody has to see to."""
        unplaced = list(voucher.wanted.unmatched)
        if voucher_record(voucher.key) in self.was_open:
            # Somebody was told of it: it is closed when it is loaded, by whichever office.
            loaded_by_others = {each.reference for each in voucher.of_others}
            elsewhere = voucher.wanted.elsewhere
            unplaced += (each for reference, each in elsewhere.items() if reference not in loaded_by_others)
        unplaced += (each for each in voucher.allocation.unloaded if each.why is WhyUnloaded.NO_PROJECT_FOR_THE_REST)
        return unplaced

    def _delete(self, key: VoucherKey, outdated: Iterable[LoadedActual]) -> None:
        record, run_record = voucher_record(key), self.run.record
        if record not in run_record.outcomes:
            self._begin(key)
            run_record.settle(record)
            run_record.unchanged -= 1
        ended = [self.writes.delete(each) for each in outdated]
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

    # the run's record

    def _begin(self, key: VoucherKey) -> None:
        if voucher_record(key) not in self.run.record.outcomes:
            self.run.record.begin_record(voucher_record(key), VOUCHER, str(key.number))

    def _refuse(self, refused: RefusedVoucher, loaded: Iterable[LoadedActual] = ()) -> None:
        refusal = refused.refusal
        if stays := ", ".join(
            f"{each.reference.kind.value} {each.qondor_id} on project {each.project_id}" for each in loaded
        ):
            refusal = replace(refusal, message=f"{refusal.message} Loaded earlier, and left as it is: {stays}.")
        if refused.record not in self.run.record.outcomes:
            self.run.record.begin_record(refused.record, refused.record.partition(" ")[0])
        self.run.record.refuse(refused.record, refusal)
        if refused.total:
            # Of which currency its lines are, may be the very question.
            self.run.record.waits_for(refused.record, refused.total, None)
        self.totals.refuse(refused)

    def _look_at_lines(self, lines: pa.Table) -> None:
        """Lines that belong to no voucher cannot be completed, and are refused as they came.

        Those that were held for it and belong to one now are let go.
        """
        ids, keys = lines["id"].to_pylist(), self.reading.keys(lines)
        with_voucher = {line_record(line_id) for line_id, key in zip(ids, keys, strict=True) if line_id and key}
        self.numbered |= with_voucher & self.was_open
        stray = lines.filter(pa.array([key is None for key in keys], pa.bool_()))
        for refused in self.judge.assess(each_once(stray)).refused if stray.num_rows else ():
            self._refuse(refused)

    def _conclude(self, key: VoucherKey, written: Sequence[Written], unmatched: Refusal | None) -> bool:
        """Says how the voucher ended; True when it is settled. One with which nothing happened is only counted."""
        record, run_record = voucher_record(key), self.run.record
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
        f"{key.in_words} has amounts for no project in Qondor: {amounts}{more}.",
        "Correct the project of the line in Finago, or the project number in Qondor; the next run loads it.",
    )
