"""What may be written while a plan is applied: its writes, and no other."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from ...records.operations.planned import PlannedChange

NOT_IN_THE_PLAN = "This is not in the plan that is applied, so nothing was done. Make a new plan."


class PlanGate:
    """The writes of one plan, and those that were held back. Threads may share one."""

    def __init__(self, changes: Iterable[PlannedChange]) -> None:
        self._planned = {change.write for change in changes if change.is_write}
        self._held_back: dict[str, None] = {}
        self._one_at_a_time = threading.Lock()

    def lets(self, *either: PlannedChange) -> bool:
        """Whether one of these, which are two names of one write, is in the plan."""
        if any(change.write in self._planned for change in either):
            return True
        with self._one_at_a_time:
            self._held_back[f"office {either[0].office}: {either[0].action} {either[0].name}"] = None
        return False

    @property
    def held_back(self) -> tuple[str, ...]:
        """The writes that the run came to and that were not in the plan."""
        return tuple(self._held_back)
