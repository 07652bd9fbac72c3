"""Small pictures: a PNG each, of a size that an event may have, drawn without a screen and without a trace."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

from PIL import Image

from qondor_finago_pipelines.records.costs_and_sales.actuals import ActualKind
from qondor_finago_pipelines.reports.charts import COSTS, SALES, amounts_per_day, open_per_day
from qondor_finago_pipelines.reports.open_records import days_until

DAYS = days_until(date(2026, 11, 20), 46)
MOST_BYTES = 30_000


def shares(png: bytes) -> dict[str, float]:
    """How much of the picture has each of its colours, at most a hundredth off."""
    picture = Image.open(BytesIO(png)).convert("RGB")
    counted = picture.getcolors(maxcolors=1 << 20)
    assert counted is not None
    dots = picture.width * picture.height
    found = {}
    for count, colour in counted:
        assert isinstance(colour, tuple)
        found["#{:02x}{:02x}{:02x}".format(*colour)] = count / dots
    return found


def test_costs_and_sales_are_drawn_in_their_colours() -> None:
    amounts = {(day, kind): Decimal(1000 + 90 * n) for n, day in enumerate(DAYS) for kind in ActualKind}
    png = amounts_per_day(amounts, DAYS, "NOK")
    assert png is not None
    assert len(png) < MOST_BYTES
    drawn = shares(png)
    assert drawn[COSTS] > 0.05
    assert drawn[SALES] > 0.05


def test_more_is_drawn_higher_and_a_credit_note_below_the_line() -> None:
    def costs(amount: str) -> float:
        many = {(DAYS[-1], ActualKind.COST): Decimal("1000"), (DAYS[-20], ActualKind.COST): Decimal(amount)}
        png = amounts_per_day(many, DAYS, "NOK")
        assert png is not None
        return shares(png)[COSTS]

    assert costs("900") > costs("500") > costs("10")
    assert amounts_per_day({(DAYS[-1], ActualKind.COST): Decimal("-800")}, DAYS, "NOK") is not None


def test_nothing_to_be_drawn_is_no_picture() -> None:
    long_ago = {(DAYS[0] - timedelta(days=1), ActualKind.COST): Decimal("5.00")}
    for amounts in ({}, {(DAYS[0], ActualKind.SALE): Decimal("0.00")}, long_ago):
        assert amounts_per_day(amounts, DAYS, "NOK") is None


def test_open_records_are_drawn_day_by_day() -> None:
    png = open_per_day({day: n % 7 for n, day in enumerate(days_until(DAYS[-1], 60))}, "invoices")
    assert len(png) < MOST_BYTES
    none = open_per_day(dict.fromkeys(DAYS, 0), "invoices")
    assert shares(png).get(COSTS, 0) > 0.05 > shares(none).get(COSTS, 0)


def test_drawing_touches_nothing_that_others_use_and_loading_draws_nothing() -> None:
    """Runs in a process of its own: here somebody may have loaded matplotlib before."""
    code = """
import sys
import qondor_finago_pipelines.definitions
assert "matplotlib" not in sys.modules, "loaded with the definitions"
from datetime import date
from qondor_finago_pipelines.reports.charts import open_per_day
assert open_per_day({date(2026, 11, 20): 1}, "invoices")[:4] == b"\\x89PNG"
assert "matplotlib.pyplot" not in sys.modules, "its global state"
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=400, check=False)
    assert ended.returncode == 0, ended.stderr
