"""Which account numbers mean what (decisions 2): the chart of accounts differs from client to client."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from .fields import Number, Section, mistake_in_key


class AccountRange(Section):
    """Account numbers, both ends included."""

    first: Number
    last: Number

    @model_validator(mode="before")
    @classmethod
    def _from_a_pair(cls, value: Any) -> Any:
        if isinstance(value, (list, tuple)) and len(value) == 2:
            return {"first": value[0], "last": value[1]}
        if isinstance(value, (AccountRange, dict)):
            return value
        raise mistake_in_key(
            "is not a range of accounts.",
            "Write the first and the last account: [3000, 3999].",
        )

    @model_validator(mode="after")
    def _runs_upwards(self) -> Self:
        if self.first > self.last:
            raise mistake_in_key(f"runs backwards: {self.first} to {self.last}.", f"Write [{self.last}, {self.first}].")
        return self

    def __contains__(self, account: object) -> bool:
        return isinstance(account, int) and self.first <= account <= self.last

    def __len__(self) -> int:
        return self.last - self.first + 1


def _as_list(value: Any) -> Any:
    """One range may stand without the brackets of a list."""
    several = isinstance(value, (list, tuple)) and value and all(not isinstance(each, int) for each in value)
    return value if several else [value]


AccountRanges = Annotated[tuple[AccountRange, ...], BeforeValidator(_as_list), Field(min_length=1)]


def _ranges(*ranges: tuple[int, int]) -> tuple[AccountRange, ...]:
    return tuple(AccountRange(first=first, last=last) for first, last in ranges)


class AccountSettings(Section):
    """The accounts of each kind. An account in ranges of two kinds belongs to the narrower one."""

    # 1530 and 1540 are in use as clearing accounts for cards and wallets: nobody owes anything there.
    receivable: AccountRanges = _ranges((1500, 1529), (1550, 1599))
    bank: AccountRanges = _ranges((1900, 1999))
    payable: AccountRanges = _ranges((2400, 2499))
    vat: AccountRanges = _ranges((2700, 2749))
    revenue: AccountRanges = _ranges((3000, 3999))
    expense: AccountRanges = _ranges((4000, 7999))
    rounding: AccountRanges = _ranges((7740, 7749))
    # Basis and contra accounts, on which nothing is spent: what stands there stands on another account as well.
    memo: AccountRanges = _ranges((4080, 4087), (4380, 4387), (7780, 7789))

    @model_validator(mode="after")
    def _each_account_has_one_meaning(self) -> Self:
        for (one, these), (other, those) in combinations(self._named_ranges(), 2):
            shared = max(these.first, those.first), min(these.last, those.last)
            if one != other and shared[0] <= shared[1] and len(these) == len(those):
                raise mistake_in_key(
                    f"has equally wide ranges, {one} and {other}, that share the accounts {shared[0]} to {shared[1]}.",
                    "Make one of them narrower: an account in two ranges belongs to the narrower one.",
                )
        return self

    def meaning_of(self, account: int) -> str | None:
        """The name of the narrowest range that holds the account; None where none does."""
        fitting = [(len(accounts), name) for name, accounts in self._named_ranges() if account in accounts]
        return min(fitting)[1] if fitting else None

    def _named_ranges(self) -> Iterator[tuple[str, AccountRange]]:
        for name in type(self).model_fields:
            for accounts in getattr(self, name):
                yield name, accounts
