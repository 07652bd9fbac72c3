"""Actual costs and actual sales on Qondor's projects: what one voucher means for one project."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..identifiers import FinagoProjectId, OfficeId, QondorProjectId
from ..links import ActualKind as ActualKind
from .vouchers import VoucherKey

REFERENCE_PREFIX = "finago:"
"""Whatever else stands on a project belongs to somebody else, and is never changed or deleted (decisions 4)."""


@dataclass(frozen=True, order=True, kw_only=True)
class ActualReference:
    """Which record this is, in both systems. As text it is the External Reference in Qondor (decisions 4)."""

    kind: ActualKind
    office_id: OfficeId
    voucher: VoucherKey
    finago_project_id: FinagoProjectId

    def __str__(self) -> str:
        return f"{REFERENCE_PREFIX}{self.office_id}:{self.voucher}:{self.finago_project_id}"

    @classmethod
    def of(cls, kind: ActualKind, text: str | None) -> ActualReference | None:
        """The reference written as `finago:102:2026-3-20418:12345`; None for anything else: it is not ours."""
        parts = (text or "").split(":")
        if len(parts) != 4 or f"{parts[0]}:" != REFERENCE_PREFIX:
            return None
        try:
            reference = cls(
                kind=kind,
                office_id=OfficeId(int(parts[1])),
                voucher=VoucherKey.of(parts[2]),
                finago_project_id=FinagoProjectId(int(parts[3])),
            )
        except ValueError:
            return None
        return reference if str(reference) == text else None


@dataclass(frozen=True, kw_only=True)
class Actual:
    """One actual cost or actual sale: every row of the article's two lists.

    Amounts are in `currency`, the Finago client's own, to the øre; a credit note's are below zero. `party_name` is the
    supplier's name on a cost and the customer's on a sale: it may be a person's, and never leaves for a log.
    """

    project_id: QondorProjectId
    party_name: str
    transaction_reference: str
    description: str
    invoice_date: date
    due_date: date | None
    amount_excluding_vat: Decimal
    vat: Decimal
    is_paid: bool
    paid_date: date | None
    currency: str

    @property
    def amount_including_vat(self) -> Decimal:
        return self.amount_excluding_vat + self.vat


@dataclass(frozen=True, kw_only=True)
class StoredActual:
    """A cost or sale as Qondor holds it, whoever made it.

    `actual` is None when a member of it cannot be read as ours would be written: then it differs from whatever we want.
    `totals_agree`: its own amount including VAT is the sum of the other two.
    """

    id: int
    external_reference: str | None
    project_id: QondorProjectId | None
    actual: Actual | None
    totals_agree: bool = True
