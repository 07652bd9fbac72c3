"""What every decision on a company is made of: its record, Finago's maxima, and what counts as a change."""

from __future__ import annotations

from dataclasses import dataclass

from ...records.addresses import PostalAddress
from ...records.customers_and_projects.customers import Company, CompanyDraft
from ...records.identifiers import CompanyId
from ...records.refusals import Refusal
from ..countries import country_code
from ..text import Fitting, one_line

LONGEST_NAME = 200
LONGEST_FIRST_NAME = 50
LONGEST_ORGANISATION_NUMBER = 20
LONGEST_STREET = 250
LONGEST_POSTAL_CODE = 16
LONGEST_CITY = 100


@dataclass(frozen=True, kw_only=True)
class CompanyDecision:
    """What becomes of one customer or booker in Finago. `key` is the store's key of the link.

    - refused: only `refusal` says anything;
    - known, nothing to change: `company_id`;
    - known, something to change: `company_id`, and a `draft` with its id and the changed members;
    - new: a `draft` without id, and no `company_id` yet.

    `write_back` asks for the Company ID to be stored in Qondor; `other_bill_to` for the order to carry the name and
    address of the invoice, since the company stands under another name.
    """

    key: str
    company_id: CompanyId | None = None
    draft: CompanyDraft | None = None
    before: Company | None = None
    write_back: bool = False
    refusal: Refusal | None = None
    warnings: tuple[str, ...] = ()
    other_bill_to: bool = False


def changed(ours: str | None, held: str) -> str | None:
    """Our value where it is one and differs; an empty one of ours never clears theirs."""
    return ours if ours and ours != held else None


def postal_address(address: PostalAddress, fitting: Fitting) -> PostalAddress | None:
    """An address as Finago takes it; None when Qondor has nothing of it. A country that is no code is left out."""
    country = country_code(address.country)
    if not country and one_line(address.country):
        fitting.warn("the country of its address is no two-letter code of ISO 3166 and is left out.")
    fitted = PostalAddress(
        street=fitting.fit(address.street, LONGEST_STREET, "the street of its address") or None,
        postal_code=fitting.fit(address.postal_code, LONGEST_POSTAL_CODE, "the postal code of its address") or None,
        city=fitting.fit(address.city, LONGEST_CITY, "the city of its address") or None,
        country=country or None,
    )
    return None if fitted == PostalAddress() else fitted
