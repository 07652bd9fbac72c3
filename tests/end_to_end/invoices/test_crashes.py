"""A process may die between any two effects: the next runs carry on, and everything stands there exactly once.

The effects of a run are numbered: each transaction of the store, each call that changes something in one of the
systems. (Call slots and renewals of the lease are left out: the next process waits them out in any case.)
The process dies right after number k, for every k, and the effect is there while nobody knows. (Dying right before k is
dying right after k − 1; a read leaves no trace to die after.) A dead process does nothing more: what its `finally`
blocks would write is not written either, as after `kill -9`.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.end_to_end.installation import Installation
from tests.end_to_end.mortality import SHARES, CrashPoint, mortal_process

from .every_kind import assert_exactly_once, queue_of_every_kind, run_until_quiet


def effects_of_a_whole_run(installation: Installation) -> list[str]:
    queue = queue_of_every_kind(installation.world)
    with mortal_process() as mortal:
        result = installation.sync()
    assert result.all_settled
    assert_exactly_once(installation, queue)
    return mortal.effects


@SHARES
def test_a_process_that_dies_after_any_effect_is_carried_on(another_world: Any, share: slice) -> None:
    effects = effects_of_a_whole_run(another_world())
    assert effects.count("SaveInvoices") >= 4

    for number in range(1, len(effects) + 1)[share]:
        installation = another_world()
        queue = queue_of_every_kind(installation.world)
        with mortal_process(dies_after=number) as mortal, pytest.raises(CrashPoint):
            installation.sync()
        assert mortal.effects == effects[:number]

        # The lease of the dead has run out after two minutes, what it may have sent is certain after sixteen.
        runs = run_until_quiet(installation, [2, 16, 1, 1])

        assert runs[-1].all_settled, f"after effect {number}, {effects[number - 1]}: {runs[-1]}"
        assert_exactly_once(installation, queue)
