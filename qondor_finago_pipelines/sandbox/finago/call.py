"""One understood Finago call, and the forms that its answer can take."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from ..faults import FaultKind, FaultsOfCall
from ..world import World
from ..world.finago import Books, Session, Stored
from .dates import in_form
from .shapes import Items, Shapes, read, write
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
class SoapCall:
    """A call whose body kept the schema. `session` is None for the few operations that need none."""

    world: World
    element: etree._Element
    shapes: Shapes
    session: Session | None
    faults: FaultsOfCall
    violations: list[str]

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

    def violation(self, what: str) -> None:
        """Records what a real Finago takes and we should not send."""
        self.violations.append(f"{etree.QName(self.element).localname}: {what}")

    def argument(self, name: str) -> Any:
        """A parameter as dict or list; an empty one when it was left out."""
        shape = self.shapes.message(etree.QName(self.element).localname)
        empty: Any = [] if isinstance(shape.members[name].kind, Items) else {}
        return read(shape, self.element).get(name, empty)

    def value(self, name: str) -> Any:
        """A parameter that is a single value; None where it was left out."""
        return read(self.shapes.message(etree.QName(self.element).localname), self.element).get(name)

    def search(self, name: str, *, needed: bool = True) -> dict[str, Any]:
        """The criteria that were really given: an empty list or text is none. Lists become sets, for quick comparison.

        Raises:
            RequestFailed: for a search that names more ids than one call may, or `needed` criteria and none is given.
        """
        search = {
            member: frozenset(value) if isinstance(value, list) else value
            for member, value in self.argument(name).items()
            if value not in ([], "")
        }
        if needed and not search:
            raise RequestFailed("Please specify at least one search parameter")
        for member, value in search.items():
            if member.endswith("Ids") and len(value) > LARGEST_ID_LIST:
                raise RequestFailed(f"{member} may hold at most {LARGEST_ID_LIST} ids.")
        return search

    def answer(self, value: Any) -> etree._Element:
        """`<XResponse><XResult>…</XResult></XResponse>`."""
        name = etree.QName(self.element)
        message = f"{name.localname}Response"
        response = etree.Element(f"{{{name.namespace}}}{message}", nsmap={None: name.namespace})
        dated = in_form(value, self.world.finago.dates)
        write(response, self.shapes.message(message), {f"{name.localname}Result": dated})
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

    def save_each(
        self, parameter: str, save: Callable[[SoapCall, dict[str, Any]], dict[str, Any]], *, reference: str
    ) -> etree._Element:
        """Saves each item by itself; a refused one is echoed with its APIException and stops nobody."""
        saved = []
        for position, item in enumerate(self.argument(parameter)):
            try:
                self._refuse_if_scripted(position, item.get(reference))
                saved.append(save(self, item))
            except ItemRefused as refused:
                problem = {"Type": refused.type, "Message": refused.message, "StackTrace": ""}
                saved.append({**item, "APIException": problem})
        return self.answer(saved)

    def _refuse_if_scripted(self, position: int, reference: str | None) -> None:
        for fault in self.faults.all(FaultKind.API_EXCEPTION):
            if fault.reference == reference if fault.reference is not None else fault.item == position:
                raise ItemRefused(fault.text or "The item was refused by the fault script.", fault.exception)


def check_country(call: SoapCall, country: str | None) -> None:
    """A code of two letters. One of three is taken by a real Finago, too; raises ItemRefused for anything else."""
    if country and not re.fullmatch("[A-Za-z]{2,3}", country):
        raise ItemRefused("Country must be a code of two letters.")
    if country and len(country) > 2:
        call.violation("Country is a code of three letters")


def limit_lengths(item: Mapping[str, Any], limits: Mapping[str, int]) -> None:
    """Raises ItemRefused for a text that is longer than Finago documents (contract/finago.md 6 and 7)."""
    for name, longest in limits.items():
        # Counted as the .NET framework counts: in UTF-16 units.
        if len(str(item.get(name) or "").encode("utf-16-le")) > 2 * longest:
            raise ItemRefused(f"{name} may hold at most {longest} characters.")


def fits(record: Any, search: Mapping[str, Any], criteria: Mapping[str, Callable[[Any, Any], bool]]) -> bool:
    """Whether the record keeps every criterion of the search; the sandbox plays those in `criteria`."""
    return all(criteria[name](record, value) for name, value in search.items() if name in criteria)


def equal(name: str, default: Any = None) -> Callable[[Any, Any], bool]:
    """The criterion that a member has this very value."""
    return lambda record, value: record.get(name, default) == value


def chosen(values: Mapping[str, Any], *names: Iterable[str]) -> dict[str, Any]:
    """Only the members asked for by returnProperties, and those that always come."""
    return {name: values.get(name) for some in names for name in some}


def plain(words: Mapping[int, str]) -> list[dict[str, Any]]:
    """Ids and names, in order of id."""
    return [{"Id": number, "Name": name} for number, name in sorted(words.items())]


def as_utc(moment: datetime) -> datetime:
    """An instant as sent; without a zone it is UTC (contract/finago.md 2.6)."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def without_zone(moment: datetime) -> datetime:
    """A calendar date as sent: the day that was written, whatever the zone."""
    return moment.replace(tzinfo=None)
