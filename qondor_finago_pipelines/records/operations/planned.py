"""What a run would write, as `plan` shows it and `sync --plan` applies it: ids and amounts, no personal data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from ..identifiers import OfficeId
from ..money import plain
from ..plans import digest_of
from .results import Flow

REFUSE = "refuse"
WAIT = "wait"

CHANGED = "changed"
"""All that is shown of a name, an e-mail or an address."""


@dataclass(frozen=True, kw_only=True)
class PlannedField:
    """One field of a change. What does not exist yet is None before; an id not known yet is `<company of …>`."""

    field: str
    before: str | None = None
    after: str | None = None

    @property
    def in_words(self) -> str:
        """`status: ForInvoicing → Invoiced`."""
        return f"{self.field}: {self.after}" if self.before is None else f"{self.field}: {self.before} → {self.after}"


@dataclass(frozen=True, kw_only=True)
class PlannedChange:
    """One write of a run, or one record that it would leave as it is, and why."""

    office: OfficeId
    flow: Flow
    system: str
    """`finago` or `qondor`: where it is written."""
    record: str | None
    """None where the whole office waits: a system does not answer, say."""
    key: str | None
    """The Qondor id; of a cost or a sale its voucher."""
    action: str
    fields: tuple[PlannedField, ...] = ()
    amount: Decimal | None = None
    currency: str | None = None
    reason: str | None = None
    remedy: str | None = None
    payload: str = ""
    """A digest of everything that is sent; empty where nothing is."""

    @property
    def is_write(self) -> bool:
        return self.action not in (REFUSE, WAIT)

    @property
    def write(self) -> tuple[str, str | None, str, str]:
        """What makes two writes the same: where, which kind of record, what is done to it, and all that is sent."""
        return self.system, self.record, self.action, self.payload

    @property
    def name(self) -> str:
        """`order 9001`; of a change of no single record its office."""
        return f"{self.record} {self.key}" if self.record else f"office {self.office}"

    def as_json(self) -> dict[str, Any]:
        """Members and order are a contract: other programs read them."""
        amount = None if self.amount is None else plain(self.amount)
        return {**asdict(self), "flow": self.flow.value, "amount": amount}

    @classmethod
    def of_json(cls, members: Mapping[str, Any]) -> PlannedChange:
        """Raises KeyError, TypeError, ValueError or ArithmeticError for what is none."""
        amount = members["amount"]
        return cls(
            **{
                **members,
                "flow": Flow(members["flow"]),
                "fields": tuple(PlannedField(**each) for each in members["fields"]),
                "amount": None if amount is None else Decimal(amount),
            }
        )


@dataclass(frozen=True, kw_only=True)
class FlowPlan:
    """Everything that one flow would do for some offices, in the order in which it is shown."""

    flow: Flow
    offices: tuple[OfficeId, ...]
    installation: str
    """The store's own name: a plan is of one installation."""
    made_at: datetime
    changes: tuple[PlannedChange, ...]
    calls: Mapping[str, int]
    """What the run would cost, by system."""
    notes: tuple[str, ...] = ()
    """Warnings, and who is at work meanwhile: they say nothing about what is written."""
    is_whole: bool = True
    """False where something could not be looked at."""

    @property
    def digest(self) -> str:
        """The same for the same decisions, whenever and wherever they were taken by this installation."""
        return digest_of(
            {
                "flow": self.flow,
                "offices": self.offices,
                "installation": self.installation,
                "changes": [each.as_json() for each in self.changes],
            }
        )

    @property
    def writes(self) -> int:
        return sum(change.is_write for change in self.changes)

    def summary(self) -> dict[str, Any]:
        """The last line of a plan."""
        return {
            "plan": self.digest,
            "changes": self.writes,
            "refusals": len(self.changes) - self.writes,
            "calls": {system: self.calls.get(system, 0) for system in ("qondor", "finago")},
        }

    def differences(self, now: FlowPlan) -> Iterator[str]:
        """What has changed since this plan was made, record by record; nothing where `now` decides the same."""
        before, after = (Counter(digest_of(each.as_json()) for each in plan.changes) for plan in (self, now))
        known = {digest_of(each.as_json()): each for each in (*self.changes, *now.changes)}
        gone, new = ([known[digest] for digest in some] for some in (before - after, after - before))
        for name in dict.fromkeys((each.office, each.name) for each in (*gone, *new)):
            was, is_now = (_in_words(some, name) for some in (gone, new))
            yield f"Office {name[0]}, {name[1]}: planned was {was}; now it is {is_now}."


def _in_words(changes: Sequence[PlannedChange], name: tuple[OfficeId, str]) -> str:
    said = [_said(each) for each in changes if (each.office, each.name) == name]
    return ", ".join(dict.fromkeys(said)) or "nothing"


def _said(change: PlannedChange) -> str:
    if not change.is_write:
        return f"{change.action} ({change.reason})"
    amount = "" if change.amount is None else f" {plain(change.amount)} {change.currency or ''}".rstrip()
    fields = ", ".join(f"{each.field} {each.after}" for each in change.fields)
    return f"{change.action}{amount}" + (f" ({fields})" if fields else "")
