"""Actual costs and sales in Qondor: created, changed and deleted by their external reference.

A creation goes through the outbox. A change or a deletion needs no intent: sent twice it does no harm. What Qondor
holds on a project is read before the first write there, so that a lost store doubles nothing; and a record is deleted
only after Qondor was asked for it by our own reference (decisions 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from ...records.costs_and_sales.actuals import Actual, ActualKind, ActualReference, StoredActual
from ...records.errors import CallFailed, RequestRefused, WriteDidNotLand
from ...records.identifiers import QondorProjectId
from ...records.links import IntentState
from ...records.money import ZERO, plain
from ...records.operations.results import FieldChange
from ...records.plans import digest_of
from ...records.refusals import Reason, Refusal
from ...rules.costs_and_sales.actuals import field_changes, is_equal
from ...store import LoadedActual, Transaction
from ..run.alert_causes import cause_of
from ..run.office_run import OfficeRun
from ..run.outbox import Answer, Outbox, Write


@dataclass(frozen=True, kw_only=True)
class Written:
    """What became of one record."""

    did: str = ""
    """`created cost 31`; empty where nothing had to be done."""
    refusal: Refusal | None = None
    uncertain: str = ""
    untouched: str = ""
    """Qondor could not be reached for it."""

    @property
    def settled(self) -> bool:
        return not (self.refusal or self.uncertain or self.untouched)


@dataclass
class ActualWrites:
    """The writes of one run to Qondor's costs and sales."""

    run: OfficeRun
    created: int = 0
    updated: int = 0
    deleted: int = 0
    changes: list[FieldChange] = field(default_factory=list)
    _held: dict[tuple[ActualKind, QondorProjectId], dict[str, StoredActual]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._outbox = Outbox(self.run)

    def put(self, reference: ActualReference, wanted: Actual, loaded: LoadedActual | None) -> Written:
        """Makes Qondor hold `wanted` under this reference, and the store know it.

        Raises what stops the whole run: an unreachable Qondor, a lost lease.
        """
        if loaded is not None and loaded.verified and loaded.content_hash == digest_of(wanted):
            return Written()
        try:
            return self._put(reference, wanted, loaded)
        except WriteDidNotLand:
            raise
        except RequestRefused as refused:
            return Written(refusal=_refused(reference, refused.message))
        except CallFailed as failure:
            self.run.goes_on_after(failure, cause_of(failure))
            return Written(untouched=f"{reference.kind.value.capitalize()} of {reference.voucher}: {failure.message}")

    def _put(self, reference: ActualReference, wanted: Actual, loaded: LoadedActual | None) -> Written:
        stored = self._held_on(reference.kind, wanted.project_id).get(str(reference))
        if stored is None and loaded is not None:
            # It may stand on another project: the Finago project belongs to a different one of Qondor's now.
            stored = self.run.qondor.actual_by_reference(reference.kind, str(reference))
        if stored is None:
            return self._create(reference, wanted)
        if is_equal(wanted, stored):
            self._remember(reference, wanted, stored.id)
            return Written()
        return self._change(reference, wanted, stored)

    def _create(self, reference: ActualReference, wanted: Actual) -> Written:
        kind = reference.kind
        write = Write(
            record=wanted,
            kind=kind.as_kind,
            key=str(reference),
            payload_hash=digest_of(wanted),
            expected={"project_id": wanted.project_id, "amount": plain(wanted.amount_excluding_vat)},
        )

        def match(_: object, made: int) -> list[Answer]:
            return [Answer(IntentState.LANDED, {"id": made}, partial(self._learn, reference, wanted, made))]

        ((_, answer),) = self._outbox.create(
            [write], lambda *_: self.run.qondor.create_actual(kind, str(reference), wanted), match
        )
        if answer.refused:
            # A used reference is refused as well: then the record is there, and only has to be made equal.
            there = self.run.qondor.actual_by_reference(kind, str(reference))
            if there is None:
                return Written(refusal=_refused(reference, answer.why))
            return self._change(reference, wanted, there)
        if not answer.landed:
            return Written(uncertain=f"The {kind.value} on project {wanted.project_id} is being looked up in Qondor.")
        self.run.circuit_breaker.kept()
        self.created += 1
        return Written(did=f"created {kind.value} {answer.detail['id']} on project {wanted.project_id}")

    def _change(self, reference: ActualReference, wanted: Actual, stored: StoredActual) -> Written:
        kind = reference.kind
        self.run.qondor.change_actual(kind, stored.id, str(reference), wanted)
        self.run.circuit_breaker.kept()
        self._remember(reference, wanted, stored.id)
        self._event(reference, "updated", {"id": stored.id})
        self.changes += field_changes(f"voucher {reference.voucher}", kind, wanted, stored)
        self.updated += 1
        return Written(did=f"updated {kind.value} {stored.id} on project {wanted.project_id}")

    def delete(self, loaded: LoadedActual) -> Written:
        """Deletes our record, if Qondor still has it under our reference; the store forgets it."""
        reference = loaded.reference
        kind = reference.kind
        try:
            stored = self.run.qondor.actual_by_reference(kind, str(reference))
            if stored is not None and stored.external_reference == str(reference):
                self.run.qondor.delete_actual(kind, stored.id)
        except RequestRefused as refused:
            return Written(refusal=_refused(reference, refused.message))
        except CallFailed as failure:
            self.run.goes_on_after(failure, cause_of(failure))
            return Written(untouched=f"{kind.value.capitalize()} {loaded.qondor_id}: {failure.message}")
        self.run.circuit_breaker.kept()
        with self.run.write() as transaction:
            transaction.actuals.remove(reference)
        self._event(reference, "deleted", {"id": loaded.qondor_id})
        self.deleted += 1
        return Written(did=f"deleted {kind.value} {loaded.qondor_id} on project {loaded.project_id}")

    def adopt(self, project_ids: Iterable[QondorProjectId]) -> None:
        """Learns which records of ours stand on these projects: what the store does not know is judged anew."""
        for project_id in project_ids:
            for kind in ActualKind:
                self._held_on(kind, project_id)

    def _held_on(self, kind: ActualKind, project_id: QondorProjectId) -> Mapping[str, StoredActual]:
        """Our records on a project by reference, read once in a run."""
        held = self._held.get((kind, project_id))
        if held is not None:
            return held
        stored = self.run.qondor.actuals(kind, project_id)
        ours = {
            str(reference): each
            for each in stored
            if (reference := ActualReference.of(kind, each.external_reference)) is not None
            and reference.office_id == self.run.office_id
        }
        self._held[kind, project_id] = ours
        self._adopt_unknown(kind, project_id, ours)
        return ours

    def _adopt_unknown(self, kind: ActualKind, project_id: QondorProjectId, ours: Mapping[str, StoredActual]) -> None:
        run = self.run
        references = [reference for text in ours if (reference := ActualReference.of(kind, text)) is not None]
        with run.store.read() as transaction:
            known = transaction.actuals.of_vouchers(run.office_id, {each.voucher for each in references})
        linked = {loaded.reference for each in known.values() for loaded in each}
        with run.write() as transaction:
            for reference in references:
                if reference not in linked:
                    stored = ours[str(reference)]
                    transaction.actuals.put(adopted(run, reference, stored, project_id), run.store.now())
            if all((each, project_id) in self._held for each in ActualKind):
                transaction.actuals.mark_listed(run.office_id, project_id, run.store.now())

    def _remember(self, reference: ActualReference, wanted: Actual, qondor_id: int) -> None:
        with self.run.write() as transaction:
            self._learn(reference, wanted, qondor_id, transaction)

    def _learn(self, reference: ActualReference, wanted: Actual, qondor_id: int, transaction: Transaction) -> None:
        transaction.actuals.put(
            LoadedActual(
                reference=reference,
                client_id=self.run.client_id,
                qondor_id=qondor_id,
                project_id=wanted.project_id,
                posting_day=wanted.invoice_date,
                amount_excluding_vat=wanted.amount_excluding_vat,
                vat=wanted.vat,
                currency=wanted.currency,
                is_paid=wanted.is_paid,
                paid_date=wanted.paid_date,
                content_hash=digest_of(wanted),
                verified=True,
            ),
            self.run.store.now(),
        )

    def _event(self, reference: ActualReference, event: str, detail: Mapping[str, object]) -> None:
        with self.run.write() as transaction:
            self.run.log_event(transaction, reference.kind.as_kind, str(reference), event, detail)


def adopted(
    run: OfficeRun, reference: ActualReference, stored: StoredActual, project_id: QondorProjectId
) -> LoadedActual:
    """A record of ours that Qondor holds and the store did not know: its voucher is judged before it is trusted."""
    actual = stored.actual
    return LoadedActual(
        reference=reference,
        client_id=run.client_id,
        qondor_id=stored.id,
        project_id=stored.project_id or project_id,
        posting_day=actual.invoice_date if actual else run.day,
        amount_excluding_vat=actual.amount_excluding_vat if actual else ZERO,
        vat=actual.vat if actual else ZERO,
        currency=actual.currency if actual else "",
        is_paid=bool(actual and actual.is_paid),
        paid_date=actual.paid_date if actual else None,
        content_hash="",
        verified=False,
    )


def _refused(reference: ActualReference, message: str) -> Refusal:
    return Refusal(
        Reason.REFUSED_BY_QONDOR,
        f"Voucher {reference.voucher}: Qondor does not take its {reference.kind.value} on Finago project "
        f"{reference.finago_project_id}: {message}",
        "See in Qondor whether the project still takes costs and sales; the next run tries again.",
    )
