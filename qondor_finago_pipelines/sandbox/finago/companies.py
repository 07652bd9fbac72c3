"""CompanyService: customers, consumers and suppliers (contract/finago.md 6)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from lxml import etree

from ..world.finago import Stored
from .call import (
    LARGEST_ID_LIST,
    ItemRefused,
    SoapCall,
    as_utc,
    check_country,
    chosen,
    equal,
    fits,
    limit_lengths,
)
from .soap import RequestFailed

ITEMS_PER_PAGE = LARGEST_ID_LIST
"""The page size of GetCompanySyncList."""

_LENGTHS = {"Name": 200, "FirstName": 50, "NickName": 200, "OrganizationNumber": 20, "Url": 255, "GlnNumber": 13}
_ADDRESS_LENGTHS = {"Street": 250, "State": 100, "PostalArea": 100, "City": 100, "Name": 100, "PostalCode": 16}
_MERGED = ("Addresses", "EmailAddresses", "PhoneNumbers")
"""Groups whose parts are replaced one by one: sending the Invoice address leaves the Post address alone."""
_SERVERS_OWN = frozenset({"APIException", "DateChanged", "DateCreated"})


def _like(pattern: str, name: str) -> bool:
    """SQL's LIKE, without regard to case: `%` stands for anything."""
    expression = ".*".join(re.escape(part) for part in pattern.split("%"))
    return re.fullmatch(expression, name, re.IGNORECASE | re.DOTALL) is not None


def _changed_after(company: Stored, moment: datetime) -> bool:
    """ChangedAfter compares with the change rounded to the nearest minute (contract/finago.md 2.6)."""
    return (company.changed + timedelta(seconds=30)).replace(second=0, microsecond=0) > as_utc(moment)


def _values(company: Stored, group: str) -> set[str]:
    return {str(part.get("Value", "")).lower() for part in (company.get(group) or {}).values()}


_CRITERIA: dict[str, Callable[[Stored, Any], bool]] = {
    **{name: equal(name) for name in ("ExternalId", "OrganizationNumber")},
    "CompanyId": equal("Id"),
    "CompanyIds": lambda company, ids: company["Id"] in ids,
    "CompanyName": lambda company, pattern: _like(pattern, str(company["Name"])),
    "CompanyEmail": lambda company, email: email.lower() in _values(company, "EmailAddresses"),
    "CompanyPhone": lambda company, phone: phone.lower() in _values(company, "PhoneNumbers"),
    "ChangedAfter": _changed_after,
}
_SYNC_CRITERIA: dict[str, Callable[[Stored, Any], bool]] = {
    "Active": lambda company, active: company.active is active,
    "ChangedAfter": _changed_after,
    "RegisteredAfter": lambda company, moment: company.registered > as_utc(moment),
}


def get_companies(call: SoapCall) -> etree._Element:
    """The active companies that fit every criterion; a search without one is a fault."""
    search = call.search("searchParams")
    properties = set(call.argument("returnProperties")) - {"APIException"}
    return call.answer(
        [
            chosen(
                {**company.members, "DateChanged": company.changed, "DateCreated": company.registered},
                properties,
                ("Id", "Name"),
            )
            for company in call.see(call.books.companies)
            if company.active and fits(company, search, _CRITERIA)
        ]
    )


def get_company_sync_list(call: SoapCall) -> etree._Element:
    """A page of ids; Active left nil gives active and deleted companies."""
    search = call.argument("syncSearchParameters")
    found = [company for company in call.see(call.books.companies) if fits(company, search, _SYNC_CRITERIA)]
    page = search.get("Page", 1)
    if page < 1:
        raise RequestFailed("Page starts at 1.")
    first = (page - 1) * ITEMS_PER_PAGE
    return call.answer(
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


def save_companies(call: SoapCall) -> etree._Element:
    """All items come back: saved ones with their id, refused ones with an APIException."""
    return call.save_each("companies", _save, reference="ExternalId")


def _save(call: SoapCall, item: dict[str, Any]) -> dict[str, Any]:
    books = call.books
    sent = {name: value for name, value in item.items() if name not in _SERVERS_OWN}
    # A real server needs no such flag: under whatever Id it is given it overwrites, brings back, or creates.
    sent.pop("ExplicitlySpecifyNewCompanyId", None)
    _check(call, sent)
    company = books.companies.get(sent.get("Id", 0))
    now = call.world.now()
    if company is None:
        if not sent.get("Name"):
            raise ItemRefused("Name is required for a new company.")
        if sent.get("Type") == "Consumer" and not sent.get("FirstName"):
            raise ItemRefused("FirstName is required for a new company of type Consumer.")
        number = sent.get("Id") or books.next_company_id()
        company = books.companies[number] = Stored({**sent, "Id": number}, registered=now, changed=now)
        call.hide_if_scripted(company)
    else:
        for group in _MERGED:
            if group in sent:
                sent[group] = {**(company.get(group) or {}), **sent[group]}
        company.members.update(sent)
        company.changed = now
        company.active = True
    return chosen(company.members, ("ExternalId", "OrganizationNumber", "Type"), ("Id", "Name"))


def _check(call: SoapCall, sent: dict[str, Any]) -> None:
    limit_lengths(sent, _LENGTHS)
    countries = [sent.get("Country"), sent.get("InvoiceLanguage")]
    for address in (sent.get("Addresses") or {}).values():
        limit_lengths(address, _ADDRESS_LENGTHS)
        countries.append(address.get("Country"))
    for country in countries:
        check_country(call, country)
