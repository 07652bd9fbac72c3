"""Projects in both systems."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from ..identifiers import CompanyId, CustomerId, FinagoProjectId, OfficeId, QondorProjectId
from ..plans import Pending


class ProjectStatus(IntEnum):
    """Qondor's states of a project."""

    PENDING = 1
    CONFIRMED = 2
    FINISHED = 3
    CANCELLED = 4


@dataclass(frozen=True, kw_only=True)
class QondorProject:
    """A project as Qondor lists it. Days are Europe/Oslo."""

    id: QondorProjectId
    office_id: OfficeId | None = None
    number: str | None = None
    name: str | None = None
    status: ProjectStatus | str | None = None
    customer_id: CustomerId | None = None
    category: str | None = None
    start_date: date | None = None
    end_date: date | None = None
    currency: str | None = None
    """The currency in which its manager plans: actual costs and sales are in the Finago client's own all the same."""
    unreadable: tuple[str, ...] = ()
    """The members that cannot be read, and why; never their values. Such a record is refused by name."""

    @property
    def has_readable_number(self) -> bool:
        """False where nobody knows which Finago project it comes to: it is no rival of one that bears its Qondor id."""
        return not any(text.startswith("projectNo ") for text in self.unreadable)


@dataclass(frozen=True, kw_only=True)
class FinagoProject:
    """A project as Finago holds it; `deactivated` ones come from GetDeactivatedProjects."""

    id: FinagoProjectId
    name: str = ""
    status_id: int | None = None
    type_id: int | None = None
    customer_id: CompanyId | None = None
    start_date: date | None = None
    end_date: date | None = None
    deactivated: bool = False
    unreadable: tuple[str, ...] = ()
    """The members that cannot be read, and why; never their values. Such a record is refused by name."""


@dataclass(frozen=True, kw_only=True)
class ProjectDraft:
    """What SaveProject is to write; None is not sent. The id is always ours to choose (rules.linking)."""

    id: FinagoProjectId
    name: str | None = None
    status_id: int | None = None
    type_id: int | None = None
    customer_id: CompanyId | Pending | None = None
    start_date: date | None = None
    end_date: date | None = None


@dataclass(frozen=True, kw_only=True)
class NamedId:
    """A row of a Finago list: project status, project type, department, payment method."""

    id: int
    name: str = ""
