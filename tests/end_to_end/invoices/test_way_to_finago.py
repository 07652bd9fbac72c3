"""How far it is from the asset to the call that creates an order: short enough to be followed by hand."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import requests

import qondor_finago_pipelines
from qondor_finago_pipelines.definitions import JOBS, build_defs
from qondor_finago_pipelines.records.days import oslo_day
from qondor_finago_pipelines.records.operations.results import Flow
from qondor_finago_pipelines.sandbox import World
from tests.end_to_end.installation import OSLO, Installation

PACKAGE = str(Path(qondor_finago_pipelines.__file__).parent)
AT_MOST = 15


def test_at_most_fifteen_functions_of_ours_stand_between_the_asset_and_the_order(
    installation: Installation, world: World, project: int, customer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.add_invoice(id=9001, project=project, customer=customer)
    chains: list[list[str]] = []
    send = requests.Session.request

    def sending(self: requests.Session, *arguments: Any, **options: Any) -> requests.Response:
        if b"SaveInvoices" in (options.get("data") or b""):
            chains.append(
                [
                    f"{Path(frame.filename).relative_to(PACKAGE)}: {frame.name}"
                    for frame in traceback.extract_stack()
                    if frame.filename.startswith(PACKAGE)
                ]
            )
        return send(self, *arguments, **options)

    monkeypatch.setattr(requests.Session, "request", sending)
    with installation.service() as service, dg.DagsterInstance.ephemeral() as instance:
        job = build_defs(service.settings, service).resolve_job_def(JOBS[Flow.INVOICES])
        day = oslo_day(service.store.now())
        assert job.execute_in_process(instance=instance, partition_key=f"{day}|{OSLO}").success

    assert len(world.orders_of(9001)) == 1
    (chain,) = chains
    assert chain[0].startswith("assets/flow_assets.py"), "\n".join(chain)
    assert len(chain) <= AT_MOST, f"{len(chain)} functions, not {AT_MOST}:\n" + "\n".join(chain)
