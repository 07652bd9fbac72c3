"""Projects in Finago, created, changed and claimed.

A creation goes through the outbox. A change needs no intent: sent twice it does no harm, and one that did not land
is seen as a difference by the next run.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from ...records.customers_and_projects.projects import ProjectDraft
from ...records.identifiers import FinagoProjectId, QondorProjectId
from ...records.links import IntentState, Kind, ProjectLink
from ...records.plans import Change, Pending, Plan, Stage, digest_of
from ...records.refusals import Reason, Refusal
from ...rules.customers_and_projects.field_changes import project_changes
from ...store import Transaction
from ..run.outbox import Answer, Outbox, Write
from ..run.progress import Progress, members_of
from .company_writes import CORRECT_WHAT_IS_NAMED


class ProjectWrites:
    """The third stage of a plan."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._run = progress.run
        self._outbox = Outbox(self._run)

    def write(self, plan: Plan) -> None:
        """Claims, changes and creates. Raises what stops the whole run."""
        for change in plan.at(Stage.PROJECTS):
            if self._progress.is_stopped(change):
                continue
            project_id = QondorProjectId(int(change.key))
            if not isinstance(change.after, ProjectDraft):
                self._claim(project_id, change.after)
            elif change.creates:
                self._create(change, project_id, self._resolved(change))
            else:
                self._update(change, project_id, self._resolved(change))

    def _resolved(self, change: Change) -> ProjectDraft:
        """The draft with its customer's company; without, where that could not be created in this run."""
        draft: ProjectDraft = change.after
        if not isinstance(draft.customer_id, Pending):
            return draft
        company_id = self._progress.company_ids.get(draft.customer_id.key)
        if company_id is None:
            self._progress.without_customer.update(change.waiting)
        return replace(draft, customer_id=company_id)

    def _update(self, change: Change, project_id: QondorProjectId, draft: ProjectDraft) -> None:
        """Sends the changed members; none is left when only a customer that could not be created differed."""
        if draft == ProjectDraft(id=draft.id):
            self._claim(project_id, draft.id)
            return

        def match(_: object, answered: FinagoProjectId) -> list[Answer]:
            why = f"Finago answered with project {answered}."
            return [Answer(IntentState.LANDED if answered == draft.id else IntentState.REJECTED, {"why": why})]

        for _, answer in self._outbox.change([draft], lambda _: self._run.finago.save_project(draft), match):
            if answer.landed:
                self._updated(change, project_id, draft)
            elif answer.refused:
                self._block(change, f"Project {draft.id}: {answer.why}")
            else:
                self._progress.leave_uncertain(
                    change,
                    f"Project {draft.id} was changed in Finago, and nobody knows whether it landed: {answer.why}",
                )

    def _updated(self, change: Change, project_id: QondorProjectId, draft: ProjectDraft) -> None:
        self._progress.event(Kind.PROJECT, change.key, "updated", {"project": draft.id, "members": members_of(draft)})
        self._progress.changed(
            Kind.PROJECT,
            change.key,
            project_changes(
                f"project {project_id}",
                change.before,
                draft,
                statuses=self._run.cached("project statuses", self._run.finago.project_statuses),
                types=self._run.cached("project types", self._run.finago.project_types),
            ),
        )
        self._claim(project_id, draft.id)

    def _create(self, change: Change, project_id: QondorProjectId, draft: ProjectDraft) -> None:
        write = Write(
            record=draft,
            kind=Kind.PROJECT,
            key=str(draft.id),
            payload_hash=digest_of(draft),
            expected={"project_id": project_id, "name_hash": digest_of(draft.name)},
        )

        def match(_: object, answered: FinagoProjectId) -> list[Answer]:
            if answered != draft.id:
                return [Answer(IntentState.QUARANTINED, {"answered": answered})]
            return [Answer(IntentState.LANDED, link=partial(self._learn, project_id, draft.id))]

        for _, answer in self._outbox.create([write], lambda *_: self._run.finago.save_project(draft), match):
            if answer.landed:
                self._progress.created.add((Kind.PROJECT, change.key))
            elif answer.refused:
                self._block(change, f"Project {draft.id}: {answer.why}")
            elif answer.state is IntentState.QUARANTINED:
                self._progress.block(
                    change,
                    Refusal(
                        Reason.QUARANTINED,
                        f"Project {draft.id} was saved, but Finago answered with project {answer.detail['answered']}.",
                        "Look at both projects in Finago; nothing more is sent for this one until then.",
                    ),
                )
            else:
                self._progress.leave_uncertain(
                    change, f"The creation of project {draft.id} in Finago is being looked up."
                )

    def _block(self, change: Change, message: str) -> None:
        self._progress.block(change, Refusal(Reason.REFUSED_BY_FINAGO, message, CORRECT_WHAT_IS_NAMED))

    def _claim(self, project_id: QondorProjectId, finago_id: FinagoProjectId) -> None:
        with self._run.write() as transaction:
            self._learn(project_id, finago_id, transaction)

    def _learn(self, project_id: QondorProjectId, finago_id: FinagoProjectId, transaction: Transaction) -> None:
        transaction.projects.claim(
            ProjectLink(
                client_id=self._run.client_id,
                project_id=project_id,
                finago_project_id=finago_id,
                office_id=self._run.office_id,
            )
        )
