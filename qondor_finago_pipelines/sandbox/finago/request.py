"""One understood Finago call, and the forms that its answer can take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from ..faults import Fault, FaultKind, FaultsOfCall
from ..world import World
from ..world.finago import Books, Session, Stored
from .shapes import STRINGS, Items, Kind, Member, Shape, read, write_value
from .soap import RequestFailed

LARGEST_ID_LIST = 1000
"""How many ids a search may name (contract/finago.md 7.1)."""


class ItemRefused(Exception):
    """One item of a Save call fails; the others go on. Becomes the item's APIException."""

    def __init__(self, message: str, type: str = "Office24Seven.Library.Core.InvalidParameterException") -> None:
        super().__init__(message)
        self.message = message
        self.type = type


class NoSuch(ItemRefused):
    """An item names a customer, project, department, product … that does not exist."""

    def __init__(self, what: str, id: Any) -> None:
        super().__init__(f"{what} {id} was not found.", "Office24Seven.Library.Core.ParameterNotFoundException")


@dataclass(frozen=True)
class Request:
    """A call whose body kept the schema. `session` is None for the few operations that need none."""

    world: World
    element: etree._Element
    session: Session | None
    faults: FaultsOfCall

    @property
    def books(self) -> Books:
        if self.session is None:
            raise RequestFailed("Session is not authenticated")
        return self.world.finago.books[self.session.identity.client_id]

    @property
    def office(self) -> int:
        """An office that keeps its books in this client."""
        client_id = self.books.client_id
        return next(office.id for office in self.world.offices.values() if office.client_id == client_id)

    def argument(self, name: str, shape: Shape) -> dict[str, Any]:
        """A parameter of a complex type; empty when it was left out."""
        members: dict[str, Any] = self._parameter(name, shape, {})
        return members

    def texts(self, name: str) -> list[str]:
        """A parameter of type ArrayOfString."""
        texts: list[str] = self._parameter(name, STRINGS, [])
        return texts

    def items(self, name: str, element: str, shape: Shape) -> list[dict[str, Any]]:
        """A parameter of type ArrayOf…"""
        items: list[dict[str, Any]] = self._parameter(name, Items(element, shape), [])
        return items

    def _parameter(self, name: str, kind: Shape | Items, default: Any) -> Any:
        return read(Shape("", (Member(name, kind),)), self.element).get(name, default)

    def answer(self, kind: Kind | Shape | Items, value: Any) -> etree._Element:
        """`<XResponse><XResult>…</XResult></XResponse>`; without a result when the value is None."""
        name = etree.QName(self.element)
        response = etree.Element(f"{{{name.namespace}}}{name.localname}Response", nsmap={None: name.namespace})
        if value is not None:
            result = etree.SubElement(response, f"{{{name.namespace}}}{name.localname}Result")
            write_value(result, kind, value)
        return response

    def see(self, records: Mapping[int, Stored]) -> list[Stored]:
        """The records that a look-up sees, in order of id; hidden ones come one look-up closer to sight."""
        seen = []
        for number in sorted(records):
            record = records[number]
            if record.hidden_for:
                record.hidden_for -= 1
            else:
                seen.append(record)
        return seen

    def hide_if_scripted(self, record: Stored) -> None:
        """Late visibility: what this call saved is not seen by the next look-ups."""
        fault = self.faults.first(FaultKind.LATE_VISIBILITY)
        if fault is not None:
            record.hidden_for = fault.calls

    def scripted_refusal(self, position: int, reference: str | None) -> None:
        """Raises ItemRefused when the script wants this item refused."""
        for fault in self.faults.all(FaultKind.API_EXCEPTION):
            if fault.reference == reference if fault.reference is not None else fault.item == position:
                raise ItemRefused(_wording(fault), fault.exception)


def _wording(fault: Fault) -> str:
    return fault.text or "The item was refused by the fault script."


def exception(refused: ItemRefused) -> dict[str, str]:
    """The members of an APIException."""
    return {"Type": refused.type, "Message": refused.message, "StackTrace": ""}


def save_items(
    request: Request,
    items: Iterable[dict[str, Any]],
    save: Callable[[dict[str, Any]], dict[str, Any]],
    *,
    reference: str,
) -> list[dict[str, Any]]:
    """Saves each item by itself; a refused one is echoed with its APIException and stops nobody."""
    saved = []
    for position, item in enumerate(items):
        try:
            request.scripted_refusal(position, item.get(reference))
            saved.append(save(item))
        except ItemRefused as refused:
            saved.append({**item, "APIException": exception(refused)})
    return saved


def limit_lengths(item: Mapping[str, Any], limits: Mapping[str, int]) -> None:
    """Raises ItemRefused for a text that is longer than Finago documents (contract/finago.md 6 and 7)."""
    for name, longest in limits.items():
        if len(str(item.get(name) or "")) > longest:
            raise ItemRefused(f"{name} may hold at most {longest} characters.")


def criteria(search: Mapping[str, Any]) -> dict[str, Any]:
    """The criteria that were really given: an empty list or text is none. Lists become sets, for quick comparison."""
    return {
        name: frozenset(value) if isinstance(value, list) else value
        for name, value in search.items()
        if value not in ([], "")
    }


def limit_ids(search: Mapping[str, Any], *names: str) -> None:
    """Raises RequestFailed for a search that names more ids than one call may."""
    for name in names:
        if len(search.get(name) or ()) > LARGEST_ID_LIST:
            raise RequestFailed(f"{name} may hold at most {LARGEST_ID_LIST} ids.")


def as_utc(moment: datetime) -> datetime:
    """An instant as sent; without a zone it is UTC (contract/finago.md 2.6)."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def without_zone(moment: datetime) -> datetime:
    """A calendar date as sent: the day that was written, whatever the zone."""
    return moment.replace(tzinfo=None)
