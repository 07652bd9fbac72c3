"""What the systems answer against their promise ends in one clear error for what it concerns.

Nothing is lost, nothing is doubled, and no secret and nobody's data is in results, alerts, store or logs.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from qondor_finago_pipelines.records.operations.results import FlowResult, RecordState
from qondor_finago_pipelines.sandbox import World
from qondor_finago_pipelines.sandbox.world.offices import QONDOR_KEY
from tests.end_to_end.installation import Installation, outcome

from .every_kind import Queue, assert_exactly_once, queue_of_every_kind

BOOKER, FIRST_NAME, EMAIL, STREET = "Kanarina Fuglesang", "Kanarina", "kanarina@canary.example", "Kanarigata 13"


class HeartbeatTasks:
    """Everything that an installation lets out, and what must not be in it."""

    def __init__(self, installation: Installation, logs: pytest.LogCaptureFixture) -> None:
        self._installation = installation
        self._logs = logs
        self._seen: list[str] = []
        self._session_ids: set[str] = set()

    def sync(self) -> FlowResult:
        result = self._installation.sync(deliver=True)
        # The invoices that a run read are for its own checks, and are never stored.
        self._seen += [json.dumps(result.as_json(), ensure_ascii=False), repr(replace(result, invoices=()))]
        self._session_ids |= self._installation.world.finago.sessions.keys()
        return result

    def assert_silent(self) -> None:
        world = self._installation.world
        store = Path(self._installation.store_url.removeprefix("sqlite:///"))
        places = {
            "results": "\n".join(self._seen),
            "Slack": "\n".join(world.slack.texts),
            "logs": self._logs.text,
            "store": b"".join(file.read_bytes() for file in store.parent.glob("store.db*")).decode("latin-1"),
        }
        office = world.offices[102]
        secrets = {office.password, QONDOR_KEY, *self._session_ids}
        people = {BOOKER, FIRST_NAME, EMAIL, "canary.example", STREET}
        assert self._session_ids
        for place, text in places.items():
            assert text or place == "logs" or place == "Slack"
            told = [canary for canary in secrets | people if canary.lower() in text.lower()]
            assert told == [], f"{place} tells {told}"


@pytest.fixture
def watch(installation: Installation, caplog: pytest.LogCaptureFixture) -> Iterator[HeartbeatTasks]:
    caplog.set_level(logging.DEBUG)
    installation.configure(sync={"quiet_period_seconds": 900})
    watch = HeartbeatTasks(installation, caplog)
    yield watch
    watch.assert_silent()


@pytest.fixture
def queue(world: World) -> Queue:
    """The queue of every kind, with a booker who is a canary, and a second booking of the same person."""
    queue = queue_of_every_kind(world)
    booking = queue.invoices[3]
    world.qondor.invoices[booking] |= {"customerName": BOOKER, "email": EMAIL, "address": STREET}
    return queue


def recovers(installation: Installation, watch: HeartbeatTasks, queue: Queue) -> None:
    """The fault is over: whatever it left behind is settled by the next runs, once."""
    installation.world.faults.clear()
    for pause in (0, 16, 61):
        installation.wait(minutes=pause)
        if watch.sync().all_settled:
            break
    assert_exactly_once(installation, queue)


PLACES = {
    "GetAllUnprocessedInvoices": "GetAllUnprocessedInvoices",
    "GetAllCustomers": "Customer/GetAll",
    "GetAllProjects": "Project/GetAll",
}
"""Qondor's lists, and how an error names each."""


@pytest.mark.parametrize("operation", PLACES)
@pytest.mark.parametrize("kind", ["not-parsable", "html", "wrong-shape", "short-reply", "cut-reply"])
def test_a_list_of_qondor_that_is_none_stops_the_run_with_one_error(
    installation: Installation, watch: HeartbeatTasks, world: World, queue: Queue, operation: str, kind: str
) -> None:
    world.faults.add("qondor", operation, kind, times=None, at=120)

    result = watch.sync()

    assert len(result.problems) == 1
    assert PLACES[operation] in result.problems[0].message
    assert result.problems[0].remedy
    assert world.calls.writes("finago") == 0
    assert len(world.slack.texts) == 1
    recovers(installation, watch, queue)


@pytest.mark.parametrize("kind", ["not-parsable", "html", "wrong-shape", "short-reply", "cut-reply"])
def test_a_detail_of_qondor_that_is_none_leaves_its_invoice_untouched_and_the_others_go_on(
    installation: Installation, watch: HeartbeatTasks, world: World, queue: Queue, kind: str
) -> None:
    # A cut connection is tried five times; the first invoice meets all of them.
    world.faults.add("qondor", "GetInvoice", kind, times=5 if kind == "cut-reply" else 1, at=120)

    result = watch.sync()

    assert len(result.problems) == 1
    assert outcome(result, queue.invoices[0]).state is RecordState.NOT_REACHED
    assert str(queue.invoices[0]) in outcome(result, queue.invoices[0]).message
    assert [outcome(result, other).state for other in queue.invoices[1:]] == [RecordState.SETTLED] * 4
    recovers(installation, watch, queue)


@pytest.mark.parametrize("kind", ["missing-member", "null-member"])
@pytest.mark.parametrize("member", ["totalInclVat", "officeId", "status", "invoiceLines.0.quantity"])
def test_a_detail_that_lacks_what_it_needs_holds_its_invoice_and_the_others_go_on(
    installation: Installation, watch: HeartbeatTasks, world: World, queue: Queue, kind: str, member: str
) -> None:
    world.faults.add("qondor", "GetInvoice", kind, member=member)

    result = watch.sync()

    held = outcome(result, queue.invoices[0])
    assert (held.state, held.reason) == (RecordState.HELD, "incomplete")
    assert member.rpartition(".")[2].removesuffix("InclVat") in held.message.replace(" ", "")
    assert [outcome(result, other).state for other in queue.invoices[1:]] == [RecordState.SETTLED] * 4
    recovers(installation, watch, queue)


@pytest.mark.parametrize("member", ["id", "officeId"])
def test_an_entry_of_the_queue_that_nobody_can_tell_whose_it_is_is_named_and_left_alone(
    installation: Installation, watch: HeartbeatTasks, world: World, queue: Queue, member: str
) -> None:
    world.faults.add("qondor", "GetAllUnprocessedInvoices", "null-member", member=member)

    result = watch.sync()

    assert any("queue" in warning and "left alone" in warning for warning in result.warnings)
    assert world.orders_of(queue.invoices[0]) == []
    assert [outcome(result, other).state for other in queue.invoices[1:]] == [RecordState.SETTLED] * 4
    recovers(installation, watch, queue)


@pytest.mark.parametrize(("operation", "member"), [("GetAllCustomers", "id"), ("GetAllProjects", "id")])
@pytest.mark.parametrize("kind", ["missing-member", "null-member"])
def test_a_customer_or_project_without_id_is_left_out_and_told_while_everything_else_goes_on(
    installation: Installation,
    watch: HeartbeatTasks,
    world: World,
    queue: Queue,
    operation: str,
    member: str,
    kind: str,
) -> None:
    # The first list of customers, that of all offices, is empty.
    after = 1 if operation == "GetAllCustomers" else 0
    world.faults.add("qondor", operation, kind, member=member, after=after)

    result = watch.sync()

    assert result.problems == ()
    assert any(PLACES[operation].split("/")[0].lower() in warning.lower() for warning in result.warnings)
    recovers(installation, watch, queue)


FINAGO_READS = ("GetInvoices", "GetCompanies", "GetProjectTypes", "GetOrderSyncList")


@pytest.mark.parametrize("operation", FINAGO_READS)
@pytest.mark.parametrize("kind", ["short-reply", "cut-reply", "not-parsable", "html", "wrong-shape"])
def test_an_answer_of_finago_that_is_none_stops_the_run_with_one_error(
    installation: Installation, watch: HeartbeatTasks, world: World, queue: Queue, operation: str, kind: str
) -> None:
    world.faults.add("finago", operation, kind, times=None, at=200)

    result = watch.sync()

    assert len(result.problems) == 1
    assert operation in result.problems[0].message
    assert result.problems[0].remedy
    assert len(world.slack.texts) == 1
    recovers(installation, watch, queue)


@pytest.mark.parametrize("operation", ["SaveInvoices", "SaveCompanies", "SaveProject"])
@pytest.mark.parametrize("at", [0, 60, 200, 350])
def test_an_answer_to_a_write_that_is_cut_anywhere_is_uncertain_and_never_sent_again(
    installation: Installation, watch: HeartbeatTasks, world: World, queue: Queue, operation: str, at: int
) -> None:
    world.faults.add("finago", operation, "short-reply", at=at, times=None)
    # Changing a company is harmless to repeat: its uncertain answer stops the run, that of a creation an invoice.
    world.qondor.customers[77]["externalReference"] = None
    world.books(102).companies[4711].members["ExternalId"] = "77"

    result = watch.sync()

    assert result.uncertain
    recovers(installation, watch, queue)


def test_items_in_another_order_are_matched_by_what_they_are(
    installation: Installation, watch: HeartbeatTasks, world: World, queue: Queue
) -> None:
    for operation in ("SaveInvoices", "SaveCompanies", "GetInvoices", "GetCompanies", "GetProducts"):
        # The first search for orders of the first contact finds none.
        world.faults.add("finago", operation, "items-reordered", after=int(operation == "GetInvoices"), times=None)

    assert watch.sync().all_settled
    assert_exactly_once(installation, queue)


def test_an_item_that_the_answer_lacks_is_uncertain_and_the_others_go_on(
    installation: Installation, watch: HeartbeatTasks, world: World, queue: Queue
) -> None:
    world.faults.add("finago", "SaveInvoices", "item-missing", item=2)

    result = watch.sync()

    assert len(result.uncertain) == 1
    assert len([record for record in result.records if record.state is RecordState.SETTLED]) >= 3
    recovers(installation, watch, queue)


def test_an_unknown_element_is_ignored_and_counted_in_a_warning(
    installation: Installation, watch: HeartbeatTasks, world: World, queue: Queue
) -> None:
    world.faults.add("finago", "GetInvoices", "unknown-element", member="Surprise", value=EMAIL, times=2, after=1)

    result = watch.sync()

    assert result.all_settled
    assert [warning for warning in result.warnings if "Surprise" in warning and "2 times" in warning]
    assert_exactly_once(installation, queue)


def test_an_unknown_member_of_qondor_is_ignored(
    installation: Installation, watch: HeartbeatTasks, world: World, queue: Queue
) -> None:
    for operation in ("GetAllUnprocessedInvoices", "Invoice", "GetAllCustomers", "GetAllProjects"):
        world.faults.add("qondor", operation, "unknown-element", member="unexpected", value=EMAIL)

    assert watch.sync().all_settled
    assert_exactly_once(installation, queue)


def test_an_unknown_enum_value_of_qondor_holds_only_its_invoice(
    installation: Installation, watch: HeartbeatTasks, world: World, queue: Queue
) -> None:
    world.faults.add("qondor", "GetInvoice", "unknown-enum-value", member="invoiceType", value=42)

    result = watch.sync()

    held = outcome(result, queue.invoices[0])
    assert (held.reason, "42" in held.message) == ("unknown type", True)
    assert [outcome(result, other).state for other in queue.invoices[1:]] == [RecordState.SETTLED] * 4
    recovers(installation, watch, queue)


def test_an_unknown_enum_value_of_finago_passes_as_text(
    installation: Installation, watch: HeartbeatTasks, world: World, queue: Queue
) -> None:
    world.faults.add("finago", "GetInvoices", "unknown-enum-value", member="OrderStatus", after=1, times=None)
    world.faults.add("finago", "GetCompanies", "unknown-enum-value", member="Type", times=2)

    result = watch.sync()

    assert [outcome(result, one).state for one in queue.invoices[1:]].count(RecordState.SETTLED) >= 3
    assert result.problems == ()
    recovers(installation, watch, queue)


@pytest.mark.parametrize("operation", ["SaveInvoices", "SaveCompanies"])
def test_what_finago_says_of_a_person_is_told_to_nobody(
    installation: Installation, watch: HeartbeatTasks, world: World, queue: Queue, operation: str
) -> None:
    said = f"The customer {BOOKER} ({EMAIL}), {STREET}, may not be used."
    for item in range(5):
        world.faults.add("finago", operation, "api-exception", text=said, item=item, times=None)

    result = watch.sync()

    assert any("may not be used" in held.message for held in result.rejected)
    recovers(installation, watch, queue)


def test_what_a_web_page_or_a_problem_says_of_a_person_is_told_to_nobody(
    installation: Installation, watch: HeartbeatTasks, world: World, queue: Queue
) -> None:
    said = f"<html>{BOOKER} {EMAIL} {STREET} {world.offices[102].password} {QONDOR_KEY}</html>"
    for system, operation in (("finago", "GetInvoices"), ("qondor", "SetAsProcessed"), ("finago", "SaveProject")):
        world.faults.add(system, operation, "html", text=said, after=1)
        world.faults.add(system, operation, "not-parsable", text=said, after=2)
    watch.sync()
    recovers(installation, watch, queue)
