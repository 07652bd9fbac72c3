"""The one assembly: what stands in Dagster, and what loading it needs."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._grpc.impl import get_partition_tags
from syrupy.assertion import SnapshotAssertion

from qondor_finago_pipelines.definitions import JOBS, build_defs, defs
from qondor_finago_pipelines.partitions import offices_by_day
from qondor_finago_pipelines.records.errors import SettingsError
from qondor_finago_pipelines.records.operations.results import Flow
from qondor_finago_pipelines.settings import Settings
from qondor_finago_pipelines.tags import dagster_name

from .conftest import FakeSync

READ_ONLY = {dg.AssetKey("preflight"), dg.AssetKey("reconciliation")}
"""Assets of no flow: they look at both systems and write in neither."""


def described(definitions: dg.Definitions) -> dict[str, Any]:
    """Keys, specs, checks, jobs and schedules, as far as a person would notice a change."""
    repository = definitions.get_repository_def()
    graph = definitions.resolve_asset_graph()
    return {
        "assets": {
            spec.key.to_user_string(): {
                "group": spec.group_name,
                "kinds": sorted(spec.kinds),
                "owners": list(spec.owners),
                "after": sorted(dep.asset_key.to_user_string() for dep in spec.deps),
                "description": spec.description,
            }
            for spec in sorted(definitions.resolve_all_asset_specs(), key=lambda spec: spec.key)
        },
        "checks": sorted(f"{key.asset_key.to_user_string()}: {key.name}" for key in graph.asset_check_keys),
        "jobs": {
            job.name: sorted(key.to_user_string() for key in job.asset_layer.executable_asset_keys)
            for job in repository.get_all_jobs()
            if not job.name.startswith("__")
        },
        "sensors": sorted(sensor.name for sensor in repository.sensor_defs),
        "schedules": {schedule.name: schedule.cron_schedule for schedule in repository.schedule_defs},
        "resources": sorted(repository.get_top_level_resources()),
    }


def test_the_definitions_are_what_they_were(example_settings: Settings, snapshot: SnapshotAssertion) -> None:
    assert json.dumps(described(build_defs(example_settings)), indent=2, ensure_ascii=False) == snapshot


def test_the_definitions_can_be_loaded(example_settings: Settings) -> None:
    dg.Definitions.validate_loadable(build_defs(example_settings))


def test_loading_needs_the_settings_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, example_settings: Settings
) -> None:
    for name in ("QONDOR_SUBSCRIPTION_KEY", "FINAGO_APPLICATION_ID", "FINAGO_PASSWORD_OSLO"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QONDOR_FINAGO_SETTINGS", str(example_settings.file))
    defs()
    assert not (tmp_path / "home").exists(), "neither store nor instance is touched"


def test_a_broken_settings_file_fails_the_location_with_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "offices.yaml"
    broken.write_text("offices: []", encoding="utf-8")
    monkeypatch.setenv("QONDOR_FINAGO_SETTINGS", str(broken))
    with pytest.raises(SettingsError, match=r"^offices\.yaml: offices is empty\. Add at least one office\.$"):
        defs()


def test_the_assets_of_a_flow_are_only_ever_made_together(example_settings: Settings) -> None:
    """Nothing that writes to Finago may act on a stored table."""
    every = [each for each in build_defs(example_settings).assets or () if isinstance(each, dg.AssetsDefinition)]
    made = [each for each in every if not each.keys & READ_ONLY]
    assert len(made) == len(Flow)
    assert not any(assets.can_subset for assets in made)


def test_a_launch_from_a_jobs_page_carries_the_lane_of_its_office(example_settings: Settings) -> None:
    """The UI asks the code server for the tags of a partition; so does a backfill of the job."""
    repository = build_defs(example_settings, FakeSync()).get_repository_def()
    for flow in (Flow.INVOICES, Flow.CUSTOMERS_AND_PROJECTS):
        job = JOBS[flow]
        tags = get_partition_tags(repository, job, "2026-11-20|102").tags  # type: ignore[union-attr]
        assert {name: tags[name] for name in ("office", "lane")} == {"office": "102", "lane": "5:102"}


def test_everything_has_a_description_and_every_asset_its_owner_kind_group_and_code(example_settings: Settings) -> None:
    definitions = build_defs(example_settings)
    repository = definitions.get_repository_def()
    for spec in definitions.resolve_all_asset_specs():
        assert all((spec.description, spec.owners, spec.kinds, spec.group_name != "default")), spec.key
        references = spec.metadata["dagster/code_references"]
        assert isinstance(references, dg.CodeReferencesMetadataValue), spec.key
        for reference in references.code_references:
            assert isinstance(reference, dg.LocalFileCodeReference)
            line = Path(reference.file_path).read_text(encoding="utf-8").splitlines()[(reference.line_number or 0) - 1]
            name = str(reference.label).rpartition(".")[2]
            assert re.search(rf"^(@dataclass.*|(def|class) {name}\b.*)$", line), (spec.key, reference)
    graph = definitions.resolve_asset_graph()
    assert all(graph.get_check_spec(key).description for key in graph.asset_check_keys)
    jobs = [job for job in repository.get_all_jobs() if not job.name.startswith("__")]
    each: Any
    for each in (*jobs, *repository.sensor_defs, *repository.schedule_defs):
        assert each.description, each.name


def test_a_closed_office_keeps_its_partitions_and_its_schedules_stand_still(example_settings: Settings) -> None:
    first, *others = example_settings.offices
    closed = example_settings.model_copy(update={"offices": (first.model_copy(update={"closed": True}), *others)})
    day = closed.sync.first_day
    for settings in (example_settings, closed):
        assert offices_by_day(settings).has_partition_key(f"{day}|{first.id}")
        assert not offices_by_day(settings).has_partition_key(f"{day - timedelta(days=1)}|{first.id}")
    schedules = build_defs(closed).get_repository_def().schedule_defs
    still = {each.name for each in schedules if each.default_status is dg.DefaultScheduleStatus.STOPPED}
    assert still == {f"{dagster_name(flow)}_office_{first.id}" for flow in Flow}
