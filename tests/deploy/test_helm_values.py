"""The values for Dagster's Helm chart. The chart is not here: its keys are listed below as its schema has them.

What comes of the values - the instance file, the pods of runs - is built as the chart builds it and given to Dagster's
own code, which checks it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster._config import process_config
from dagster._core.instance.config import dagster_instance_config
from dagster._core.storage.config import pg_config
from dagster_k8s.container_context import K8sContainerContext
from dagster_k8s.job import DagsterK8sJobConfig, construct_dagster_k8s_job
from dagster_k8s.launcher import K8sRunLauncher
from dagster_postgres.utils import pg_url_from_config
from kubernetes.client import V1Job

from qondor_finago_pipelines.cli.instance import LOCATION, SQLITE_FORM
from qondor_finago_pipelines.records.errors import SettingsError
from qondor_finago_pipelines.settings import POSTGRESQL, store_url

from .conftest import HOME_IN_IMAGE, parse_command, read_yaml

IMAGE_KEYS = {"repository", "tag", "pullPolicy"}
POD_KEYS = {
    *("image", "env", "envConfigMaps", "envSecrets", "labels", "nodeSelector", "affinity", "tolerations"),
    *("podSecurityContext", "securityContext", "resources", "annotations", "schedulerName", "volumes", "volumeMounts"),
    *("livenessProbe", "readinessProbe", "startupProbe"),
}
CHART_KEYS: Mapping[str, set[str]] = {
    "": {
        *("dagsterWebserver", "dagster-user-deployments", "postgresql", "generatePostgresqlPasswordSecret", "ingress"),
        *("imagePullSecrets", "computeLogManager", "scheduler", "runLauncher", "pythonLogs", "dagsterDaemon"),
        *("migrate", "telemetry", "serviceAccount", "global", "retention", "additionalInstanceConfig"),
    },
    "dagsterWebserver": POD_KEYS | {"replicaCount", "nameOverride", "pathPrefix", "service", "workspace", "logLevel"},
    "dagsterDaemon": POD_KEYS
    | {"enabled", "runCoordinator", "heartbeatTolerance", "runMonitoring", "runRetries", "sensors", "schedules"},
    "dagster-user-deployments": {"enabled", "enableSubchart", "deployments"},
    "runLauncher.config.k8sRunLauncher": {
        *("image", "imagePullPolicy", "jobNamespace", "loadInclusterConfig", "kubeconfigFile", "envConfigMaps"),
        *("envSecrets", "envVars", "volumeMounts", "volumes", "labels", "failPodOnRunFailure", "resources"),
        *("schedulerName", "securityContext", "runK8sConfig"),
    },
    "runLauncher.config.k8sRunLauncher.runK8sConfig": {
        *("containerConfig", "podSpecConfig", "podTemplateSpecMetadata", "jobSpecConfig", "jobMetadata"),
    },
    "postgresql": {
        *("image", "enabled", "postgresqlHost", "postgresqlUsername", "postgresqlPassword", "postgresqlDatabase"),
        *("postgresqlParams", "postgresqlScheme", "service"),
    },
}
DEPLOYMENT_KEYS = POD_KEYS | {
    *("name", "dagsterApiGrpcArgs", "codeServerArgs", "includeConfigInLaunchedRuns", "port", "deploymentStrategy"),
    *("initContainers", "sidecarContainers"),
}


@pytest.fixture(scope="module")
def values() -> Any:
    return read_yaml("helm-values.yaml")


@pytest.fixture(scope="module")
def deployment(values: Any) -> Any:
    (deployment,) = values["dagster-user-deployments"]["deployments"]
    return deployment


def part(values: Any, path: str) -> Any:
    for key in filter(None, path.split(".")):
        values = values[key]
    return values


def snake(value: Any) -> Any:
    """The keys as the launcher takes them, where the chart writes them anew."""
    if not isinstance(value, dict):
        return value
    return {re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", key).lower(): inner for key, inner in value.items()}


@pytest.mark.parametrize("path", CHART_KEYS)
def test_it_uses_keys_that_the_chart_has(values: Any, path: str) -> None:
    assert part(values, path).keys() - CHART_KEYS[path] == set()


def test_the_code_server_uses_keys_that_the_chart_has(deployment: Any) -> None:
    assert deployment.keys() - DEPLOYMENT_KEYS == set()
    assert deployment["image"].keys() == IMAGE_KEYS


def test_the_instance_is_told_what_the_file_at_the_top_says(values: Any) -> None:
    expected = yaml.safe_load(SQLITE_FORM)
    assert values["telemetry"] == expected.pop("telemetry")
    expected.pop("run_launcher", None)
    told = dict(values["additionalInstanceConfig"])
    for ticking in ("schedules", "sensors"):
        threads = values["dagsterDaemon"][ticking]
        assert expected.pop(ticking) == {
            "use_threads": threads["useThreads"],
            "num_workers": threads["numWorkers"],
            "num_submit_workers": threads["numSubmitWorkers"],
        }
    assert expected.pop("run_monitoring")["enabled"] is True
    assert told.pop("run_monitoring") == {"enabled": True, "start_timeout_seconds": 300}, "a pod takes its time"
    assert told == expected


def test_the_instance_file_that_the_chart_makes_of_it_is_one_that_dagster_takes(values: Any, tmp_path: Path) -> None:
    home = instance_home(values, tmp_path)
    config, _ = dagster_instance_config(str(home))
    runs = config["concurrency"]["runs"]
    assert [limit["key"] for limit in runs["tag_concurrency_limits"]] == ["lane", "dagster/backfill"]
    assert config["run_retries"]["retry_on_asset_or_op_failure"] is False


def test_dagster_stores_in_postgresql_with_the_driver_that_is_installed(
    values: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_PG_PASSWORD", "p@ss")
    made = process_config(dg.Shape(pg_config()), storage(values))
    assert made.success, made.errors
    assert made.value is not None
    url = pg_url_from_config(made.value)
    assert url == f"{POSTGRESQL}qondor_finago:p%40ss@postgres.example.internal:5432/qondor_finago"


def test_a_run_without_the_address_of_the_store_is_refused(values: Any, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="names no PostgreSQL database"):
        store_url({"DAGSTER_HOME": str(instance_home(values, tmp_path))})


def test_the_code_server_is_started_as_in_the_image_and_found_by_the_workspace(values: Any, deployment: Any) -> None:
    command = ["dagster", "code-server", "start", "-h", "0.0.0.0", "-p", str(deployment["port"])]
    options = parse_command([*command, *deployment["codeServerArgs"]])
    assert (options["module_name"], options["attribute"]) == ("qondor_finago_pipelines.definitions", "defs")
    (server,) = values["dagsterWebserver"]["workspace"]["servers"]
    assert server == {"host": deployment["name"], "port": deployment["port"], "name": LOCATION}
    assert re.fullmatch(r"[a-z0-9-]+", deployment["name"]), "Kubernetes takes no other name"


def test_each_part_runs_the_same_image(values: Any, deployment: Any) -> None:
    images = [values["dagsterWebserver"]["image"], values["dagsterDaemon"]["image"], deployment["image"]]
    assert images[0] == images[1] == images[2]
    assert values["global"]["dagsterHome"] == HOME_IN_IMAGE


def test_the_probes_ask_what_there_is_to_ask(values: Any) -> None:
    webserver = values["dagsterWebserver"]
    assert webserver["readinessProbe"]["httpGet"] == {"path": "/server_info", "port": webserver["service"]["port"]}
    parse_command(values["dagsterDaemon"]["livenessProbe"]["exec"]["command"])


def test_the_pod_of_a_run_has_settings_secrets_and_limits(values: Any, deployment: Any) -> None:
    job = job_of_a_run(values, deployment)
    assert job.spec.ttl_seconds_after_finished == 172800
    pod = job.spec.template.spec
    (container,) = pod.containers
    assert [volume.name for volume in pod.volumes if volume.config_map.name == "qondor-finago-settings"] == ["settings"]
    (settings,) = [mount for mount in container.volume_mounts if mount.name == "settings"]
    assert (settings.mount_path, settings.read_only) == ("/etc/qondor-finago", True), "where the image looks for it"
    assert "qondor-finago" in [source.secret_ref.name for source in container.env_from if source.secret_ref]
    assert container.resources.limits == {"memory": "1Gi"}
    assert container.security_context.run_as_non_root is True
    assert pod.termination_grace_period_seconds == 90


def storage(values: Any) -> dict[str, Any]:
    """How the chart tells Dagster where PostgreSQL is."""
    database = values["postgresql"]
    return {
        "postgres_db": {
            "username": database["postgresqlUsername"],
            "password": {"env": "DAGSTER_PG_PASSWORD"},
            "hostname": database["postgresqlHost"],
            "db_name": database["postgresqlDatabase"],
            "port": database["service"]["port"],
            "params": {},
            "scheme": database["postgresqlScheme"],
        }
    }


def instance_home(values: Any, folder: Path) -> Path:
    """DAGSTER_HOME with the instance file that the chart makes of these values."""
    daemon = values["dagsterDaemon"]
    told_by_the_chart = [daemon[key]["enabled"] for key in ("runCoordinator", "runRetries", "runMonitoring")]
    assert not any([*told_by_the_chart, values["retention"]["enabled"]]), "told twice, a file has a key twice"
    config: dict[str, Any] = {
        "run_launcher": {"module": "dagster_k8s", "class": "K8sRunLauncher", "config": launcher(values)},
        "compute_logs": {
            "module": "dagster._core.storage.noop_compute_log_manager",
            "class": values["computeLogManager"]["type"],
        },
        "telemetry": values["telemetry"],
        **values["additionalInstanceConfig"],
    }
    for name, module, of_class in (
        ("run_storage", "run_storage", "PostgresRunStorage"),
        ("event_log_storage", "event_log", "PostgresEventLogStorage"),
        ("schedule_storage", "schedule_storage", "PostgresScheduleStorage"),
    ):
        config[name] = {"module": f"dagster_postgres.{module}", "class": of_class, "config": storage(values)}
    (folder / "dagster.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    return folder


def launcher(values: Any) -> dict[str, Any]:
    """The launcher's config, as the chart writes it, checked by the launcher's own schema."""
    given = values["runLauncher"]["config"]["k8sRunLauncher"]
    config = {
        **snake({key: value for key, value in given.items() if key != "runK8sConfig"}),
        "run_k8s_config": snake(given["runK8sConfig"]),
        "service_account_name": "dagster",
        "job_namespace": "sync",
        "load_incluster_config": True,
        "dagster_home": values["global"]["dagsterHome"],
        "instance_config_map": "dagster-instance",
        "postgres_password_secret": values["global"]["postgresqlSecretName"],
    }
    checked = process_config(dg.Shape(K8sRunLauncher.config_type()), config)
    assert checked.success, checked.errors
    return config


def job_of_a_run(values: Any, deployment: Any) -> V1Job:
    """The Kubernetes job of a run: the launcher's own config, and over it what the code server hands on."""
    of_launcher = {key: launcher(values)[key] for key in ("run_k8s_config", "service_account_name")}
    of_code_server = {
        "env_secrets": [secret["name"] for secret in deployment["envSecrets"]],
        "volumes": deployment["volumes"],
        "volume_mounts": deployment["volumeMounts"],
        "resources": deployment["resources"],
    }
    assert deployment["includeConfigInLaunchedRuns"] == {"enabled": True}
    context = K8sContainerContext.create_from_config({"k8s": of_launcher}).merge(
        K8sContainerContext.create_from_config({"k8s": of_code_server})
    )
    job = DagsterK8sJobConfig(
        job_image="qondor-finago:0.1.0",
        dagster_home=HOME_IN_IMAGE,
        instance_config_map="dagster-instance",
        postgres_password_secret=values["global"]["postgresqlSecretName"],
    )
    return construct_dagster_k8s_job(
        job, ["dagster", "api", "execute_run"], "dagster-run-1", user_defined_k8s_config=context.run_k8s_config
    )
