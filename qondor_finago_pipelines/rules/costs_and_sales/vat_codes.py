"""Which VAT codes carry VAT for a project, and where that VAT is posted (decisions 8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from ...records.costs_and_sales.vouchers import AccountMeaning, Posting, VatCode
from ...records.money import ZERO

EXEMPT = frozenset({0, 5, 6, 7})
IMPORT_AND_REVERSE_CHARGE = frozenset({14, 15, 20, 21, 22, 51, 52, *range(81, 93)})
"""Import, reverse charge, quotas, export: Norway's standard codes (SAF-T) whose VAT nobody was charged."""

SILENT = EXEMPT | IMPORT_AND_REVERSE_CHARGE
"""Their VAT is 0 to a project, whatever the list says of their rate."""


class Side(StrEnum):
    """Which of the two VATs: what suppliers charged, or what customers were charged."""

    INPUT = "input"
    OUTPUT = "output"


_SIDES = {1: Side.INPUT, 11: Side.INPUT, 12: Side.INPUT, 13: Side.INPUT} | {
    3: Side.OUTPUT,
    31: Side.OUTPUT,
    32: Side.OUTPUT,
    33: Side.OUTPUT,
}
_STANDARD_ACCOUNTS = {Side.OUTPUT: range(2700, 2710), Side.INPUT: range(2710, 2720)}
"""Norway's standard chart of accounts."""
USUAL_ACCOUNT = {side: accounts[0] for side, accounts in _STANDARD_ACCOUNTS.items()}


@dataclass(frozen=True)
class VatCodes:
    """Finago's list of VAT codes, as the rules ask for it."""

    codes: tuple[VatCode, ...] = ()
    _by_number: dict[int, VatCode] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_number", {code.number: code for code in self.codes})

    def of(self, posting: Posting) -> VatCode | None:
        """The code of a line; None where it has none, or one that the list does not have."""
        return None if posting.vat_code is None else self._by_number.get(posting.vat_code)

    def carries_vat(self, posting: Posting) -> bool:
        """Whether the line's code is one of ordinary domestic VAT."""
        code = self.of(posting)
        return code is not None and code.number not in SILENT and code.percent > 0

    def is_unknown(self, posting: Posting) -> bool:
        """Whether the line has a code of which nothing is known."""
        return posting.vat_code is not None and posting.vat_code not in SILENT and self.of(posting) is None

    @property
    def accounts(self) -> frozenset[int]:
        """The accounts that some code posts its VAT to: VAT accounts, in whatever range they are."""
        return frozenset(code.account for code in self.codes if code.account is not None)

    def only_as_ids(self, postings: Iterable[Posting]) -> frozenset[int]:
        """Codes on the lines that are the `TaxId` of a row, and the `TaxNo` of none: what is meant is not settled."""
        ids = {code.id for code in self.codes if code.id is not None}
        used = {each.vat_code for each in postings if each.vat_code is not None}
        return frozenset(number for number in used if number in ids and number not in self._by_number)

    def side_of_line(self, posting: Posting) -> Side:
        """Which VAT the line's code stands for."""
        by_account = Side.OUTPUT if posting.meaning is AccountMeaning.REVENUE else Side.INPUT
        return by_account if posting.vat_code is None else _SIDES.get(posting.vat_code, by_account)

    def accounts_of(self, side: Side, vat_lines: Sequence[tuple[int, Decimal]]) -> list[int]:
        """Those of the VAT accounts that stand for one of the two VATs, the one with the largest amount first.

        By the list, else by the standard chart, else by the sign of what is posted there: debit is input.
        """
        posted: dict[int, Decimal] = defaultdict(lambda: ZERO)
        for account, amount in vat_lines:
            posted[account] += amount
        found = [account for account, amount in posted.items() if self._side_of(account, amount) is side]
        return sorted(found, key=lambda account: (-abs(posted[account]), account))

    def _side_of(self, account: int, amount: Decimal) -> Side:
        sides = {_SIDES[code.number] for code in self.codes if code.account == account and code.number in _SIDES}
        if len(sides) == 1:
            return sides.pop()
        for side, accounts in _STANDARD_ACCOUNTS.items():
            if account in accounts:
                return side
        return Side.INPUT if amount >= 0 else Side.OUTPUT
