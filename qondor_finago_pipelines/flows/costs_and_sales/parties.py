"""Whose cost or sale it is, and when it was paid: what a voucher's records say beyond its own lines."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from ...records.costs_and_sales.actuals import ActualKind
from ...records.costs_and_sales.vouchers import VoucherKey
from ...records.identifiers import CompanyId
from ...rules.costs_and_sales.actuals import ProjectIndex, our_companies
from ...rules.costs_and_sales.allocation import Allocation
from ...store import LoadedActual
from ..run.office_run import OfficeRun
from .read import Reading


def read_names(run: OfficeRun, names: dict[int, str], allocations: Iterable[Allocation], index: ProjectIndex) -> None:
    """Adds to `names` those of suppliers and customers of which it has none, so that each is read once in a run."""
    wanted = {company for each in allocations for company in our_companies(each, index)} - names.keys()
    if not wanted:
        return
    found = run.finago.companies([CompanyId(company) for company in sorted(wanted)])
    for company in sorted(wanted):
        known = found.get(CompanyId(company))
        names[company] = known.name if known else ""
        run.qondor.redact(names[company])
        if known is None:
            run.record.warn(
                f"Finago has no company {company}, which a voucher names: its costs and sales stand without a name."
            )


def paid_dates(
    reading: Reading,
    allocations: Collection[Allocation],
    loaded: Mapping[VoucherKey, Sequence[LoadedActual]],
    merged: Mapping[VoucherKey, VoucherKey],
) -> dict[VoucherKey, dict[ActualKind, date | None]]:
    """When each voucher was paid: the latest day of another voucher's line in its link, as far as this run read it.

    Where the payment was read by an earlier run only, the date that was loaded then stays.
    """
    links = {link for each in allocations for terms in each.terms.values() for link in terms.link_ids}
    days = reading.days_by_link(links) if links else {}
    paid: dict[VoucherKey, dict[ActualKind, date | None]] = {}
    for each in allocations:
        before = {
            record.reference.kind: record.paid_date for record in loaded.get(each.voucher, ()) if record.paid_date
        }
        paid[each.voucher] = {
            kind: max(
                (
                    day
                    for link in terms.link_ids
                    for key, day in days.get(link, ())
                    if key is None or merged.get(key, key) != each.voucher
                ),
                # Nothing that is linked to nothing was ever paid.
                default=before.get(kind) if terms.link_ids else None,
            )
            for kind, terms in each.terms.items()
        }
    return paid
