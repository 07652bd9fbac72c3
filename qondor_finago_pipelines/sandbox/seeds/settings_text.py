"""The settings file that fits a sandbox world (decisions 2), with waiting times that suit a loopback address."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import timedelta
from typing import Any

import yaml

from ..world import World

DEPARTMENT = 3
PAYMENT_METHOD = 7
MISC_PRODUCT = 900
MISC_CATEGORY = 9


def office_settings_yaml(
    world: World,
    *,
    office_options: Mapping[str, Any] | None = None,
    invoices: Mapping[str, Any] | None = None,
    sync: Mapping[str, Any] | None = None,
) -> str:
    """`offices.yaml` for every office of the world.

    `office_options`, `invoices` and `sync` override single keys: `invoices={"send_to_factoring_directly": True}`.
    """
    entries = [
        {
            "id": office.id,
            "name": office.name,
            "finago": {
                "application_id": {"env": "FINAGO_APPLICATION_ID"},
                "username": {"env": f"FINAGO_USERNAME_{office.suffix}"},
                "password": {"env": f"FINAGO_PASSWORD_{office.suffix}"},
                "identity_id": {"env": f"FINAGO_IDENTITY_{office.suffix}"},
            },
            "department_id": DEPARTMENT,
            "online_payment_method_id": PAYMENT_METHOD,
            "misc_product_id": MISC_PRODUCT,
            "misc_product_category_id": MISC_CATEGORY,
            "invoices": {
                "enabled": True,
                "days_backwards": 30,
                "send_to_factoring_directly": False,
                "fail_in_qondor_after_hours": 24,
                **(invoices or {}),
            },
            "customers_and_projects": {"enabled": True, "changed_within_days": 7},
            # Copied, or YAML would write what two offices share once, and refer to it.
            **deepcopy(dict(office_options or {})),
        }
        for office in world.offices.values()
    ]
    options = {
        "call_timeout_seconds": 20,
        "quiet_period_seconds": 1,
        "lookup_margin_seconds": 600,
        "lease_margin_seconds": 5,
        "lease_wait_seconds": 5,
        "max_new_orders": "unlimited",
        "qondor_calls_per_second": 200,
        "poll_seconds": 5,
        "first_day": world.today() - timedelta(days=30),
        **(sync or {}),
    }
    text: str = yaml.safe_dump({"offices": entries, "sync": options}, sort_keys=False, allow_unicode=True)
    return text
