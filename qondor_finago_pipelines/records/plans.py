"""What a flow has decided to write, before anything is written.

A plan is data: the same input gives the same plan, and `Plan.digest()` the same value.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any

from .links import Kind
from .refusals import Refusal


class Stage(IntEnum):
    """The fixed order in which a plan is applied: a parent always before its child."""

    COMPANIES = 1
    COMPANY_IDS_TO_QONDOR = 2
    PROJECTS = 3
    ORDERS = 4
    ACKNOWLEDGEMENTS = 5


@dataclass(frozen=True)
class Pending:
    """An id that only a later answer can give: the company of `customer:77`, say."""

    kind: Kind
    key: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """One write: which record of which kind, what it was, what it becomes.

    `key` is the key of the store's link: `customer:77`, a project id, a Qondor invoice id. `after` is the draft that
    `systems` sends. `waiting` are the ids, in the run's record, of the records that wait for it and are blocked when
    it fails: `9001` for an invoice, `customer 77`, `project 555`.
    """

    stage: Stage
    kind: Kind
    key: str
    after: Any
    before: Any = None
    waiting: tuple[str, ...] = ()

    @property
    def creates(self) -> bool:
        return self.before is None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything one wave of a flow is going to do, and everything that it refuses, by the ids of the run's record."""

    changes: tuple[Change, ...] = ()
    refusals: Mapping[str, Refusal] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def at(self, stage: Stage) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.stage is stage)

    def digest(self) -> str:
        """A hash of the whole plan, the same for the same decisions on any machine."""
        return digest_of(self)


def digest_of(value: Any) -> str:
    """A SHA-256 over the canonical form of a record, however nested."""
    text = json.dumps(_canonical(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {key: _canonical(item) for key, item in asdict(value).items()}
    if isinstance(value, Mapping):
        return {str(key): _canonical(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_canonical(item) for item in value]
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Decimal):
        # 10.0 and 10.00 are the same amount and must give the same digest.
        return format(value.normalize(), "f")
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value
