"""The compose file: valid by the schema of the Compose specification, and of one piece with the files beside it."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import jsonschema
import pytest
import yaml

from qondor_finago_pipelines.settings import DATABASE_VARIABLE, POSTGRESQL, store_url

from .conftest import DEPLOY, TOP, parse_command, read_environment, read_yaml

PARTS = ("migrate", "code", "webserver", "webserver-readonly", "daemon")
"""The services that run our image."""


def test_it_follows_the_compose_specification(compose: Any) -> None:
    vendored = resources.files("check_jsonschema.builtin_schemas.vendor") / "compose-spec.json"
    schema = json.loads(vendored.read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(compose)] == []
    assert not validator.is_valid({"services": {"code": {"imagge": "x"}}}), "the schema does look"


def test_web_server_daemon_and_code_server_are_processes_of_their_own(compose: Any) -> None:
    services = compose["services"]
    assert set(services) == {"postgres", "proxy", *PARTS}
    assert len({services[part]["image"] for part in PARTS}) == 1
    assert "command" not in services["code"], "the image's own"
    assert parse_command(services["migrate"]["command"]) is not None
    workspace = str(DEPLOY / "workspace.yaml")
    assert parse_command(services["webserver"]["command"])["workspace"] == (workspace,)
    readonly = parse_command(services["webserver-readonly"]["command"])
    assert (readonly["workspace"], readonly["read_only"]) == ((workspace,), True)
    assert parse_command(services["daemon"]["command"])["workspace"] == (workspace,)


def test_no_process_needs_a_file_of_another(compose: Any) -> None:
    mounts = {name: service.get("volumes", []) for name, service in compose["services"].items()}
    assert [name for name, volumes in mounts.items() if volumes] == ["postgres", "code", "proxy"]
    sources = [
        volume["source"] if isinstance(volume, dict) else volume.split(":")[0]
        for volumes in mounts.values()
        for volume in volumes
    ]
    assert len(sources) == len(set(sources))
    assert set(compose["volumes"]) == {source for source in sources if "/" not in source}


def test_only_the_code_server_knows_the_secrets_of_the_systems(compose: Any) -> None:
    files = {name: service["env_file"] for name, service in compose["services"].items()}
    assert files["code"] == ["database.env", "sync.env"]
    assert {name for name, given in files.items() if "sync.env" in given} == {"code"}
    for given in files.values():
        assert all((DEPLOY / f"{file}.example").exists() for file in given)


def test_nothing_starts_before_what_it_needs_is_well(compose: Any) -> None:
    needs = {
        name: {needed: how["condition"] for needed, how in service.get("depends_on", {}).items()}
        for name, service in compose["services"].items()
    }
    assert needs == {
        "postgres": {},
        "migrate": {"postgres": "service_healthy"},
        "code": {"migrate": "service_completed_successfully"},
        "webserver": {"code": "service_healthy"},
        "webserver-readonly": {"code": "service_healthy"},
        "proxy": {"webserver": "service_healthy"},
        "daemon": {"code": "service_healthy"},
    }
    waited_for = {name for each in needs.values() for name, how in each.items() if how == "service_healthy"}
    assert all("healthcheck" in compose["services"][name] for name in waited_for)


@pytest.mark.parametrize("part", ["code", "daemon"])
def test_its_health_is_asked_with_a_command_that_dagster_has(compose: Any, part: str) -> None:
    kind, *command = compose["services"][part]["healthcheck"]["test"]
    assert kind == "CMD"
    options = parse_command(command)
    assert options.get("port", 4000) == 4000


def test_only_the_proxy_which_asks_for_a_login_is_published(compose: Any) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert published == {"proxy": ["443:443", "8443:8443"]}
    doors = (DEPLOY / "proxy" / "Caddyfile").read_text(encoding="utf-8")
    for part in ("webserver", "webserver-readonly"):
        assert f"reverse_proxy {part}:{parse_command(compose['services'][part]['command'])['port']}" in doors
    assert doors.count("import login ") == doors.count("reverse_proxy ") == 2, "each door asks"
    assert {file.stem for file in (DEPLOY / "proxy").glob("*.login")} == {"basic", "openid"}


@pytest.mark.parametrize("part", PARTS)
def test_nothing_in_a_container_changes_while_it_runs(compose: Any, part: str) -> None:
    service = compose["services"][part]
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])


def test_the_code_server_is_where_the_workspace_looks(compose: Any) -> None:
    (entry,) = read_yaml("workspace.yaml")["load_from"]
    assert entry["grpc_server"]["host"] in compose["services"]


def test_the_environment_of_the_database_is_one_address_made_of_one_password() -> None:
    given = read_environment("database.env.example")
    assert given["POSTGRES_PASSWORD"] == "", "the example holds no secret"
    address = given[DATABASE_VARIABLE]
    assert address == f"{POSTGRESQL}{given['POSTGRES_USER']}:@postgres:5432/{given['POSTGRES_DB']}"
    assert store_url({**given, "DAGSTER_HOME": str(DEPLOY)}) == address, "with the instance file of the image"


def test_the_example_of_the_secrets_names_every_variable_of_the_example_settings_and_holds_none() -> None:
    given = read_environment("sync.env.example")
    assert set(given.values()) == {""}
    settings = yaml.safe_load((TOP / "offices.example.yaml").read_text(encoding="utf-8"))
    named = {secret["env"] for office in settings["offices"] for secret in office["finago"].values()}
    assert set(given) == named | {"QONDOR_SUBSCRIPTION_KEY", "SLACK_BOT_TOKEN", "SLACK_CHANNEL"}


def test_the_filled_in_files_never_get_into_the_repository() -> None:
    assert "/deploy/*.env" in (TOP / ".gitignore").read_text(encoding="utf-8").splitlines()
