"""Office × day: how Dagster cuts the work (decisions 12).

A key is `<day>|<office id>`: Dagster sorts the two halves by the names of their dimensions. A day is a calendar day in
Europe/Oslo, of 23 or 25 hours where the clock changes, and today's is there from its first minute.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

import dagster as dg

from .records.days import OSLO_TIME_ZONE
from .records.identifiers import OfficeId
from .settings import Settings

RANGE_START, RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"

DAY = "day"
OFFICE = "office"


class OfficeDay(NamedTuple):
    """One partition: what a run of a flow works on."""

    day: date
    office: OfficeId

    @property
    def key(self) -> dg.MultiPartitionKey:
        return dg.MultiPartitionKey({DAY: self.day.isoformat(), OFFICE: str(self.office)})

    @classmethod
    def of(cls, key: str) -> OfficeDay:
        """The partition with that key, `2026-11-20|102`."""
        day, office = key.split("|")
        return cls(date.fromisoformat(day), OfficeId(int(office)))


class OfficeDays(NamedTuple):
    """A range of partitions of one office, both days included: what a run of costs and sales works on."""

    first_day: date
    last_day: date
    office: OfficeId

    @property
    def keys(self) -> list[dg.MultiPartitionKey]:
        days = range((self.last_day - self.first_day).days + 1)
        return [OfficeDay(self.first_day + timedelta(days=day), self.office).key for day in days]

    @property
    def range_tags(self) -> dict[str, str]:
        """The tags by which Dagster knows a run over a range of partitions."""
        return {
            RANGE_START: str(OfficeDay(self.first_day, self.office).key),
            RANGE_END: str(OfficeDay(self.last_day, self.office).key),
        }

    @classmethod
    def of(cls, keys: Iterable[str]) -> OfficeDays:
        """The range that these partitions make. Raises ValueError, saying what is wrong, where they make none."""
        days = sorted(OfficeDay.of(key) for key in keys)
        if not days:
            raise ValueError(
                "The range of days is empty: a range that runs backwards has no partition. Choose a first day that is "
                "not after the last."
            )
        offices = sorted({day.office for day in days})
        if len(offices) > 1:
            raise ValueError(
                f"The range holds {len(offices)} offices ({', '.join(map(str, offices))}): one run works for one of "
                "them. Launch a backfill, which makes a run for each office."
            )
        made = cls(days[0].day, days[-1].day, offices[0])
        if len(days) != len(made.keys):
            raise ValueError("The days of the range do not follow each other: choose days without a gap.")
        return made


def offices_by_day(settings: Settings) -> dg.MultiPartitionsDefinition:
    """All partitions: every office of the settings, closed ones too (they keep their history), from the first day."""
    return dg.MultiPartitionsDefinition(
        {
            DAY: dg.DailyPartitionsDefinition(
                start_date=settings.sync.first_day.isoformat(), timezone=OSLO_TIME_ZONE, end_offset=1
            ),
            OFFICE: dg.StaticPartitionsDefinition([str(office.id) for office in settings.offices]),
        }
    )
