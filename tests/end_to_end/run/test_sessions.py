"""The Finago session: kept and reused, renewed once, and what happens when there is none to be had."""

from __future__ import annotations

from typing import Any

import pytest

from qondor_finago_pipelines.records.operations.results import RecordState
from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.seeds.empty import empty
from tests.end_to_end.installation import BERGEN, OSLO, Installation, assert_settled, outcome

NEIGHBOURS = 1
"""The first run of Oslo logs in for Bergen too, to learn whose books those are."""


@pytest.fixture
def neighbour(world: World) -> int:
    """An invoice of Bergen, whose settings are in order."""
    customer = world.add_customer("Bryggen Reiser AS", office=BERGEN)
    return world.add_invoice(customer=customer, project=world.add_project(office=BERGEN, customer=customer))


def test_a_session_is_kept_in_the_store_and_reused_by_later_runs(
    installation: Installation, world: World, invoice: int
) -> None:
    for _ in range(3):
        installation.sync()
        installation.wait(minutes=15)

    assert world.qondor.status_of(invoice) == "Processed"
    assert world.finago.logins == 1 + NEIGHBOURS


@pytest.mark.parametrize("operation", ["GetCategories", "SaveCompanies", "SaveProject", "SaveInvoices"])
def test_an_expired_session_is_renewed_once_and_no_write_is_lost_or_doubled(
    installation: Installation, world: World, customer: int, project: int, operation: str
) -> None:
    payment = world.add_invoice(customer=customer, project=project, card=True)
    world.faults.add("finago", operation, "session-expired")

    assert_settled(installation.sync(), payment)

    assert world.finago.logins == 2 + NEIGHBOURS
    assert len(world.orders_of(payment)) == 1
    assert len(world.books(OSLO).companies) == 1
    assert len(world.books(OSLO).projects) == 1


def test_a_session_that_idled_out_between_two_runs_is_renewed(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    installation.sync()
    installation.wait(minutes=21)
    invoice = world.add_invoice(customer=customer, project=project)

    assert_settled(installation.sync(), invoice)

    assert world.finago.logins == 2 + NEIGHBOURS


@pytest.mark.parametrize("operation", ["GetCategories", "SaveInvoices"])
def test_a_session_that_is_refused_again_and_again_ends_in_an_error_and_in_no_storm(
    installation: Installation, world: World, invoice: int, operation: str
) -> None:
    world.faults.add("finago", operation, "session-expired", times=None)

    result = installation.sync()

    assert [problem.cause for problem in result.problems] == ["login"]
    assert world.finago.logins <= 3
    assert world.orders_of(invoice) == []
    world.faults.clear()
    assert_settled(installation.sync(), invoice)
    assert len(world.orders_of(invoice)) == 1


def test_offices_with_one_credential_share_one_session(
    sandbox: Sandbox, installation: Installation, clock: Any
) -> None:
    world = sandbox.world = empty(shared_client=True, clock=clock)
    installation.configure()
    for name in ("USERNAME", "PASSWORD", "IDENTITY"):
        installation.environ[f"FINAGO_{name}_BERGEN"] = installation.environ[f"FINAGO_{name}_OSLO"]

    installation.sync_both()

    assert world.finago.logins == 1


# When there is none to be had


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        pytest.param("FINAGO_PASSWORD_OSLO", "not-it", "username or password is wrong", id="wrong password"),
        pytest.param("FINAGO_IDENTITY_OSLO", "aaaaaaaa-0000-4000-8000-000000000999", "IdentityId", id="wrong identity"),
    ],
)
def test_a_refused_login_is_a_clear_error_of_that_office_and_the_other_goes_on(
    installation: Installation, world: World, invoice: int, neighbour: int, variable: str, value: str, says: str
) -> None:
    right = installation.environ[variable]
    installation.environ[variable] = value

    results = installation.sync_both()

    (problem,) = results[OSLO].problems
    assert problem.cause == "login"
    assert f"office {OSLO}" in problem.message
    assert says in problem.message
    assert value not in f"{problem.message} {problem.remedy}"
    assert world.qondor.status_of(invoice) == "Unprocessed"
    assert_settled(results[BERGEN], neighbour)
    installation.environ[variable] = right
    assert_settled(installation.sync(), invoice)


def test_a_wrong_password_is_tried_once_until_it_is_another_one(
    installation: Installation, world: World, invoice: int
) -> None:
    right = installation.environ["FINAGO_PASSWORD_OSLO"]
    installation.environ["FINAGO_PASSWORD_OSLO"] = "not-it"
    for _ in range(3):
        assert installation.sync(deliver=True).problems
        installation.wait(minutes=5)
    assert world.finago.logins == 1
    assert len(world.slack.texts) == 1
    assert "not-it" not in world.slack.texts[0]

    installation.environ["FINAGO_PASSWORD_OSLO"] = right

    assert_settled(installation.sync(), invoice)


def test_an_unknown_application_is_a_clear_error_of_every_office_that_uses_it(
    installation: Installation, world: World, invoice: int, neighbour: int
) -> None:
    installation.environ["FINAGO_APPLICATION_ID"] = "99999999-0000-4000-8000-000000000999"

    results = installation.sync_both()

    for office in (OSLO, BERGEN):
        (problem,) = results[office].problems
        assert f"office {office}" in problem.message
        assert "application id is not registered" in problem.message
    assert world.calls.count("finago") == 2, "one try each"
    assert {world.qondor.status_of(each) for each in (invoice, neighbour)} == {"Unprocessed"}


def test_an_environment_variable_that_is_not_set_fails_that_office_and_no_other(
    installation: Installation, world: World, invoice: int, neighbour: int
) -> None:
    del installation.environ["FINAGO_PASSWORD_OSLO"]

    results = installation.sync_both()

    (problem,) = results[OSLO].problems
    assert "FINAGO_PASSWORD_OSLO" in problem.message
    assert str(OSLO) in problem.message
    assert problem.remedy
    assert_settled(results[BERGEN], neighbour)
    assert world.qondor.status_of(invoice) == "Unprocessed"


def test_a_qondor_key_that_is_not_accepted_is_a_clear_error(
    installation: Installation, world: World, invoice: int
) -> None:
    installation.environ["QONDOR_SUBSCRIPTION_KEY"] = "not-the-key"

    result = installation.sync()

    (problem,) = result.problems
    assert problem.cause == "login"
    assert "QONDOR_SUBSCRIPTION_KEY" in problem.remedy
    assert "not-the-key" not in f"{problem.message} {problem.remedy}"
    assert world.orders_of(invoice) == []


def test_a_write_that_landed_although_its_session_was_refused_is_looked_up_and_not_doubled(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    invoice = world.add_invoice(customer=customer, project=project)
    world.faults.add("finago", "SaveInvoices", "session-expired", lands=True)

    first = installation.sync()

    assert outcome(first, invoice).state is RecordState.UNCERTAIN
    assert_settled(installation.sync(), invoice)
    assert len(world.orders_of(invoice)) == 1
