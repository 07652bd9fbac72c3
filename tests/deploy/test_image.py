"""The Dockerfile, read: no engine to build images is needed here, and none is assumed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from dockerfile_parse import DockerfileParser

from qondor_finago_pipelines.settings import DAGSTER_HOME_VARIABLE, SETTINGS_VARIABLE

from .conftest import DEPLOY, HOME_IN_IMAGE, TOP, parse_command


@pytest.fixture(scope="module")
def dockerfile(tmp_path_factory: pytest.TempPathFactory) -> DockerfileParser:
    copy = tmp_path_factory.mktemp("image") / "Dockerfile"
    copy.write_bytes((DEPLOY / "Dockerfile").read_bytes())
    return DockerfileParser(str(copy))


def values(dockerfile: DockerfileParser, instruction: str) -> list[str]:
    return [each["value"] for each in dockerfile.structure if each["instruction"] == instruction]


def copied(dockerfile: DockerfileParser) -> list[str]:
    """The files and folders that come from the repository."""
    words = [value.split() for value in values(dockerfile, "COPY") if "--from=" not in value]
    return [word for line in words for word in line[:-1] if not word.startswith("--")]


def test_it_installs_exactly_what_the_tests_ran_with(dockerfile: DockerfileParser) -> None:
    (install,) = [value for value in values(dockerfile, "RUN") if "pip install" in value]
    assert "--constraint constraints.txt" in install
    assert ".[kubernetes]" in install


def test_everything_that_it_copies_is_there_and_is_not_ignored(dockerfile: DockerfileParser) -> None:
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    sources = {str(Path(source)) for source in copied(dockerfile)}
    assert sources == let_in, "and nothing else gets near the image"
    assert "*" in ignored
    assert all((TOP / source).exists() for source in sources)


def test_it_runs_as_a_user_that_is_nobody(dockerfile: DockerfileParser) -> None:
    assert values(dockerfile, "USER") == ["10001:10001"]
    assert dockerfile.structure[-1]["instruction"] == "CMD", "nothing after it changes the user back"


def test_a_forgotten_database_is_found_out_since_the_instance_file_is_in_the_image(
    dockerfile: DockerfileParser,
) -> None:
    assert dockerfile.envs[DAGSTER_HOME_VARIABLE] == HOME_IN_IMAGE
    (line,) = [value for value in values(dockerfile, "COPY") if "deploy/dagster.yaml" in value]
    assert line.split()[-1] == f"{HOME_IN_IMAGE}/"
    assert dockerfile.envs[SETTINGS_VARIABLE] == "/etc/qondor-finago/offices.yaml"


def test_it_starts_the_code_server_on_the_port_where_others_look_for_it(dockerfile: DockerfileParser) -> None:
    options = parse_command(json.loads(dockerfile.cmd))
    assert (options["host"], options["port"]) == ("0.0.0.0", 4000)
    assert options["module_name"] == "qondor_finago_pipelines.definitions"
    assert options["attribute"] == "defs"
    assert "4000" in values(dockerfile, "EXPOSE")[0].split()
