"""What both systems would hold after the writes of a rehearsal: laid over what they do hold, so that its later reads
see what its earlier steps would have written."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from ...records.costs_and_sales.actuals import ActualKind, StoredActual
from ...records.customers_and_projects.customers import Company
from ...records.customers_and_projects.projects import FinagoProject
from ...records.identifiers import (
    LARGEST_ID,
    ClientId,
    CompanyId,
    CustomerId,
    FinagoProjectId,
    OrderId,
    QondorInvoiceId,
)
from ...records.invoices.invoices import InvoiceStatus
from ...records.invoices.orders import FinagoOrder
from ...records.operations.planned import PlannedChange
from .describing import Names


@dataclass
class ImaginedBooks:
    """What was written to one Finago client."""

    companies: dict[CompanyId, Company] = field(default_factory=dict)
    projects: dict[FinagoProjectId, FinagoProject] = field(default_factory=dict)
    orders: dict[OrderId, FinagoOrder] = field(default_factory=dict)
    names: Names = field(default_factory=Names)


@dataclass
class ImaginedQondor:
    """What was written to Qondor."""

    references: dict[CustomerId, str] = field(default_factory=dict)
    invoices: dict[QondorInvoiceId, tuple[InvoiceStatus, OrderId | None]] = field(default_factory=dict)
    """The state, and the External Reference where it was written."""
    actuals: dict[tuple[ActualKind, str], StoredActual | None] = field(default_factory=dict)
    """By External Reference; None where it was deleted."""


@dataclass
class Imagined:
    """Both systems, for all offices of one rehearsal, and what it noted on the way."""

    books: dict[ClientId, ImaginedBooks] = field(default_factory=lambda: defaultdict(ImaginedBooks))
    qondor: ImaginedQondor = field(default_factory=ImaginedQondor)
    changes: list[PlannedChange] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    """Calls that only the real run makes: writes, and reads of what it wrote."""
    _issued: int = 0

    def next_id(self) -> int:
        """An id that nothing has: from the largest downwards. Every office of a rehearsal gets others."""
        self._issued += 1
        return LARGEST_ID - self._issued
