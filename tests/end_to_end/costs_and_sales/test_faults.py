"""Costs and sales when something goes wrong: nothing is lost, nothing doubled, nothing of somebody else's touched."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from qondor_finago_pipelines.records.costs_and_sales.actuals import ActualKind
from qondor_finago_pipelines.records.operations.results import RecordState
from qondor_finago_pipelines.sandbox import World
from qondor_finago_pipelines.sandbox.world.voucher_builders import PostedVoucher
from qondor_finago_pipelines.systems.qondor import QondorClient
from tests.end_to_end.installation import BERGEN, OSLO, Installation, outcome

from .actuals import PROJECT, amounts, costs, money, only, sales

LATER = {"minutes": 20}
"""Longer than the quiet period and every lease."""


@pytest.fixture
def voucher(world: World, project: int) -> PostedVoucher:
    return world.post_supplier_invoice("1000.00", project=PROJECT)


def run_until_quiet(installation: Installation) -> None:
    for _ in range(6):
        installation.wait(**LATER)
        result = installation.load()
        if result.all_settled and not result.created and not result.updated:
            return
    raise AssertionError(result)


@pytest.mark.parametrize("kind", ["reset-after-effect", "reset-before-effect", "500", "cut-reply", "html"])
def test_a_cost_whose_answer_was_lost_is_looked_up_and_never_doubled(
    installation: Installation, world: World, voucher: PostedVoucher, kind: str
) -> None:
    world.faults.add("qondor", "PostCost", kind, **({"at": 10} if kind == "cut-reply" else {}))
    first = installation.load()
    assert outcome(first, f"voucher {voucher.key}").state is RecordState.UNCERTAIN
    run_until_quiet(installation)
    assert amounts(costs(world)) == {555: money("1000.00", "250.00")}


def test_a_refused_connection_is_no_uncertainty(
    installation: Installation, world: World, voucher: PostedVoucher
) -> None:
    world.faults.add("qondor", "PostCost", "429", times=1)
    result = installation.load()
    assert result.problems
    run_until_quiet(installation)
    assert amounts(costs(world)) == {555: money("1000.00", "250.00")}


@pytest.mark.parametrize(
    ("operation", "fault"),
    [
        ("GetTransactions", {"kind": "short-reply", "at": 900}),
        ("GetTransactions", {"kind": "cut-reply", "at": 900}),
        ("GetTransactions", {"kind": "500"}),
        ("GetTransactions", {"kind": "html"}),
        ("GetTransactions", {"kind": "not-parsable"}),
        ("GetTransactions", {"kind": "wrong-shape"}),
        ("GetFiscalYears", {"kind": "500"}),
        ("GetTaxCodeList", {"kind": "short-reply", "at": 300}),
        ("GetAllCostsForProject", {"kind": "wrong-shape"}),
        ("GetAllProjects", {"kind": "500"}),
    ],
)
def test_a_failed_read_is_never_an_empty_list(
    installation: Installation, world: World, voucher: PostedVoucher, operation: str, fault: dict[str, object]
) -> None:
    installation.load()
    installation.wait(days=1)
    world.move_to_project(voucher, PROJECT)
    system = "finago" if operation in ("GetTransactions", "GetFiscalYears", "GetTaxCodeList") else "qondor"
    world.faults.add(system, operation, **{**fault, "times": None})  # type: ignore[arg-type]
    result = installation.load()
    if operation != "GetAllCostsForProject":
        assert result.problems, operation
    assert amounts(costs(world)) == {555: money("1000.00", "250.00")}
    world.faults.clear()
    run_until_quiet(installation)
    assert amounts(costs(world)) == {555: money("1000.00", "250.00")}


def test_an_expired_session_is_renewed(installation: Installation, world: World, voucher: PostedVoucher) -> None:
    installation.load()
    world.finago.expire_sessions()
    world.change_line(voucher, 1, Comment="corrected")
    installation.load()
    assert only(costs(world))["description"] == "corrected"


def test_unknown_elements_and_values_are_reported_and_harmless(
    installation: Installation, world: World, voucher: PostedVoucher
) -> None:
    world.faults.add("finago", "GetTransactions", "unknown-element", times=None)
    world.post_customer_invoice("100.00", project=PROJECT, system_type="InvoiceLoss")
    result = installation.load()
    assert amounts(costs(world)) == {555: money("1000.00", "250.00")}
    assert amounts(sales(world)) == {555: money("100.00", "25.00")}
    assert any("GetTransactions" in warning for warning in result.warnings)


def test_a_lost_store_doubles_nothing_and_finds_what_vanished(
    installation: Installation, world: World, voucher: PostedVoucher
) -> None:
    gone = world.post_supplier_invoice("70.00", project=PROJECT, invoice_number="F-2")
    installation.load()
    installation.lose_store()
    world.delete_voucher(gone)
    result = installation.load()
    assert (result.created, result.problems) == (0, ())
    assert only(costs(world))["amountExclVat"] == Decimal("1000.00")


def test_a_record_deleted_by_hand_in_qondor_comes_back_with_the_next_change(
    installation: Installation, world: World, voucher: PostedVoucher
) -> None:
    installation.load()
    world.qondor.actuals["cost"].clear()
    world.change_line(voucher, 1, Comment="corrected")
    installation.load()
    assert only(costs(world))["description"] == "corrected"


@pytest.mark.parametrize("reference", [None, "tripletex:1", "finago:103:2026-3-20001:12345", "finago:102:nonsense"])
def test_records_of_others_are_never_touched(
    installation: Installation, world: World, voucher: PostedVoucher, reference: str | None
) -> None:
    theirs = world.qondor.keep_actual(
        "cost",
        {
            "externalReference": reference,
            "projectId": 555,
            "supplierName": "Somebody else",
            "transactionReference": None,
            "description": None,
            "invoiceDate": "2026-11-01",
            "dueDate": None,
            "amountExclVat": Decimal("5.00"),
            "vatAmount": Decimal("0.00"),
            "amountInclVat": Decimal("5.00"),
            "isPaid": False,
            "paidDate": None,
            "currency": "NOK",
        },
    )
    before = dict(theirs)
    installation.load()
    installation.wait(days=1)
    world.delete_voucher(voucher)
    installation.allow_deletions()
    installation.load()
    assert costs(world) == [before]


def test_a_project_of_another_office_is_that_offices_business(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    """Two offices on one Finago client: each loads what stands on its own projects."""
    world.offices[BERGEN] = type(world.offices[BERGEN])(
        **{**vars(world.offices[BERGEN]), "client_id": world.offices[OSLO].client_id}
    )
    user = world.finago.users[world.offices[BERGEN].username]
    user.identities[:] = [
        type(identity)(**{**vars(identity), "client_id": world.offices[OSLO].client_id}) for identity in user.identities
    ]
    world.add_project("Fjord tour", id=888, number="SO888", office=BERGEN)
    world.post_supplier_invoice("1000.00", split={PROJECT: "50", 888: "50"})
    installation.load(BERGEN)
    installation.load(OSLO)
    installation.wait(hours=1)
    installation.load(BERGEN)
    assert amounts(costs(world)) == {555: money("500.00", "125.00"), 888: money("500.00", "125.00")}
    references = {cost["externalReference"].split(":")[1] for cost in costs(world)}
    assert references == {"102", "103"}


def test_what_qondor_gives_under_another_reference_than_ours_is_not_deleted(
    installation: Installation, world: World, voucher: PostedVoucher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should Qondor ever look references up less exactly than we ask for them."""
    installation.load()
    theirs = dict(only(costs(world)), externalReference="finago:102:2026-3-20001:12345 (checked by Kari)")
    world.qondor.actuals["cost"][theirs["id"]] = theirs
    exactly = QondorClient.actual_by_reference

    def less_exactly(self: QondorClient, kind: ActualKind, reference: str) -> Any:
        return exactly(self, kind, theirs["externalReference"]) if theirs["externalReference"] != reference else None

    monkeypatch.setattr(QondorClient, "actual_by_reference", less_exactly)
    installation.wait(days=1)
    world.delete_voucher(voucher)
    installation.load()
    assert costs(world) == [theirs]
