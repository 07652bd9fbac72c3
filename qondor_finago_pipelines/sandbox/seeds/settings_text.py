"""The settings file that fits a sandbox world (decisions 2), with waiting times that suit a loopback address."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

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
            **(office_options or {}),
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
    return "\n".join([*_lines({"offices": entries, "sync": options}, 0), ""])


def _lines(value: Mapping[str, Any], depth: int) -> list[str]:
    """Block YAML of nested mappings and lists of mappings."""
    indent = "  " * depth
    lines: list[str] = []
    for key, member in value.items():
        if isinstance(member, Mapping) and set(member) == {"env"}:
            lines.append(f"{indent}{key}: {{env: {member['env']}}}")
        elif isinstance(member, Mapping):
            lines += [f"{indent}{key}:", *_lines(member, depth + 1)]
        elif isinstance(member, list):
            lines.append(f"{indent}{key}:")
            for entry in member:
                first, *rest = _lines(entry, depth + 2)
                lines += [f"{indent}  - {first.strip()}", *rest]
        else:
            lines.append(f"{indent}{key}: {_scalar(member)}")
    return lines


def _scalar(value: Any) -> str:
    """Text is quoted, so that `*/5 * * * *` stays a text; a date is written as YAML's own."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str | int | bool | None) else str(value)
