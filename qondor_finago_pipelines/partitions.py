"""Office × day: how Dagster cuts the work (decisions 12).

A key is `<day>|<office id>`: Dagster sorts the two halves by the names of their dimensions. A day is a calendar day in
Europe/Oslo, of 23 or 25 hours where the clock changes, and today's is there from its first minute.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import dagster as dg

from .records.days import OSLO_TIME_ZONE
from .records.identifiers import OfficeId
from .settings import Settings

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
