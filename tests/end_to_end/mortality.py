"""Processes that die: after a chosen effect nothing more happens, as after `kill -9`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from qondor_finago_pipelines.store import Lease, Store
from qondor_finago_pipelines.store.database import Mode
from qondor_finago_pipelines.systems.http import Effect, Http

SHARES = pytest.mark.parametrize(
    "share",
    [
        pytest.param(slice(each, None, 8), marks=[pytest.mark.slow] * bool(each), id=f"share {each}")
        for each in range(8)
    ],
)
"""Crash points are dealt out to eight tests: one of them each time, the others in `make test-slow`."""


class CrashPoint(BaseException):
    """The process is gone."""


@dataclass
class Mortal:
    """Counts the effects of a process and ends it after number `dies_after`. What it did is listed in `effects`."""

    dies_after: int | None = None
    effects: list[str] = field(default_factory=list)
    dead: bool = False

    def live(self) -> None:
        if self.dead:
            raise CrashPoint

    def did(self, effect: str) -> None:
        self.effects.append(effect)
        if len(self.effects) == self.dies_after:
            self.dead = True
            raise CrashPoint


@contextmanager
def mortal_process(dies_after: int | None = None) -> Iterator[Mortal]:
    """Inside, every transaction and every call that writes counts as one effect of a process that may die."""
    mortal = Mortal(dies_after)
    connection, write, exchange = Store._connection, Store.write, Http._exchange

    @contextmanager
    def connecting(self: Store, mode: Mode) -> Iterator[Any]:
        mortal.live()
        with connection(self, mode) as opened:
            yield opened

    @contextmanager
    def writing(self: Store, lease: Lease | None = None) -> Iterator[Any]:
        with write(self, lease) as transaction:
            yield transaction
        mortal.did("commit")

    def calling(self: Http, call: Any) -> Any:
        mortal.live()
        reply = exchange(self, call)
        if call.effect is not Effect.NONE:
            mortal.did(call.operation)
        return reply

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "_connection", connecting)
        patch.setattr(Store, "write", writing)
        patch.setattr(Http, "_exchange", calling)
        yield mortal
