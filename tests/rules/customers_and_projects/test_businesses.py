"""How customer matching works, by the article's customer table, and who is refused rather than guessed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pytest

from qondor_finago_pipelines.records.customers_and_projects.customers import (
    BUSINESS,
    CONSUMER,
    SUPPLIER,
    Company,
    CompanyDraft,
    Customer,
)
from qondor_finago_pipelines.records.identifiers import CompanyId, CustomerId, OfficeId
from qondor_finago_pipelines.records.refusals import Reason, Refusal
from qondor_finago_pipelines.rules.customers_and_projects.businesses import decide_business
from qondor_finago_pipelines.rules.customers_and_projects.companies import (
    companies_to_read,
    reference_warning,
    undone_links,
)
from qondor_finago_pipelines.rules.customers_and_projects.company_drafts import CompanyDecision
from qondor_finago_pipelines.rules.customers_and_projects.findings import Findings
from tests.rules.builders import company, customer, invoice

OSLO, BERGEN, ELSEWHERE = OfficeId(102), OfficeId(205), OfficeId(300)


def decided(
    customer: Customer,
    *companies: Company,
    others: Sequence[Customer] = (),
    links: Mapping[str, int] | None = None,
    foreign: Collection[int] = (),
    office_id: OfficeId = OSLO,
    given: Mapping[CustomerId, CompanyId | None] | None = None,
    undone: Mapping[str, int] | None = None,
) -> CompanyDecision:
    """The decision in one of the offices Oslo and Bergen, which share a Finago client."""
    findings = Findings(
        office_id=office_id,
        client_offices=frozenset({OSLO, BERGEN}),
        customers={each.id: each for each in (customer, *others)},
        foreign_customers=frozenset(map(CustomerId, foreign)),
        company_links={key: CompanyId(company_id) for key, company_id in (links or {}).items()},
        undone_links={key: CompanyId(company_id) for key, company_id in (undone or {}).items()},
        companies={company.id: company for company in companies},
    )
    return decide_business(customer, findings, given)


def refused(decision: CompanyDecision) -> Refusal:
    assert decision.refusal is not None
    assert decision.draft is None
    assert not decision.write_back
    assert len(str(decision.refusal)) <= 500
    assert "Nordlys" not in str(decision.refusal)
    return decision.refusal


# The customer table: name, organisation number, customer id


def test_customer_name_becomes_company_name() -> None:
    decision = decided(customer(name="Nordlys Norge AS"), company(), links={"customer:77": 4711})
    assert decision.draft == CompanyDraft(id=CompanyId(4711), name="Nordlys Norge AS")


def test_organisation_number_becomes_organization_number() -> None:
    decision = decided(customer(organisation_number="NO 998 877 660 MVA"), company(), links={"customer:77": 4711})
    assert decision.draft == CompanyDraft(id=CompanyId(4711), organisation_number="NO 998 877 660 MVA")


def test_customer_id_becomes_external_id() -> None:
    decision = decided(customer(), company(external_id=""))
    assert decision.draft == CompanyDraft(id=CompanyId(4711), external_id="77")


def test_what_agrees_already_is_not_written_again() -> None:
    decision = decided(customer(), company(organisation_number="NO 912345688 MVA"))
    assert decision == CompanyDecision(key="customer:77", company_id=CompanyId(4711), before=decision.before)


def test_the_type_of_a_company_is_never_changed() -> None:
    decision = decided(customer(name="Other"), company(type="Lead", external_id=""))
    assert decision.draft is not None
    assert decision.draft.type is None


def test_an_empty_name_or_number_in_qondor_clears_nothing() -> None:
    assert decided(customer(name=" ", organisation_number=None), company()).draft is None


def test_a_long_name_is_cut_once_and_then_stays() -> None:
    long = customer(name="N" * 199 + " " + "x" * 50)
    first = decided(long, company())
    assert first.draft is not None
    assert first.draft.name == "N" * 199
    assert any("cut at Finago's 200" in warning for warning in first.warnings)
    assert decided(long, company(name=first.draft.name)).draft is None


def test_an_organisation_number_too_long_for_finago_is_left_out_not_cut() -> None:
    decision = decided(customer(organisation_number="9" * 21), company(), links={"customer:77": 4711})
    assert decision.draft is None
    assert any("left out" in warning for warning in decision.warnings)


# 1. External Reference, 2. the store's link, 3. ExternalId, 4. organisation number


def test_a_customer_with_an_external_reference_is_that_company() -> None:
    decision = decided(customer(), company())
    assert decision.company_id == 4711
    assert not decision.write_back


def test_where_the_reference_is_empty_the_stores_link_counts_and_goes_back_to_qondor() -> None:
    decision = decided(
        customer(external_reference=None),
        company(),
        company(id=CompanyId(4800), external_id="77"),
        links={"customer:77": 4711},
    )
    assert decision.company_id == 4711
    assert decision.write_back


def test_else_the_company_that_carries_the_customer_id() -> None:
    decision = decided(customer(external_reference=""), company(), company(id=CompanyId(4712), external_id=""))
    assert decision.company_id == 4711
    assert decision.write_back


def test_else_the_company_with_the_organisation_number() -> None:
    decision = decided(customer(external_reference=None), company(external_id="", organisation_number="912 345 688"))
    assert decision.company_id == 4711
    assert decision.write_back
    assert decision.draft == CompanyDraft(id=CompanyId(4711), external_id="77")


def test_only_companies_of_type_business_are_searched() -> None:
    decision = decided(
        customer(external_reference=None), company(type=CONSUMER, external_id="", organisation_number="")
    )
    assert decision.company_id is None
    assert decision.draft is not None


def test_an_empty_organisation_number_finds_nobody() -> None:
    decision = decided(
        customer(external_reference=None, organisation_number=None),
        company(external_id="", organisation_number=""),
    )
    assert decision.company_id is None


def test_a_new_company_is_created_and_its_id_goes_back_to_qondor() -> None:
    decision = decided(customer(external_reference=None))
    assert decision.company_id is None
    assert decision.write_back
    assert decision.draft == CompanyDraft(
        name="Nordlys AS", type=BUSINESS, external_id="77", organisation_number="912 345 688"
    )


def test_a_link_to_a_company_that_is_gone_is_no_link_any_more() -> None:
    moved = company(id=CompanyId(4900), external_id="")
    decision = decided(customer(external_reference=None), moved, links={"customer:77": 4711})
    assert decision.company_id == 4900


def test_a_reference_that_differs_from_the_link_was_set_by_a_person_and_replaces_it() -> None:
    decision = decided(
        customer(external_reference="4800"),
        company(id=CompanyId(4800), external_id=""),
        company(),
        links={"customer:77": 4711},
    )
    assert decision.company_id == 4800
    assert not decision.write_back


# Invalid customer reference


@pytest.mark.parametrize("reference", ["C-4711", "0", "-1", "47 11", "99999999999"])
def test_a_reference_that_is_no_company_id_is_an_invalid_customer_reference(reference: str) -> None:
    refusal = refused(decided(customer(external_reference=reference), company()))
    assert refusal.reason is Reason.INVALID_CUSTOMER_REFERENCE
    assert "Customer 77" in refusal.message
    assert reference in refusal.message


def test_a_reference_that_finago_does_not_know_is_an_invalid_customer_reference() -> None:
    refusal = refused(decided(customer(external_reference="4999"), company()))
    assert refusal.reason is Reason.INVALID_CUSTOMER_REFERENCE
    assert "4999" in refusal.message


def test_an_inactive_customer_unknown_to_finago_is_not_created() -> None:
    refusal = refused(decided(customer(external_reference=None, is_active=False)))
    assert refusal.reason is Reason.INACTIVE_CUSTOMER


def test_an_inactive_customer_that_finago_knows_is_invoiced() -> None:
    assert decided(customer(is_active=False), company()).company_id == 4711


def test_a_customer_without_a_name_is_not_created() -> None:
    assert refused(decided(customer(external_reference=None, name=None))).reason is Reason.INCOMPLETE


# Several, only a supplier


def test_several_companies_with_the_organisation_number_are_named_not_picked() -> None:
    refusal = refused(
        decided(
            customer(external_reference=None),
            company(id=CompanyId(4712), external_id=""),
            company(id=CompanyId(4711), external_id=""),
        )
    )
    assert refusal.reason is Reason.SEVERAL_COMPANIES
    assert "4711 and 4712" in refusal.message


def test_several_companies_with_the_customer_id_are_named_not_picked() -> None:
    refusal = refused(decided(customer(external_reference=None), company(), company(id=CompanyId(4712))))
    assert refusal.reason is Reason.SEVERAL_COMPANIES


def test_only_a_supplier_with_the_organisation_number_is_refused_by_name() -> None:
    refusal = refused(decided(customer(external_reference=None), company(type=SUPPLIER, external_id="")))
    assert refusal.reason is Reason.ONLY_A_SUPPLIER
    assert "4711" in refusal.message


def test_a_reference_to_a_supplier_is_refused_too() -> None:
    assert refused(decided(customer(), company(type=SUPPLIER))).reason is Reason.ONLY_A_SUPPLIER


def test_a_supplier_beside_the_customer_does_no_harm() -> None:
    supplier = company(id=CompanyId(4600), type=SUPPLIER, external_id="")
    assert decided(customer(external_reference=None), company(external_id=""), supplier).company_id == 4711


# Duplicate company ID


def test_two_customers_of_one_office_with_one_reference_are_both_refused() -> None:
    one, other = customer(), customer(id=CustomerId(78))
    for asked, conflict in ((one, other), (other, one)):
        refusal = refused(decided(asked, company(), others=[conflict]))
        assert refusal.reason is Reason.DUPLICATE_COMPANY
        assert refusal.message.startswith("Duplicate company ID")
        assert "77 and 78" in refusal.message
        assert "4711" in refusal.message


def test_a_link_that_qondor_does_not_show_yet_counts_as_a_reference() -> None:
    linked = customer(id=CustomerId(78), external_reference=None)
    decision = decided(customer(), company(), others=[linked], links={"customer:78": 4711})
    assert refused(decision).reason is Reason.DUPLICATE_COMPANY


def test_offices_that_share_a_client_share_a_company_of_one_organisation_number() -> None:
    bergen = customer(id=CustomerId(78), office_id=BERGEN, name="Nordlys Bergen")
    first = decided(customer(name="Nordlys Norge AS"), company(), others=[bergen])
    assert first.draft == CompanyDraft(id=CompanyId(4711), name="Nordlys Norge AS")
    second = decided(bergen, company(), others=[customer()], office_id=BERGEN)
    assert second.company_id == 4711
    assert second.draft is None
    assert any("ExternalId" in warning and "4711" in warning for warning in second.warnings)


def test_of_two_that_share_a_company_without_external_id_the_first_customer_is_written() -> None:
    bergen = customer(id=CustomerId(78), office_id=BERGEN)
    unmarked = company(external_id="")
    assert decided(customer(), unmarked, others=[bergen]).draft == CompanyDraft(id=CompanyId(4711), external_id="77")
    assert decided(bergen, unmarked, others=[customer()], office_id=BERGEN).draft is None


def test_a_second_office_finds_the_company_of_the_first_by_organisation_number() -> None:
    bergen = customer(id=CustomerId(78), office_id=BERGEN, external_reference=None)
    decision = decided(bergen, company(), others=[customer()], office_id=BERGEN)
    assert decision.company_id == 4711
    assert decision.write_back
    assert decision.draft is None


@pytest.mark.parametrize("number", ["998877660", "", None])
def test_offices_with_different_organisation_numbers_are_both_refused(number: str | None) -> None:
    bergen = customer(id=CustomerId(78), office_id=BERGEN, organisation_number=number)
    for asked, other, office in ((customer(), bergen, OSLO), (bergen, customer(), BERGEN)):
        refusal = refused(decided(asked, company(), others=[other], office_id=office))
        assert refusal.reason is Reason.DUPLICATE_COMPANY
        assert "77 and 78" in refusal.message


def test_offices_without_organisation_numbers_cannot_be_shown_to_mean_one_company() -> None:
    nameless = {"organisation_number": None}
    bergen = customer(id=CustomerId(78), office_id=BERGEN, **nameless)
    decision = decided(customer(**nameless), company(), others=[bergen])
    assert refused(decision).reason is Reason.DUPLICATE_COMPANY


def test_a_reference_in_the_books_of_another_client_is_no_duplicate() -> None:
    unrelated = customer(id=CustomerId(78), office_id=ELSEWHERE)
    assert decided(customer(), company(), others=[unrelated]).company_id == 4711
    foreign_global = customer(id=CustomerId(79), office_id=None)
    decision = decided(customer(), company(), others=[foreign_global], foreign={79})
    assert decision.company_id == 4711


def test_a_global_customer_with_the_same_reference_is_a_duplicate() -> None:
    decision = decided(customer(), company(), others=[customer(id=CustomerId(79), office_id=None)])
    assert refused(decision).reason is Reason.DUPLICATE_COMPANY


def test_a_second_customer_of_an_organisation_that_is_just_being_created_is_refused() -> None:
    first, twin = customer(external_reference=None), customer(id=CustomerId(78), external_reference=None)
    refusal = refused(decided(twin, others=[first], given={CustomerId(77): None}))
    assert refusal.reason is Reason.DUPLICATE_COMPANY
    assert decided(twin, others=[first], given={CustomerId(78): None}).draft is not None


@pytest.mark.parametrize("number", ["000000000", "912345678", "0", None])
def test_a_number_that_names_nobody_makes_no_twins(number: str | None) -> None:
    nameless = {"external_reference": None, "organisation_number": number}
    first, other = customer(**nameless), customer(id=CustomerId(78), **nameless)
    decision = decided(other, others=[first], given={CustomerId(77): None})
    assert decision.refusal is None
    assert any("Customer 78" in warning and "valid" in warning for warning in decision.warnings) is bool(number)


def test_a_company_that_this_plan_gave_to_another_is_refused_to_the_next() -> None:
    first, twin = customer(external_reference=None), customer(id=CustomerId(78), external_reference=None)
    found = company(external_id="")
    refusal = refused(decided(twin, found, others=[first], given={CustomerId(77): CompanyId(4711)}))
    assert refusal.reason is Reason.DUPLICATE_COMPANY
    assert "customer 78 comes to company 4711" in refusal.message
    assert "customer 77" in refusal.message
    assert decided(twin, found, others=[first]).company_id == 4711


def test_who_has_the_company_keeps_it_when_another_only_comes_to_it() -> None:
    owner, other = customer(), customer(id=CustomerId(78), external_reference=None)
    assert decided(owner, company(), others=[other]).company_id == 4711
    assert refused(decided(other, company(), others=[owner])).reason is Reason.DUPLICATE_COMPANY


# What is no key, links nobody


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("SC123456", "OC123456"),
        ("B12345674", "12345674"),
        ("912 345 688 avd. 2", "912345688"),
        ("000000000", "000000000"),
        ("912345678", "912345678"),
        ("123", "123"),
    ],
)
def test_a_strangers_company_is_not_linked_by_such_a_number(ours: str, theirs: str) -> None:
    unlinked = customer(external_reference=None, organisation_number=ours)
    decision = decided(unlinked, company(external_id="", name="Fagerheim Forlag", organisation_number=theirs))
    assert decision.company_id is None
    assert decision.draft is not None
    assert decision.draft.organisation_number == ours, "as it stands in Qondor"


def test_a_number_is_written_as_it_stands_but_for_outer_space() -> None:
    linked = customer(organisation_number=" SE 5560-0012 ")
    decision = decided(linked, company(), links={"customer:77": 4711})
    assert decision.draft == CompanyDraft(id=CompanyId(4711), organisation_number="SE 5560-0012")


@pytest.mark.parametrize("kind", ["Lead", "None", CONSUMER])
def test_a_company_of_another_type_with_the_number_is_refused_and_the_reference_is_the_way_out(kind: str) -> None:
    lead = company(type=kind, external_id="")
    refusal = refused(decided(customer(external_reference=None), lead))
    assert refusal.reason is Reason.COMPANY_OF_ANOTHER_TYPE
    assert "4711" in refusal.message
    assert decided(customer(), lead).company_id == 4711


@pytest.mark.parametrize("number", ["", "923456783"])
def test_a_strangers_mark_is_no_link(number: str) -> None:
    stranger = company(name="Fagerheim Forlag", organisation_number=number)
    decision = decided(customer(external_reference=None), stranger)
    assert decision.company_id is None
    assert decision.draft is not None
    assert decision.draft.strangers == (4711,)
    assert any("4711" in warning and "ExternalId" in warning for warning in decision.warnings)


@pytest.mark.parametrize("theirs", [{"organisation_number": ""}, {"name": "Nordlys Gruppen"}])
def test_a_mark_counts_when_name_or_number_agrees(theirs: dict[str, str]) -> None:
    assert decided(customer(external_reference=None), company(**theirs)).company_id == 4711


def test_a_cut_name_agrees_with_the_whole_one() -> None:
    long = customer(external_reference=None, organisation_number=None, name="N" * 300)
    assert decided(long, company(name="N" * 200, organisation_number="")).company_id == 4711


# A link is undone by emptying the External Reference


def test_an_undone_link_is_told_and_the_customer_matched_anew() -> None:
    emptied = customer(external_reference=None)
    decision = decided(emptied, company(id=CompanyId(4712), external_id=""), undone={"customer:77": 4711})
    assert decision.company_id == 4712
    assert any("emptied" in warning and "4711" in warning for warning in decision.warnings)


def test_the_links_that_are_undone() -> None:
    links = {"customer:77": CompanyId(4711), "customer:78": CompanyId(4712), "customer:79": CompanyId(4713)}
    customers = [
        customer(external_reference=" "),
        customer(id=CustomerId(78), external_reference="4712"),
        customer(id=CustomerId(79), external_reference=None),
    ]
    assert undone_links(customers, links, {"customer:77", "customer:78"}) == {"customer:77": 4711}


def test_nobody_empties_many_references_at_once() -> None:
    def undone(emptied: int, in_all: int) -> int:
        links = {f"customer:{number}": CompanyId(number) for number in range(1, in_all + 1)}
        customers = [customer(id=CustomerId(number), external_reference=None) for number in range(1, emptied + 1)]
        return len(undone_links(customers, links, links.keys()))

    assert (undone(10, 10), undone(11, 55), undone(11, 54)) == (10, 11, 0)


# Nobody else's company is renamed


def test_a_company_that_carries_another_customers_id_is_refused() -> None:
    refusal = refused(decided(customer(), company(external_id="99"), links={"customer:77": 4711}))
    assert refusal.reason is Reason.COMPANY_TAKEN
    assert "'99'" in refusal.message


def test_a_company_found_by_number_that_carries_another_customers_id_is_refused() -> None:
    decision = decided(customer(external_reference=None), company(external_id="99"))
    assert refused(decision).reason is Reason.COMPANY_TAKEN


def test_on_the_first_link_a_company_with_another_organisation_number_is_refused() -> None:
    unrelated = company(external_id="", organisation_number="998877660")
    refusal = refused(decided(customer(), unrelated))
    assert refusal.reason is Reason.COMPANY_TAKEN
    assert "912345688" in refusal.message
    assert "998877660" in refusal.message


def test_a_company_without_organisation_number_may_be_linked() -> None:
    decision = decided(customer(), company(external_id="", organisation_number=""))
    assert decision.draft == CompanyDraft(id=CompanyId(4711), external_id="77", organisation_number="912 345 688")


def test_a_reference_changed_by_a_person_is_judged_like_a_first_link() -> None:
    unrelated = company(id=CompanyId(4800), external_id="", organisation_number="998877660")
    decision = decided(customer(external_reference="4800"), unrelated, company(), links={"customer:77": 4711})
    assert refused(decision).reason is Reason.COMPANY_TAKEN


# Global customers and other clients


def test_a_global_customer_serves_an_office_of_its_client() -> None:
    assert decided(customer(office_id=None), company()).company_id == 4711


@pytest.mark.parametrize("reference", ["4711", None])
def test_a_global_customer_of_another_client_is_refused_by_name(reference: str | None) -> None:
    shared = customer(office_id=None, external_reference=reference)
    refusal = refused(decided(shared, company(), foreign={77}))
    assert refusal.reason is Reason.CUSTOMER_OF_ANOTHER_CLIENT
    assert "customer 77" in refusal.message


def test_a_global_customer_that_is_linked_here_with_this_reference_goes_on() -> None:
    decision = decided(customer(office_id=None), company(), foreign={77}, links={"customer:77": 4711})
    assert decision.company_id == 4711


def test_a_customer_of_an_office_with_other_books_is_refused() -> None:
    refusal = refused(decided(customer(office_id=ELSEWHERE), company()))
    assert refusal.reason is Reason.CUSTOMER_OF_ANOTHER_CLIENT
    assert "300" in refusal.message


# What is read for it


def test_references_and_links_are_read_by_id() -> None:
    questions = companies_to_read(
        [customer(), customer(id=CustomerId(78), external_reference=None)], {"customer:78": CompanyId(4712)}
    )
    assert questions.ids == {4711, 4712}
    assert not questions.directory_needed


def test_who_has_neither_reference_nor_link_is_looked_for_among_all_companies() -> None:
    questions = companies_to_read([customer(external_reference=" ")], {})
    assert questions.ids == frozenset()
    assert questions.directory_needed


def test_an_invalid_reference_is_nothing_to_look_for() -> None:
    questions = companies_to_read([customer(external_reference="C-1")], {"customer:77": CompanyId(4712)})
    assert questions == (frozenset(), False)


def test_bookers_are_read_by_link_or_looked_for() -> None:
    links = {"consumer:abc": CompanyId(5001)}
    assert companies_to_read([], links, ["consumer:abc"]) == (frozenset({5001}), False)
    assert companies_to_read([], links, ["consumer:def"]) == (frozenset(), True)


# Invoice and customer record


def test_invoice_and_record_with_different_references_are_a_warning_and_the_record_wins() -> None:
    warning = reference_warning(invoice(customer_external_reference="4712"), customer())
    assert warning is not None
    assert "4712" in warning
    assert "4711" in warning
    assert reference_warning(invoice(), customer()) is None
    assert reference_warning(invoice(customer_external_reference=None), customer()) is None
    assert reference_warning(invoice(), customer(external_reference=None)) is not None
