"""Where an error leaves a body that Dagster runs: with its class and its place, and without its text.

The text of an error that nobody foresaw may hold anything, a booker's name too, and Dagster would keep it with the run
or the tick. What is worded here - a `SyncError`, a `Failure` - passes. Both boundaries stand around the whole of a
body; where it is no generator, as its decorator.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dagster import Failure

from .records.errors import SyncError


@contextmanager
def run_boundary(about: str = "", *, again: bool = False) -> Iterator[None]:
    """For what a run does: every error becomes a `Failure` that begins with `about`.

    Only where `again`, and for an error that was foreseen, may Dagster try the run again in its process.
    """
    try:
        yield
    except Failure:
        raise
    except SyncError as error:
        raise Failure(f"{about}{error}", allow_retries=again) from None
    except Exception as error:
        text = f"{about}the run broke off with an unexpected {type(error).__name__}."
        raise Failure(text[0].upper() + text[1:], allow_retries=False) from without_its_text(error)


@contextmanager
def tick_boundary() -> Iterator[None]:
    """For what the code server does: schedules, sensors, the tags of a launch."""
    try:
        yield
    except (SyncError, Failure):
        raise
    except Exception as error:
        bare = without_its_text(error)
        raise bare from bare.__cause__


def without_its_text(error: BaseException) -> Exception:
    """What an engineer needs of an error that nobody foresaw: its class, where it arose, and what caused it."""
    bare: Exception = type(type(error).__name__, (Exception,), {})("(its text may name a person, and is not kept)")
    bare.__cause__ = without_its_text(error.__cause__) if error.__cause__ else None
    return bare.with_traceback(error.__traceback__)
