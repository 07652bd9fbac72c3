"""Two offices on one Finago client: each loads what stands on its own projects, and a project may change hands."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.seeds.empty import empty
from qondor_finago_pipelines.sandbox.world.voucher_builders import PostedVoucher
from qondor_finago_pipelines.store import Store
from tests.end_to_end.costs_and_sales.actuals import PROJECT, amounts, costs, money
from tests.end_to_end.installation import BERGEN, OSLO, Installation, assert_held

FJORD = 888
FOR_A_WHILE = {"lasts": timedelta(minutes=10), "wait": timedelta(0)}

EITHER_ORDER = pytest.mark.parametrize("offices", [(OSLO, BERGEN), (BERGEN, OSLO)], ids=["Oslo first", "Bergen first"])


@pytest.fixture
def sandbox(running_sandbox: Sandbox, clock: Any) -> Sandbox:
    running_sandbox.world = empty(clock=clock, shared_client=True)
    return running_sandbox


@pytest.fixture
def voucher(installation: Installation, world: World) -> PostedVoucher:
    """On a project of each office, and loaded by each."""
    world.add_project("Kick-off 2026", id=555, number="SO12345", office=OSLO)
    world.add_project("Fjord tour", id=FJORD, number="Fjord", office=BERGEN)
    posted = world.post_supplier_invoice("1000.00", split={PROJECT: "60", FJORD: "40"})
    for office in (OSLO, BERGEN, OSLO):
        installation.load(office)
    assert references(world) == {f"finago:102:{posted.key}:{PROJECT}", f"finago:103:{posted.key}:{FJORD}"}
    installation.wait(days=60)
    return posted


def references(world: World) -> set[str]:
    return {cost["externalReference"] for cost in costs(world)}


def both(installation: Installation, offices: tuple[OfficeId, ...]) -> None:
    for office in offices:
        assert not installation.load(office).problems


@EITHER_ORDER
def test_a_project_that_moves_to_another_office_takes_its_records_along(
    installation: Installation, world: World, voucher: PostedVoucher, offices: tuple[OfficeId, ...]
) -> None:
    """Nothing changed in Finago, and the voucher is older than any window."""
    world.qondor.projects[555]["officeId"] = BERGEN
    both(installation, offices)
    assert references(world) == {f"finago:103:{voucher.key}:{PROJECT}", f"finago:103:{voucher.key}:{FJORD}"}
    assert amounts(costs(world)) == {555: money("600.00", "150.00"), FJORD: money("400.00", "100.00")}
    world.qondor.projects[555]["officeId"] = OSLO
    both(installation, offices)
    assert references(world) == {f"finago:102:{voucher.key}:{PROJECT}", f"finago:103:{voucher.key}:{FJORD}"}


def test_a_record_stays_until_the_office_that_has_the_project_now_has_replaced_it(
    installation: Installation, world: World, voucher: PostedVoucher
) -> None:
    world.qondor.projects[555]["officeId"] = BERGEN
    installation.load(OSLO)
    assert amounts(costs(world))[555] == money("600.00", "150.00")


@EITHER_ORDER
def test_what_one_office_has_no_project_for_is_loaded_by_the_other_once_it_has_one(
    installation: Installation, world: World, voucher: PostedVoucher, offices: tuple[OfficeId, ...]
) -> None:
    world.qondor.projects[FJORD]["officeId"] = 999
    both(installation, offices)
    assert_held(installation.load(BERGEN), f"voucher {voucher.key}", Reason.UNMATCHED)
    assert amounts(costs(world)) == {555: money("600.00", "150.00")}
    installation.wait(days=60)
    world.add_project("Fjord tour by Oslo", id=600, number=f"SO{FJORD}", office=OSLO)
    both(installation, offices)
    assert amounts(costs(world)) == {555: money("600.00", "150.00"), 600: money("400.00", "100.00")}
    both(installation, offices)
    assert installation.load(BERGEN).all_settled
    assert installation.load(OSLO).all_settled


def test_one_id_to_which_projects_of_both_offices_come_is_nobodys(
    installation: Installation, world: World, voucher: PostedVoucher
) -> None:
    world.add_project("Another kick-off", id=700, number=f"SO{PROJECT}", office=BERGEN)
    held = assert_held(installation.load(OSLO), f"voucher {voucher.key}", Reason.UNMATCHED)
    assert "several projects" in held.message
    assert amounts(costs(world)) == {FJORD: money("400.00", "100.00")}


def test_one_office_at_a_time_writes_what_comes_from_one_client(
    installation: Installation, world: World, voucher: PostedVoucher, clock: Any
) -> None:
    world.post_supplier_invoice("70.00", project=PROJECT)
    with Store.open(installation.store_url, clock=clock, sleep=clock.sleep) as store:
        store.take_lease(f"{world.offices[BERGEN].client_id}:qondor-costs", "run 7", **FOR_A_WHILE)
        result = installation.load(OSLO)
        assert "run 7" in (result.skipped or "")
        assert len(costs(world)) == 2
    installation.wait(minutes=20)
    assert installation.load(OSLO).skipped is None
    assert len(costs(world)) == 3


def test_a_credit_note_takes_back_from_each_office_what_the_invoice_gave(
    installation: Installation, world: World, voucher: PostedVoucher
) -> None:
    for post in (world.post_supplier_invoice, world.post_supplier_credit_note):
        post("100.01", split={PROJECT: "50", FJORD: "50"})
    both(installation, (OSLO, BERGEN))
    for project, before in ((555, "600.00"), (FJORD, "400.00")):
        on_project = [cost["amountExclVat"] for cost in costs(world) if cost["projectId"] == project]
        assert len(on_project) == 3
        assert sum(on_project) == Decimal(before)
