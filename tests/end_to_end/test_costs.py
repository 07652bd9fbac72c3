"""Supplier costs: what suppliers charge in Finago becomes actual costs on Qondor's projects."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from qondor_finago_pipelines.sandbox import World

from .installation import Installation, assert_settled

PROJECT = 12345
"""The Finago id of project 555, SO12345."""


def costs(world: World) -> list[dict[str, object]]:
    return list(world.qondor.actuals["cost"].values())


def test_a_supplier_invoice_becomes_an_actual_cost(installation: Installation, world: World, project: int) -> None:
    grand = world.add_company("Grand Hotel AS", type="Supplier")
    voucher = world.post_supplier_invoice("8000.00", project=PROJECT, supplier=grand, due=date(2026, 12, 16))
    result = installation.load()
    assert not result.problems, result.problems
    assert_settled(result, f"voucher {voucher.key}")
    assert costs(world) == [
        {
            "id": 31,
            "externalReference": f"finago:102:{voucher.key}:{PROJECT}",
            "projectId": 555,
            "supplierName": "Grand Hotel AS",
            "transactionReference": "F-99812",
            "description": "Rooms 14-16 Nov",
            "invoiceDate": "2026-11-20",
            "dueDate": "2026-12-16",
            "amountExclVat": Decimal("8000.00"),
            "vatAmount": Decimal("2000.00"),
            "amountInclVat": Decimal("10000.00"),
            "isPaid": False,
            "paidDate": None,
            "currency": "NOK",
        }
    ]
    again = installation.load()
    assert (again.created, again.updated, again.problems) == (0, 0, ())
