"""Actual costs and sales: all that was posted on these days, judged as the flow judges it, beside what Qondor has.

What a voucher comes to is said in one place, `flows.costs_and_sales.judge`. The ledger's lines lie in files and are
judged a bucket at a time; Qondor is asked for the records of each project, two calls a project.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from ...records.costs_and_sales.actuals import ActualKind, ActualReference, StoredActual
from ...records.costs_and_sales.posting_table import POSTINGS
from ...records.costs_and_sales.vouchers import AccountMeaning, EntrySearch, VoucherKey
from ...records.days import utc_bounds
from ...records.identifiers import QondorProjectId
from ...records.money import ZERO
from ...records.operations.results import Flow
from ...records.plans import digest_of
from ...records.reconciliation import CANNOT_BE_READ, MISSING_IN_QONDOR, Compared, Side
from ...rules.costs_and_sales.actuals import ProjectIndex, project_index
from ...rules.costs_and_sales.refused_vouchers import RefusedVoucher
from ...rules.reconciliation.comparison import Comparison, by_field, merged
from ...rules.reconciliation.costs_and_sales import (
    KINDS,
    RENAMED,
    kind_of_amount,
    stored_side,
    unmatched,
    wanted_side,
    why_not_loaded,
    why_refused,
    without_unseen_payment,
)
from ..costs_and_sales.judge import Judge, VoucherToLoad
from ..costs_and_sales.line_files import LineFiles, release_memory
from ..costs_and_sales.read import Reading
from ..run.office_run import OfficeRun
from .customers_and_projects import MasterRecords


@dataclass
class CostsAndSales:
    """One office's vouchers of these days."""

    run: OfficeRun
    comparison: Comparison
    records: MasterRecords
    unloaded: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    _stored: dict[ActualReference, StoredActual] = field(default_factory=dict)
    _by_voucher: defaultdict[VoucherKey, list[ActualReference]] = field(default_factory=lambda: defaultdict(list))
    _listed: frozenset[VoucherKey] = frozenset()
    """Vouchers that correct what was never loaded, as the flow found."""
    _read_until: datetime | None = None
    _read_from: datetime | None = None

    def compare(self) -> None:
        """Reads and compares. Raises what a read raises."""
        run = self.run
        self._remember()
        with LineFiles() as files:
            reading = Reading(run, files)
            reading.read_posted([EntrySearch(first_day=run.first_day, last_day=run.day)])
            judge = Judge(run, reading, self._index())
            self._read_qondor({project.id for project in judge.index.ours.values()})
            self._compare(reading, judge)
        release_memory()

    def _remember(self) -> None:
        run, flow = self.run, Flow.COSTS_AND_SALES.value
        with run.store.read() as transaction:
            self._read_until = transaction.readings.read_until(run.office_id)
            asked_from = transaction.readings.asked_from(run.office_id)
            self._listed = transaction.unloaded.waiting_corrections(run.office_id)
            first_run = transaction.runs.first_started(run.office_id, flow)
        if first_run is not None:
            usual = first_run - timedelta(days=run.office.costs_and_sales.days_backwards + 1)
            self._read_from = asked_from or max(usual, utc_bounds(run.sync.first_day)[0])

    def _index(self) -> ProjectIndex:
        run = self.run
        with run.store.read() as transaction:
            offices = sorted(transaction.clients.offices_of(run.client_id) | {run.office_id})
            links = transaction.projects.of_client(run.client_id)
            former = {(link.finago_project_id, link.project_id) for link in links}
            former = former.union(*(transaction.actuals.projects(office) for office in offices))
        return project_index(run.office_id, self.records.projects.values(), former)

    def _read_qondor(self, project_ids: Iterable[QondorProjectId]) -> None:
        """Our records on the office's projects; a second one of a reference is told at once."""
        own = {each.id for each in self.records.projects.values() if each.office_id in (None, self.run.office_id)}
        for project_id in sorted(own.union(project_ids)):
            for kind in ActualKind:
                for stored in self.run.qondor.actuals(kind, project_id):
                    reference = ActualReference.of(kind, stored.external_reference)
                    if reference is None or reference.office_id != self.run.office_id:
                        continue
                    first = self._stored.setdefault(reference, stored)
                    if first is not stored:
                        ours, theirs = stored_side(stored), Side(id=str(reference.voucher))
                        self.comparison.again_in_qondor(KINDS[kind], ours, theirs)
                    else:
                        self._by_voucher[reference.voucher].append(reference)

    def _compare(self, reading: Reading, judge: Judge) -> None:
        """What does not balance by what these days hold, and what only Qondor has, is read whole first."""
        buckets = reading.divide()
        incomplete = {key for key in self._by_voucher if self._is_of_these_days(key)}
        for bucket in buckets:
            sums = reading.sums_read(bucket)
            reading.touched.update(sums)
            incomplete = (incomplete - sums.keys()) | {key for key, total in sums.items() if total}
            release_memory()
        reading.touched.update(incomplete)
        years = {year.year for year in reading.fiscal_years}
        reading.complete({key for key in incomplete if key.fiscal_year in years})
        for bucket in buckets:
            judged = judge.bucket(bucket, reading.keys_of(bucket), POSTINGS.empty_table())
            for refused, _ in judged.refused:
                self._refused(refused)
            for voucher in judged.to_load:
                self._voucher(judge, voucher)
            release_memory()

    def _is_of_these_days(self, key: VoucherKey) -> bool:
        days = [each.actual.invoice_date for ref in self._by_voucher[key] if (each := self._stored[ref]).actual]
        return not days or any(self.run.first_day <= day <= self.run.day for day in days)

    def _voucher(self, judge: Judge, voucher: VoucherToLoad) -> None:
        if voucher.allocation.is_correction and voucher.key in self._listed and voucher.key not in self._by_voucher:
            voucher = judge.only_listed(voucher)
        explain = why_not_loaded(
            voucher.changed,
            read_until=self._read_until,
            read_from=self._read_from,
            is_enabled=self.run.office.does(Flow.COSTS_AND_SALES),
        )
        wanted = voucher.wanted.actuals
        for reference, actual in wanted.items():
            kind, theirs = KINDS[reference.kind], wanted_side(reference, actual)
            stored = self._stored.get(reference)
            if stored is None:
                self.comparison.only_in_finago(kind, theirs, explain)
            elif stored.actual is None:
                self.comparison.note(
                    kind,
                    CANNOT_BE_READ,
                    qondor=stored.id,
                    finago=str(reference.voucher),
                    explained=explain(CANNOT_BE_READ),
                )
            else:
                theirs, ours = without_unseen_payment(
                    theirs, stored_side(stored), first_day=self.run.first_day, last_day=self.run.day
                )
                as_loaded = digest_of(stored.actual) in {each.content_hash for each in voucher.loaded}
                renamed = by_field({"name": RENAMED if as_loaded else None})
                self.comparison.pair(kind, ours, theirs, merged(explain, renamed))
        for reference in self._by_voucher.get(voucher.key, ()):
            if reference not in wanted:
                self.comparison.only_in_qondor(KINDS[reference.kind], stored_side(self._stored[reference]), explain)
        for amount in voucher.judged.unloaded:
            self.unloaded[amount.why.value] += amount.amount
        for amount in voucher.wanted.unmatched:
            meaning = AccountMeaning(self.run.accounts.meaning_of(amount.account) or AccountMeaning.OTHER)
            side = Side(id=str(voucher.key), amount=amount.amount)
            self.comparison.only_in_finago(kind_of_amount(meaning), side, unmatched(amount))

    def _refused(self, refused: RefusedVoucher) -> None:
        """What of it is loaded stays as it is; what of it should be loaded nobody can say."""
        if refused.key is None:
            return
        why = why_refused(refused.refusal.reason)
        name = str(refused.key)
        for reference in self._by_voucher.get(refused.key, ()):
            stored = self._stored[reference]
            self.comparison.note(KINDS[reference.kind], "voucher", qondor=stored.id, finago=name, explained=why)
        if not self._by_voucher.get(refused.key):
            self.comparison.note(Compared.COST, MISSING_IN_QONDOR, qondor=None, finago=name, explained=why)
