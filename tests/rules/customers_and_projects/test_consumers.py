"""Consumer companies for booking invoices: every row of the article's consumer table, and matching by e-mail."""

from __future__ import annotations

from typing import Any

import pytest

from qondor_finago_pipelines.records.addresses import PostalAddress
from qondor_finago_pipelines.records.customers_and_projects.customers import (
    BUSINESS,
    CONSUMER,
    Company,
    CompanyDraft,
    EmailAddresses,
)
from qondor_finago_pipelines.records.identifiers import CompanyId
from qondor_finago_pipelines.records.invoices.invoices import QondorInvoice
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.rules.customers_and_projects.company_drafts import CompanyDecision
from qondor_finago_pipelines.rules.customers_and_projects.consumers import decide_consumer
from qondor_finago_pipelines.rules.linking import consumer_key
from tests.rules.builders import booking

HOME = PostalAddress(street="Storgata 1", postal_code="0155", city="Oslo", country="NO")


def kari(**changes: Any) -> Company:
    email = "kari@example.no"
    members: dict[str, Any] = {
        "id": CompanyId(5003),
        "name": "Kari Anne Nordmann",
        "type": CONSUMER,
        "emails": EmailAddresses(primary=email, work=email, home=email, invoice=email),
        "invoice_address": HOME,
        "post_address": HOME,
        "country": "NO",
    }
    return Company(**{**members, **changes})


def decided(invoice: QondorInvoice, *companies: Company, link: int | None = None) -> CompanyDecision:
    decision = decide_consumer(
        invoice,
        key=consumer_key(invoice.email or ""),
        link=None if link is None else CompanyId(link),
        companies={company.id: company for company in companies},
    )
    for text in (*decision.warnings, str(decision.refusal)):
        assert "nordmann" not in text.casefold()
        assert "@" not in text
    return decision


def created(decision: CompanyDecision) -> CompanyDraft:
    assert decision.refusal is None
    assert decision.company_id is None
    assert decision.draft is not None
    assert decision.draft.id is None
    return decision.draft


# The consumer table


def test_name_becomes_company_name_the_consumers_full_name() -> None:
    draft = created(decided(booking()))
    assert draft.name == "Kari Anne Nordmann"
    assert draft.first_name == "Kari"


def test_email_address_becomes_all_email_fields() -> None:
    email = "Kari@Example.no"
    assert created(decided(booking(email=f" {email} "))).emails == EmailAddresses(
        primary=email, work=email, home=email, invoice=email
    )


def test_address_becomes_invoice_address_the_full_postal_address() -> None:
    draft = created(decided(booking()))
    assert draft.invoice_address == HOME
    assert draft.post_address == HOME


def test_country_becomes_country_the_country_code() -> None:
    draft = created(decided(booking(address=PostalAddress(city="Malmö", country="se"))))
    assert draft.country == "SE"
    assert draft.invoice_address == PostalAddress(city="Malmö", country="SE")


def test_booking_invoices_create_consumer_type_companies() -> None:
    draft = created(decided(booking()))
    assert draft.type == CONSUMER
    assert draft.external_id is None
    assert draft.organisation_number is None


def test_a_booker_has_no_record_in_qondor_to_write_back_to() -> None:
    decision = decided(booking())
    assert not decision.write_back
    assert decision.key == consumer_key("kari@example.no")


# Matched by e-mail


@pytest.mark.parametrize("field", ["primary", "work", "home", "invoice"])
def test_the_email_address_is_the_matching_key_in_whichever_field_it_stands(field: str) -> None:
    found = kari(emails=EmailAddresses(**{field: " KARI@example.NO "}))
    decision = decided(booking(), found)
    assert decision.company_id == 5003
    assert decision.draft is not None
    assert decision.draft.emails is not None
    assert set(decision.draft.emails.all()) == {"Kari@Example.no"}


def test_a_business_with_the_address_is_not_the_booker() -> None:
    assert decided(booking(), kari(type=BUSINESS)).company_id is None


def test_several_hits_are_refused_and_named_by_id() -> None:
    decision = decided(booking(), kari(id=CompanyId(5004)), kari())
    assert decision.refusal is not None
    assert decision.refusal.reason is Reason.SEVERAL_COMPANIES
    assert "5003 and 5004" in decision.refusal.message
    assert "Invoice 9001" in decision.refusal.message


def test_the_stores_link_counts_before_the_address() -> None:
    assert decided(booking(), kari(id=CompanyId(5004)), kari(), link=5003).company_id == 5003


def test_a_link_to_a_company_that_is_gone_is_no_link_any_more() -> None:
    assert decided(booking(), kari(), link=4000).company_id == 5003
    assert created(decided(booking(), link=4000)).type == CONSUMER


def test_a_booker_without_a_name_is_not_created() -> None:
    decision = decided(booking(customer_name=None))
    assert decision.refusal is not None
    assert decision.refusal.reason is Reason.INCOMPLETE


# What is known already


def test_the_same_booker_again_changes_nothing() -> None:
    email = "Kari@EXAMPLE.no "
    stored = kari(emails=EmailAddresses(primary=email, work=email, home=email, invoice=email))
    decision = decided(booking(customer_name="kari  anne NORDMANN", email=" KARI@example.NO"), stored)
    assert decision.company_id == 5003
    assert decision.draft is None
    assert not decision.other_bill_to
    assert decision.warnings == ()


def test_only_what_differs_is_written() -> None:
    moved = PostalAddress(street="Lillegata 2", postal_code="5003", city="Bergen", country="NO")
    decision = decided(booking(address=moved), kari())
    assert decision.draft == CompanyDraft(id=CompanyId(5003), invoice_address=moved, post_address=moved)


def test_what_qondor_does_not_have_is_left_as_it_is() -> None:
    assert decided(booking(address=PostalAddress(city="Oslo")), kari()).draft is None
    assert decided(booking(address=PostalAddress()), kari()).draft is None


def test_one_person_who_books_for_many_is_not_renamed() -> None:
    decision = decided(booking(customer_name="Ola Hansen"), kari())
    assert decision.company_id == 5003
    assert decision.draft is None
    assert decision.other_bill_to
    (warning,) = decision.warnings
    assert "Invoice 9001" in warning
    assert "5003" in warning
    assert "hansen" not in warning.casefold()


# Limits


def test_long_names_and_addresses_are_cut_at_finagos_limits_with_a_warning() -> None:
    address = PostalAddress(street="s" * 300, postal_code="p" * 20, city="c" * 120, country="NO")
    decision = decided(booking(customer_name="F" * 60 + " " + "N" * 200, address=address))
    draft = created(decision)
    assert draft.name is not None
    assert draft.first_name is not None
    assert draft.invoice_address is not None
    assert (len(draft.name), len(draft.first_name)) == (200, 50)
    assert draft.invoice_address == PostalAddress(street="s" * 250, postal_code="p" * 16, city="c" * 100, country="NO")
    assert len(decision.warnings) == 5
    assert all(warning.startswith("Invoice 9001: ") for warning in decision.warnings)


def test_a_cut_name_is_the_same_name_the_next_time() -> None:
    long = "Kari " + "N" * 300
    assert not decided(booking(customer_name=long, email="kari@example.no"), kari(name=long[:200])).other_bill_to


@pytest.mark.parametrize("country", ["Norway", "N", "N0", "NØ"])
def test_a_country_that_is_no_code_is_left_out_with_a_warning(country: str) -> None:
    decision = decided(booking(address=PostalAddress(city="Oslo", country=country)))
    assert created(decision).country is None
    assert any("two-letter code" in warning for warning in decision.warnings)
