"""Reads the settings file and finds what lies beside it: the Dagster instance and the sync store."""

from __future__ import annotations

import os
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from ..records.errors import SettingsError
from .fields import DEFAULT_FILE, EXAMPLE_FILE
from .messages import line_of, mistakes
from .model import Settings

SETTINGS_VARIABLE = "QONDOR_FINAGO_SETTINGS"
DATABASE_VARIABLE = "QONDOR_FINAGO_DATABASE_URL"
DAGSTER_HOME_VARIABLE = "DAGSTER_HOME"
STORE_FILE = "ledger.sqlite"

_DAGSTER_STORAGES = ("storage", "run_storage", "event_log_storage", "schedule_storage")
"""Where an instance file says in what Dagster stores: the first for all, or the other three one by one."""

POSTGRESQL = "postgresql+psycopg2://"
"""Without the driver's name SQLAlchemy would look for one that is not installed."""


def find_settings_file(environ: Mapping[str, str] = os.environ) -> Path:
    """The settings file: QONDOR_FINAGO_SETTINGS, else `offices.yaml` in the working directory. It need not exist."""
    given = environ.get(SETTINGS_VARIABLE, "").strip()
    return (Path(given).expanduser() if given else Path(DEFAULT_FILE)).resolve()


def dagster_home(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of the Dagster instance: DAGSTER_HOME, else `.dagster` beside the settings file."""
    given = environ.get(DAGSTER_HOME_VARIABLE, "").strip()
    return Path(given).expanduser().resolve() if given else find_settings_file(environ).parent / ".dagster"


def store_url(environ: Mapping[str, str] = os.environ) -> str:
    """The store's address, as SQLAlchemy takes it: PostgreSQL where it is set, else a SQLite file.

    Raises SettingsError where the address is unusable, and where Dagster already stores in PostgreSQL while this would
    be SQLite: several machines would then each keep a store of their own, and double every order.
    """
    home = dagster_home(environ)
    given = environ.get(DATABASE_VARIABLE, "").strip()
    if given and not given.startswith(("sqlite:///", POSTGRESQL)):
        raise SettingsError(
            f"{DATABASE_VARIABLE} is not an address that the store can use.",
            remedy=f"Write {POSTGRESQL}user:password@host/database, or sqlite:/// and a path.",
        )
    if not given.startswith(POSTGRESQL) and _dagster_stores_in_postgresql(home):
        raise SettingsError(
            f"{home / 'dagster.yaml'} stores in PostgreSQL, but {DATABASE_VARIABLE} names no PostgreSQL database.",
            remedy=f"Set {DATABASE_VARIABLE}, or remove that file to go back to SQLite.",
        )
    return given or f"sqlite:///{home / STORE_FILE}"


def load_settings(path: Path) -> Settings:
    """Read the settings file.

    Raises SettingsError with one line for each mistake: file, office, key, what is wrong, what to do.
    """
    path = path.resolve()
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_OncePerKeyLoader)
    except FileNotFoundError:
        raise SettingsError(
            f"{path}: there is no such settings file.",
            remedy=f"Copy {EXAMPLE_FILE} to it, or name another file in {SETTINGS_VARIABLE}.",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path}: the settings file cannot be read ({type(error).__name__}).",
            remedy="It must be a text file in UTF-8 that this user may read.",
        ) from None
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise SettingsError(
            f"{path.name}{line}: not readable as YAML: {error.problem}.", remedy="Mend that line."
        ) from None
    except yaml.YAMLError as error:
        raise SettingsError(
            f"{path.name}: not readable as YAML ({type(error).__name__}).", remedy=f"Compare it with {EXAMPLE_FILE}."
        ) from None
    if not isinstance(content, dict):
        raise SettingsError(
            f"{path.name}: holds no settings.", remedy=f"Start with a list under 'offices:', as in {EXAMPLE_FILE}."
        )
    try:
        settings = Settings.model_validate(content)
    except ValidationError as error:
        lines = [line_of(path, content, mistake) for mistake in mistakes(error)]
        raise SettingsError("\n".join(lines)) from None
    settings._file = path
    for office in settings.offices:
        office.finago._where = f"{path.name}: office {office.id}"
    return settings


class _OncePerKeyLoader(yaml.SafeLoader):
    """YAML lets a later key silently replace an earlier one; here that is a mistake."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, Hashable) and key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key '{key}' stands here for the second time", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def _dagster_stores_in_postgresql(home: Path) -> bool:
    try:
        content = yaml.safe_load((home / "dagster.yaml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        # A broken instance file is Dagster's to report.
        return False
    return isinstance(content, dict) and any(_names_postgresql(content.get(key)) for key in _DAGSTER_STORAGES)


def _names_postgresql(storage: object) -> bool:
    """`postgres: …`, as our own instance file has it, or a class of `dagster_postgres`, as Dagster's Helm chart has."""
    if not isinstance(storage, dict):
        return False
    by_class = storage.get("custom", storage)
    module = by_class.get("module") if isinstance(by_class, dict) else None
    return "postgres" in storage or str(module).startswith("dagster_postgres")
