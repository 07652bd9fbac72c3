"""The call log: every request that the stand-ins answered, counted by system and operation."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class LoggedCall:
    """One request. `status` 0: the connection was reset, there was no reply."""

    system: str
    operation: str
    write: bool
    at: datetime
    office: int | None = None
    status: int = 0


class CallLog:
    """All calls since the last reset, in order of arrival."""

    def __init__(self) -> None:
        self.calls: list[LoggedCall] = []

    def clear(self) -> None:
        self.calls.clear()

    def count(self, system: str | None = None, operation: str | None = None, *, write: bool | None = None) -> int:
        return sum(
            1
            for call in self.calls
            if (system is None or call.system == system)
            and (operation is None or call.operation == operation)
            and (write is None or call.write == write)
        )

    def writes(self, system: str | None = None) -> int:
        """Calls that change something, whether or not they succeeded."""
        return self.count(system, write=True)

    def by_operation(self, system: str | None = None) -> dict[str, int]:
        """`{"GetInvoices": 2}`, or with all systems `{"finago GetInvoices": 2}`."""
        return dict(
            Counter(
                call.operation if system else f"{call.system} {call.operation}"
                for call in self.calls
                if system in (None, call.system)
            )
        )

    def as_json(self) -> dict[str, Any]:
        systems = sorted({call.system for call in self.calls})
        return {
            "total": len(self.calls),
            "writes": self.writes(),
            "systems": {
                system: {
                    "total": self.count(system),
                    "writes": self.writes(system),
                    "operations": self.by_operation(system),
                }
                for system in systems
            },
        }
