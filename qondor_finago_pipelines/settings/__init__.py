"""`offices.yaml` and the environment: every option of the integration, with its default.

The file is read by file only and holds no secret: a credential stands in it as `{env: NAME}` and is resolved inside
the flow of its office, so that a variable that is not set stops that office and no other. Every mistake is a
`SettingsError` whose lines each name file, office, key and remedy (decisions 1 and 2).
"""

from .accounts import AccountSettings
from .addresses import Addresses
from .fields import scheduled_turns
from .load import (
    DAGSTER_HOME_VARIABLE,
    DATABASE_VARIABLE,
    POSTGRESQL,
    SETTINGS_VARIABLE,
    dagster_home,
    find_settings_file,
    load_settings,
    store_url,
)
from .model import OfficeSettings, Settings, SyncSettings

__all__ = [
    "DAGSTER_HOME_VARIABLE",
    "DATABASE_VARIABLE",
    "POSTGRESQL",
    "SETTINGS_VARIABLE",
    "AccountSettings",
    "Addresses",
    "OfficeSettings",
    "Settings",
    "SyncSettings",
    "dagster_home",
    "find_settings_file",
    "load_settings",
    "scheduled_turns",
    "store_url",
]
