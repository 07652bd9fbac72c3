"""Both systems compared record by record: in what they differ, what is known of why, and what they sum to.

The members of `as_json` are a contract with whoever reads `qondor-finago reconcile --json` (decisions 13).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from .identifiers import OfficeId
from .money import plain

MISSING_IN_FINAGO, MISSING_IN_QONDOR = "missing in finago", "missing in qondor"
TWICE_IN_FINAGO, TWICE_IN_QONDOR = "twice in finago", "twice in qondor"
CANNOT_BE_READ = "cannot be read"
"""What a difference may be of besides a field of that name."""

Value = Decimal | date | int | str | None
"""A fact about a record, as it is compared."""


class Compared(StrEnum):
    """The kinds of record that stand in both systems."""

    INVOICE = "invoice"
    PAYMENT = "payment"
    CUSTOMER = "customer"
    PROJECT = "project"
    COST = "cost"
    SALE = "sale"


@dataclass(frozen=True, kw_only=True)
class Side:
    """A record as one system has it: its id there, and the facts that the other system should have as well.

    Only facts that both sides have are compared. `amount` is what the record is worth, in `currency`.
    """

    id: int | str
    facts: Mapping[str, Value] = field(default_factory=dict)
    amount: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing in which the systems differ. `difference` is Finago minus Qondor, in `currency`; None for no amount."""

    office: OfficeId
    kind: Compared
    qondor: int | str | None
    finago: int | str | None
    field: str
    qondor_value: Value = None
    finago_value: Value = None
    difference: Decimal | None = None
    currency: str = ""
    explained: str | None = None
    """Why it may be so for now; None where nothing is known that would explain it."""

    def as_json(self) -> dict[str, object]:
        return {
            "office": self.office,
            "kind": self.kind.value,
            "qondor": self.qondor,
            "finago": self.finago,
            "field": self.field,
            "qondor_value": shown(self.qondor_value),
            "finago_value": shown(self.finago_value),
            "difference": shown(self.difference),
            "explained": self.explained,
            "currency": self.currency or None,
        }


@dataclass(frozen=True, kw_only=True)
class Totals:
    """What the compared records of one currency sum to on each side."""

    qondor: Decimal
    finago: Decimal

    def as_json(self) -> dict[str, str]:
        return {"qondor": plain(self.qondor), "finago": plain(self.finago)}


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """One office, compared for the documents of these days; customers and projects are compared whatever their day."""

    office: OfficeId
    first_day: date
    last_day: date
    compared: Mapping[Compared, int]
    totals: Mapping[Compared, Mapping[str, Totals]]
    """By kind and currency: invoices and costs are never added to each other, nor are two currencies."""
    digests: Mapping[Compared, str]
    digest: str
    """Of all that was compared, on both sides: the same for the same content, whenever and wherever it is made."""
    differences: tuple[Difference, ...] = ()
    unloaded: Mapping[str, Decimal] = field(default_factory=dict)
    """By reason: amounts on projects that become neither cost nor sale, in the client's own currency."""
    strangers: int = 0
    """Orders whose reference is a number and none of an invoice that Qondor shows: somebody else's, it seems."""
    calls: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def unexplained(self) -> tuple[Difference, ...]:
        return tuple(each for each in self.differences if each.explained is None)

    @property
    def sums(self) -> Mapping[str, Totals]:
        """By currency over all documents: equal where nothing is lost, whatever its kind."""
        found: dict[str, Totals] = {}
        for of_kind in self.totals.values():
            for currency, each in of_kind.items():
                before = found.get(currency, Totals(qondor=Decimal(0), finago=Decimal(0)))
                found[currency] = Totals(qondor=before.qondor + each.qondor, finago=before.finago + each.finago)
        return dict(sorted(found.items()))

    def as_json(self) -> dict[str, object]:
        return {
            "office": self.office,
            "compared": {kind.value: self.compared.get(kind, 0) for kind in Compared},
            "totals": {currency: each.as_json() for currency, each in self.sums.items()},
            "differences": len(self.differences),
            "unexplained": len(self.unexplained),
            "digest": self.digest,
            "from": self.first_day.isoformat(),
            "to": self.last_day.isoformat(),
            "totals_by_kind": {
                kind.value: {currency: each.as_json() for currency, each in of_kind.items()}
                for kind, of_kind in self.totals.items()
            },
            "digests": {kind.value: digest for kind, digest in self.digests.items()},
            "unloaded": {why: plain(amount) for why, amount in self.unloaded.items()},
            "strangers": self.strangers,
            "calls": dict(self.calls),
        }


def shown(value: Value) -> str | None:
    """An amount with a point, a day in ISO form; null stays null."""
    if value is None:
        return None
    return plain(value) if isinstance(value, Decimal) else str(value)
