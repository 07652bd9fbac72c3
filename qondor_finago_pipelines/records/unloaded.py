"""What of a voucher is not loaded, and on which accounts the rest of it stands."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from .identifiers import FinagoProjectId


class WhyUnloaded(StrEnum):
    """Why an amount becomes neither a cost nor a sale; only of the first four is anybody alerted."""

    NO_PROJECT = "no project in Qondor has this Finago project id"
    NO_PROJECT_ID = "this is no Finago project id"
    SEVERAL_PROJECTS = "several projects in Qondor come to this Finago project id"
    NO_PROJECT_FOR_THE_REST = "percentages below 100"
    OF_ANOTHER_OFFICE = "a project of another office, whose runs load it"
    NOT_A_SUPPLIER_COST = "not a supplier cost"
    NEVER_LOADED = "corrects what was never loaded"
    INVOICED_BY_QONDOR = "invoiced by Qondor"
    UNMATCHED_VAT = "unmatched VAT"

    @property
    def is_for_somebody(self) -> bool:
        """Whether a look may be worth it: the others are loaded elsewhere, or came from Qondor."""
        return self not in (WhyUnloaded.OF_ANOTHER_OFFICE, WhyUnloaded.INVOICED_BY_QONDOR)


@dataclass(frozen=True, kw_only=True)
class UnloadedAmount:
    """A part of a line that becomes neither a cost nor a sale.

    Signed as it would be in Qondor, were it loaded: a cost by its debit, a sale by its credit; VAT by its debit.
    """

    account: int
    project: str
    """As the line has it; empty for what belongs to none."""
    amount: Decimal
    why: WhyUnloaded


@dataclass(frozen=True, kw_only=True)
class CostOnAccount:
    """What of a voucher is loaded as a cost on a project, by the account where it stands, excluding VAT."""

    finago_project_id: FinagoProjectId
    account: int
    amount: Decimal
