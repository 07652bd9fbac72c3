"""Companies in Finago, created and changed, and their ids stored back in Qondor.

A creation goes through `flows.writing`. A change needs no intent: sent twice it does no harm, and one that did not land
is seen as a difference by the next run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ...records.customers_and_projects.customers import CONSUMER, CompanyDraft, Customer, SavedCompany
from ...records.errors import CallFailed, SystemUnreachable, WriteDidNotLand, WriteUncertain
from ...records.identifiers import CompanyId, CustomerId
from ...records.links import CompanyLink, IntentState, Kind
from ...records.operations.results import FieldChange
from ...records.plans import Change, Pending, Plan, Stage, digest_of
from ...records.refusals import Reason, Refusal
from ...rules.customers_and_projects.field_changes import company_changes
from ...rules.linking import CUSTOMER_KEY, customer_key, customer_of, organisation_digits
from ...rules.text import same_text
from ...systems.qondor import CannotEcho
from ..run.batches import batches
from ..run.progress import BEING_LOOKED_UP, Progress
from ..run.unsettled_writes import no_company_of
from ..run.writing import Writing, commit_intents, mark, send

CORRECT_WHAT_IS_NAMED = "Correct what Finago names; it is tried again in every run."

UNCERTAIN_IN_A_ROW = 2
"""So many calls in a row without an answer mean that Finago is down: the rest waits for the next run."""


class CompanyWrites:
    """The first two stages of a plan. `customers` are as they were decided on."""

    def __init__(self, progress: Progress, customers: Mapping[CustomerId, Customer]) -> None:
        self._progress = progress
        self._run = progress.run
        self._customers = customers
        self._unanswered = 0

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
        try:
            replies = self._run.finago.save_companies([change.after for change in batch])
        except WriteDidNotLand as refused:
            if not refused.refused:
                raise
            if len(batch) == 1:
                self._block(batch[0], f"Company {batch[0].after.id}: {refused.message}")
            else:
                self._each_alone(batch)
            return
        except WriteUncertain as unknown:
            self._unanswered += 1
            for change in batch:
                self._progress.leave_uncertain(
                    change, f"Company {change.after.id} was changed in Finago, and no answer came: {unknown.message}"
                )
            self._stop_when_unanswered("SaveCompanies")
            return
        self._unanswered = 0
        missing: list[Change] = []
        for change in batch:
            reply = _answer_to(change.after, replies, alone=len(batch) == 1)
            if reply is None:
                missing.append(change)
            elif reply.refusal is not None:
                self._block(change, f"Company {change.after.id}: {reply.refusal}")
            else:
                self._updated(change)
        if missing and len(batch) > 1:
            self._each_alone(missing)
        else:
            for change in missing:
                self._progress.leave_uncertain(
                    change, f"Finago's answer does not hold company {change.after.id}, which was changed."
                )

    def _each_alone(self, batch: Iterable[Change]) -> None:
        for change in batch:
            self._update([change])

    def _updated(self, change: Change) -> None:
        draft: CompanyDraft = change.after
        assert draft.id is not None
        self._progress.event(Kind.COMPANY, change.key, "updated", {"company": draft.id, "members": _members(draft)})
        fields: tuple[FieldChange, ...] = ()
        if change.key.startswith(CUSTOMER_KEY) and change.before is not None:
            fields = company_changes(customer_of(change.key), change.before, draft)
        self._progress.changed(Kind.COMPANY, change.key, fields)
        self._link(change.key, draft.id)

    def _create(self, batch: Sequence[Change]) -> None:
        run = self._run
        intents = commit_intents(
            run,
            Kind.COMPANY,
            [
                Writing(key=change.key, payload_hash=digest_of(change.after), expected={"type": change.after.type})
                for change in batch
            ],
        )
        sent = [change for change in batch if change.key in intents]
        for change in batch:
            if change.key not in intents:
                self._progress.leave_uncertain(change, BEING_LOOKED_UP)
        if not sent:
            return
        try:
            replies = send(
                run,
                intents,
                lambda: run.finago.save_companies(
                    [change.after for change in sent], is_not_there=lambda: no_company_of(run, intents)
                ),
            )
        except WriteDidNotLand as refused:
            if not refused.refused:
                raise
            if len(sent) > 1:
                for change in sent:
                    self._create([change])
            else:
                self._block(sent[0], f"{sent[0].key}: {refused.message}")
            return
        if replies is None:
            self._unanswered += 1
            for change in sent:
                self._progress.leave_uncertain(change, BEING_LOOKED_UP)
            self._stop_when_unanswered("SaveCompanies")
            return
        self._unanswered = 0
        for change in sent:
            intent = intents[change.key]
            draft: CompanyDraft = change.after
            matching = [reply for reply in replies if draft.external_id and reply.external_id == draft.external_id]
            if not matching and len(sent) == 1 and len(replies) == 1 and not replies[0].external_id:
                matching = list(replies)
            if len(matching) == 1 and matching[0].refusal is not None:
                mark(run, [intent], IntentState.REJECTED, {"why": matching[0].refusal})
                self._block(change, f"{change.key}: {matching[0].refusal}")
            elif len(matching) == 1 and matching[0].id is not None:
                self._link(change.key, matching[0].id)
                mark(run, [intent], IntentState.LANDED, {"company": matching[0].id})
                self._progress.created.add((Kind.COMPANY, change.key))
            else:
                mark(run, [intent], IntentState.UNCERTAIN, {"why": "the answer holds no such company"})
                self._progress.leave_uncertain(change, BEING_LOOKED_UP)

    def _stop_when_unanswered(self, operation: str) -> None:
        if self._unanswered >= UNCERTAIN_IN_A_ROW:
            raise SystemUnreachable(
                "finago",
                operation,
                "Two calls in a row were not answered; the rest is left for the next run.",
                remedy="Nothing to do: what was sent is looked up before anything is sent again.",
            )

    def _link(self, key: str, company_id: CompanyId) -> None:
        self._progress.company_ids[key] = company_id
        with self._run.write() as transaction:
            transaction.companies.link(
                CompanyLink(
                    client_id=self._run.client_id, key=key, company_id=company_id, office_id=self._run.office_id
                )
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
                f"stored in Qondor: {failure.message} It is tried again."
            )
            return
        key = customer_key(customer_id)
        self._progress.event(Kind.COMPANY, key, "stored in Qondor", {"company": company_id})
        self._progress.updated.add((Kind.COMPANY, key))
        lost = run.qondor.differences(record, after)
        if lost:
            run.record.problem(
                "customer record",
                f"Customer {customer_id}: after storing Company ID {company_id} these members differ in Qondor: "
                f"{', '.join(lost)}.",
                "Compare the customer with its history in Qondor and correct it there.",
            )


def _answer_to(draft: CompanyDraft, replies: Sequence[SavedCompany], *, alone: bool) -> SavedCompany | None:
    """The item of the answer that is about this company."""
    if alone and len(replies) == 1:
        return replies[0]
    matching = [reply for reply in replies if reply.id == draft.id]
    return matching[0] if len(matching) == 1 else None


def _still_the_same(now: Customer, decided_on: Customer | None) -> bool:
    """Whether everything that the link was decided on still stands: no Reference, the same number and name."""
    return (
        decided_on is not None
        and not (now.external_reference or "").strip()
        and organisation_digits(now.organisation_number) == organisation_digits(decided_on.organisation_number)
        and same_text(now.name, decided_on.name)
    )


def _members(draft: CompanyDraft) -> list[str]:
    """The names of the members that a draft changes; never their values, which are personal data."""
    return sorted(
        name for name in CompanyDraft.__dataclass_fields__ if name != "id" and getattr(draft, name) is not None
    )
