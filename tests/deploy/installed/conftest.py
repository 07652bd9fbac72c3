"""One image and one installation for all tests of this folder, which stand in the order of its life."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from ..conftest import DEPLOY
from .deployment import ENVIRONMENT, Deployment, build_image


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = str(DEPLOY.parent / "tests" / "deploy" / "installed")
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.installed)
            item.add_marker(pytest.mark.timeout(3600))


@pytest.fixture(scope="session")
def image() -> None:
    """The image, built of this checkout."""
    prepared = subprocess.run(
        ["sh", DEPLOY / "test" / "prepare.sh"], env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    if prepared.returncode == 75:
        pytest.skip(prepared.stdout.strip().splitlines()[-1])
    assert prepared.returncode == 0, prepared.stdout + prepared.stderr
    build_image()


@pytest.fixture(scope="session")
def deployment(image: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    deployed = Deployment(tmp_path_factory.mktemp("installation"))
    deployed.down(with_data=True)
    deployed.up()
    yield deployed
    deployed.down(with_data=True)
