"""`confirm` and `retry`: what a person decides."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from qondor_finago_pipelines.records.identifiers import ClientId, OfficeId

from .conftest import Installation

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def test_confirm_lifts_the_guard_of_the_finago_client_and_names_who_is_served(installation: Installation) -> None:
    with installation.store() as store, store.write() as transaction:
        transaction.clients.remember_office(OfficeId(102), ClientId(5))
        transaction.clients.remember_office(OfficeId(103), ClientId(5))
    assert installation.run("confirm", "--office", "102").stdout == (
        "Finago client 5 (offices 102, 103) was confirmed now.\n"
    )
    with installation.store() as store, store.read() as transaction:
        assert transaction.confirmations.confirmed(ClientId(5))
    assert "was confirmed before" in installation.run("confirm", "--office", "103").stdout


def test_an_office_that_never_reached_finago_cannot_be_confirmed(installation: Installation) -> None:
    result = installation.run("confirm", "--office", "102")
    assert result.exit_code == 1
    assert "has not reached Finago yet" in result.stderr
    assert "qondor-finago sync invoices --office 102" in result.stderr


@pytest.mark.parametrize("command", ["rejected", "confirm"])
def test_an_unknown_office_is_wrong_use(installation: Installation, command: str) -> None:
    result = installation.run(command, "--office", "999")
    assert result.exit_code == 2
    assert "there is no office 999" in result.stderr
