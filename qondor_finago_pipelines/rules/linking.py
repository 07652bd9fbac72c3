"""How a record of one system is recognised in the other: project numbers, references, store keys (decisions 5)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from ..records.identifiers import LARGEST_ID, CompanyId, CustomerId, FinagoProjectId, QondorProjectId
from .email_addresses import email_key

CUSTOMER_KEY = "customer:"

_SO_NUMBER = re.compile(r"SO([0-9]+)")
_MEANT_AS_SO_NUMBER = re.compile(r"SO[\W_]*[0-9]", re.IGNORECASE)
_DIGITS = re.compile(r"[0-9]+")


@dataclass(frozen=True, kw_only=True)
class ProjectIdentity:
    """The Finago project of a Qondor project: from its SO number, or else the Qondor id itself."""

    id: FinagoProjectId
    from_number: bool
    warning: str | None = None


def finago_project_id(number: str | None, project_id: QondorProjectId) -> ProjectIdentity:
    """The Finago project id of a Qondor project.

    `SO12345` gives 12345. Anything else gives the Qondor id, with a warning when it looks like an SO number that is
    not quite one (`SO12345-2`, `so12345`, a number beyond 2,147,483,647).
    """
    text = (number or "").strip()
    match = _SO_NUMBER.fullmatch(text)
    # The length is looked at first: int() of a very long run of digits is slow, then refused.
    if match and len(match[1].lstrip("0")) <= 10 and 1 <= int(match[1]) <= LARGEST_ID:
        return ProjectIdentity(id=FinagoProjectId(int(match[1])), from_number=True)
    warning = None
    if _MEANT_AS_SO_NUMBER.match(text):
        shown = text if len(text) <= 40 else f"{text[:39]}…"
        warning = (
            f"Project {project_id}: its number {shown!r} is not SO and a number up to {LARGEST_ID}, so that "
            f"the Qondor project id {project_id} is its Finago project id."
        )
    return ProjectIdentity(id=FinagoProjectId(project_id), from_number=False, warning=warning)


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A customer's External Reference as read: a Finago Company ID, empty, or neither."""

    text: str
    company_id: CompanyId | None = None

    @property
    def is_empty(self) -> bool:
        return not self.text

    @property
    def is_invalid(self) -> bool:
        return bool(self.text) and self.company_id is None


def read_reference(text: str | None) -> Reference:
    """Reads an External Reference; only a positive 32-bit integer is a Company ID."""
    shown = (text or "").strip()
    number = positive_int(shown)
    return Reference(text=shown, company_id=None if number is None else CompanyId(number))


def positive_int(text: str | None) -> int | None:
    """The number of a text of plain digits, 1 to 2,147,483,647; None for anything else."""
    shown = (text or "").strip()
    if not _DIGITS.fullmatch(shown) or len(shown.lstrip("0")) > 10:
        return None
    number = int(shown)
    return number if 1 <= number <= LARGEST_ID else None


def customer_key(customer_id: CustomerId) -> str:
    """The store's key of a business customer: `customer:77`."""
    return f"{CUSTOMER_KEY}{customer_id}"


def customer_of(key: str) -> CustomerId:
    """The customer of a key that `customer_key` made."""
    return CustomerId(int(key.removeprefix(CUSTOMER_KEY)))


def consumer_key(email: str) -> str:
    """The store's key of a consumer: a hash of the e-mail address, which itself is never stored."""
    return f"consumer:{hashlib.sha256(email_key(email).encode()).hexdigest()}"
