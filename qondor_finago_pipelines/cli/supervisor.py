"""Keeps processes alive: one that died is started again, after a pause that grows, and somebody is told.

Most of what kills a process has passed by the next start. What dies again and again is for a person to look at.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import click

from .children import Children

SECONDS_OF_A_GOOD_START = 60.0
"""Whatever lived so long had started well: its death is no sign that the next start will fail."""

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
QUICK_DEATHS = 5
"""What died so often in a row without a good start in between is given up."""


class KeepsDying(click.ClickException):
    """A process that is not worth another start; its log says why."""


@dataclass
class _Kept:
    command: Sequence[str]
    started_at: float
    deaths: int = 0
    """In a row, each soon after the one before."""
    again_at: float | None = None
    """When it is started again, while it is not there."""


class Supervisor:
    """Starts processes among `children` again when they die. It does so when it is asked to `look`; `say` is told."""

    def __init__(
        self, children: Children, say: Callable[[str], None], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._children = children
        self._say = say
        self._clock = clock
        self._kept: dict[str, _Kept] = {}

    def keep(self, name: str, command: Sequence[str]) -> None:
        """Starts a process and keeps it alive from now on."""
        self._children.start(name, command)
        self._kept[name] = _Kept(command=command, started_at=self._clock())

    def look(self) -> None:
        """Starts again what is not there and has waited its time. Raises KeepsDying."""
        for name, kept in self._kept.items():
            if kept.again_at is None:
                if (code := self._children.exit_code(name)) is not None:
                    self._bury(name, kept, code)
            elif self._clock() >= kept.again_at:
                self._children.start(name, kept.command)
                kept.started_at, kept.again_at = self._clock(), None

    def _bury(self, name: str, kept: _Kept, code: int) -> None:
        # Whatever it had started goes too: nobody would be there to hear from it.
        self._children.end_at_once(name)
        now, log = self._clock(), self._children.log_of(name)
        kept.deaths = 1 if now - kept.started_at >= SECONDS_OF_A_GOOD_START else kept.deaths + 1
        if kept.deaths >= QUICK_DEATHS:
            raise KeepsDying(f"The {name} died {kept.deaths} times in a row and is given up; {log} says why.")
        pause = min(FIRST_PAUSE_SECONDS * 2 ** (kept.deaths - 1), LONGEST_PAUSE_SECONDS)
        kept.again_at = now + pause
        self._say(f"The {name} {_how(code)} and is started again in {pause:.0f} s; {log} may say why.")


def _how(code: int) -> str:
    return f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
