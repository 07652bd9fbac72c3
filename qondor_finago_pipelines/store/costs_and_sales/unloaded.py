"""What of the judged vouchers is not loaded, and on which accounts what is loaded stands."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import delete, or_, select

from ...records.costs_and_sales.actuals import ActualKind
from ...records.costs_and_sales.vouchers import VoucherKey
from ...records.identifiers import FinagoProjectId, OfficeId
from ...records.money import ZERO
from ...records.operations.results import ListedAmount
from ...records.unloaded import CostOnAccount, UnloadedAmount, WhyUnloaded
from .. import schema
from ..statements import Part


class Unloaded(Part):
    """By office and voucher; each judging of a voucher replaces what was kept of it."""

    def put(
        self,
        office_id: OfficeId,
        key: VoucherKey,
        *,
        unloaded: Sequence[UnloadedAmount],
        costs: Sequence[CostOnAccount],
        changed_on: date | None,
    ) -> None:
        """Remembers what a voucher came to."""
        voucher = {"office_id": office_id, "number": key.number, "type_id": key.type_id, "fiscal_year": key.fiscal_year}
        for table in (schema.unloaded_amounts, schema.loaded_costs):
            self._connection.execute(delete(table).where(*(table.c[name] == part for name, part in voucher.items())))
        if unloaded:
            self._put(
                schema.unloaded_amounts,
                *(
                    {
                        **voucher,
                        "place": place,
                        "account": each.account,
                        "project": each.project,
                        "amount": each.amount,
                        "why": each.why,
                        "changed_on": changed_on,
                    }
                    for place, each in enumerate(unloaded)
                ),
            )
        if costs:
            self._put(
                schema.loaded_costs,
                *(
                    {
                        **voucher,
                        "finago_project_id": each.finago_project_id,
                        "account": each.account,
                        "amount": each.amount,
                    }
                    for each in costs
                ),
            )

    def within(
        self, office_id: OfficeId, first_day: date | None = None, last_day: date | None = None
    ) -> tuple[ListedAmount, ...]:
        """What is not loaded of the vouchers that changed last on these days, the earliest voucher first."""
        table = schema.unloaded_amounts
        statement = select(table).where(table.c.office_id == office_id)
        if first_day is not None and last_day is not None:
            statement = statement.where(
                or_(table.c.changed_on.between(first_day, last_day), table.c.changed_on.is_(None))
            )
        rows = self._connection.execute(
            statement.order_by(table.c.fiscal_year, table.c.type_id, table.c.number, table.c.place)
        )
        return tuple(
            ListedAmount(
                voucher=str(_key(row)),
                day=row.changed_on,
                account=row.account,
                project=row.project,
                amount=row.amount,
                why=row.why,
            )
            for row in rows
        )

    def waiting_corrections(self, office_id: OfficeId) -> frozenset[VoucherKey]:
        """The vouchers that correct what was not loaded when they were judged."""
        table = schema.unloaded_amounts
        rows = self._connection.execute(
            select(table.c.fiscal_year, table.c.type_id, table.c.number)
            .where(table.c.office_id == office_id, table.c.why == WhyUnloaded.NEVER_LOADED)
            .distinct()
        )
        return frozenset(VoucherKey(*row) for row in rows)

    def loaded_on(
        self, offices: Collection[OfficeId], project: FinagoProjectId, account: int, *, besides: VoucherKey
    ) -> Decimal:
        """What all other vouchers have put on a project from an account, excluding VAT.

        Of records that were loaded before accounts were kept, or found in Qondor, the account is not known: they count
        for every account.
        """
        costs, actuals = schema.loaded_costs, schema.actuals
        of_project = self._connection.execute(
            select(costs).where(costs.c.office_id.in_(sorted(offices)), costs.c.finago_project_id == project)
        ).all()
        loaded = self._connection.execute(
            select(actuals).where(
                actuals.c.office_id.in_(sorted(offices)),
                actuals.c.finago_project_id == project,
                actuals.c.kind == ActualKind.COST,
            )
        )
        known = {(row.office_id, _key(row)) for row in of_project}
        # Summed here, since SQLite keeps amounts as texts.
        on_account = sum((row.amount for row in of_project if row.account == account and _key(row) != besides), ZERO)
        return on_account + sum(
            (
                row.amount_excluding_vat
                for row in loaded
                if (row.office_id, _key(row)) not in known and _key(row) != besides
            ),
            ZERO,
        )

    def forget_before(self, office_id: OfficeId, before: datetime) -> None:
        """Forgets what is not loaded of vouchers that changed before an instant."""
        table = schema.unloaded_amounts
        self._connection.execute(
            delete(table).where(table.c.office_id == office_id, table.c.changed_on < before.date())
        )


def _key(row: object) -> VoucherKey:
    return VoucherKey(row.fiscal_year, row.type_id, row.number)  # type: ignore[attr-defined]
