"""The comparison itself, whatever kind of record: what differs, what it sums to, and a digest of all that was compared.

A record is taken in and let go; what stays of it is 32 bytes and its differences, so that a hundred thousand take no
memory.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from ...records.identifiers import OfficeId
from ...records.money import ZERO
from ...records.reconciliation import (
    MISSING_IN_FINAGO,
    MISSING_IN_QONDOR,
    TWICE_IN_FINAGO,
    TWICE_IN_QONDOR,
    Compared,
    Difference,
    Side,
    Totals,
    Value,
)

Explain = Callable[[str], str | None]
"""Gives, by field, why a difference may be so for now; None where nothing is known."""

PERSONAL = {
    Compared.CUSTOMER: frozenset({"name"}),
    Compared.COST: frozenset({"name", "description"}),
    Compared.SALE: frozenset({"name", "description"}),
}
"""Fields that may hold a person's name: said to differ, never shown."""

DIFFERS = "differs"


def unexplained(_: str) -> None:
    """Nothing is known that would explain it."""


class Comparison:
    """One office's records, taken in one by one."""

    def __init__(self, office: OfficeId) -> None:
        self.differences: list[Difference] = []
        self.compared: Counter[Compared] = Counter()
        self._office = office
        self._marks: defaultdict[Compared, list[bytes]] = defaultdict(list)
        self._qondor: defaultdict[tuple[Compared, str], Decimal] = defaultdict(lambda: ZERO)
        self._finago: defaultdict[tuple[Compared, str], Decimal] = defaultdict(lambda: ZERO)

    def pair(self, kind: Compared, qondor: Side, finago: Side, explain: Explain = unexplained) -> None:
        """A record that both systems have."""
        self._take(kind, qondor, finago)
        for field in qondor.facts:
            if field in finago.facts and qondor.facts[field] != finago.facts[field]:
                self._differ(kind, qondor, finago, field, explain)

    def only_in_qondor(self, kind: Compared, qondor: Side, explain: Explain = unexplained) -> None:
        """A record that Finago should have as well."""
        self._take(kind, qondor, None)
        self._lack(kind, MISSING_IN_FINAGO, qondor, None, explain)

    def only_in_finago(self, kind: Compared, finago: Side, explain: Explain = unexplained) -> None:
        """A record that Qondor should have as well."""
        self._take(kind, None, finago)
        self._lack(kind, MISSING_IN_QONDOR, None, finago, explain)

    def again_in_finago(self, kind: Compared, qondor: Side, finago: Side, explain: Explain = unexplained) -> None:
        """A second record of Finago for what has one already."""
        self._take(kind, None, finago)
        self._lack(kind, TWICE_IN_FINAGO, qondor, finago, explain)

    def again_in_qondor(self, kind: Compared, qondor: Side, finago: Side, explain: Explain = unexplained) -> None:
        """A second record of Qondor for what has one already."""
        self._take(kind, qondor, None)
        self._lack(kind, TWICE_IN_QONDOR, qondor, finago, explain)

    def note(
        self, kind: Compared, field: str, *, qondor: int | str | None, finago: int | str | None, explained: str | None
    ) -> None:
        """A record of which nothing can be compared: it cannot be read, or is refused whole."""
        self.differences.append(
            Difference(office=self._office, kind=kind, qondor=qondor, finago=finago, field=field, explained=explained)
        )

    def totals(self) -> dict[Compared, dict[str, Totals]]:
        """By kind and currency, in a fixed order. What is paid is part of what is invoiced, and not summed again."""
        found: dict[Compared, dict[str, Totals]] = {}
        for kind, currency in sorted(self._qondor.keys() | self._finago.keys()):
            if kind is not Compared.PAYMENT:
                sums = Totals(qondor=self._qondor[kind, currency], finago=self._finago[kind, currency])
                found.setdefault(kind, {})[currency] = sums
        return found

    def digests(self) -> dict[Compared, str]:
        """Of each kind, whatever the order in which its records came."""
        return {kind: hashlib.sha256(b"".join(sorted(self._marks[kind]))).hexdigest() for kind in Compared}

    def digest(self) -> str:
        """Of everything that was compared."""
        return hashlib.sha256("".join(self.digests().values()).encode()).hexdigest()

    def _take(self, kind: Compared, qondor: Side | None, finago: Side | None) -> None:
        self.compared[kind] += 1
        content = json.dumps([_canonical(qondor), _canonical(finago)], sort_keys=True, ensure_ascii=False)
        self._marks[kind].append(hashlib.sha256(content.encode("utf-8", "surrogatepass")).digest())
        for side, sums in ((qondor, self._qondor), (finago, self._finago)):
            if side is not None and side.amount is not None:
                sums[kind, side.currency] += side.amount

    def _lack(self, kind: Compared, field: str, qondor: Side | None, finago: Side | None, explain: Explain) -> None:
        """`field` says which of the two is one too many, or has none beside it: it is worth its whole amount."""
        counts = finago if field in (MISSING_IN_QONDOR, TWICE_IN_FINAGO) else qondor
        assert counts is not None
        amount = counts.amount
        self.differences.append(
            Difference(
                office=self._office,
                kind=kind,
                qondor=qondor.id if qondor else None,
                finago=finago.id if finago else None,
                field=field,
                qondor_value=amount if counts is qondor else None,
                finago_value=amount if counts is finago else None,
                difference=None if amount is None else amount if counts is finago else -amount,
                currency=counts.currency,
                explained=explain(field),
            )
        )

    def _differ(self, kind: Compared, qondor: Side, finago: Side, field: str, explain: Explain) -> None:
        ours, theirs = qondor.facts[field], finago.facts[field]
        is_personal = field in PERSONAL.get(kind, ())
        self.differences.append(
            Difference(
                office=self._office,
                kind=kind,
                qondor=qondor.id,
                finago=finago.id,
                field=field,
                qondor_value=DIFFERS if is_personal else ours,
                finago_value=DIFFERS if is_personal else theirs,
                difference=_worth(kind, qondor, ours, theirs),
                currency=qondor.currency,
                explained=explain(field),
            )
        )


def _worth(kind: Compared, qondor: Side, ours: Value, theirs: Value) -> Decimal | None:
    """Finago minus Qondor. A payment that one side lacks is worth the whole invoice."""
    if isinstance(ours, Decimal) or isinstance(theirs, Decimal):
        amounts = [each if isinstance(each, Decimal) else ZERO for each in (ours, theirs)]
        return amounts[1] - amounts[0]
    if kind is Compared.PAYMENT and qondor.amount is not None and None in (ours, theirs):
        return -qondor.amount if theirs is None else qondor.amount
    return None


def _canonical(side: Side | None) -> object:
    """What is hashed: ids, facts and amounts, in one form whatever made them."""
    if side is None:
        return None
    return [str(side.id), _plain(side.amount), side.currency, {name: _plain(each) for name, each in side.facts.items()}]


def _plain(value: Value) -> str | None:
    if isinstance(value, Decimal):
        # 10.0 and 10.00 are the same amount.
        return format(value.normalize() if value else ZERO, "f")
    if isinstance(value, date):
        return value.isoformat()
    return None if value is None else str(value)


def merged(*explanations: Explain) -> Explain:
    """The first that explains a field."""

    def explain(field: str) -> str | None:
        return next((text for each in explanations if (text := each(field)) is not None), None)

    return explain


def by_field(reasons: Mapping[str, str | None]) -> Explain:
    """Explains just these fields."""
    return reasons.get
