"""CompanyService: customers, consumers and suppliers (contract/finago.md 6)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from lxml import etree

from ..world.finago import Stored
from .request import (
    LARGEST_ID_LIST,
    ItemRefused,
    NoSuch,
    Request,
    as_utc,
    criteria,
    limit_ids,
    limit_lengths,
    save_items,
)
from .shapes import (
    ADDRESSES,
    API_EXCEPTION,
    EMAILS,
    INTEGERS,
    PHONES,
    Items,
    Member,
    Shape,
    boolean,
    choice,
    chosen,
    decimal,
    integer,
    long,
    many,
    moment,
    nested,
    plain_text,
    short,
    text,
)
from .soap import RequestFailed

ITEMS_PER_PAGE = LARGEST_ID_LIST
"""The page size of GetCompanySyncList."""

COMPANY_SEARCH = Shape(
    "CompanySearchParameters",
    (
        plain_text("ExternalId"),
        integer("CompanyId"),
        Member("CompanyIds", INTEGERS),
        text("CompanyName"),
        moment("ChangedAfter"),
        text("CompanyEmail"),
        text("CompanyPhone"),
        text("OrganizationNumber"),
    ),
)
RELATION = Shape(
    "Relation",
    (
        integer("ContactId"),
        integer("CompanyId"),
        text("FirstName"),
        text("LastName"),
        text("Role"),
        integer("RoleId"),
        nested("PhoneNumbers", PHONES),
        nested("EmailAddresses", EMAILS),
        text("Fax"),
    ),
)
COMPANY_MAP = Shape(
    "CompanyMap", (integer("MapType", required=True), plain_text("ExternalId"), integer("CompanyId", required=True))
)
COMPANY = Shape(
    "Company",
    (
        nested("APIException", API_EXCEPTION),
        integer("Id"),
        text("ExternalId"),
        text("OrganizationNumber"),
        text("Name"),
        text("FirstName"),
        text("NickName"),
        nested("Addresses", ADDRESSES),
        nested("PhoneNumbers", PHONES),
        nested("EmailAddresses", EMAILS),
        text("Url"),
        text("Country"),
        text("Note"),
        text("InvoiceLanguage"),
        choice("Type", "None"),
        text("Username"),
        text("Password"),
        moment("IncorporationDate"),
        moment("DateCreated"),
        integer("Status"),
        integer("PriceList"),
        integer("Owner"),
        text("BankAccountNo"),
        text("BankAccountType"),
        text("BankAccountCountry"),
        text("BankAccountBic"),
        integer("TermsOfDeliveryId"),
        short("AccountDebit", 0),
        short("AccountCredit", 0),
        decimal("Discount", Decimal(0)),
        integer("TypeGroup"),
        decimal("ShareCapital"),
        integer("NumberOfEmployees"),
        decimal("Turnover"),
        decimal("Profit"),
        integer("IndustryId"),
        integer("MemberNo"),
        moment("DateChanged"),
        boolean("BlockInvoice", False),
        many("Relations", "Relation", RELATION),
        many("Maps", "CompanyMap", COMPANY_MAP),
        choice("DistributionMethod", "Unchanged"),
        choice("CurrencyId", "LOCAL"),
        short("PaymentTime"),
        text("GlnNumber"),
        boolean("Factoring", nillable=True),
        short("LedgerCustomerAccount"),
        short("LedgerSupplierAccount"),
        text("VatNumber"),
        boolean("Private", nillable=True),
        boolean("ExplicitlySpecifyNewCompanyId", nillable=True),
    ),
)
SYNC_SEARCH = Shape(
    "SyncSearchParameters",
    (
        integer("Page"),
        boolean("Active", required=True, nillable=True),
        moment("ChangedAfter"),
        moment("RegisteredAfter"),
    ),
)
SYNC_COMPANY = Shape(
    "SyncCompany",
    (
        integer("CompanyId"),
        text("ExternalId"),
        moment("DateChanged"),
        moment("DateRegistered", required=True),
        boolean("Active", required=True),
    ),
)
PAGE_OF_SYNC_COMPANY = Shape(
    "PageOfSyncCompany",
    (
        long("CurrentPage", required=True),
        long("TotalPages", required=True),
        long("TotalItems", required=True),
        long("ItemsPerPage", required=True),
        many("Items", "SyncCompany", SYNC_COMPANY),
    ),
)

_LENGTHS = {"Name": 200, "FirstName": 50, "NickName": 200, "OrganizationNumber": 20, "Url": 255, "GlnNumber": 13}
_ADDRESS_LENGTHS = {"Street": 250, "State": 100, "PostalArea": 100, "City": 100, "Name": 100, "PostalCode": 16}
_MERGED = ("Addresses", "EmailAddresses", "PhoneNumbers")
"""Groups whose parts are replaced one by one: sending the Invoice address leaves the Post address alone."""
_SERVERS_OWN = frozenset({"APIException", "DateChanged", "DateCreated"})


def get_companies(request: Request) -> etree._Element:
    """The active companies that fit every criterion; a search without one is a fault."""
    search = criteria(request.argument("searchParams", COMPANY_SEARCH))
    if not search:
        raise RequestFailed("Please specify at least one search parameter")
    limit_ids(search, "CompanyIds")
    found = [company for company in request.see(request.books.companies) if company.active and _fits(company, search)]
    properties = request.texts("returnProperties")
    return request.answer(
        Items("Company", COMPANY),
        [
            chosen(
                {**company.members, "DateChanged": company.changed, "DateCreated": company.registered},
                COMPANY,
                [name for name in properties if name != "APIException"],
                ("Id", "Name"),
            )
            for company in found
        ],
    )


def _fits(company: Stored, search: dict[str, Any]) -> bool:
    emails = {str(part.get("Value", "")).lower() for part in (company.get("EmailAddresses") or {}).values()}
    phones = {str(part.get("Value", "")) for part in (company.get("PhoneNumbers") or {}).values()}
    return (
        ("ExternalId" not in search or company.get("ExternalId") == search["ExternalId"])
        and ("CompanyId" not in search or company["Id"] == search["CompanyId"])
        and ("CompanyIds" not in search or company["Id"] in search["CompanyIds"])
        and ("CompanyName" not in search or _like(search["CompanyName"], str(company["Name"])))
        and ("CompanyEmail" not in search or search["CompanyEmail"].lower() in emails)
        and ("CompanyPhone" not in search or search["CompanyPhone"] in phones)
        and ("OrganizationNumber" not in search or company.get("OrganizationNumber") == search["OrganizationNumber"])
        and ("ChangedAfter" not in search or _in_oslo(company.changed) > as_utc(search["ChangedAfter"]))
    )


def _like(pattern: str, name: str) -> bool:
    """SQL's LIKE, without regard to case: `%` stands for anything."""
    expression = ".*".join(re.escape(part) for part in pattern.split("%"))
    return re.fullmatch(expression, name, re.IGNORECASE | re.DOTALL) is not None


def _in_oslo(moment: datetime) -> datetime:
    """Rounded to the nearest minute, which is what ChangedAfter compares with (contract/finago.md 2.6)."""
    return (moment + timedelta(seconds=30)).replace(second=0, microsecond=0)


def get_company_sync_list(request: Request) -> etree._Element:
    """A page of ids; Active left nil gives active and deleted companies."""
    search = request.argument("syncSearchParameters", SYNC_SEARCH)
    found = [
        company
        for company in request.see(request.books.companies)
        if search.get("Active") in (None, company.active)
        and ("ChangedAfter" not in search or _in_oslo(company.changed) > as_utc(search["ChangedAfter"]))
        and ("RegisteredAfter" not in search or company.registered > as_utc(search["RegisteredAfter"]))
    ]
    page = search.get("Page", 1)
    if page < 1:
        raise RequestFailed("Page starts at 1.")
    first = (page - 1) * ITEMS_PER_PAGE
    return request.answer(
        PAGE_OF_SYNC_COMPANY,
        {
            "CurrentPage": page,
            "TotalPages": -(-len(found) // ITEMS_PER_PAGE),
            "TotalItems": len(found),
            "ItemsPerPage": ITEMS_PER_PAGE,
            "Items": [
                {
                    "CompanyId": company["Id"],
                    "ExternalId": company.get("ExternalId", ""),
                    "DateChanged": company.changed,
                    "DateRegistered": company.registered,
                    "Active": company.active,
                }
                for company in found[first : first + ITEMS_PER_PAGE]
            ],
        },
    )


def save_companies(request: Request) -> etree._Element:
    """All items come back: saved ones with their id, refused ones with an APIException."""
    items = request.items("companies", "Company", COMPANY)
    saved = save_items(request, items, lambda item: _save(request, item), reference="ExternalId")
    return request.answer(Items("Company", COMPANY), saved)


def _save(request: Request, item: dict[str, Any]) -> dict[str, Any]:
    books = request.books
    sent = {name: value for name, value in item.items() if name not in _SERVERS_OWN}
    explicit_id = sent.pop("ExplicitlySpecifyNewCompanyId", None)
    _check(sent)
    company = books.companies.get(sent.get("Id", 0))
    if company is not None and not company.active:
        company = None
    if "Id" in sent and company is None and not explicit_id:
        raise NoSuch("Company", sent["Id"])
    now = request.world.now()
    if company is None:
        if not sent.get("Name"):
            raise ItemRefused("Name is required for a new company.")
        if sent.get("Type") == "Consumer" and not sent.get("FirstName"):
            raise ItemRefused("FirstName is required for a new company of type Consumer.")
        number = sent.get("Id") or books.next_company_id()
        company = books.companies[number] = Stored({**sent, "Id": number}, registered=now, changed=now)
        request.hide_if_scripted(company)
    else:
        for group in _MERGED:
            if group in sent:
                sent[group] = {**(company.get(group) or {}), **sent[group]}
        company.members.update(sent)
        company.changed = now
    return chosen(company.members, COMPANY, ("ExternalId", "OrganizationNumber", "Type"), ("Id", "Name"))


def _check(sent: dict[str, Any]) -> None:
    limit_lengths(sent, _LENGTHS)
    countries = [sent.get("Country"), sent.get("InvoiceLanguage")]
    for address in (sent.get("Addresses") or {}).values():
        limit_lengths(address, _ADDRESS_LENGTHS)
        countries.append(address.get("Country"))
    for country in countries:
        if country and not re.fullmatch("[A-Za-z]{2}", country):
            raise ItemRefused("Country must be a code of two letters.")
