"""The actual costs and sales that stand in Qondor because of Finago's vouchers. Totals and reports come from here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterable
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, func, select

from ...records.costs_and_sales.actuals import ActualKind, ActualReference
from ...records.costs_and_sales.vouchers import VoucherKey
from ...records.identifiers import ClientId, FinagoProjectId, OfficeId, QondorProjectId
from .. import schema
from ..statements import Part, chunks


@dataclass(frozen=True, kw_only=True)
class LoadedActual:
    """One record as it was last written, or found. Amounts are in `currency`, the client's own; no name is kept."""

    reference: ActualReference
    client_id: ClientId
    qondor_id: int
    project_id: QondorProjectId
    posting_day: date
    amount_excluding_vat: Decimal
    vat: Decimal
    currency: str
    is_paid: bool
    paid_date: date | None
    content_hash: str
    verified: bool
    """False for a record that was found in Qondor: its voucher is still to be judged."""


class Actuals(Part):
    """At most one record for each office, kind, voucher and Finago project."""

    def put(self, loaded: LoadedActual) -> None:
        """Remembers a record as Qondor holds it now."""
        members = {each.name: getattr(loaded, each.name) for each in fields(loaded) if each.name != "reference"}
        self._put(schema.actuals, {**_key(loaded.reference), **members, "written_at": self._now})

    def remove(self, reference: ActualReference) -> None:
        """The record is gone from Qondor."""
        table = schema.actuals
        self._connection.execute(
            delete(table).where(*(table.c[name] == value for name, value in _key(reference).items()))
        )

    def of_vouchers(
        self, office_id: OfficeId, keys: Collection[VoucherKey]
    ) -> dict[VoucherKey, tuple[LoadedActual, ...]]:
        """The records of those of the vouchers that have any."""
        return self._of_vouchers(keys, schema.actuals.c.office_id == office_id)

    def of_other_offices(
        self, client_id: ClientId, office_id: OfficeId, keys: Collection[VoucherKey]
    ) -> dict[VoucherKey, tuple[LoadedActual, ...]]:
        """The records of those of the vouchers that the client's other offices have loaded."""
        columns = schema.actuals.c
        return self._of_vouchers(keys, columns.client_id == client_id, columns.office_id != office_id)

    def _of_vouchers(
        self, keys: Collection[VoucherKey], *whose: ColumnElement[bool]
    ) -> dict[VoucherKey, tuple[LoadedActual, ...]]:
        table = schema.actuals
        wanted = set(keys)
        found: dict[VoucherKey, list[LoadedActual]] = defaultdict(list)
        for some in chunks(key.number for key in wanted):
            for row in self._connection.execute(select(table).where(*whose, table.c.number.in_(some))):
                loaded = _loaded(row)
                if loaded.reference.voucher in wanted:
                    found[loaded.reference.voucher].append(loaded)
        return {key: tuple(records) for key, records in found.items()}

    def vouchers_of_other_offices(
        self, client_id: ClientId, office_id: OfficeId, projects: Container[FinagoProjectId]
    ) -> frozenset[VoucherKey]:
        """The vouchers that the client's other offices have loaded on these projects: they have moved since."""
        table = schema.actuals
        rows = self._connection.execute(
            select(table.c.finago_project_id, table.c.fiscal_year, table.c.type_id, table.c.number)
            .where(table.c.client_id == client_id, table.c.office_id != office_id)
            .distinct()
        )
        return frozenset(VoucherKey(*row[1:]) for row in rows if row[0] in projects)

    def voucher_keys(self, office_id: OfficeId, fiscal_year: int | None = None) -> frozenset[VoucherKey]:
        """The vouchers from which something is loaded."""
        table = schema.actuals
        statement = select(table.c.fiscal_year, table.c.type_id, table.c.number).where(table.c.office_id == office_id)
        if fiscal_year is not None:
            statement = statement.where(table.c.fiscal_year == fiscal_year)
        return frozenset(VoucherKey(*row) for row in self._connection.execute(statement.distinct()))

    def count(self, office_id: OfficeId) -> int:
        """How many records the office has loaded."""
        table = schema.actuals
        return int(
            self._connection.scalar(select(func.count()).select_from(table).where(table.c.office_id == office_id)) or 0
        )

    def projects(self, office_id: OfficeId) -> frozenset[tuple[FinagoProjectId, QondorProjectId]]:
        """On which Qondor project the records of each Finago project stand."""
        table = schema.actuals
        rows = self._connection.execute(
            select(table.c.finago_project_id, table.c.project_id).where(table.c.office_id == office_id).distinct()
        )
        return frozenset((row.finago_project_id, row.project_id) for row in rows)

    def vouchers_on(
        self, office_id: OfficeId, pairs: Iterable[tuple[FinagoProjectId, QondorProjectId]]
    ) -> frozenset[VoucherKey]:
        """The vouchers whose records stand on these pairs."""
        table = schema.actuals
        return frozenset(
            VoucherKey(*row)
            for finago_project_id, project_id in pairs
            for row in self._connection.execute(
                select(table.c.fiscal_year, table.c.type_id, table.c.number).where(
                    table.c.office_id == office_id,
                    table.c.finago_project_id == finago_project_id,
                    table.c.project_id == project_id,
                )
            )
        )

    def unverified(self, office_id: OfficeId, limit: int) -> tuple[VoucherKey, ...]:
        """Vouchers of records that were found in Qondor and not judged yet, at most `limit`."""
        table = schema.actuals
        rows = self._connection.execute(
            select(table.c.fiscal_year, table.c.type_id, table.c.number)
            .where(table.c.office_id == office_id, table.c.verified.is_(False))
            .distinct()
            .order_by(table.c.fiscal_year, table.c.type_id, table.c.number)
            .limit(limit)
        )
        return tuple(VoucherKey(*row) for row in rows)

    def sums_by_day(
        self, office_id: OfficeId, first_day: date, last_day: date
    ) -> dict[tuple[date, ActualKind], Decimal]:
        """What is loaded of the vouchers that changed last on each of these days, excluding VAT."""
        table, judged = schema.actuals, schema.judged_vouchers
        return self._sums(
            select(judged.c.changed_on, table.c.kind, table.c.amount_excluding_vat)
            .join(
                judged,
                and_(*(table.c[name] == judged.c[name] for name in ("office_id", "number", "type_id", "fiscal_year"))),
            )
            .where(table.c.office_id == office_id, judged.c.changed_on.between(first_day, last_day))
        )

    def sums_by_posting_day(
        self, office_id: OfficeId, first_day: date, last_day: date
    ) -> dict[tuple[date, ActualKind], Decimal]:
        """What is loaded of the vouchers posted on each of these days, excluding VAT."""
        table = schema.actuals
        return self._sums(
            select(table.c.posting_day, table.c.kind, table.c.amount_excluding_vat).where(
                table.c.office_id == office_id, table.c.posting_day.between(first_day, last_day)
            )
        )

    def _sums(self, days_kinds_and_amounts: Select[Any]) -> dict[tuple[date, ActualKind], Decimal]:
        # Summed here, since SQLite keeps amounts as texts.
        sums: dict[tuple[date, ActualKind], Decimal] = defaultdict(lambda: Decimal("0.00"))
        for day, kind, amount in self._connection.execute(days_kinds_and_amounts):
            sums[day, kind] += amount
        return dict(sums)

    def listed_projects(self, office_id: OfficeId) -> frozenset[QondorProjectId]:
        """The Qondor projects whose records of ours the store has learned."""
        table = schema.listed_projects
        return frozenset(self._connection.scalars(select(table.c.project_id).where(table.c.office_id == office_id)))

    def mark_listed(self, office_id: OfficeId, project_id: QondorProjectId) -> None:
        """Whatever of ours stands on the project is known now."""
        self._add(schema.listed_projects, {"office_id": office_id, "project_id": project_id, "listed_at": self._now})


def _key(reference: ActualReference) -> dict[str, int | str]:
    return {
        "office_id": reference.office_id,
        "number": reference.voucher.number,
        "type_id": reference.voucher.type_id,
        "fiscal_year": reference.voucher.fiscal_year,
        "kind": reference.kind,
        "finago_project_id": reference.finago_project_id,
    }


def _loaded(row: Row[Any]) -> LoadedActual:
    members = dict(row._mapping)
    del members["written_at"]
    key = VoucherKey(members.pop("fiscal_year"), members.pop("type_id"), members.pop("number"))
    of_reference = {name: members.pop(name) for name in ("kind", "office_id", "finago_project_id")}
    return LoadedActual(reference=ActualReference(voucher=key, **of_reference), **members)
