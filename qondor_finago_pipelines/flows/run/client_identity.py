"""Whose books a session writes to, asked before the first write of a run (decisions 1 and 2)."""

from __future__ import annotations

from ...records.errors import LoginRefused
from .office_run import OfficeRun


def check_client_identity(run: OfficeRun) -> None:
    """Asks once in a run. Raises LoginRefused when the session is not of the client whose books this office keeps."""
    run.cached("whose books", lambda: _check(run))


def _check(run: OfficeRun) -> None:
    books = run.finago.client_id()
    if books != run.client_id:
        raise LoginRefused(
            "finago",
            "GetIdentity",
            f"office {run.office_id}: the session is of Finago client {books}, but this office keeps its books in "
            f"client {run.client_id}. Nothing was written.",
            remedy="Set identity_id of this office to its identity in the right client.",
        )
