"""A process may die between any two effects: the next runs carry on, and everything stands there exactly once.

The effects of a run are numbered: each transaction of the ledger, each call that changes something in one of the
systems. (Call slots and renewals of the lease are left out: the next process waits them out in any case.)
The process dies right after number k, for every k, and the effect is there while nobody knows. (Dying right before k is
dying right after k − 1; a read leaves no trace to die after.) A dead process does nothing more: what its `finally`
blocks would write is not written either, as after `kill -9`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from qondor_finago_pipelines.ledger import Lease, Ledger
from qondor_finago_pipelines.ledger.database import Mode
from qondor_finago_pipelines.sandbox import Sandbox
from qondor_finago_pipelines.sandbox.seeds.empty import empty
from qondor_finago_pipelines.systems.http import Effect, Http

from .every_kind import assert_exactly_once, queue_of_every_kind, run_until_quiet
from .installation import Installation

SHARES = 6
"""The crash points are dealt out to this many tests, so that several workers can share them."""


class PowerCut(BaseException):
    """The process is gone."""


@dataclass
class Mortal:
    """Counts the effects of a process and ends it after number `dies_after`. What it did is listed in `effects`."""

    dies_after: int | None = None
    effects: list[str] = field(default_factory=list)
    dead: bool = False

    def live(self) -> None:
        if self.dead:
            raise PowerCut

    def did(self, effect: str) -> None:
        self.effects.append(effect)
        if len(self.effects) == self.dies_after:
            self.dead = True
            raise PowerCut


@contextmanager
def mortal_process(dies_after: int | None = None) -> Iterator[Mortal]:
    """Inside, every transaction and every call that writes counts as one effect of a process that may die."""
    mortal = Mortal(dies_after)
    connection, write, exchange = Ledger._connection, Ledger.write, Http._exchange

    @contextmanager
    def connecting(self: Ledger, mode: Mode) -> Iterator[Any]:
        mortal.live()
        with connection(self, mode) as opened:
            yield opened

    @contextmanager
    def writing(self: Ledger, lease: Lease | None = None) -> Iterator[Any]:
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
        patch.setattr(Ledger, "_connection", connecting)
        patch.setattr(Ledger, "write", writing)
        patch.setattr(Http, "_exchange", calling)
        yield mortal


@pytest.fixture
def another_world(running_sandbox: Sandbox, clock: Any, tmp_path: Path, unused_sqlite_ledger: Path) -> Any:
    """Gives a fresh world and an installation with an empty ledger beside it, as often as asked."""
    ledger = tmp_path / "ledger.db"

    def fresh() -> Installation:
        for file in tmp_path.glob("ledger.db*"):
            file.unlink()
        ledger.write_bytes(unused_sqlite_ledger.read_bytes())
        running_sandbox.world = empty(clock=clock)
        made = Installation(tmp_path, running_sandbox, clock, f"sqlite:///{ledger}")
        made.configure(sync={"quiet_period_seconds": 900})
        return made

    return fresh


def effects_of_a_whole_run(installation: Installation) -> list[str]:
    queue = queue_of_every_kind(installation.world)
    with mortal_process() as mortal:
        result = installation.sync()
    assert result.all_settled
    assert_exactly_once(installation, queue)
    return mortal.effects


@pytest.mark.parametrize("share", range(SHARES))
def test_a_process_that_dies_after_any_effect_is_carried_on(another_world: Any, share: int) -> None:
    effects = effects_of_a_whole_run(another_world())
    assert effects.count("SaveInvoices") >= 4

    for number in range(1 + share, len(effects) + 1, SHARES):
        installation = another_world()
        queue = queue_of_every_kind(installation.world)
        with mortal_process(dies_after=number) as mortal, pytest.raises(PowerCut):
            installation.sync()
        assert mortal.effects == effects[:number]

        # The lease of the dead has run out after two minutes, what it may have sent is certain after sixteen.
        runs = run_until_quiet(installation, [2, 16, 1, 1])

        assert runs[-1].all_settled, f"after effect {number}, {effects[number - 1]}: {runs[-1]}"
        assert_exactly_once(installation, queue)
