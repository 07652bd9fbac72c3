"""The vouchers that one run judges, kept small: a run over years of changes touches hundreds of thousands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

import numpy as np
import numpy.typing as npt

from ...records.costs_and_sales.vouchers import VoucherKey

Numbers = npt.NDArray[np.int64]


class VouchersToJudge(Collection[VoucherKey]):
    """A set of keys that takes eight bytes for each; they come out in order."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[int, int], Numbers] = {}
        """By fiscal year and type: each number once, in order."""

    def update(self, keys: Iterable[VoucherKey]) -> None:
        """Adds the keys; many at a time, since each call sorts what is there."""
        added: dict[tuple[int, int], list[int]] = defaultdict(list)
        for key in keys:
            added[key.fiscal_year, key.type_id].append(key.number)
        for group, numbers in added.items():
            known = self._numbers.get(group, np.empty(0, np.int64))
            self._numbers[group] = np.union1d(known, np.array(numbers, np.int64))

    def of_bucket(self, bucket: int, buckets: int) -> list[VoucherKey]:
        """Those whose number leaves this rest, whatever its sign, when it is divided by `buckets`."""
        return [
            VoucherKey(*group, number)
            for group, numbers in sorted(self._numbers.items())
            for number in numbers[np.abs(numbers) % buckets == bucket].tolist()
        ]

    def __len__(self) -> int:
        return sum(len(numbers) for numbers in self._numbers.values())

    def __iter__(self) -> Iterator[VoucherKey]:
        for group, numbers in sorted(self._numbers.items()):
            for number in numbers:
                yield VoucherKey(*group, int(number))

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, VoucherKey):
            return False
        numbers = self._numbers.get((key.fiscal_year, key.type_id))
        return numbers is not None and bool(np.isin(key.number, numbers))
