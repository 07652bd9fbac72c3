"""`dry_run: true` in the launchpad: the plan as a table, nothing materialized, nothing written."""

from __future__ import annotations

import dagster as dg
import pytest

from qondor_finago_pipelines.assets.invoices.assets import FINAGO_ORDERS, INVOICE_PAYMENTS
from qondor_finago_pipelines.definitions import JOBS
from qondor_finago_pipelines.records.days import oslo_day
from qondor_finago_pipelines.records.operations.results import Flow
from qondor_finago_pipelines.sandbox import World
from qondor_finago_pipelines.tags import dagster_name
from tests.assets.runs import cell, rows, run_job
from tests.end_to_end.customers_and_projects.edits import writes
from tests.end_to_end.installation import OSLO, Installation


def run(
    installation: Installation, flow: Flow, instance: dg.DagsterInstance, *, dry_run: bool
) -> dg.ExecuteInProcessResult:
    how = {"ops": {dagster_name(flow): {"config": {"dry_run": dry_run}}}}
    with installation.service() as service:
        partition = f"{oslo_day(service.store.now())}|{OSLO}"
        return run_job(installation.settings(), service, JOBS[flow], instance, partition_key=partition, run_config=how)


@pytest.mark.parametrize("flow", Flow)
def test_a_dry_run_shows_the_plan_and_does_nothing(
    installation: Installation, world: World, invoice: int, flow: Flow
) -> None:
    world.post_supplier_invoice("100.00", project=12345)
    with dg.DagsterInstance.ephemeral() as instance:
        dry = run(installation, flow, instance, dry_run=True)
        assert dry.success
        assert writes(world) == 0
        assert dry.get_asset_materialization_events() == []
        assert dry.get_asset_check_evaluations() == []
        (observed,) = dry.get_asset_observation_events()
        about = observed.asset_observation_data.asset_observation.metadata
        plan = rows(about["plan"].value)
        assert plan
        assert about["changes"].value == len(plan)
        assert len(str(about["digest"].value)) == 64
        real = run(installation, flow, instance, dry_run=False)
        assert real.get_asset_materialization_events()
        assert writes(world) > 0


def test_a_dry_run_leaves_the_colour_of_the_cell(installation: Installation, world: World, invoice: int) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        run(installation, Flow.INVOICES, instance, dry_run=True)
        day = oslo_day(installation.clock())
        for key in (FINAGO_ORDERS, INVOICE_PAYMENTS):
            assert cell(instance, installation.settings(), key, f"{day}|{OSLO}") == "MISSING"


def test_what_could_not_be_looked_at_stands_in_the_table(
    installation: Installation, world: World, invoice: int
) -> None:
    world.faults.add("qondor", "GetAllUnprocessedInvoices", "500", times=None)
    with dg.DagsterInstance.ephemeral() as instance:
        dry = run(installation, Flow.INVOICES, instance, dry_run=True)
        (observed,) = dry.get_asset_observation_events()
        (row,) = rows(observed.asset_observation_data.asset_observation.metadata["plan"].value)
        assert (row["record"], row["action"]) == (f"office {OSLO}", "wait")
        assert row["reason"]
        assert row["remedy"]
