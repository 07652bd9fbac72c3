"""Companies on Finago's wire: CompanyService."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ...records.customers_and_projects.customers import Company, CompanyDraft, EmailAddresses, SavedCompany
from ...records.identifiers import CompanyId
from . import wire

RETURNED = (
    "Id",
    "ExternalId",
    "OrganizationNumber",
    "Name",
    "FirstName",
    "Addresses",
    "EmailAddresses",
    "Country",
    "Type",
)
"""Only what is asked for comes back."""

NAMELESS = Company(id=CompanyId(0), name="", type="None", unreadable=("SyncCompany.CompanyId cannot be read",))
"""A company that is listed without an id: nobody can ask for it, and it may be anybody's."""


@dataclass(frozen=True, kw_only=True)
class SyncPage:
    """One page of GetCompanySyncList."""

    number: int
    pages: int
    companies_in_all: int
    listed: frozenset[CompanyId]
    in_use: frozenset[CompanyId]
    nameless: int = 0
    """How many companies are listed whose id cannot be read."""


def companies_of(result: Any) -> list[Company]:
    return [_company_of(item, troubles) for item, troubles in wire.with_troubles(result, RETURNED)]


def sync_page_of(result: Any) -> SyncPage:
    page = wire.needed(result, "GetCompanySyncListResult")
    found = wire.items(page.Items.SyncCompany if page.Items is not None else None)
    ids = [(wire.id_or_none(item.CompanyId, CompanyId), item.Active) for item in found]
    return SyncPage(
        number=wire.needed(page.CurrentPage, "CurrentPage"),
        pages=wire.needed(page.TotalPages, "TotalPages"),
        companies_in_all=wire.needed(page.TotalItems, "TotalItems"),
        listed=frozenset(company_id for company_id, _ in ids if company_id),
        # Nobody is known to rely on the search's own filter: each item says for itself whether it is in use.
        in_use=frozenset(company_id for company_id, active in ids if company_id and active is not False),
        nameless=sum(not company_id for company_id, _ in ids),
    )


def saved_companies_of(result: Any, secrets: Collection[str] = ()) -> tuple[SavedCompany, ...]:
    """The items of the answer; no refusal quotes one of the `secrets`."""
    saved = []
    for item in wire.items(result):
        company_id = wire.whole(item.Id)
        saved.append(
            SavedCompany(
                id=None if company_id is None else CompanyId(company_id),
                external_id=item.ExternalId or None,
                name=item.Name or None,
                refusal=wire.refusal(item.APIException, secrets),
            )
        )
    return tuple(saved)


def draft_members(draft: CompanyDraft) -> Mapping[str, Any]:
    """Only what the draft names. `Type` is never sent for a company that exists (decisions 5)."""
    return {
        "Id": draft.id,
        "ExternalId": draft.external_id,
        "OrganizationNumber": draft.organisation_number,
        "Name": draft.name,
        "FirstName": draft.first_name,
        "Addresses": _addresses(draft),
        "EmailAddresses": None if draft.emails is None else _emails(draft.emails),
        "Country": draft.country,
        "Type": draft.type if draft.id is None else None,
    }


def _company_of(item: Any, troubles: tuple[str, ...]) -> Company:
    addresses = item.Addresses
    return Company(
        id=wire.id_or_none(item.Id, CompanyId),
        name=wire.text(item.Name),
        first_name=wire.text(item.FirstName),
        type=item.Type or "None",
        external_id=wire.text(item.ExternalId),
        organisation_number=wire.text(item.OrganizationNumber),
        emails=_emails_of(item.EmailAddresses),
        invoice_address=wire.address(addresses.Invoice if addresses is not None else None),
        post_address=wire.address(addresses.Post if addresses is not None else None),
        country=wire.text(item.Country),
        unreadable=troubles,
    )


def _emails_of(emails: Any) -> EmailAddresses:
    def value_of(email: Any) -> str | None:
        return (email.Value or "").strip() or None if email is not None else None

    if emails is None:
        return EmailAddresses()
    return EmailAddresses(
        primary=value_of(emails.Primary),
        work=value_of(emails.Work),
        home=value_of(emails.Home),
        invoice=value_of(emails.Invoice),
    )


def _emails(emails: EmailAddresses) -> Mapping[str, Any]:
    named = {"Home": emails.home, "Invoice": emails.invoice, "Primary": emails.primary, "Work": emails.work}
    return {name: {"Value": address} for name, address in named.items() if address}


def _addresses(draft: CompanyDraft) -> Mapping[str, Any] | None:
    if draft.post_address is None and draft.invoice_address is None:
        return None
    return {
        "Post": wire.address_members(draft.post_address),
        "Invoice": wire.address_members(draft.invoice_address),
    }
