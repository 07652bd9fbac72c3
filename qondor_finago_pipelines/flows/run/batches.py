"""Records of one call: as many as Finago takes at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def batches(items: Sequence[Item], size: int) -> Iterable[list[Item]]:
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch
