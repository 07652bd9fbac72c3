"""VAT that nobody was charged: of imports, reverse charge and quotas. Its lines are no VAT of a project (decisions 8).

Such VAT is posted twice, as owed and as deductible, or once to be paid at the customs; the lines that carry it stand
among the others, and are found by the account and the rate of their code, or as a pair that cancels out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from ...records.costs_and_sales.vouchers import Posting
from ...records.money import ZERO, rounded
from .vat_codes import IMPORT_AND_REVERSE_CHARGE, VatCodes

SUPPLIERS_ROUND = Decimal("1.00")
"""So far VAT on an account may be off the rate: suppliers round. In the client's own currency."""


VatLine = tuple[int, Decimal]
"""Account and amount of a line on a VAT account."""


def charged_vat(
    bearing: Sequence[Posting], vat_lines: Sequence[VatLine], codes: VatCodes, expected: Mapping[int, Decimal]
) -> dict[int, Decimal]:
    """What is posted on each VAT account, without the VAT of import, reverse charge and quotas.

    `bearing` are the lines that may bear VAT; `expected` is what those with a code of ordinary VAT come to on the
    accounts that their codes post to.
    """
    posted = _Posted(vat_lines, expected)
    silent: dict[int | None, list[Posting]] = defaultdict(list)
    for each in bearing:
        if each.vat_code in IMPORT_AND_REVERSE_CHARGE:
            code = codes.of(each)
            silent[None if code is None else code.account].append(each)
    for account, postings in silent.items():
        if account is not None and account not in expected:
            left_out = posted.take_all(account)
        else:
            among = expected if account is None else (account,)
            own = sum(_own_amounts(postings, codes), ZERO)
            left_out = [own] if any(posted.take(each, own) for each in among) else []
        posted.cancel([-amount for amount in left_out])
    if silent:
        posted.cancel_pairs()
    return posted.sums


def _own_amounts(silent: Sequence[Posting], codes: VatCodes) -> list[Decimal]:
    """What the lines' VAT comes to by rate, where the list gives one."""
    return [
        rounded((each.amount or ZERO) * code.percent / 100) for each in silent if (code := codes.of(each)) is not None
    ]


class _Posted:
    """What stands on the VAT accounts, while lines are taken out of it."""

    def __init__(self, lines: Sequence[VatLine], expected: Mapping[int, Decimal]) -> None:
        self._lines = list(lines)
        self._expected = expected
        self.sums: dict[int, Decimal] = defaultdict(lambda: ZERO)
        for account, amount in lines:
            self.sums[account] += amount

    def take_all(self, account: int) -> list[Decimal]:
        """Every line of an account that no ordinary VAT belongs to; gives their amounts."""
        taken = [amount for its_account, amount in self._lines if its_account == account]
        self._lines = [line for line in self._lines if line[0] != account]
        self.sums.pop(account, None)
        return taken

    def take(self, account: int, amount: Decimal) -> bool:
        """Takes the amount off an account of ordinary VAT, where just that leaves what its lines come to."""
        there = self.sums.get(account, ZERO)
        fits = bool(amount) and not self._explains(account, there) and self._explains(account, there - amount)
        if fits:
            self.sums[account] = there - amount
        return fits

    def _explains(self, account: int, amount: Decimal) -> bool:
        return abs(amount - self._expected[account]) <= SUPPLIERS_ROUND

    def cancel(self, amounts: Sequence[Decimal]) -> None:
        """Takes out the other side of what was left out: as one sum, else line by line."""
        whole = sum(amounts, ZERO)
        if not whole or any(self.take(account, whole) for account in self._expected):
            return
        for account in self._others():
            if self.sums[account] == whole:
                self.take_all(account)
                return
        for amount in amounts:
            line = next((each for each in self._lines if each[1] == amount and each[0] not in self._expected), None)
            if line is not None:
                self._lines.remove(line)
                self.sums[line[0]] -= amount

    def cancel_pairs(self) -> None:
        """Takes out what is owed on one account and deductible on another, whatever the rate."""
        for account in self._others():
            amount = self.sums.get(account, ZERO)
            opposite = next((each for each in self._others() if each != account and self.sums[each] == -amount), None)
            if amount and opposite is not None:
                self.take_all(opposite)
                self.take_all(account)
            elif any(self.take(each, -amount) for each in self._expected):
                self.take_all(account)

    def _others(self) -> list[int]:
        """The accounts that no ordinary VAT belongs to."""
        return [account for account in self.sums if account not in self._expected]
