"""Tells the story of one record from the store alone: nothing is asked of a system, and nothing is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ...records.costs_and_sales.actuals import REFERENCE_PREFIX
from ...records.costs_and_sales.vouchers import VoucherKey
from ...records.errors import SettingsError
from ...records.identifiers import CustomerId, OfficeId, QondorInvoiceId, QondorProjectId
from ...records.links import Intent, Kind, OrderLink
from ...records.operations.stories import Story, StoryLine, Told
from ...rules.linking import customer_key, positive_int
from ...rules.operations.stories import FLOW_OF, UPDATED, Happened, Stands, line_of, lines_of_link, standing_of
from ...store import ALERTS, Event, Store, Transaction

_COSTS_AND_SALES = (Kind.COST, Kind.SALE)


def story_of(store: Store, told: Told, name: str, offices: Collection[OfficeId], *, alone: bool = False) -> Story:
    """What happened to a record in these offices and, unless these `alone`, in every other that the store has met.

    `name` is an id of Qondor, or a voucher's key such as `2026-3-20418`, which another Finago client may have too.
    Raises SettingsError where it is neither.
    """
    name = _checked(told, name)
    key, flow = name if told is Told.INVOICE else f"{told.value} {name}", FLOW_OF[told]
    with store.read() as transaction:
        asked = frozenset(offices) if alone else transaction.clients.all_offices() | set(offices)
        happened = transaction.events.about(asked, [(flow.value, key), (ALERTS, key)])
        link = transaction.orders.get(QondorInvoiceId(int(name))) if told is Told.INVOICE else None
        if told is Told.PROJECT:
            writes, unsettled = _of_project(transaction, QondorProjectId(int(name)), asked)
        else:
            keys = _writes(told, name, asked)
            writes = transaction.events.about(asked, keys, beginning=_COSTS_AND_SALES)
            unsettled = transaction.intents.unsettled_of(keys, beginning=_COSTS_AND_SALES)
        told_of = [each for each in happened if each.kind != ALERTS or (each.detail or {}).get("flow") == flow.value]
        lines = _lines(transaction, [*told_of, *writes], link)
        stored = [each for office in sorted(asked) if (each := transaction.outcomes.get(office, flow.value, key))]
        stands = [
            Stands(state=each.state, message=each.message, remedy=each.remedy, last_seen=each.last_seen)
            for each in stored
        ]
        standing = standing_of(stands, unsettled, link, known=bool(lines))
    return Story(record=f"{told.value} {name}", lines=lines, standing=standing)


def _lines(transaction: Transaction, events: Iterable[Event], link: OrderLink | None) -> tuple[StoryLine, ...]:
    """Everything in order of time; what one instant holds stays in the order in which it was written."""
    ordered = sorted(events, key=lambda each: each.id)
    triggers = transaction.runs.triggers({each.run_id for each in ordered if each.run_id})
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
        for each in ordered
    ]
    return tuple(sorted([*lines, *(lines_of_link(link) if link else ())], key=lambda line: line.at))


def _of_project(
    transaction: Transaction, project_id: QondorProjectId, offices: Collection[OfficeId]
) -> tuple[tuple[Event, ...], tuple[Intent, ...]]:
    """The events and the unsettled writes of a project: it is created under its Finago id, and changed under its own.

    A Finago id is of one client; the same in another is another project.
    """
    unsettled = transaction.intents.unsettled_for_project(project_id)
    created = {(link.client_id, str(link.finago_project_id)) for link in transaction.projects.of_project(project_id)}
    created |= {(intent.client_id, intent.key) for intent in unsettled}
    changed = transaction.events.about(offices, [(Kind.PROJECT, str(project_id))])
    found = [each for each in changed if each.event == UPDATED]
    for client, key in sorted(created):
        of_client = transaction.clients.offices_of(client) & set(offices)
        found += (each for each in transaction.events.about(of_client, [(Kind.PROJECT, key)]) if each.event != UPDATED)
    return tuple(found), unsettled


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


def _writes(told: Told, name: str, offices: Collection[OfficeId]) -> list[tuple[Kind, str]]:
    """Kind and key of everything that is written for the record; of costs and sales how the keys begin."""
    match told:
        case Told.INVOICE:
            return [(Kind.ORDER, name), (Kind.INVOICING, name)]
        case Told.CUSTOMER:
            return [(Kind.COMPANY, customer_key(CustomerId(int(name))))]
        case _:
            references = [f"{REFERENCE_PREFIX}{office}:{name}:" for office in sorted(offices)]
            return [(kind, reference) for kind in _COSTS_AND_SALES for reference in references]
