"""Projects in Finago, created, changed and claimed.

A creation goes through `flows.writing`. A change needs no intent: sent twice it does no harm, and one that did not land
is seen as a difference by the next run.
"""

from __future__ import annotations

from dataclasses import replace

from ...records.customers_and_projects.projects import ProjectDraft
from ...records.errors import SystemUnreachable, WriteDidNotLand, WriteUncertain
from ...records.identifiers import FinagoProjectId, QondorProjectId
from ...records.links import IntentState, Kind, ProjectLink
from ...records.plans import Change, Pending, Plan, Stage, digest_of
from ...records.refusals import Reason, Refusal
from ...rules.customers_and_projects.field_changes import project_changes
from ..run.progress import Progress
from ..run.writing import Writing, commit_intents, mark, send
from .company_writes import CORRECT_WHAT_IS_NAMED, UNCERTAIN_IN_A_ROW


class ProjectWrites:
    """The third stage of a plan."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._run = progress.run
        self._unanswered = 0

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
        try:
            answer = self._run.finago.save_project(draft)
        except WriteDidNotLand as refused:
            if not refused.refused:
                raise
            self._block(change, f"Project {draft.id}: {refused.message}")
            return
        except WriteUncertain as unknown:
            self._progress.leave_uncertain(
                change, f"Project {draft.id} was changed in Finago, and no answer came: {unknown.message}"
            )
            self._count_unanswered()
            return
        self._unanswered = 0
        if answer != draft.id:
            self._block(change, f"Project {draft.id} was changed, but Finago answered with project {answer}.")
            return
        self._progress.event(Kind.PROJECT, change.key, "updated", {"project": draft.id, "members": _members(draft)})
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
        run = self._run
        intents = commit_intents(
            run,
            Kind.PROJECT,
            [
                Writing(
                    key=str(draft.id),
                    payload_hash=digest_of(draft),
                    expected={"project_id": project_id, "name_hash": digest_of(draft.name)},
                )
            ],
        )
        being_looked_up = f"The creation of project {draft.id} in Finago is being looked up."
        if not intents:
            self._progress.leave_uncertain(change, being_looked_up)
            return
        try:
            answer = send(run, intents, lambda: run.finago.save_project(draft))
        except WriteDidNotLand as refused:
            if not refused.refused:
                raise
            self._block(change, f"Project {draft.id}: {refused.message}")
            return
        if answer is None:
            self._progress.leave_uncertain(change, being_looked_up)
            self._count_unanswered()
            return
        self._unanswered = 0
        if answer != draft.id:
            mark(run, intents.values(), IntentState.QUARANTINED, {"answered": answer})
            self._progress.block(
                change,
                Refusal(
                    Reason.QUARANTINED,
                    f"Project {draft.id} was saved, but Finago answered with project {answer}.",
                    "Look at both projects in Finago; nothing more is sent for this one until then.",
                ),
            )
            return
        self._claim(project_id, draft.id)
        mark(run, intents.values(), IntentState.LANDED)
        self._progress.created.add((Kind.PROJECT, change.key))

    def _count_unanswered(self) -> None:
        self._unanswered += 1
        if self._unanswered >= UNCERTAIN_IN_A_ROW:
            raise SystemUnreachable(
                "finago",
                "SaveProject",
                "Two calls in a row were not answered; the rest is left for the next run.",
                remedy="Nothing to do: what was sent is looked up before anything is sent again.",
            )

    def _block(self, change: Change, message: str) -> None:
        self._progress.block(change, Refusal(Reason.REFUSED_BY_FINAGO, message, CORRECT_WHAT_IS_NAMED))

    def _claim(self, project_id: QondorProjectId, finago_id: FinagoProjectId) -> None:
        with self._run.write() as transaction:
            transaction.projects.claim(
                ProjectLink(
                    client_id=self._run.client_id,
                    project_id=project_id,
                    finago_project_id=finago_id,
                    office_id=self._run.office_id,
                )
            )


def _members(draft: ProjectDraft) -> list[str]:
    return sorted(
        name for name in ProjectDraft.__dataclass_fields__ if name != "id" and getattr(draft, name) is not None
    )
