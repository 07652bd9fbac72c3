"""An ordinary run of each flow asks no more than it has to: what is added to one must show here."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from qondor_finago_pipelines.sandbox import World
from tests.end_to_end.installation import Installation


@pytest.fixture
def settled(installation: Installation, world: World, customer: int, project: int) -> Installation:
    """All three flows have worked: an invoice that is not paid yet, its customer and project, a cost."""
    world.add_invoice(customer=customer, project=project)
    world.post_supplier_invoice("800.00", project=12345)
    for flow in (installation.follow, installation.sync, installation.load) * 2:
        assert flow().problems == ()
        installation.wait(minutes=3)
    return installation


def with_a_new_invoice(installation: Installation) -> None:
    installation.world.add_invoice(customer=77, project=555)
    assert installation.sync().created == 1


RUNS: dict[str, tuple[Callable[[Installation], object], dict[str, int]]] = {
    "invoices, nothing new": (
        lambda installation: installation.sync(trigger="schedule"),
        {"qondor GetAllUnprocessedInvoices": 1, "finago GetInvoices": 1},
    ),
    "invoices, one new": (
        with_a_new_invoice,
        {
            "qondor GetAllUnprocessedInvoices": 1, "qondor GetInvoice": 1, "qondor GetAllCustomers": 2,
            "qondor SetAsProcessed": 1, "finago GetProjectsDetailed": 1, "finago GetCompanies": 1,
            "finago GetCategories": 1, "finago GetProducts": 2, "finago GetCurrencyList": 1,
            "finago GetDepartmentList": 1, "finago GetOrderSyncList": 1, "finago GetIdentity": 1,
            "finago SaveInvoices": 1, "finago GetInvoices": 2,
        },
    ),
    "customers and projects, nothing new": (
        lambda installation: installation.follow(),
        {
            "qondor GetAllProjects": 1, "qondor GetAllCustomers": 2, "finago GetCompanies": 1,
            "finago GetProjectsDetailed": 1, "finago GetProjectStatuses": 1, "finago GetProjectTypes": 1,
        },
    ),
    "costs and sales, nothing new": (
        lambda installation: installation.load(),
        {
            "finago GetTransactions": 1, "finago GetFiscalYears": 1, "finago GetClientInformation": 1,
            "qondor GetAllProjects": 1,
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("run", RUNS)
def test_an_ordinary_run_makes_these_calls_and_no_others(settled: Installation, run: str) -> None:
    make, calls = RUNS[run]
    settled.world.calls.clear()
    make(settled)
    assert settled.world.calls.by_operation() == calls
