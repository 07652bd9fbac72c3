"""The one resource of the code location: the service that runs flows, and knows what is due and how offices stand.

It is opened on first use, so that loading the definitions touches neither a system nor the store. A process has one: a
run's process for that run, the code server's for all ticks of schedules and sensors, which then share a poll of the
queue. Commands and tests put a service of their own in its place.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import dagster as dg

from .flows.service import SyncService
from .settings import load_settings


class SyncResource(dg.ConfigurableResource[SyncService]):
    """Hands over the process's sync service."""

    settings_file: str

    def create_resource(self, context: dg.InitResourceContext) -> SyncService:  # noqa: ARG002
        return service_of(self.settings_file)


@lru_cache(maxsize=1)
def service_of(settings_file: str) -> SyncService:
    """The service of this process. Raises SettingsError where the file is broken."""
    return SyncService(load_settings(Path(settings_file)), os.environ)
