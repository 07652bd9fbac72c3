"""Both readings of every date: with a zone an instant, whose day is Oslo's; without one the day that stands there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from qondor_finago_pipelines.records.costs_and_sales.vouchers import ChangedSearch, EntrySearch
from qondor_finago_pipelines.records.identifiers import FinagoProjectId, OrderId
from qondor_finago_pipelines.systems.finago import wire
from qondor_finago_pipelines.systems.finago.client import FinagoClient
from qondor_finago_pipelines.systems.finago.line_stream import posting_batches
from tests.systems.finago.ledger_replies import line, reply
from tests.systems.scripted import Answer, ScriptedServer, soap

DAY_AS_WRITTEN = [
    pytest.param("2026-11-21", date(2026, 11, 21), id="a day"),
    pytest.param("2026-11-21T00:00:00", date(2026, 11, 21), id="midnight"),
    pytest.param("2026-11-21T14:00:00", date(2026, 11, 21), id="an hour"),
    pytest.param("2026-11-21T23:00:00", date(2026, 11, 21), id="an evening"),
    pytest.param("2026-11-20T23:00:00Z", date(2026, 11, 21), id="midnight of a winter's day in UTC"),
    pytest.param("2026-07-20T22:00:00Z", date(2026, 7, 21), id="midnight of a summer's day in UTC"),
    pytest.param("2026-11-20T22:00:00Z", date(2026, 11, 20), id="an hour before midnight in winter"),
    pytest.param("2026-11-21T00:00:00+01:00", date(2026, 11, 21), id="Oslo's midnight with its offset"),
    pytest.param("2026-07-21T00:00:00.000+02:00", date(2026, 7, 21), id="with thousandths"),
    pytest.param("2026-11-21T00:30:00+02:00", date(2026, 11, 20), id="Helsinki's midnight is still Oslo's day before"),
    pytest.param("2026-11-21Z", date(2026, 11, 21), id="a day with a zone"),
    pytest.param("2026-11-21+02:00", date(2026, 11, 20), id="a day that begins farther east"),
    pytest.param("2026-03-29T02:30:00", date(2026, 3, 29), id="the hour that spring skips"),
    pytest.param("2026-03-29T00:30:00Z", date(2026, 3, 29), id="right before it"),
    pytest.param("2026-10-25T02:30:00+01:00", date(2026, 10, 25), id="the hour that comes twice"),
    pytest.param("2026-10-24T22:00:00Z", date(2026, 10, 25), id="the 25-hour day begins"),
    pytest.param("2026-10-25T22:59:59Z", date(2026, 10, 25), id="and ends"),
    pytest.param("2026-10-25T23:00:00Z", date(2026, 10, 26), id="and is over"),
    pytest.param("0001-01-01T00:00:00Z", None, id="none, in UTC"),
    pytest.param("0001-01-01T00:00:00+01:00", None, id="none, with an offset"),
]


def paid(*texts: str) -> Answer:
    orders = (
        f"<InvoiceOrder><OrderId>{number}</OrderId><Paid>{text}</Paid></InvoiceOrder>"
        for number, text in enumerate(texts, start=1)
    )
    return soap("GetInvoices", f"<GetInvoicesResult>{''.join(orders)}</GetInvoicesResult>")


@pytest.fixture
def paid_on(finago: FinagoClient, server: ScriptedServer) -> Callable[..., list[date | None]]:
    def read(*texts: str) -> list[date | None]:
        server.script("GetInvoices", paid(*texts))
        return [order.paid_on for order in finago.orders([OrderId(each + 1) for each in range(len(texts))]).values()]

    return read


def ledger(*lines: str) -> list[dict[str, Any]]:
    return [row for batch in posting_batches([reply(*lines)], Counter()) for row in batch.to_pylist()]


@pytest.mark.parametrize(("written", "day"), DAY_AS_WRITTEN)
def test_the_day_of_a_payment(paid_on: Callable[..., list[date | None]], written: str, day: date | None) -> None:
    assert paid_on(written) == [day]


@pytest.mark.parametrize(("written", "day"), DAY_AS_WRITTEN)
def test_the_days_of_a_ledger_line(written: str, day: date | None) -> None:
    (row,) = ledger(line(Date=written, DueDate=written))
    assert (row["day"], row["due_date"], row["unreadable"]) == (day, day, None)


@pytest.mark.parametrize(("written", "day"), DAY_AS_WRITTEN)
def test_the_days_of_a_project(finago: FinagoClient, server: ScriptedServer, written: str, day: date | None) -> None:
    project = f"<Project><Id>7</Id><DateStart>{written}</DateStart><DateStop>{written}</DateStop></Project>"
    listed = f"<GetProjectsDetailedResult>{project}</GetProjectsDetailedResult>"
    server.script("GetProjectsDetailed", soap("GetProjectsDetailed", listed))
    found = finago.projects([FinagoProjectId(7)])[FinagoProjectId(7)]
    assert (found.start_date, found.end_date) == (day, day)


@pytest.mark.parametrize(
    ("first", "last"),
    [("2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z"), ("2026-01-01T00:00:00", "2027-01-01T00:00:00+01:00")],
)
def test_the_ends_of_a_fiscal_year(finago: FinagoClient, server: ScriptedServer, first: str, last: str) -> None:
    year = (
        f"<FiscalYear><Id>00000000-0000-0000-0000-000000000001</Id><StartingDate>{first}</StartingDate>"
        f"<EndingDate>{last}</EndingDate><IsLocked>false</IsLocked></FiscalYear>"
    )
    space = "http://24sevenoffice.com/webservices/economy/accounting/"
    answer = soap("GetFiscalYears", f"<GetFiscalYearsResult>{year}</GetFiscalYearsResult>")
    server.script("GetFiscalYears", Answer(200, _in_namespace(answer.body, space), answer.headers))
    (found,) = finago.fiscal_years()
    assert (found.starting, found.ending, found.year) == (date(2026, 1, 1), date(2027, 1, 1), 2026)


def _in_namespace(body: bytes, space: str) -> bytes:
    return body.replace(b"http://24sevenOffice.com/webservices", space.encode())


def test_a_reply_that_mixes_both_is_read_date_by_date(paid_on: Callable[..., list[date | None]]) -> None:
    written = ["2026-11-20T23:00:00Z", "2026-11-21T00:00:00", "2026-11-21T00:00:00+01:00", "2026-11-21"]
    assert paid_on(*written) == [date(2026, 11, 21)] * 4
    assert [row["day"] for row in ledger(*(line(Date=each) for each in written))] == [date(2026, 11, 21)] * 4


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-11-20T10:11:12", datetime(2026, 11, 20, 10, 11, 12, tzinfo=UTC)),
        ("2026-11-20T10:11:12Z", datetime(2026, 11, 20, 10, 11, 12, tzinfo=UTC)),
        ("2026-11-20T11:11:12+01:00", datetime(2026, 11, 20, 10, 11, 12, tzinfo=UTC)),
        ("2026-03-29T02:30:00", datetime(2026, 3, 29, 2, 30, tzinfo=UTC)),
        ("2026-10-25T02:30:00+02:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-10-25T02:30:00+01:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
    ],
)
def test_the_moment_of_a_change_is_an_instant(written: str, instant: datetime | None) -> None:
    (row,) = ledger(line(DateChanged=written, RegistrationDate=written))
    assert (row["changed"], row["registered"]) == (instant, instant)
    # Beside one of the other form, too, which is read more slowly.
    others = ("2026-11-20T10:11:12.5Z", "2026-11-20T10:11:12.5", "2026-11-20T11:11:12.5+01:00")
    for rows in (ledger(line(DateChanged=written), line(DateChanged=other)) for other in others):
        half_a_second = datetime(2026, 11, 20, 10, 11, 12, 500000, tzinfo=UTC)
        assert [row["changed"] for row in rows] == [instant, half_a_second]


def test_a_date_that_oslo_s_calendar_does_not_have_is_its_record_s_trouble(
    paid_on: Callable[..., list[date | None]], finago: FinagoClient
) -> None:
    assert paid_on("9999-12-31T23:30:00Z", "2026-11-21T00:00:00Z") == [None, date(2026, 11, 21)]
    assert any("InvoiceOrder.Paid" in warning for warning in finago.warnings())
    first, second = ledger(line(Date="9999-12-31T23:30:00Z"), line(Date="2026-11-21T00:00:00Z"))
    assert "Date" in first["unreadable"]
    assert second["unreadable"] is None


class TestWhatLooksLikeUtc:
    def test_is_told_once_a_run(self, paid_on: Callable[..., list[date | None]], finago: FinagoClient) -> None:
        paid_on("2026-11-20T23:00:00", "2026-07-20T22:00:00")
        paid_on("2026-11-20T23:00:00.000")
        (warning,) = finago.warnings()
        assert "3 days" in warning
        assert "GetInvoices: InvoiceOrder.Paid" in warning
        assert "looks like UTC" in warning

    def test_is_told_of_the_ledger_as_well(self, finago: FinagoClient, server: ScriptedServer, tmp_path: Path) -> None:
        lines = reply(line(Date="2026-11-20T23:00:00"), line(Date="2026-11-20T23:00:00", DueDate="2026-12-01T14:00:00"))
        server.script("GetTransactions", Answer(200, lines, {"Content-Type": "text/xml; charset=utf-8"}))
        finago.transactions(EntrySearch(first_day=date(2026, 11, 1), last_day=date(2026, 11, 30)), tmp_path / "lines")
        (warning,) = finago.warnings()
        assert "2 days" in warning
        assert "GetTransactions: Transaction.Date" in warning

    @pytest.mark.parametrize(
        "written",
        [
            "2026-11-21T00:00:00",
            "2026-11-20T23:00:00Z",
            "2026-11-21T00:00:00+01:00",
            "2026-11-20T23:30:00",
            "2026-11-20T14:00:00",
            "2026-11-21",
        ],
    )
    def test_is_nothing_else(
        self, paid_on: Callable[..., list[date | None]], finago: FinagoClient, written: str
    ) -> None:
        paid_on(written)
        assert finago.warnings() == ()


def test_every_member_that_is_read_as_a_day_is_watched_for_utc() -> None:
    """Else a new one would go unwarned."""
    source = "".join(module.read_text(encoding="utf-8") for module in Path(wire.__file__).parent.glob("*.py"))
    read = set(re.findall(r"_?day\(item\.(\w+)", source)) | set(re.findall(r'read\("(\w+)", _days\)', source))
    assert {"Paid", "Date", "DateStart", "StartingDate"} <= read
    assert read <= set(wire.DAYS)


@pytest.mark.parametrize("hour", [0, 1, 2])
def test_a_moment_is_sent_in_utc_and_says_so(
    finago: FinagoClient, server: ScriptedServer, tmp_path: Path, hour: int
) -> None:
    """So the hour that spring skips in Oslo is one like any other."""
    server.script("GetTransactions", Answer(200, reply(), {"Content-Type": "text/xml; charset=utf-8"}))
    start = datetime(2026, 3, 29, hour, 30, tzinfo=UTC)
    finago.transactions(ChangedSearch(start=start, end=start + timedelta(hours=1)), tmp_path / "lines")
    sent = server.requests[-1].body.decode()
    assert f"DateStart>2026-03-29T0{hour}:30:00Z<" in sent
    assert f"DateEnd>2026-03-29T0{hour + 1}:30:00Z<" in sent


def test_a_day_is_sent_without_a_zone(finago: FinagoClient, server: ScriptedServer, tmp_path: Path) -> None:
    server.script("GetTransactions", Answer(200, reply(), {"Content-Type": "text/xml; charset=utf-8"}))
    finago.transactions(EntrySearch(first_day=date(2026, 3, 29), last_day=date(2026, 10, 25)), tmp_path / "lines")
    sent = server.requests[-1].body.decode()
    assert "DateStart>2026-03-29T00:00:00<" in sent
    assert "DateEnd>2026-10-25T23:59:59<" in sent
