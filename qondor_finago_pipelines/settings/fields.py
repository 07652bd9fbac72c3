"""What the keys of the settings file hold: checked types, each with the message and the remedy of its mistake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

from croniter import CroniterError, croniter
from fsspec.core import get_filesystem_class, split_protocol
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, StrictInt, StrictStr
from pydantic_core import PydanticCustomError

from ..records.days import OSLO

DEFAULT_FILE = "offices.yaml"
EXAMPLE_FILE = "offices.example.yaml"


def mistake_in_key(message: str, remedy: str) -> PydanticCustomError:
    """A mistake in one key. The texts go in as context, so that a brace in them is not read as a placeholder."""
    return PydanticCustomError("mistake", "{problem}", {"problem": message, "remedy": remedy})


def _known_cron(text: str) -> str:
    """Five fields that come round at least once: what Dagster's schedules take, and `H` for any minute."""
    remedy = 'Write five fields in quotes, such as "*/5 * * * *" for every five minutes.'
    if len(text.split()) != 5:
        raise mistake_in_key(f"is not a cron schedule of five fields: '{text}'.", remedy)
    try:
        croniter(with_minute(text, 0)).get_next()
    except (CroniterError, ValueError, KeyError) as error:
        raise mistake_in_key(f"is not a cron schedule that ever comes round: '{text}'.", remedy) from error
    return text


OPEN_MINUTES = 50
"""Of an hour, for schedules that leave the minute open. A run in its last ones would meet the end of its day."""


def with_minute(schedule: str, minute: int) -> str:
    """The schedule with this minute where its first field leaves that open with an `H`, as Jenkins has it."""
    first, rest = schedule.split(maxsplit=1)
    return f"{minute} {rest}" if first == "H" else schedule


def scheduled_turns(schedule: str, start: datetime) -> Iterator[datetime]:
    """The instants, from `start` on, at which a cron schedule comes round by the clocks of Oslo.

    Where the clocks change: an instant that two times of the day fall on comes once, and of the hour that comes twice
    only the first. `start` is aware, the instants are UTC.
    """
    # The hour that comes twice begins anew on the clock, so from an hour before.
    before = start.astimezone(OSLO).replace(tzinfo=None) - timedelta(hours=1, minutes=1)
    latest = start - timedelta.resolution
    for local in croniter(schedule, before).all_next(datetime):
        turn = local.replace(tzinfo=OSLO).astimezone(UTC)
        if turn > latest:
            yield turn
            latest = turn


def web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise mistake_in_key("is not a web address.", "Write the whole address, starting with https://.")
    return text


def _known_file_system(address: str) -> str:
    """An address of fsspec whose driver is installed: found out here, before anything is read or loaded."""
    system = split_protocol(address)[0] or "file"
    try:
        get_filesystem_class(system)
    except (ImportError, ValueError) as error:
        raise mistake_in_key(
            f"is an address of {system}, for which nothing is installed here.",
            "Install the fsspec driver of that store (s3fs for s3, say), or name a folder.",
        ) from error
    return address


def _number_or_unlimited(value: object) -> int | None:
    if value == "unlimited":
        return None
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    # An empty value would be None as well, and lift a guard over money by a slip of the keyboard.
    raise mistake_in_key("is neither a number nor unlimited.", "Write 0 or more, or the word unlimited.")


Number = Annotated[StrictInt, Field(gt=0)]
"""An id, a count or a limit: a whole number, 1 or more."""

Days = Annotated[StrictInt, Field(ge=1, le=3660)]
Hours = Annotated[StrictInt, Field(ge=0)]
OrderLimit = Annotated[int | None, PlainValidator(_number_or_unlimited)]
"""How many orders; None where the file says `unlimited`."""

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
CronSchedule = Annotated[StrictStr, AfterValidator(_known_cron)]
WebAddress = Annotated[StrictStr, AfterValidator(web_address)]
FileAddress = Annotated[StrictStr, AfterValidator(_known_file_system)]


class Section(BaseModel):
    """A part of the file: a key that is not declared is a mistake, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def remedy_of(context: Mapping[str, Any] | None) -> str:
    return str((context or {}).get("remedy", ""))
