"""Companies that accountants delete, merge or give away, and customers that change, between runs and within one."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from qondor_finago_pipelines.flows.customers_and_projects import apply
from qondor_finago_pipelines.flows.run.client_identity import check_client_identity
from qondor_finago_pipelines.records.operations.results import RecordState
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import World
from tests.end_to_end.installation import Installation, assert_held, assert_settled, outcome

from .edits import companies, edit_customer, writes

NUMBER, ANOTHER = "912345688", "923456783"


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Something that happens, once, after a run has read and decided, and before it writes."""

    def happens(event: Callable[[], None]) -> None:
        events = [event]

        def first_the_event(run: Any) -> None:
            while events:
                events.pop()()
            check_client_identity(run)

        monkeypatch.setattr(apply, "check_client_identity", first_the_event)

    return happens


def _linked(world: World) -> None:
    world.add_company("Nordlys AS", id=4711, organisation_number=NUMBER)
    world.add_customer("Nordlys AS", id=77, reference=4711, organisation_number=NUMBER)


def test_a_company_that_disappears_between_read_and_write_is_never_brought_back(
    installation: Installation, world: World, between: Any
) -> None:
    _linked(world)
    between(lambda: setattr(companies(world)[4711], "active", False))

    refused = assert_held(installation.follow(), "customer 77", Reason.PARENT_FAILED)

    assert "4711 is no longer in Finago" in refused.message
    assert not companies(world)[4711].active
    assert world.calls.count("finago", "SaveCompanies") == 0
    assert_held(installation.follow(), "customer 77", Reason.INVALID_CUSTOMER_REFERENCE)
    edit_customer(world, 77, externalReference=None)
    assert_settled(installation.follow(), "customer 77")
    assert not companies(world)[4711].active


@pytest.mark.parametrize(
    "members", [{"ExternalId": "99"}, {"OrganizationNumber": ANOTHER}, {"Name": "Fagerheim AS"}, {"Type": "Supplier"}]
)
def test_a_company_that_becomes_somebody_elses_meanwhile_is_not_written(
    installation: Installation, world: World, between: Any, members: dict[str, str]
) -> None:
    _linked(world)
    between(lambda: companies(world)[4711].members.update(members))

    refused = assert_held(installation.follow(), "customer 77", Reason.PARENT_FAILED)

    assert "4711 was changed" in refused.message
    assert world.calls.count("finago", "SaveCompanies") == 0


def test_the_others_of_the_batch_are_written(installation: Installation, world: World, between: Any) -> None:
    _linked(world)
    world.add_company("Old name", id=4712)
    world.add_customer("Fjord AS", id=78, reference=4712)
    between(lambda: setattr(companies(world)[4711], "active", False))

    result = installation.follow()

    assert_held(result, "customer 77", Reason.PARENT_FAILED)
    assert_settled(result, "customer 78")
    assert companies(world)[4712]["Name"] == "Fjord AS"


def test_a_company_that_was_merged_into_another_is_found_once_the_reference_is_emptied(
    installation: Installation, world: World
) -> None:
    _linked(world)
    installation.follow()
    companies(world)[4711].active = False
    world.add_company("Nordlys Norge AS", id=4712, organisation_number=NUMBER)

    assert_held(installation.follow(), "customer 77", Reason.INVALID_CUSTOMER_REFERENCE)
    edit_customer(world, 77, externalReference=None)
    assert_settled(installation.follow(), "customer 77")

    assert world.qondor.customers[77]["externalReference"] == "4712"
    assert (companies(world)[4712]["ExternalId"], companies(world)[4711].active) == ("77", False)


def test_a_customer_that_changes_its_number_between_two_runs_keeps_its_company(
    installation: Installation, world: World
) -> None:
    _linked(world)
    world.add_company("Fagerheim Forlag AS", id=4712, organisation_number=ANOTHER)
    installation.follow()
    stranger = copy.deepcopy(companies(world)[4712].members)
    edit_customer(world, 77, organisationNumber=ANOTHER)

    assert_settled(installation.follow(), "customer 77")

    assert companies(world)[4711]["OrganizationNumber"] == ANOTHER
    assert companies(world)[4712].members == stranger
    written = writes(world)
    installation.follow()
    assert writes(world) == written


def test_a_customer_that_changes_its_number_while_its_creation_is_looked_up_is_created_once(
    installation: Installation, world: World
) -> None:
    world.add_customer("Nordlys AS", id=77, organisation_number=NUMBER)
    world.faults.add("finago", "SaveCompanies", "reset-after-effect")
    assert outcome(installation.follow(), "customer 77").state is RecordState.UNCERTAIN
    edit_customer(world, 77, organisationNumber=ANOTHER)
    installation.wait(seconds=2)

    assert_settled(installation.follow(), "customer 77")

    (company,) = companies(world).values()
    assert company["OrganizationNumber"] == ANOTHER


def test_a_strangers_mark_is_left_alone_and_does_not_stand_in_the_way_of_a_look_up(
    installation: Installation, world: World
) -> None:
    world.add_company("Fagerheim Forlag AS", id=4711, external_id=77)
    before = copy.deepcopy(companies(world)[4711].members)
    world.add_customer("Nordlys AS", id=77, organisation_number=NUMBER)
    world.faults.add("finago", "SaveCompanies", "reset-after-effect")
    assert outcome(installation.follow(), "customer 77").state is RecordState.UNCERTAIN
    installation.wait(seconds=2)

    assert_settled(installation.follow(), "customer 77")

    assert companies(world)[4711].members == before
    assert len(companies(world)) == 2
    written = writes(world)
    installation.follow()
    assert writes(world) == written


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("SC123456", "OC123456"), ("000000000", "000000000"), ("B12345674", "12345674"), ("912 345 688 avd. 2", NUMBER)],
)
def test_a_number_that_is_no_key_renames_no_stranger(
    installation: Installation, world: World, ours: str, theirs: str
) -> None:
    world.add_company("Kontantsalg", id=4711, organisation_number=theirs)
    before = copy.deepcopy(companies(world)[4711].members)
    for number in (77, 78):
        world.add_customer(f"Nordlys {number}", id=number, organisation_number=ours if number == 77 else "000000000")

    for _ in range(2):
        assert_settled(installation.follow(), "customer 77", "customer 78")

    assert companies(world)[4711].members == before
    assert len(companies(world)) == 3
    (own,) = (company for company in companies(world).values() if company.get("ExternalId") == "77")
    assert own["OrganizationNumber"] == ours
