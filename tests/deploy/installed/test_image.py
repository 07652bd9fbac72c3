"""The image: built, run as nobody on a file system that nobody writes to, with nothing in it that is secret."""

from __future__ import annotations

import json
import tarfile
import time
from pathlib import Path

import pytest

from .deployment import IMAGE, Deployment, podman

LOCKED = ("--rm", "--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")


def test_it_runs_as_its_own_user_and_may_nothing(image: None) -> None:
    told = podman("run", *LOCKED, IMAGE, "sh", "-c", "id -u; grep CapEff /proc/self/status; touch /opt/x 2>&1 || true")
    assert told.splitlines()[0] == "10001"
    assert "CapEff:\t0000000000000000" in told
    assert "Read-only file system" in told


def test_its_size_and_its_start_are_told(image: None, capsys: pytest.CaptureFixture[str]) -> None:
    size = int(podman("image", "inspect", IMAGE, "--format", "{{.Size}}"))
    began = time.monotonic()
    podman("run", *LOCKED, IMAGE, "qondor-finago", "--help")
    with capsys.disabled():
        print(
            f"\nimage: {size / 1e6:.0f} MB; `qondor-finago --help` in a new container: {time.monotonic() - began:.1f} s"
        )
    assert size < 1.5e9


def test_no_layer_and_no_setting_of_it_holds_a_secret(deployment: Deployment, tmp_path: Path) -> None:
    password = (deployment.folder / "deploy" / "database.env").read_text(encoding="utf-8")
    given = [line.partition("=")[2] for line in password.splitlines() if line.startswith("POSTGRES_PASSWORD")]
    given += [value for name, value in deployment.secrets.items() if "PASSWORD" in name and len(value) > 8]
    assert not any(secret in podman("image", "inspect", IMAGE) for secret in given)
    podman("save", "--output", tmp_path / "image.tar", IMAGE)
    with tarfile.open(tmp_path / "image.tar") as image:
        assert any(member.name.endswith("manifest.json") for member in image)
        for member in image.getmembers():
            if member.name.endswith(".json") and (file := image.extractfile(member)) is not None:
                text = json.dumps(json.load(file))
                assert not any(secret in text for secret in given)
            if not member.name.endswith(".tar") or (layer := image.extractfile(member)) is None:
                continue
            with tarfile.open(fileobj=layer) as files:
                names = {Path(name).name for name in files.getnames()}
                assert not names & {"offices.yaml", "sync.env", "database.env", "proxy.env", "pip.conf"}
