"""How a first run must leave the demo's world, with refused records still waiting for a correction
(`fail_in_qondor_after_hours` above 0) and no limit on new orders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from .empty import BERGEN, OSLO

SETTLED = "settled"
HELD = "held"

Key = TypeVar("Key")


def _outcomes(settled: Iterable[Key], held: Mapping[Key, str]) -> dict[Key, tuple[str, str | None]]:
    """State and reason by record."""
    return {**dict.fromkeys(settled, (SETTLED, None)), **{key: (HELD, reason) for key, reason in held.items()}}


EXPECTED = _outcomes(
    # Every kind of invoice in Oslo, and in Bergen.
    (*range(9001, 9012), *range(9201, 9205)),
    {
        9101: "invalid customer reference",
        9102: "VAT mismatch",
        9103: "duplicate company id",
        9104: "no project",
        9105: "totals do not add up",
        9106: "unknown currency",
        9107: "booking without e-mail",
        9108: "original unknown or failed",
        9109: "no customer",
    },
)
"""Every queued invoice."""

PAID_IN_FINAGO = 8902
"""Processed in an earlier life, invoiced and since paid in Finago: only its payment status is still to come."""

EXPECTED_PAID = frozenset({PAID_IN_FINAGO, 9004, 9202})
"""What Qondor shows as paid when the payment status has come back: the earlier invoice and both card payments."""

EXPECTED_CUSTOMERS_AND_PROJECTS = _outcomes(
    (
        *(f"customer {number}" for number in (77, 78, 79, 83, 84, 90)),
        *(f"project {number}" for number in (555, 556, 557, 558, 560, 561, 562, 563, 565, 655, 656, 657)),
    ),
    {
        "customer 80": "invalid customer reference",
        "customer 81": "duplicate company id",
        "customer 82": "duplicate company id",
        "project 566": "two projects with one Finago id",
        "project 567": "two projects with one Finago id",
    },
)
"""The customers and projects of a first run that comes before the invoices."""

EXPECTED_CHANGES = frozenset(
    {
        *(("customer 77", field) for field in ("name", "external id")),
        ("customer 83", "external id"),
        *(("project 556", field) for field in ("name", "start date", "end date")),
        *((f"project {number}", "status") for number in (562, 563, 657)),
    }
)
"""Record and field: what Finago held otherwise before the run."""

EXPECTED_VOUCHERS = _outcomes(
    [(OSLO, "3-20001"), (OSLO, "3-20002"), (OSLO, "3-20003"), (OSLO, "1-20001"), (BERGEN, "3-20001")],
    {
        (OSLO, "3-20004"): "unbalanced",
        (OSLO, "3-20005"): "no project in Qondor",
        (OSLO, "3-20006"): "currency of the amounts is not settled",
    },
)
"""By office, series and number: each voucher with which something happens. A payroll posting on a project is none of
these: it is listed only."""

EXPECTED_ACTUALS = {OSLO: 5, BERGEN: 1}
"""How many costs and sales the first run creates in Qondor."""
