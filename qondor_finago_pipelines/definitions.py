"""Dagster's door: everything that a code location needs, put together in one place. It decides nothing.

Settings are read by file only when the location is loaded; no system, no ledger and no secret is touched. A broken file
fails the location with the one message that says what to mend.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

import dagster as dg

from .assets.invoices import SPECS, invoice_assets
from .automation.schedules import invoice_schedules
from .records.results import Flow
from .resources import DeskResource
from .settings import Settings, find_settings_file, load_settings
from .tags import FLOW, SETTINGS

SYNC_INVOICES = "sync_invoices"
"""The job's name, for whoever launches it."""


def build_defs(settings: Settings, overrides: Mapping[str, object] | None = None) -> dg.Definitions:
    """The one assembly. `overrides` replaces resources by name: tests and commands bring a desk of their own."""
    invoices = invoice_assets(settings)
    sync_invoices = dg.define_asset_job(
        SYNC_INVOICES,
        selection=[spec.key for spec in SPECS],
        description="Sends one office's queue of Qondor invoices to Finago and reports payments back. Choose today's "
        "partition of the office; a past day takes only what was issued that day.",
        executor_def=dg.in_process_executor,
        tags={FLOW: Flow.INVOICES.value, SETTINGS: settings.digest()[:12]},
    )
    return dg.Definitions(
        assets=[invoices],
        jobs=[sync_invoices],
        schedules=invoice_schedules(settings, SYNC_INVOICES),
        resources={"desk": DeskResource(settings_file=str(settings.file)), **(overrides or {})},
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The code location, as `workspace.yaml` names it."""
    return build_defs(load_settings(find_settings_file(os.environ)))
