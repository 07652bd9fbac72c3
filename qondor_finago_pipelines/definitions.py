"""Dagster's door: everything that a code location needs, put together in one place. It decides nothing.

Settings are read by file only when the location is loaded; no system, no store and no secret is touched. A broken file
fails the location with the one message that says what to mend.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import dagster as dg

from .assets.costs_and_sales.assets import costs_and_sales
from .assets.customers_and_projects.assets import CUSTOMERS_AND_PROJECTS
from .assets.flow_assets import FlowAssets
from .assets.invoices.assets import INVOICES
from .assets.invoices.batch_run import batch_run_job
from .assets.operations.preflight import preflight_asset
from .assets.operations.reconciliation import reconciliation_asset
from .assets.operations.status_checks import STATUS_ASSETS, STATUS_KINDS, evaluation, observation, status_check
from .automation.alert_sensor import alert_sensor
from .automation.dagster_internals import UnresolvedAssetJobDefinition
from .automation.preflight import preflight_job, preflight_schedule
from .automation.prune_history import prune_job, prune_schedule
from .automation.queue_sensor import queue_sensor
from .automation.reconciliation import reconciliation_job, reconciliation_schedule
from .automation.run_failures import run_failure_sensor
from .automation.schedules import schedules
from .automation.status_sensor import status_sensor
from .error_boundary import tick_boundary
from .flows.service import SyncService
from .partitions import OfficeDay, offices_by_day
from .records.operations.results import Flow
from .resources import SyncResource, service_of
from .settings import Settings, find_settings_file, load_settings
from .tags import FLOW, LANE, OFFICE, SETTINGS, dagster_name

JOBS = {flow: f"sync_{dagster_name(flow)}" for flow in Flow}
"""The jobs' names, for whoever launches them."""


def build_defs(settings: Settings, sync: Any = None) -> dg.Definitions:
    """The one assembly. Commands and tests bring a service `sync` of their own; without one, the process has one."""
    flows = (INVOICES, CUSTOMERS_AND_PROJECTS, costs_and_sales(settings))
    settings_file = str(settings.file)
    resource = sync or SyncResource(settings_file=settings_file)
    jobs = {each.flow: _job(each, settings, lambda: sync or service_of(settings_file)) for each in flows}
    batch_run, prune = batch_run_job(settings, resource), prune_job(settings, resource)
    preflight, reconciliation = preflight_asset(settings), reconciliation_asset(settings)
    status_checks = [status_check(flow, kind) for flow, kind in STATUS_KINDS]
    return dg.Definitions(
        assets=[*(each.definition(settings) for each in flows), *STATUS_ASSETS, preflight, reconciliation],
        asset_checks=status_checks,
        jobs=[*jobs.values(), batch_run, prune, preflight_job(preflight.key), reconciliation_job(reconciliation.key)],
        schedules=[
            *(schedule for each in flows for schedule in schedules(settings, each.flow, JOBS[each.flow])),
            prune_schedule(prune),
            preflight_schedule(settings),
            reconciliation_schedule(settings),
        ],
        sensors=[
            queue_sensor(settings, jobs[Flow.INVOICES], batch_run),
            run_failure_sensor(settings, JOBS.values(), {spec.key: each.flow for each in flows for spec in each.specs}),
            alert_sensor([spec.key for each in flows for spec in each.specs]),
            status_sensor(dg.AssetSelection.checks(*status_checks), evaluation, observation),
        ],
        resources={"sync": resource},
        executor=dg.in_process_executor,
    )


def _job(of: FlowAssets, settings: Settings, sync: Callable[[], SyncService]) -> UnresolvedAssetJobDefinition:
    @tick_boundary()
    def tags_of(partition: str) -> dict[str, str]:
        """What a launch from the job's own page lacks: with the lane, it waits in the queue as every other run does."""
        office = OfficeDay.of(partition).office
        return {OFFICE: str(office), LANE: sync().lanes(of.flow, [office])[office]}

    # Dagster allows no tags of a partition where a run works on a range of them: there, the store's lease guards.
    lane_of_office = dg.PartitionedConfig(
        partitions_def=offices_by_day(settings),
        run_config_for_partition_key_fn=lambda _: {},
        tags_for_partition_key_fn=tags_of,
    )
    return dg.define_asset_job(
        JOBS[of.flow],
        selection=[spec.key for spec in of.specs],
        description=of.job_description,
        executor_def=dg.in_process_executor,
        tags={FLOW: of.flow.value, SETTINGS: settings.digest()[:12]},
        config=None if of.works_on_ranges else lane_of_office,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The code location, as `workspace.yaml` names it."""
    return build_defs(load_settings(find_settings_file(os.environ)))
