"""A person who was told that nothing is to be done hears of it where waiting mends nothing (decisions 8)."""

from __future__ import annotations

import pytest

from qondor_finago_pipelines.records.operations.results import FlowResult, RecordState
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import World
from qondor_finago_pipelines.sandbox.world.voucher_builders import PostedVoucher, posting
from tests.end_to_end.installation import Installation, assert_held, outcome

CAUSE = "does not pass"


def standing(result: FlowResult) -> list[str]:
    return [problem.message for problem in result.problems if problem.cause == CAUSE]


@pytest.fixture
def voucher(world: World, project: int) -> PostedVoucher:
    lines = [posting(6300, "0.00"), posting(6300, "100.00", project=12345), posting(2400, "-100.00")]
    return world.post_voucher(lines, system_type="InvoiceSupplier")


def load_while_it_changes(installation: Installation) -> FlowResult:
    """A run in which a line of the change feed is missing where its whole voucher is read."""
    installation.world.faults.add("finago", "GetTransactions", "item-missing", after=1)
    result = installation.load()
    installation.world.faults.clear()
    installation.wait(minutes=10)
    return result


def test_a_voucher_that_changes_in_each_run_is_a_problem_in_the_third(
    installation: Installation, world: World, voucher: PostedVoucher
) -> None:
    for _ in range(2):
        result = load_while_it_changes(installation)
        assert_held(result, f"voucher {voucher.key}", Reason.CHANGED_WHILE_READ)
        assert standing(result) == []

    (said,) = standing(load_while_it_changes(installation))
    assert f"voucher {voucher.key}, 3 runs" in said

    assert standing(installation.load()) == []
    assert len(world.qondor.actuals["cost"]) == 1


def test_a_run_in_between_that_read_it_whole_begins_the_count_anew(
    installation: Installation, world: World, voucher: PostedVoucher
) -> None:
    for settles in (False, False, True, False, False):
        world.change_line(voucher, 2, Comment="entered anew")
        result = installation.load() if settles else load_while_it_changes(installation)
        assert bool(result.rejected) is not settles
        assert standing(result) == []
        installation.wait(minutes=3)


def test_a_company_that_changes_between_reading_and_writing_in_each_run_is_a_problem_in_the_third(
    installation: Installation, world: World
) -> None:
    world.add_company("Havgap AS", id=4712, organisation_number="987654325")
    world.add_customer("Havgap Eiendom AS", id=78, reference=4712, organisation_number="987654325")
    for runs in (1, 2, 3):
        world.faults.add(
            "finago",
            "GetCompanies",
            "odd-value",
            after=1,
            times=None,
            reference="Id=4712",
            member="OrganizationNumber",
            value="923609016",
        )
        result = installation.follow()
        assert_held(result, "customer 78", Reason.PARENT_FAILED)
        assert len(standing(result)) == (runs == 3)
        world.faults.clear()
        installation.wait(minutes=10)
    assert installation.follow().problems == ()


def test_what_a_person_is_to_mend_may_wait_for_ever(installation: Installation, world: World) -> None:
    world.add_customer("Havgap AS", id=78, reference="F1", organisation_number="987654325")
    for _ in range(5):
        result = installation.follow()
        assert outcome(result, "customer 78").state is RecordState.HELD
        assert result.problems == ()
        installation.wait(hours=1)


def test_what_is_uncertain_has_a_rule_of_its_own(installation: Installation, world: World, invoice: int) -> None:
    installation.configure(sync={"quiet_period_seconds": 900})
    world.faults.add("finago", "SaveInvoices", "reset-before-effect")
    for _ in range(4):
        result = installation.sync()
        assert outcome(result, invoice).state is RecordState.UNCERTAIN
        assert result.problems == ()
        installation.wait(minutes=3)
