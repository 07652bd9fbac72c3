"""A record of which something cannot be read is refused by its name and that of the member; the others go on."""

from __future__ import annotations

from collections.abc import Sequence

from ..records.refusals import Reason, Refusal


def refuse_unreadable(what: str, record_id: int, unreadable: Sequence[str], system: str) -> Refusal | None:
    """The refusal of a record of `system` with such members; None for one that can be read whole."""
    if not unreadable:
        return None
    return Refusal(
        Reason.UNREADABLE,
        f"{what} {record_id} cannot be read: {'; '.join(unreadable[:5])}.",
        f"Look at it in {system} and enter what is named there anew; what waits for it then goes by itself.",
    )
