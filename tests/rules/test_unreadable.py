"""Nobody is created anew beside a company in Finago that may be it and cannot be read."""

from __future__ import annotations

import pytest

from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.rules.unreadable import refuse_beside_nameless, refuse_unreadable
from tests.rules.builders import company


@pytest.mark.parametrize(
    "trouble",
    [
        "Company.Id is missing",
        "Company.ExternalId holds elements where a value belongs",
        "Company.OrganizationNumber holds elements where a value belongs",
        "Company.EmailAddresses holds text where members belong",
        "Company.EmailAddresses.Primary.Value holds elements where a value belongs",
        "Company.Type is not a CompanyType",
        "Company is empty",
    ],
)
def test_a_company_of_which_nobody_knows_whose_it_is_may_be_the_one_that_is_looked_for(trouble: str) -> None:
    refusal = refuse_beside_nameless("Customer 77", [company(id=4711), company(id=4712, unreadable=(trouble,))])
    assert refusal is not None
    assert refusal.reason is Reason.UNREADABLE
    for said in ("Customer 77", "4712", trouble):
        assert said in refusal.message
    assert "External Reference" in refusal.remedy


@pytest.mark.parametrize(
    "trouble",
    ["Company.Name holds elements where a value belongs", "Company.Addresses.Post.Street is odd", "Company.Identity"],
)
def test_one_that_can_be_told_apart_stands_in_nobodys_way(trouble: str) -> None:
    assert refuse_beside_nameless("Customer 77", [company(id=4712, unreadable=(trouble,))]) is None


def test_companies_that_can_be_read_stand_in_nobodys_way() -> None:
    assert refuse_beside_nameless("Customer 77", []) is None
    assert refuse_beside_nameless("Customer 77", [company(id=4711), company(id=4712)]) is None


def test_one_without_an_id_is_named_so() -> None:
    refusal = refuse_beside_nameless("Customer 77", [company(id=0, unreadable=("Company.Id is missing",))])
    assert refusal is not None
    assert "a company there, without an id," in refusal.message


def test_no_more_than_five_members_are_named() -> None:
    refusal = refuse_unreadable("Project", 555, [f"Project.Member{number} is odd" for number in range(9)], "Finago")
    assert refusal is not None
    assert refusal.message.count("is odd") == 5
