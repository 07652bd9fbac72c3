"""A record of which something cannot be read is refused by its name and that of the member; the others go on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..records.customers_and_projects.customers import Company
from ..records.refusals import Reason, Refusal

TELL_APART = ("Id", "ExternalId", "OrganizationNumber", "EmailAddresses", "Type")
"""What a company in Finago is recognised by."""


def refuse_unreadable(what: str, record_id: int, unreadable: Sequence[str], system: str) -> Refusal | None:
    """The refusal of a record of `system` with such members; None for one that can be read whole."""
    if not unreadable:
        return None
    return Refusal(
        Reason.UNREADABLE,
        f"{what} {record_id} cannot be read: {'; '.join(unreadable[:5])}.",
        f"Look at it in {system} and enter what is named there anew; what waits for it then goes by itself.",
    )


def refuse_beside_nameless(what: str, companies: Iterable[Company]) -> Refusal | None:
    """The refusal of a customer that was not found, where a company cannot be told by what it is looked for.

    That one may be the customer's: to create a second one would be the graver mistake.
    """
    for company in companies:
        if any(_IS_NAMELESS.search(trouble) for trouble in company.unreadable):
            return Refusal(
                Reason.UNREADABLE,
                f"{what} was not found in Finago, but a company there, {company.id or 'without an id'}, cannot be read "
                f"({'; '.join(company.unreadable[:5])}) and may be it.",
                "Look at that company in Finago and enter what is named there anew; or enter the right Company ID in "
                "the customer's External Reference in Qondor.",
            )
    return None


_IS_NAMELESS = re.compile(rf"\.({'|'.join(TELL_APART)}|CompanyId)\b|^Company is empty")
