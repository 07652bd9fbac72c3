"""Customers in Qondor, companies in Finago."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..addresses import PostalAddress
from ..identifiers import CompanyId, CustomerId, OfficeId

BUSINESS = "Business"
CONSUMER = "Consumer"
SUPPLIER = "Supplier"


@dataclass(frozen=True, kw_only=True)
class Customer:
    """A Qondor customer, as both GetAll forms give it. `office_id` None is a global customer."""

    id: CustomerId
    office_id: OfficeId | None = None
    name: str | None = None
    organisation_number: str | None = None
    country: str | None = None
    external_reference: str | None = None
    is_active: bool = True
    unreadable: tuple[str, ...] = ()
    """The members that cannot be read, and why; never their values. Such a record is refused by name."""


@dataclass(frozen=True, kw_only=True)
class CustomerRecord:
    """One customer's whole record, kept as it came, so that a PUT can send every writable member back."""

    customer: Customer
    members: dict[str, Any] = field(repr=False)
    """The JSON object as read: personal data, so never in a repr, a log or the store."""


@dataclass(frozen=True, kw_only=True)
class EmailAddresses:
    """The four e-mail fields that a consumer's address is written to."""

    primary: str | None = None
    work: str | None = None
    home: str | None = None
    invoice: str | None = None
    """Finago lets people write several into one field."""

    def all(self) -> tuple[str, ...]:
        return tuple(e for e in (self.primary, self.work, self.home, self.invoice) if e)


@dataclass(frozen=True, kw_only=True)
class Company:
    """A company in Finago as read. `type` is Finago's text: Business, Consumer, Supplier, Lead or None."""

    id: CompanyId
    name: str = ""
    first_name: str = ""
    type: str = "None"
    external_id: str = ""
    organisation_number: str = ""
    emails: EmailAddresses = field(default=EmailAddresses(), repr=False)
    invoice_address: PostalAddress = field(default=PostalAddress(), repr=False)
    post_address: PostalAddress = field(default=PostalAddress(), repr=False)
    country: str = ""
    unreadable: tuple[str, ...] = ()
    """The members that cannot be read, and why; never their values. Such a record is refused by name."""


@dataclass(frozen=True, kw_only=True)
class CompanyDraft:
    """What is to be written to a company; None is not sent and stays as it is. Without `id` it is a new company.

    `type` is only ever sent for a new one (decisions 5).
    """

    id: CompanyId | None = None
    name: str | None = None
    first_name: str | None = None
    type: str | None = None
    external_id: str | None = None
    organisation_number: str | None = None
    emails: EmailAddresses | None = field(default=None, repr=False)
    invoice_address: PostalAddress | None = field(default=None, repr=False)
    post_address: PostalAddress | None = field(default=None, repr=False)
    country: str | None = None
    strangers: tuple[CompanyId, ...] = ()
    """Companies that carried this ExternalId before and are somebody else's: a look-up passes over them. Not sent."""


@dataclass(frozen=True, kw_only=True)
class SavedCompany:
    """One item of a SaveCompanies reply: an id, or why it was refused."""

    id: CompanyId | None = None
    external_id: str | None = None
    name: str | None = None
    refusal: str | None = None
