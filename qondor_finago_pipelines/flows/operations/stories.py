"""Tells the story of one record from the store alone: nothing is asked of a system, and nothing is written."""

from __future__ import annotations

from collections.abc import Collection

from ...records.costs_and_sales.actuals import REFERENCE_PREFIX
from ...records.costs_and_sales.vouchers import VoucherKey
from ...records.errors import SettingsError
from ...records.identifiers import CustomerId, OfficeId, QondorInvoiceId
from ...records.links import Kind, OrderLink
from ...records.operations.results import Flow
from ...records.operations.stories import Standing, Story, Told
from ...rules.linking import customer_key, positive_int
from ...rules.operations.stories import FLOW_OF, Happened, Stands, line_of, lines_of_link, standing_of
from ...store import ALERTS, Store, Transaction

_COSTS_AND_SALES = (Kind.COST, Kind.SALE)


def story_of(store: Store, told: Told, name: str, offices: Collection[OfficeId]) -> Story:
    """What happened to a record in these offices and in every other that the store has ever met.

    `name` is an id of Qondor, or a voucher's key such as `2026-3-20418`. Raises SettingsError where it is neither.
    """
    name = _checked(told, name)
    key, flow = _key(told, name), FLOW_OF[told]
    with store.read() as transaction:
        everywhere = transaction.clients.all_offices() | set(offices)
        writes = _writes(told, name, everywhere)
        link = transaction.orders.get(QondorInvoiceId(int(name))) if told is Told.INVOICE else None
        happened = transaction.events.about(
            everywhere, [(flow.value, key), (ALERTS, key), *writes], beginning=_COSTS_AND_SALES
        )
        triggers = transaction.runs.triggers({each.run_id for each in happened if each.run_id})
        lines = [
            line_of(
                Happened(
                    at=each.at,
                    office=each.office_id,
                    kind=each.kind,
                    event=each.event,
                    run=each.run_id,
                    trigger=triggers.get(each.run_id or ""),
                    detail=each.detail or {},
                )
            )
            for each in happened
        ]
        # Sorted by nothing else: what one instant holds stays in the order in which it was written.
        lines = sorted([*lines, *(lines_of_link(link) if link else ())], key=lambda line: line.at)
        standing = _standing(transaction, everywhere, flow, key, writes, link, known=bool(lines))
    return Story(record=f"{told.value} {name}", lines=tuple(lines), standing=standing)


def _standing(
    transaction: Transaction,
    offices: Collection[OfficeId],
    flow: Flow,
    key: str,
    writes: Collection[tuple[str, str]],
    link: OrderLink | None,
    *,
    known: bool,
) -> Standing:
    stored = (transaction.outcomes.get(office, flow.value, key) for office in sorted(offices))
    stands = [
        Stands(
            state=each.state,
            reason=each.reason,
            message=each.message,
            remedy=each.remedy,
            last_seen=each.last_seen,
        )
        for each in stored
        if each is not None
    ]
    unsettled = transaction.intents.unsettled_of(
        [(Kind(kind), written) for kind, written in writes], beginning=_COSTS_AND_SALES
    )
    return standing_of(stands, unsettled, link, known=known)


def _checked(told: Told, name: str) -> str:
    """The id as the store writes it: without zeros before it."""
    if told is Told.VOUCHER:
        try:
            return str(VoucherKey.of(name))
        except ValueError as error:
            raise SettingsError(
                f"{name!r} is no voucher.",
                remedy="Write year, series and number: 2026-3-20418, as `rejected` shows it.",
            ) from error
    number = positive_int(name)
    if number is None:
        raise SettingsError(f"{name!r} is no id of a {told.value} in Qondor.", remedy="Write its number alone: 9001.")
    return str(number)


def _key(told: Told, name: str) -> str:
    """As the outcomes name the record."""
    return name if told is Told.INVOICE else f"{told.value} {name}"


def _writes(told: Told, name: str, offices: Collection[OfficeId]) -> list[tuple[str, str]]:
    """Kind and key of everything that is written for the record; of costs and sales how the keys begin."""
    match told:
        case Told.INVOICE:
            return [(Kind.ORDER, name), (Kind.INVOICING, name)]
        case Told.CUSTOMER:
            return [(Kind.COMPANY, customer_key(CustomerId(int(name))))]
        case Told.PROJECT:
            return [(Kind.PROJECT, name)]
        case Told.VOUCHER:
            references = [f"{REFERENCE_PREFIX}{office}:{name}:" for office in sorted(offices)]
            return [(kind, reference) for kind in _COSTS_AND_SALES for reference in references]
