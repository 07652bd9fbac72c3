"""The demo's world: the first run leaves every invoice as it is meant to, the second writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.operations.results import FlowResult
from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.seeds import demo, expected
from tests.end_to_end.installation import Installation


@pytest.fixture
def demo_world(sandbox: Sandbox, installation: Installation, clock: Any) -> World:
    sandbox.world = demo.world(clock=clock)
    installation.configure()
    return sandbox.world


def reached(results: Mapping[OfficeId, FlowResult]) -> dict[int, tuple[str, str | None]]:
    """State and reason of every invoice of a queue; payment status of earlier ones is left out."""
    return {
        int(record.id): (record.state.value, record.reason.value if record.reason else None)
        for result in results.values()
        for record in result.records
        if int(record.id) in expected.EXPECTED
    }


def test_the_first_run_leaves_every_invoice_as_expected(installation: Installation, demo_world: World) -> None:
    results = installation.sync_both()

    assert reached(results) == expected.EXPECTED
    assert not any(result.problems for result in results.values())
    for invoice, (state, _) in expected.EXPECTED.items():
        assert len(demo_world.orders_of(invoice)) == (1 if state == expected.SETTLED else 0), invoice
    paid = {invoice for invoice in demo_world.qondor.invoices if demo_world.qondor.status_of(invoice) == "Paid"}
    assert paid == expected.EXPECTED_PAID
    assert demo_world.qondor.customers[demo.NEW_CUSTOMER]["externalReference"]


def test_the_second_run_writes_to_neither_system(installation: Installation, demo_world: World) -> None:
    installation.sync_both()
    demo_world.calls.clear()

    second = installation.sync_both()

    assert demo_world.calls.writes("qondor") + demo_world.calls.writes("finago") == 0
    assert reached(second) == {invoice: end for invoice, end in expected.EXPECTED.items() if end[0] != expected.SETTLED}
    paid = {invoice for invoice in demo_world.qondor.invoices if demo_world.qondor.status_of(invoice) == "Paid"}
    assert paid == expected.EXPECTED_PAID


def test_a_run_after_the_store_was_lost_doubles_nothing(installation: Installation, demo_world: World) -> None:
    installation.sync_both()
    orders = {id: dict(books.orders) for id, books in demo_world.finago.books.items()}
    companies = {id: set(books.companies) for id, books in demo_world.finago.books.items()}
    installation.lose_store()

    results = installation.sync_both()

    assert not any(result.created for result in results.values())
    assert {id: dict(books.orders) for id, books in demo_world.finago.books.items()} == orders
    assert {id: set(books.companies) for id, books in demo_world.finago.books.items()} == companies
