"""Each remedy that a message names is carried out, and helps: the customer is settled by the next run, for good."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import World
from tests.end_to_end.installation import Installation, assert_held, assert_settled

from .edits import companies, edit_customer, writes

NUMBER, ANOTHER = "912345688", "923456783"
STRANGER = "Fagerheim Forlag AS"


def _customer(world: World, **how: Any) -> None:
    world.add_customer("Nordlys AS", id=77, **how)


def _reference(value: int | None) -> Callable[[World], None]:
    return lambda world: edit_customer(world, 77, externalReference=None if value is None else str(value))


def _no_company_id(world: World) -> None:
    world.add_company("Nordlys AS", id=4711)
    _customer(world, reference="ABC-17")


def _unknown_company(world: World) -> None:
    world.add_company("Nordlys AS", id=4711)
    _customer(world, reference=4799)


def _several(world: World) -> None:
    for company in (4711, 4712):
        world.add_company("Nordlys AS", id=company, organisation_number=NUMBER)
    _customer(world, organisation_number=NUMBER)


def _only(kind: str) -> Callable[[World], None]:
    def prepare(world: World) -> None:
        world.add_company("Nordlys AS", id=4711, type=kind, organisation_number=NUMBER)
        _customer(world, organisation_number=NUMBER)

    return prepare


def _create_by_hand(world: World) -> None:
    world.add_company("Nordlys AS", id=4790, organisation_number=NUMBER)
    edit_customer(world, 77, externalReference="4790")


def _marked(world: World) -> None:
    world.add_company("Nordlys AS", id=4711, external_id=99)
    world.add_company("Nordlys AS", id=4712)
    _customer(world, reference=4711)


def _other_number(world: World) -> None:
    world.add_company("Nordlys AS", id=4711, organisation_number=ANOTHER)
    world.add_company("Nordlys AS", id=4712, organisation_number=NUMBER)
    _customer(world, reference=4711, organisation_number=NUMBER)


def _nameless(world: World) -> None:
    world.add_customer("", id=77)


def _in_finago(**members: Any) -> Callable[[World], None]:
    return lambda world: companies(world)[4711].members.update(members)


def _in_qondor(**members: Any) -> Callable[[World], None]:
    return lambda world: edit_customer(world, 77, **members)


@pytest.mark.parametrize(
    ("prepare", "reason", "remedy"),
    [
        pytest.param(_no_company_id, Reason.INVALID_CUSTOMER_REFERENCE, _reference(4711), id="no Company ID: enter it"),
        pytest.param(_no_company_id, Reason.INVALID_CUSTOMER_REFERENCE, _reference(None), id="no Company ID: empty it"),
        pytest.param(_unknown_company, Reason.INVALID_CUSTOMER_REFERENCE, _reference(4711), id="unknown: enter it"),
        pytest.param(_unknown_company, Reason.INVALID_CUSTOMER_REFERENCE, _reference(None), id="unknown: empty it"),
        pytest.param(_several, Reason.SEVERAL_COMPANIES, _reference(4712), id="several: enter the right one"),
        pytest.param(_only("Supplier"), Reason.ONLY_A_SUPPLIER, _create_by_hand, id="supplier: create it"),
        pytest.param(_only("Lead"), Reason.COMPANY_OF_ANOTHER_TYPE, _reference(4711), id="lead: enter it"),
        pytest.param(_only("Lead"), Reason.COMPANY_OF_ANOTHER_TYPE, _create_by_hand, id="lead: create another"),
        pytest.param(_marked, Reason.COMPANY_TAKEN, _reference(4712), id="taken: enter the right one"),
        pytest.param(_marked, Reason.COMPANY_TAKEN, _in_finago(ExternalId=""), id="taken: correct the ExternalId"),
        pytest.param(_other_number, Reason.COMPANY_TAKEN, _reference(4712), id="other number: enter the right one"),
        pytest.param(
            _other_number, Reason.COMPANY_TAKEN, _in_finago(OrganizationNumber=NUMBER), id="other number: in Finago"
        ),
        pytest.param(
            _other_number, Reason.COMPANY_TAKEN, _in_qondor(organisationNumber=ANOTHER), id="other number: in Qondor"
        ),
        pytest.param(_nameless, Reason.INCOMPLETE, _in_qondor(name="Nordlys AS"), id="nameless: enter the name"),
    ],
)
def test_the_remedy_helps(
    installation: Installation,
    world: World,
    prepare: Callable[[World], None],
    reason: Reason,
    remedy: Callable[[World], None],
) -> None:
    prepare(world)
    assert_held(installation.follow(), "customer 77", reason)

    remedy(world)

    _settled_for_good(installation, world, 77)


# Two customers of one office and one company


def _both_refused(installation: Installation, world: World, **second: Any) -> None:
    """Customer 77 is linked to company 4711 and stands so in the store; then 78 is given the same Reference."""
    world.add_company("Nordlys AS", id=4711, organisation_number=NUMBER)
    _customer(world, reference=4711, organisation_number=NUMBER)
    installation.follow()
    world.add_company("Nordlys Events AS", id=4712)
    world.add_customer("Nordlys Events AS", id=78, reference=4712, **second)
    installation.follow()
    edit_customer(world, 78, externalReference="4711")
    result = installation.follow()
    for number in (77, 78):
        assert_held(result, f"customer {number}", Reason.DUPLICATE_COMPANY)


@pytest.mark.parametrize("wrong", [77, 78])
def test_of_two_with_one_reference_the_field_of_the_wrong_one_is_emptied(
    installation: Installation, world: World, wrong: int
) -> None:
    _both_refused(installation, world)
    edit_customer(world, wrong, externalReference=None)
    if wrong == 77:
        edit_customer(world, 77, organisationNumber=ANOTHER)
        companies(world)[4711].members.update(ExternalId="", OrganizationNumber="")

    _settled_for_good(installation, world, 77, 78)

    assert len({world.qondor.customers[number]["externalReference"] for number in (77, 78)}) == 2


def test_of_two_with_one_reference_each_is_given_its_own(installation: Installation, world: World) -> None:
    _both_refused(installation, world)
    edit_customer(world, 78, externalReference="4712")

    _settled_for_good(installation, world, 77, 78)


def test_of_two_that_come_to_one_company_the_first_has_it_and_the_other_is_given_its_own(
    installation: Installation, world: World
) -> None:
    world.add_company("Nordlys", id=4711, organisation_number=NUMBER)
    for number in (77, 78):
        world.add_customer(f"Nordlys {number}", id=number, organisation_number=NUMBER)

    for _ in range(2):
        result = installation.follow()
        assert_settled(result, "customer 77")
        refused = assert_held(result, "customer 78", Reason.DUPLICATE_COMPANY)
        assert refused.message.startswith("Duplicate company ID")
    assert (companies(world)[4711]["Name"], list(companies(world))) == ("Nordlys 77", [4711])

    world.add_company("Nordlys 78", id=4712, organisation_number=NUMBER)
    edit_customer(world, 78, externalReference="4712")
    _settled_for_good(installation, world, 77, 78)


def _settled_for_good(installation: Installation, world: World, *customers: int) -> None:
    for _ in range(2):
        result = installation.follow()
        assert_settled(result, *(f"customer {number}" for number in customers))
    written = writes(world)
    installation.follow()
    assert writes(world) == written
