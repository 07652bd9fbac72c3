"""What happens to each record during a run, kept until the end and then written to the store.

An outcome is written, with its alert, in one transaction: whoever is told of a refusal finds it in the store, and
a refusal that nobody was told of cannot exist (decisions 11).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict

from ...records.customers_and_projects.customers import Customer
from ...records.customers_and_projects.projects import QondorProject
from ...records.errors import LeaseLost, SyncError
from ...records.identifiers import OfficeId, QondorInvoiceId
from ...records.invoices.invoices import QondorInvoice
from ...records.links import OrderLink
from ...records.money import is_currency_code
from ...records.operations.results import (
    FieldChange,
    Flow,
    FlowResult,
    Problem,
    RecordOutcome,
    RecordState,
    TotalsByDay,
)
from ...records.refusals import Reason, Refusal, was_to_pass
from ...rules.absence import DOUBTED_FOR, is_plausible
from ...rules.text import counted
from ...store import Lease, Store, StoredOutcome, Transaction
from .alert_causes import PREFLIGHT, RECONCILIATION, SILENCE

RecordId = int | str
"""The id of a record in the run's record: a Qondor invoice id, `customer 77`, `project 555`."""


RUNS_TO_PASS = 3
"""In so many runs in a row what was to pass by itself may be met before that is a problem."""


class RunOfAlert(TypedDict):
    """Which run met what an alert tells, and for which days it worked."""

    day: date
    first_day: date | None
    run_id: str


@dataclass
class RunRecord:
    """The running account of one flow, one office, one day."""

    flow: Flow
    office: OfficeId
    day: date
    run_id: str
    first_day: date | None = None
    """Where the run's range of days begins; None for a flow that works on one day."""
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    paid: int = 0
    outcomes: dict[str, RecordOutcome] = field(default_factory=dict)
    warnings: dict[str, None] = field(default_factory=dict)
    problems: dict[tuple[str, str], Problem] = field(default_factory=dict)
    content_hashes: dict[str, str] = field(default_factory=dict)
    not_due: set[str] = field(default_factory=set)
    """Records that this run had no reason to look at: how they stand, stands."""
    stopped_early: bool = False
    """Something kept the run from looking at everything that is open."""
    changes: list[FieldChange] = field(default_factory=list)

    def begin(self, invoice: QondorInvoice, what: str, content_hash: str) -> None:
        """The invoice is looked at in this run: untouched until something says otherwise."""
        key = str(invoice.id)
        self.content_hashes[key] = content_hash
        self.outcomes[key] = RecordOutcome(
            id=key,
            state=RecordState.NOT_REACHED,
            what=what,
            number=invoice.number,
            total=invoice.total_including_vat,
            currency=invoice.currency,
        )

    def begin_record(self, record: str, what: str, number: str | None = None) -> None:
        """A customer or project is looked at in this run."""
        self.outcomes[record] = RecordOutcome(id=record, state=RecordState.NOT_REACHED, what=what, number=number)

    def begin_unread(self, invoice_id: QondorInvoiceId, number: str | None) -> None:
        self.outcomes[str(invoice_id)] = RecordOutcome(
            id=str(invoice_id), state=RecordState.NOT_REACHED, what="invoice", number=number
        )

    def look_at_link(self, link: OrderLink) -> None:
        """An invoice that is not in the queue any more, only its order is looked at."""
        self.outcomes.setdefault(
            str(link.invoice_id),
            RecordOutcome(
                id=str(link.invoice_id),
                state=RecordState.NOT_REACHED,
                what=_kind_of(link),
                total=link.total,
                currency=link.currency,
            ),
        )
        self.linked(link)

    def note(self, record: RecordId, did: str) -> None:
        """Adds to what was done to the record: `created order 5001`."""
        outcome = self.outcomes[str(record)]
        self._set(record, did=f"{outcome.did}, {did}" if outcome.did else did)

    def linked(self, link: OrderLink, status: str | None = None) -> None:
        """What Finago holds for the invoice."""
        if str(link.invoice_id) in self.outcomes:
            self._set(link.invoice_id, order_id=link.order_id, invoice_number=link.invoice_number)
            if status is not None:
                self._set(link.invoice_id, finago_status=status)

    def settle(self, record: RecordId, reservation: Refusal | None = None) -> None:
        """Everything that can be done now is done; a `reservation` says what has to be looked at again all the same."""
        self._set(
            record,
            state=RecordState.SETTLED,
            reason=reservation.reason if reservation else None,
            message=reservation.message if reservation else "",
            remedy=reservation.remedy if reservation else "",
        )

    def waits_for(self, record: RecordId, amount: Decimal, currency: str | None) -> None:
        """How much of a voucher is not loaded; an invoice has its total from the beginning."""
        self._set(record, total=amount, currency=currency or None)

    def refuse(self, record: RecordId, refusal: Refusal, state: RecordState = RecordState.HELD) -> None:
        self._set(record, state=state, reason=refusal.reason, message=refusal.message, remedy=refusal.remedy)

    def leave_uncertain(self, record: RecordId, message: str) -> None:
        self._set(
            record,
            state=RecordState.UNCERTAIN,
            reason=None,
            message=message,
            remedy="Nothing to do: it is looked up in Finago before anything is sent again.",
        )

    def untouched(self, record: RecordId, message: str) -> None:
        self._set(record, state=RecordState.NOT_REACHED, reason=None, message=message, remedy="")

    def drop(self, record: RecordId) -> None:
        """The record turned out to be none of this run's business."""
        self.outcomes.pop(str(record), None)

    def warn(self, *messages: str) -> None:
        for message in messages:
            self.warnings[message] = None

    def problem(self, cause: str, error: SyncError | str, remedy: str = "") -> None:
        """Something that turns the run red. The same text is kept once."""
        message = error if isinstance(error, str) else _without_remedy(error)
        text = Problem(cause=cause, message=message, remedy=remedy or getattr(error, "remedy", ""))
        self.problems[(cause, text.message)] = text

    def state_of(self, record: RecordId) -> RecordState:
        return self.outcomes[str(record)].state

    def _set(self, record: RecordId, **changes: Any) -> None:
        key = str(record)
        self.outcomes[key] = replace(self.outcomes[key], **changes)

    def result(
        self,
        *,
        calls: Mapping[str, int],
        calls_by_operation: Mapping[str, int],
        seconds: float,
        skipped: str | None = None,
        invoices: Iterable[QondorInvoice] = (),
        customers: Iterable[Customer] = (),
        projects: Iterable[QondorProject] = (),
        totals_by_day: TotalsByDay | None = None,
    ) -> FlowResult:
        return FlowResult(
            flow=self.flow,
            office=self.office,
            day=self.day,
            first_day=self.first_day,
            created=self.created,
            updated=self.updated,
            unchanged=self.unchanged,
            paid=self.paid,
            records=tuple(sorted(self.outcomes.values(), key=lambda outcome: (len(outcome.id), outcome.id))),
            changes=tuple(self.changes),
            warnings=tuple(self.warnings),
            problems=tuple(self.problems.values()),
            skipped=skipped,
            calls=calls,
            calls_by_operation=calls_by_operation,
            seconds=seconds,
            invoices=tuple(invoices),
            customers=tuple(customers),
            projects=tuple(projects),
            totals_by_day=totals_by_day,
        )

    def write(self, store: Store, lease: Lease | None, *, whole_queue: bool) -> None:
        """Outcomes and alerts, in one transaction, under the lease that the run worked with.

        `whole_queue` says that the run was to look at everything that is open for the office: unless it stopped early,
        what it did not meet any more left the queue, and its alert is resolved. A run that lost its lease was overtaken
        by one that knows better: it only says that.
        """
        try:
            with store.write(None if lease is None else store.renew(lease)) as transaction:
                forgets = whole_queue and self._looked_at_everything()
                if forgets:
                    self._doubt_what_went_in_bulk(transaction, store.now())
                told = self._write_outcomes(transaction)
                told |= self._write_problems(transaction)
                if forgets:
                    self._forget_the_rest(transaction, told)
        except LeaseLost:
            with store.write() as transaction:
                self._write_problems(transaction)

    def _looked_at_everything(self) -> bool:
        untouched = any(outcome.state is RecordState.NOT_REACHED for outcome in self.outcomes.values())
        return not self.stopped_early and not untouched

    def _write_outcomes(self, transaction: Transaction) -> set[tuple[str, str | None]]:
        """How each record stands, and who is to be told. Gives the alerts that hold on."""
        told: set[tuple[str, str | None]] = set()
        stands: list[str] = []
        for outcome in self.outcomes.values():
            if outcome.state is RecordState.NOT_REACHED:
                continue
            stored = transaction.outcomes.put(
                office_id=self.office,
                flow=self.flow.value,
                key=outcome.id,
                state=outcome.state,
                reason=outcome.reason,
                message=outcome.message,
                remedy=outcome.remedy,
                run_id=self.run_id,
                content_hash=self.content_hashes.get(outcome.id),
                total=outcome.total,
                # Free text in Qondor: what is no code is not kept.
                currency=outcome.currency if is_currency_code(outcome.currency) else None,
            )
            # What is quarantined is a problem of the run and told as one.
            if outcome.state not in (RecordState.HELD, RecordState.FAILED) or outcome.reason is Reason.QUARANTINED:
                continue
            cause = str(outcome.reason or outcome.state)
            told.add((cause, outcome.id))
            transaction.alerts.report(
                office_id=self.office,
                flow=self.flow.value,
                cause=cause,
                record=outcome.id,
                message=outcome.alert_text,
                **self._met_in,
            )
            if stored.runs >= RUNS_TO_PASS and was_to_pass(outcome.remedy):
                stands.append(f"{outcome.named}, {stored.runs} runs: {outcome.message}")
        if stands:
            self._tell_what_stands(stands)
        return told

    def _tell_what_stands(self, stands: Sequence[str]) -> None:
        """What a person was told to wait for, and what waiting does not mend (decisions 8)."""
        self.problem(
            "does not pass",
            f"{counted(len(stands), 'record')} that the next run was to settle by itself did not pass: "
            f"{' '.join(stands[:5])}",
            "Look at it in both systems: somebody may be changing it all the time. Else hand this to whoever maintains "
            "this program; nothing of it is written meanwhile.",
        )

    def _write_problems(self, transaction: Transaction) -> set[tuple[str, str | None]]:
        for problem in self.problems.values():
            transaction.alerts.report(
                office_id=self.office,
                flow=self.flow.value,
                cause=problem.cause,
                record=None,
                message=f"{problem.message} {problem.remedy}".strip(),
                **self._met_in,
            )
        return {(problem.cause, None) for problem in self.problems.values()}

    @property
    def _met_in(self) -> RunOfAlert:
        return {"day": self.day, "first_day": self.first_day, "run_id": self.run_id}

    def _doubt_what_went_in_bulk(self, transaction: Transaction, now: datetime) -> None:
        """What is open and not met stays open where it is too much at once: a key that lost a right sees nothing."""
        stored = transaction.outcomes.of_office(self.office, self.flow.value)
        is_open = {key for key, how in stored.items() if how.state in (RecordState.HELD, RecordState.UNCERTAIN)}
        gone = is_open - self.outcomes.keys() - self.not_due
        if is_plausible(len(gone), len(is_open), anything_seen=True):
            return
        doubted = {key for key in gone if stored[key].last_seen > now - DOUBTED_FOR}
        self.not_due |= doubted
        if doubted:
            self.problem(
                "vanished",
                f"{len(doubted)} of {len(is_open)} records that wait for somebody are not shown any more, all at once; "
                "they stay listed.",
                "See whether key and login may still read them. If they were withdrawn, nothing is to be done: what is "
                "not seen for a day is closed.",
            )

    def _forget_the_rest(self, transaction: Transaction, told: set[tuple[str, str | None]]) -> None:
        """What was open and is not there any more - mended, withdrawn, deleted by its project manager - is closed."""
        stored = transaction.outcomes.of_office(self.office, self.flow.value)
        kept: set[tuple[str, str | None]] = {(str(stored[key].reason), key) for key in self.not_due & stored.keys()}
        transaction.outcomes.close(
            office_id=self.office,
            flow=self.flow.value,
            keep=self.outcomes.keys() | self.not_due,
            run_id=self.run_id,
        )
        # A run that looked at everything and met a problem was no complete one: silence is for its watch to end, and
        # a prerequisite or a difference for the look that misses it.
        kept |= {(SILENCE, None), (PREFLIGHT, None), (RECONCILIATION, None)}
        transaction.alerts.resolve(office_id=self.office, flow=self.flow.value, keep=told | kept)


def held_since(stored: StoredOutcome | None, reason: Reason, state: RecordState = RecordState.HELD) -> datetime | None:
    """Since when a record has been held for this very reason, or None when it was not."""
    if stored is None or stored.state is not state or stored.reason is not reason:
        return None
    return stored.first_seen


def _kind_of(link: OrderLink) -> str:
    if link.is_credit:
        return "credit note"
    return "card payment" if link.is_card else "invoice"


def _without_remedy(error: SyncError) -> str:
    text = str(error)
    return text.removesuffix(error.remedy).strip() if error.remedy else text
