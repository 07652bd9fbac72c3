"""Companies in Finago, created and changed, and their ids stored back in Qondor.

A creation goes through the outbox. A change needs no intent: sent twice it does no harm, and one that did not land
is seen as a difference by the next run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from ...records.customers_and_projects.customers import (
    CONSUMER,
    SUPPLIER,
    Company,
    CompanyDraft,
    Customer,
    SavedCompany,
)
from ...records.errors import CallFailed
from ...records.identifiers import CompanyId, CustomerId
from ...records.links import CompanyLink, IntentState, Kind
from ...records.operations.results import FieldChange
from ...records.plans import Change, Pending, Plan, Stage, digest_of
from ...records.refusals import Reason, Refusal, passes_by_itself
from ...rules.customers_and_projects.field_changes import company_changes
from ...rules.linking import CUSTOMER_KEY, customer_key, customer_of, read_reference
from ...rules.organisation_numbers import organisation_key
from ...rules.text import same_text
from ...store import Transaction
from ...systems.qondor import CannotEcho
from ..run.batches import batches
from ..run.outbox import Answer, Outbox, Write, uncertain
from ..run.progress import BEING_LOOKED_UP, Progress, members_of
from .unsettled import STRANGERS, no_company_of

CORRECT_WHAT_IS_NAMED = "Correct what Finago names; it is tried again in every run."

NOT_HELD = uncertain("the answer holds no such company.")


class CompanyWrites:
    """The first two stages of a plan. `customers` are as they were decided on."""

    def __init__(self, progress: Progress, customers: Mapping[CustomerId, Customer]) -> None:
        self._progress = progress
        self._run = progress.run
        self._customers = customers
        self._outbox = Outbox(self._run, no_company_of)

    def write(self, plan: Plan) -> None:
        """Links, changes and creates. Raises what stops the whole run."""
        changed: list[Change] = []
        new: list[Change] = []
        for change in plan.at(Stage.COMPANIES):
            if not isinstance(change.after, CompanyDraft):
                self._link(change.key, change.after)
            elif change.after.id is None:
                new.append(change)
            else:
                changed.append(change)
        size = self._run.sync.company_batch_size
        for batch in batches(changed, size):
            self._update(batch)
        # A consumer has no ExternalId by which an answer could be matched, so each goes alone.
        for batch in batches([change for change in new if change.after.type != CONSUMER], size):
            self._create(batch)
        for change in new:
            if change.after.type == CONSUMER:
                self._create([change])

    def _update(self, batch: Sequence[Change]) -> None:
        """Sends the changed members of some companies; what the answer does not hold is sent again, alone."""
        batch = self._still_there(batch)
        again: list[Change] = []
        for change, answer in self._outbox.change(batch, self._save, _match_changed):
            if answer.landed:
                self._updated(change)
            elif answer.refused:
                self._block(change, f"Company {change.after.id}: {answer.why}")
            elif answer is NOT_HELD and len(batch) > 1:
                again.append(change)
            else:
                self._progress.leave_uncertain(
                    change,
                    f"Company {change.after.id} was changed in Finago, and nobody knows whether it landed: "
                    f"{answer.why}",
                )
        for change in again:
            self._update([change])

    def _still_there(self, batch: Sequence[Change]) -> list[Change]:
        """The changes whose companies stand as they were decided on, read right before they are written.

        Finago creates or overwrites a company under whatever Id it is sent: one that was deleted meanwhile would come
        back, and one that became somebody else's would be renamed.
        """
        now = self._run.finago.companies([change.after.id for change in batch])
        there: list[Change] = []
        for change in batch:
            company, before = now.get(change.after.id), change.before
            if company is not None and not company.unreadable and _same_holder(company, before):
                there.append(change)
                continue
            what = "is no longer in Finago" if company is None else "was changed in Finago meanwhile"
            refusal = Refusal(
                Reason.PARENT_FAILED,
                f"Company {change.after.id} {what}, so that nothing was written to it.",
                passes_by_itself("the next run decides on it anew."),
            )
            self._progress.block(change, refusal)
        return there

    def _updated(self, change: Change) -> None:
        draft: CompanyDraft = change.after
        assert draft.id is not None
        self._progress.event(Kind.COMPANY, change.key, "updated", {"company": draft.id, "members": members_of(draft)})
        fields: tuple[FieldChange, ...] = ()
        if change.key.startswith(CUSTOMER_KEY) and change.before is not None:
            fields = company_changes(customer_of(change.key), change.before, draft)
        self._progress.changed(Kind.COMPANY, change.key, fields)
        self._link(change.key, draft.id)

    def _create(self, batch: Sequence[Change]) -> None:
        writes = [
            Write(
                record=change,
                kind=Kind.COMPANY,
                key=change.key,
                payload_hash=digest_of(change.after),
                expected={"type": change.after.type, **_strangers(change.after)},
            )
            for change in batch
        ]
        for change, answer in self._outbox.create(writes, self._save, self._match_new):
            if answer.landed:
                self._progress.created.add((Kind.COMPANY, change.key))
            elif answer.refused:
                self._block(change, f"{change.key}: {answer.why}")
            else:
                self._progress.leave_uncertain(change, BEING_LOOKED_UP)

    def _save(
        self, changes: Sequence[Change], is_not_there: Callable[[], bool] | None = None
    ) -> tuple[SavedCompany, ...]:
        return self._run.finago.save_companies([change.after for change in changes], is_not_there)

    def _match_new(self, changes: Sequence[Change], replies: Sequence[SavedCompany]) -> list[Answer]:
        if len(changes) == len(replies) == 1 and not replies[0].external_id:
            return [self._answer(changes[0].key, replies)]
        ours = [change.after.external_id for change in changes]
        return [
            self._answer(change.key, [reply for reply in replies if external_id and reply.external_id == external_id])
            for change, external_id in zip(changes, ours, strict=True)
        ]

    def _answer(self, key: str, matching: Sequence[SavedCompany]) -> Answer:
        if len(matching) == 1 and matching[0].refusal is not None:
            return Answer(IntentState.REJECTED, {"why": matching[0].refusal})
        if len(matching) == 1 and matching[0].id is not None:
            company_id = matching[0].id
            return Answer(IntentState.LANDED, {"company": company_id}, partial(self._learn, key, company_id))
        return NOT_HELD

    def _link(self, key: str, company_id: CompanyId) -> None:
        with self._run.write() as transaction:
            self._learn(key, company_id, transaction)

    def _learn(self, key: str, company_id: CompanyId, transaction: Transaction) -> None:
        self._progress.company_ids[key] = company_id
        run = self._run
        transaction.companies.link(
            CompanyLink(client_id=run.client_id, key=key, company_id=company_id, office_id=run.office_id)
        )

    def _block(self, change: Change, message: str) -> None:
        self._progress.block(change, Refusal(Reason.REFUSED_BY_FINAGO, message, CORRECT_WHAT_IS_NAMED))

    def store_ids_in_qondor(self, plan: Plan) -> None:
        """The Company ID of every customer whose External Reference is empty."""
        for change in plan.at(Stage.COMPANY_IDS_TO_QONDOR):
            pending = isinstance(change.after, Pending)
            company_id = self._progress.company_ids.get(change.key) if pending else change.after
            if company_id is not None:
                self._store_id(customer_of(change.key), company_id)
        self._remember_references()

    def _remember_references(self) -> None:
        """Which links stand in Qondor: one that is emptied there later on was emptied by a person."""
        references = {
            customer_key(customer.id): company_id
            for customer in self._customers.values()
            if (company_id := read_reference(customer.external_reference).company_id) is not None
        }
        if references:
            with self._run.write() as transaction:
                transaction.companies.stands_in_qondor(self._run.client_id, references)

    def _store_id(self, customer_id: CustomerId, company_id: CompanyId) -> None:
        """Reads, changes the one field, writes the whole record back, reads again (decisions 5).

        What fails here is a warning: the store holds the link, and the next run tries again.
        """
        run = self._run
        try:
            record = run.qondor.customer(customer_id)
            if not _still_the_same(record.customer, self._customers.get(customer_id)):
                run.record.warn(
                    f"Customer {customer_id} changed in Qondor while it was being linked to company {company_id}: "
                    "its External Reference is written by the next run."
                )
                return
            run.qondor.put_customer(record, external_reference=str(company_id))
            after = run.qondor.customer(customer_id)
        except (CallFailed, CannotEcho) as failure:
            run.record.warn(
                f"Customer {customer_id} is linked to company {company_id}, but its External Reference could not be "
                f"stored in Qondor: {failure.message} The next run of customers and projects tries again."
            )
            return
        key = customer_key(customer_id)
        with run.write() as transaction:
            run.log_event(transaction, Kind.COMPANY, key, "stored in Qondor", {"company": company_id})
            transaction.companies.stands_in_qondor(run.client_id, {key: company_id})
        self._progress.updated.add((Kind.COMPANY, key))
        lost = run.qondor.differences(record, after)
        if lost:
            run.record.problem(
                "customer record",
                f"Customer {customer_id}: after storing Company ID {company_id} these members differ in Qondor: "
                f"{', '.join(lost)}.",
                "Compare the customer with its history in Qondor and correct it there.",
            )


def _same_holder(now: Company, before: Company) -> bool:
    """Whether what says whose company it is still stands."""
    return _holder(now) == _holder(before)


def _holder(company: Company) -> tuple[str, ...]:
    # Between the other types, a lead and a business say, the rules make no difference once a company is linked.
    kind = company.type if company.type in (SUPPLIER, CONSUMER) else ""
    return (kind, company.external_id, company.organisation_number, company.name)


def _strangers(draft: CompanyDraft) -> dict[str, str]:
    return {STRANGERS: " ".join(map(str, draft.strangers))} if draft.strangers else {}


def _match_changed(changes: Sequence[Change], replies: Sequence[SavedCompany]) -> list[Answer]:
    answers: list[Answer] = []
    for change in changes:
        alone = len(changes) == len(replies) == 1
        matching = [reply for reply in replies if alone or reply.id == change.after.id]
        if len(matching) != 1:
            answers.append(NOT_HELD)
        elif (refusal := matching[0].refusal) is not None:
            answers.append(Answer(IntentState.REJECTED, {"why": refusal}))
        else:
            answers.append(Answer(IntentState.LANDED))
    return answers


def _still_the_same(now: Customer, decided_on: Customer | None) -> bool:
    """Whether everything that the link was decided on still stands: no Reference, the same number and name."""
    return (
        decided_on is not None
        and not (now.external_reference or "").strip()
        and organisation_key(now.organisation_number) == organisation_key(decided_on.organisation_number)
        and same_text(now.name, decided_on.name)
    )
