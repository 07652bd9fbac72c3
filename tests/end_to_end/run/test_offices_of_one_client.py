"""Two offices of one Finago client know of each other before either writes, whichever of them runs first."""

from __future__ import annotations

from typing import Any

import pytest

from qondor_finago_pipelines.records.identifiers import ClientId, OfficeId
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.seeds.empty import empty
from tests.end_to_end.installation import BERGEN, OSLO, Installation, assert_held, assert_settled

EITHER = pytest.mark.parametrize("first", [OSLO, BERGEN], ids=["Oslo first", "Bergen first"])
EVENTS = {OSLO: 555, BERGEN: 655}
"""An event of each office, both with the number SO12345."""


@pytest.fixture
def shared(sandbox: Sandbox, installation: Installation, clock: Any) -> World:
    """Both offices claim project 12345 of one client, and neither has ever run."""
    world = sandbox.world = empty(shared_client=True, clock=clock)
    installation.configure()
    for office, project in EVENTS.items():
        customer = world.add_customer(f"Customer of {office}", office=office)
        world.add_project(f"Event {project}", id=project, number="SO12345", office=office, customer=customer)
    return world


def other_than(office: OfficeId) -> OfficeId:
    return BERGEN if office == OSLO else OSLO


@EITHER
def test_both_claims_on_a_project_id_are_refused_by_name_in_the_very_first_run(
    installation: Installation, shared: World, first: OfficeId
) -> None:
    invoices = {
        office: shared.add_invoice(project=project, customer=shared.qondor.projects[project]["customerId"])
        for office, project in EVENTS.items()
    }

    for office in (first, other_than(first)):
        refused = assert_held(installation.sync(office), invoices[office], Reason.PROJECT_ID_TAKEN)
        assert "555" in refused.message
        assert "655" in refused.message
        assert_held(installation.follow(office), f"project {EVENTS[office]}", Reason.PROJECT_ID_TAKEN)
    assert not shared.books(OSLO).projects
    assert not shared.books(OSLO).orders
    # The remedy helps.
    shared.qondor.projects[655]["projectNo"] = shared.qondor.invoices[invoices[BERGEN]]["projectNo"] = "SO65500"
    for office in (first, other_than(first)):
        assert_settled(installation.sync(office), invoices[office])


@EITHER
def test_both_claims_on_a_company_are_refused_by_name_in_the_very_first_run(
    installation: Installation, shared: World, first: OfficeId
) -> None:
    shared.add_company("Nordlys AS", id=4711)
    claims = {
        office: shared.add_customer(name, office=office, reference=4711, organisation_number=number)
        for office, name, number in ((OSLO, "Nordlys AS", "912345674"), (BERGEN, "Havgap AS", "923456783"))
    }
    for office in (first, other_than(first)):
        refused = assert_held(installation.follow(office), f"customer {claims[office]}", Reason.DUPLICATE_COMPANY)
        assert all(str(claim) in refused.message for claim in claims.values())
    assert shared.books(OSLO).companies[4711]["Name"] == "Nordlys AS"


def test_the_client_of_another_office_is_asked_for_once(installation: Installation, world: World) -> None:
    installation.sync(OSLO)
    assert world.calls.count("finago", "Login") == 2
    with installation.service() as service:
        clients = {office: ClientId(world.offices[office].client_id) for office in (OSLO, BERGEN)}
        assert service.offices_by_client() == {clients[OSLO]: (OSLO,), clients[BERGEN]: (BERGEN,)}
    world.calls.clear()
    installation.sync(OSLO)
    installation.sync(BERGEN)
    assert world.calls.count("finago", "Login") == 0


def test_which_offices_share_a_client_can_be_asked(installation: Installation, shared: World) -> None:
    installation.sync(BERGEN)
    with installation.service() as service:
        assert service.offices_by_client() == {ClientId(shared.offices[OSLO].client_id): (OSLO, BERGEN)}


@pytest.mark.parametrize("trouble", ["a variable is not set", "the password is wrong", "Finago does not answer it"])
def test_an_office_whose_login_does_not_work_is_named_and_holds_only_what_could_be_its_own(
    installation: Installation, shared: World, trouble: str
) -> None:
    right = shared.offices[BERGEN].environment()
    variable = next(name for name in right if "PASSWORD" in name)
    if trouble == "a variable is not set":
        installation.environ.pop(variable)
    elif trouble == "the password is wrong":
        installation.environ[variable] = "wrong"
    else:
        shared.faults.add("finago", "Login", "500", times=None, office=BERGEN)
    shared.add_project("Of Oslo alone", id=556, number="SO12346", office=OSLO)

    result = installation.follow(OSLO)

    assert any(warning.startswith("Office 103:") for warning in result.warnings)
    refused = assert_held(result, "project 555", Reason.PROJECT_ID_TAKEN)
    assert "office 103" in refused.message
    assert "655" in refused.message
    assert_settled(result, "project 556")
    assert list(shared.books(OSLO).projects) == [12346]
    shared.calls.clear()
    installation.follow(OSLO)
    if trouble != "a variable is not set":
        assert shared.calls.count("finago", "Login") == 0, "logins are throttled"
    # The remedy helps: as one of the same client it is refused for what it is.
    installation.environ[variable] = right[variable]
    shared.faults.clear()
    installation.wait(hours=2)
    assert (
        "all come to project 12345"
        in assert_held(installation.follow(OSLO), "project 555", Reason.PROJECT_ID_TAKEN).message
    )


def test_an_office_of_other_books_holds_nothing_once_that_is_known(installation: Installation, world: World) -> None:
    for office, project in EVENTS.items():
        world.add_project(f"Event {project}", id=project, number="SO12345", office=office)
    variable = next(name for name in installation.environ if name.startswith("FINAGO_PASSWORD") and "BERGEN" in name)
    right = installation.environ.pop(variable)
    assert_held(installation.follow(OSLO), "project 555", Reason.PROJECT_ID_TAKEN)
    installation.environ[variable] = right
    for office, project in EVENTS.items():
        assert_settled(installation.follow(office), f"project {project}")
