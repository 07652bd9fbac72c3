"""What people are told in Slack: once when it begins, once when it ends, whoever delivers and however Slack fares."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from qondor_finago_pipelines.flows.operations import alerts as delivery
from qondor_finago_pipelines.flows.operations.alerts import ALERTS_A_MESSAGE, CLAIM, Delivered
from qondor_finago_pipelines.flows.operations.alerts import deliver as deliver_all
from qondor_finago_pipelines.flows.operations.heartbeat_tasks import HeartbeatTasks
from qondor_finago_pipelines.flows.operations.run_failures import record_failure
from qondor_finago_pipelines.flows.operations.silence import update_silences
from qondor_finago_pipelines.records.days import oslo_day
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.operations.failures import FailedRun, FailedStep, FailedWork
from qondor_finago_pipelines.records.operations.results import Flow
from qondor_finago_pipelines.sandbox import World
from qondor_finago_pipelines.settings import Addresses
from qondor_finago_pipelines.store import Store
from tests.end_to_end.installation import BERGEN, OSLO, Installation, assert_settled
from tests.systems.scripted import Answer, ScriptedServer

UI = "https://dagster.example"


@pytest.fixture
def store(installation: Installation) -> Iterator[Store]:
    with Store.open(installation.store_url, clock=installation.clock) as store:
        yield store


@pytest.fixture
def invoice(world: World, customer: int, project: int) -> int:
    """In a currency that Finago does not have; so it is held."""
    return world.add_invoice(customer=customer, project=project, currency="ISK")


def addresses(installation: Installation, **environ: str) -> Addresses:
    return Addresses.from_environment(installation.settings(), {**installation.environ, **environ})


def deliver(installation: Installation, store: Store, **environ: str) -> Delivered:
    return deliver_all(store, addresses(installation, **environ))


def mend(world: World, invoice: int) -> None:
    world.qondor.invoices[invoice].update(currency="NOK", currencyCode=578)


def work(installation: Installation, office: OfficeId = OSLO, **members: Any) -> FailedWork:
    return FailedWork(
        office=office,
        flow=members.get("flow", Flow.INVOICES),
        day=oslo_day(installation.clock()),
        office_run_id=members.get("run_id", "run-9"),
    )


# what the messages say


def test_a_message_names_office_flow_day_run_record_and_what_to_do(
    installation: Installation, world: World, store: Store, invoice: int
) -> None:
    installation.sync()
    deliver(installation, store, DAGSTER_UI_URL=f"{UI}/")
    assert world.slack.texts == [
        "Office 102, invoices: 1 thing needs a look.\n"
        f"Invoices, 2026-11-20, {UI}/runs/run-1:\n"
        "• customer offer invoice 9001 (2026-09001) held: Invoice 9001: its currency ISK is not among Finago's "
        "currencies. Add the currency in Finago, or delete the invoice in Qondor and issue it in another currency."
    ]


def test_without_an_address_of_the_pages_the_run_is_named(
    installation: Installation, world: World, store: Store, invoice: int
) -> None:
    installation.sync()
    deliver(installation, store)
    assert "Invoices, 2026-11-20, run run-1:" in world.slack.texts[0]


def test_its_end_is_told_once_with_how_it_ended_how_long_it_took_and_how_many_runs_met_it(
    installation: Installation, world: World, store: Store, invoice: int
) -> None:
    for _ in range(3):
        installation.sync()
        deliver(installation, store)
        installation.wait(minutes=50)
    mend(world, invoice)
    assert_settled(installation.sync(), invoice)
    deliver(installation, store)
    deliver(installation, store)
    assert world.slack.texts[1:] == [
        "Office 102, invoices: 1 resolved.\n"
        "Resolved:\n"
        f"• invoice {invoice}, unknown currency: settled. It lasted 2 hours 30 minutes and was met by 3 runs."
    ]


def test_what_is_failed_in_qondor_is_not_called_settled(
    installation: Installation, world: World, store: Store, invoice: int
) -> None:
    installation.sync()
    deliver(installation, store)
    for _ in range(2):
        installation.wait(hours=25)
        installation.sync()
    deliver(installation, store)
    assert (
        f"• invoice {invoice}, unknown currency: failed in Qondor, which is final: its project manager issues a new "
        "one. It lasted 2 days 2 hours and was met by 2 runs."
    ) in world.slack.texts[1]


def test_what_was_withdrawn_says_so(installation: Installation, world: World, store: Store, invoice: int) -> None:
    installation.sync()
    deliver(installation, store)
    del world.qondor.invoices[invoice]
    installation.wait(minutes=5)
    installation.sync()
    deliver(installation, store)
    assert "no longer open: a person settled or withdrew it. It lasted 5 minutes." in world.slack.texts[1]


def test_a_system_that_was_down_for_one_run_and_back_before_anybody_was_told_is_no_news(
    installation: Installation, world: World, store: Store
) -> None:
    world.faults.add("qondor", "*", "503", times=None)
    assert installation.sync().problems
    world.faults.clear()
    installation.wait(hours=1)
    assert not installation.sync().problems
    deliver(installation, store)
    assert world.slack.texts == []


def test_flows_and_ranges_of_days_stand_apart_in_one_message(
    installation: Installation, world: World, store: Store, invoice: int
) -> None:
    installation.sync()
    world.faults.add("finago", "*", "503", times=None)
    installation.load()
    deliver(installation, store)
    (text,) = world.slack.texts
    assert text.startswith("Office 102, costs and sales, invoices: 2 things need a look.")
    assert "\nInvoices, 2026-11-20, run run-1:\n" in text
    assert "\nCosts and sales, 2026-11-06 to 2026-11-20, run run-2:\n" in text


def test_what_does_not_fit_is_counted_and_none_of_it_is_told_again(
    installation: Installation, world: World, store: Store, customer: int, project: int
) -> None:
    for _ in range(ALERTS_A_MESSAGE + 5):
        world.add_invoice(customer=customer, project=project, currency="ISK")
    installation.sync()
    deliver(installation, store)
    deliver(installation, store)
    (text,) = world.slack.texts
    assert "25 things need a look" in text
    assert text.count("•") == ALERTS_A_MESSAGE
    assert text.endswith("… and 5 more: run `qondor-finago rejected --office 102`.")


# several deliveries, and Slack


def test_a_command_and_the_daemon_at_once_tell_it_once(
    installation: Installation, world: World, store: Store, invoice: int
) -> None:
    """The second begins while the first waits for Slack."""
    installation.sync()
    beside: list[Delivered] = []

    def slow(text: str) -> None:
        beside.append(deliver(installation, store))
        sent.append(text)

    sent: list[str] = []
    assert delivery.deliver_alerts(store, slow) == Delivered(messages=1)
    assert beside == [Delivered()]
    assert (len(sent), world.slack.texts) == (1, [])


def test_a_delivery_that_dies_after_telling_leaves_it_to_be_told_again_not_to_be_lost(
    installation: Installation, world: World, store: Store, invoice: int
) -> None:
    installation.sync()

    def dies(_: str) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        delivery.deliver_alerts(store, dies)
    assert deliver(installation, store) == Delivered(), "nobody knows yet that it died"
    installation.clock.advance(CLAIM)
    assert deliver(installation, store) == Delivered(messages=1)


def test_slack_down_leaves_everything_to_the_next_delivery_and_says_so_in_the_log(
    installation: Installation, world: World, store: Store, invoice: int, caplog: pytest.LogCaptureFixture
) -> None:
    installation.sync()
    world.faults.add("slack", "chat.postMessage", "500")
    assert deliver(installation, store) == Delivered(left=1)
    assert "Slack could not be told about office 102: slack chat.postMessage: refused: no reason given." in caplog.text
    assert deliver(installation, store) == Delivered(messages=1), "at once: nobody has to wait for a claim"
    assert len(world.slack.texts) == 1


def test_a_slack_that_takes_nothing_is_left_in_peace_for_the_rest_of_the_round(
    installation: Installation, world: World, store: Store
) -> None:
    """Every message costs a time-out, and a tick of the daemon has a minute in all."""
    for office in range(101, 109):
        record_failure(store, FailedRun(run_id="r", works=(work(installation, OfficeId(office)),)))
    world.faults.add("slack", "chat.postMessage", "reset-before-effect", times=None)
    assert deliver(installation, store) == Delivered(left=8)
    assert world.calls.by_operation()["slack chat.postMessage"] == 2
    world.faults.clear()
    world.faults.add("slack", "chat.postMessage", "429")
    assert deliver(installation, store) == Delivered(messages=7, left=1), "one message that is not taken stops no other"


def test_a_round_ends_in_time_and_the_next_goes_on(installation: Installation, world: World, store: Store) -> None:
    for office in (101, 102, 103, 104):
        record_failure(store, FailedRun(run_id="r", works=(work(installation, OfficeId(office)),)))
    sent: list[str] = []

    def slow(text: str) -> None:
        installation.wait(seconds=16)
        sent.append(text)

    assert delivery.deliver_alerts(store, slow) == Delivered(messages=2, left=2)
    assert delivery.deliver_alerts(store, slow) == Delivered(messages=2)
    assert len(set(sent)) == 4


def test_without_slack_an_alert_goes_to_the_log_once(
    installation: Installation, store: Store, invoice: int, caplog: pytest.LogCaptureFixture
) -> None:
    installation.sync()
    caplog.set_level(logging.WARNING)
    for _ in range(3):
        deliver(installation, store, SLACK_BOT_TOKEN="")
    assert caplog.text.count("Office 102, invoices: 1 thing needs a look.") == 1


def test_a_command_without_slack_shows_the_alerts_and_leaves_them_to_be_told(
    installation: Installation, world: World, store: Store, invoice: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    token = installation.environ.pop("SLACK_BOT_TOKEN")
    installation.sync(deliver=True)
    assert "Office 102, invoices: 1 thing needs a look." in caplog.text
    assert world.slack.texts == []
    assert deliver(installation, store, SLACK_BOT_TOKEN=token) == Delivered(messages=1)
    assert str(invoice) in world.slack.texts[0]


def test_the_trouble_of_a_run_that_tries_again_is_told_when_the_run_is_over(
    installation: Installation, world: World, store: Store, invoice: int
) -> None:
    installation.sync()
    world.faults.add("qondor", "GetAllUnprocessedInvoices", "503", times=None)
    installation.sync()
    at_work = addresses(installation)
    assert deliver_all(store, at_work, lambda runs: runs) == Delivered(messages=1)
    assert "unreachable" not in world.slack.texts[0]
    assert str(invoice) in world.slack.texts[0], "what is refused need not wait"
    assert deliver_all(store, at_work) == Delivered(messages=1)
    assert "GetAllUnprocessedInvoices" in world.slack.texts[1]


# closed offices, disabled flows


@pytest.mark.parametrize(
    ("office", "invoices", "why"),
    [
        ({"closed": True}, None, "the office is closed"),
        (None, {"enabled": False}, "the flow is disabled in the settings"),
    ],
)
def test_what_is_switched_off_is_looked_at_no_longer_and_says_so(
    installation: Installation,
    world: World,
    store: Store,
    invoice: int,
    office: dict[str, Any] | None,
    invoices: dict[str, Any] | None,
    why: str,
) -> None:
    installation.sync()
    deliver(installation, store)
    installation.configure(office_options=office, invoices=invoices)
    update_silences(store, installation.settings())
    deliver(installation, store)
    assert f"• invoice {invoice}, unknown currency: no longer looked at, since {why}." in world.slack.texts[1]


def test_an_office_that_left_the_settings_leaves_no_alert_open(installation: Installation, store: Store) -> None:
    record_failure(store, FailedRun(run_id="r", works=(work(installation, OfficeId(999)),)))
    update_silences(store, installation.settings())
    with store.read() as transaction:
        assert transaction.alerts.open() == ()


# silence


@pytest.fixture
def watching(installation: Installation, store: Store) -> HeartbeatTasks:
    """The daemon's watch, begun now."""
    made = HeartbeatTasks(installation.settings(), store, installation.environ)
    made.round()
    return made


def silent(watching: HeartbeatTasks) -> set[tuple[OfficeId, Flow]]:
    return {(silence.office, silence.flow) for silence in watching.round().silences}


def test_an_office_that_never_had_a_run_is_silent_after_two_turns(
    installation: Installation, world: World, store: Store, watching: HeartbeatTasks
) -> None:
    installation.wait(hours=2, minutes=29)
    assert silent(watching) == set()
    installation.wait(minutes=1)
    assert silent(watching) == {(o, f) for o in (OSLO, BERGEN) for f in (Flow.INVOICES, Flow.CUSTOMERS_AND_PROJECTS)}
    watching.round()
    oslo, _ = world.slack.texts
    assert (
        "Invoices, 2026-11-20:\n"
        "• No run of invoices has got through since 2026-11-20 10:00, when its watch began; one was due at 2026-11-20 "
        "11:00 and 2026-11-20 12:00. No run has ended since either: see in Dagster that the flow's schedule is "
        "switched on, and what its runs wait for."
    ) in oslo


def test_silence_is_told_once_and_ends_with_a_complete_run(
    installation: Installation, world: World, store: Store, watching: HeartbeatTasks
) -> None:
    world.faults.add("qondor", "*", "503", times=None)
    installation.wait(hours=2)
    assert installation.sync(BERGEN).problems
    installation.wait(hours=1)
    for _ in range(3):
        watching.round()
        installation.wait(seconds=15)
    told = [text for text in world.slack.texts if "No run of invoices" in text and "Office 103" in text]
    assert len(told) == 1
    assert "The last run that ended began at 2026-11-20 12:00 and met trouble" in told[0]

    world.faults.clear()
    installation.wait(hours=1)
    assert not installation.sync(BERGEN).problems
    watching.round()
    watching.round()
    assert any("• silence: over. It lasted 1 hour" in text for text in world.slack.texts[-2:])
    assert (BERGEN, Flow.INVOICES) not in silent(watching)


def test_only_the_watch_ends_silence_so_that_runs_with_trouble_do_not_make_it_begin_anew(
    installation: Installation, store: Store, watching: HeartbeatTasks
) -> None:
    installation.wait(hours=3)
    watching.round()
    assert not installation.sync().problems
    with store.read() as transaction:
        assert (OSLO, "invoices") in transaction.alerts.open_flows("silence")
    watching.round()
    with store.read() as transaction:
        assert (OSLO, "invoices") not in transaction.alerts.open_flows("silence")


def test_a_flow_that_runs_is_not_silent_and_a_round_writes_nothing(
    installation: Installation, world: World, store: Store, watching: HeartbeatTasks
) -> None:
    for _ in range(5):
        installation.wait(hours=1)
        for office in (OSLO, BERGEN):
            installation.sync(office)
            installation.follow(office)
    assert silent(watching) == set()
    assert world.slack.texts == []
    assert str(watching.round()) == "0 messages sent."


def test_what_is_closed_is_never_silent_and_what_is_opened_again_gets_its_time(
    installation: Installation, world: World, store: Store, watching: HeartbeatTasks
) -> None:
    installation.configure(office_options={"closed": True})
    closed = HeartbeatTasks(installation.settings(), store, installation.environ)
    installation.wait(days=3)
    assert silent(closed) == set()
    installation.configure()
    opened = HeartbeatTasks(installation.settings(), store, installation.environ)
    assert silent(opened) == set()
    installation.wait(hours=2)
    assert silent(opened) == set()
    installation.wait(hours=1)
    assert (OSLO, Flow.INVOICES) in silent(opened)


# runs that failed without a word of their own


def failed(installation: Installation, **members: Any) -> FailedRun:
    return FailedRun(**{"run_id": "run-9", "works": (work(installation),), **members})


def test_a_process_that_died_is_told_and_ends_with_the_next_complete_run(
    installation: Installation, world: World, store: Store
) -> None:
    assert record_failure(store, failed(installation)) == (OSLO,)
    deliver(installation, store)
    assert world.slack.texts == [
        "Office 102, invoices: 1 thing needs a look.\n"
        "Invoices, 2026-11-20, run run-9:\n"
        "• The process of the run died: it was killed, ran out of memory, or its machine went away. What it was "
        "writing is looked up before anything is sent again, and the next run carries on. If it happens again, see to "
        "the memory and the logs of the machine."
    ]
    world.faults.add("qondor", "*", "503", times=None)
    installation.sync()
    world.faults.clear()
    deliver(installation, store)
    assert not any("process died" in text for text in world.slack.texts), "that run did not get through"
    installation.wait(hours=1)
    installation.sync()
    deliver(installation, store)
    assert "• process died: over. It lasted 1 hour." in world.slack.texts[-1]


def test_an_error_in_the_program_is_told_by_its_class_and_step_alone(
    installation: Installation, world: World, store: Store
) -> None:
    steps = (FailedStep(step="invoices", error="KeyError"),)
    assert record_failure(store, failed(installation, steps=steps, nobody_watches=False)) == (OSLO,)
    deliver(installation, store)
    assert (
        "• The run broke off with an error in the program (KeyError in the step invoices). What it had written is "
        "looked up before anything is sent again. Open the run in Dagster and hand its traceback to whoever maintains "
        "this program."
    ) in world.slack.texts[0]


def test_what_the_flow_recorded_itself_is_not_added(installation: Installation, world: World, store: Store) -> None:
    world.faults.add("qondor", "*", "503", times=None)
    assert installation.sync().problems
    own = (FailedStep(step="invoices", error=None),)
    run = failed(installation, works=(work(installation, run_id="run-1"),), steps=own)
    assert record_failure(store, run) == ()
    with store.read() as transaction:
        assert [alert.cause for alert in transaction.alerts.open()] == ["calls blocked"]


def test_an_error_after_the_flow_had_recorded_its_problems_is_added(
    installation: Installation, world: World, store: Store
) -> None:
    world.faults.add("qondor", "*", "503", times=None)
    installation.sync()
    steps = (FailedStep(step="invoices", error="OSError"),)
    run = failed(installation, works=(work(installation, run_id="run-1"),), steps=steps)
    assert record_failure(store, run) == (OSLO,)


@pytest.mark.parametrize(("nobody_watches", "told"), [(True, (OSLO,)), (False, ())])
def test_a_run_that_could_not_begin_is_told_unless_a_person_watches(
    installation: Installation, store: Store, nobody_watches: bool, told: tuple[OfficeId, ...]
) -> None:
    own = (FailedStep(step="invoices", error=None),)
    assert record_failure(store, failed(installation, steps=own, nobody_watches=nobody_watches)) == told


def test_of_a_batch_run_that_died_the_offices_that_were_at_work_are_told(
    installation: Installation, store: Store
) -> None:
    offices = [OfficeId(each) for each in (101, 102, 103, 104)]
    batch_run = failed(
        installation,
        works=tuple(work(installation, office, run_id=f"batch:{office}") for office in offices),
        is_batch_run=True,
    )
    assert record_failure(store, batch_run) == tuple(offices), "it died before it began with any"
    with store.write() as transaction:
        for office in (101, 102):
            transaction.runs.start(
                run_id=f"batch:{office}",
                office_id=OfficeId(office),
                flow="invoices",
                day=oslo_day(store.now()),
                trigger="sensor",
            )
        transaction.runs.finish("batch:101", result={}, complete=True)
    assert record_failure(store, batch_run) == (102,)


# the heartbeat


@pytest.fixture
def waiting_for_life() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    server.script("token-canary", Answer())
    yield server
    server.close()


def test_the_daemon_shows_that_it_lives_once_a_minute_with_nothing_but_the_address(
    installation: Installation, store: Store, waiting_for_life: ScriptedServer
) -> None:
    installation.configure(sync={"heartbeat_url": f"{waiting_for_life.url}/ping/token-canary"})
    watching = HeartbeatTasks(installation.settings(), store, installation.environ)
    for _ in range(9):
        watching.round()
        installation.wait(seconds=15)
    assert [(request.method, request.path, request.body) for request in waiting_for_life.requests] == [
        ("GET", "/ping/token-canary", b"")
    ] * 3


@pytest.mark.parametrize("answer", [Answer(status=500), Answer(hang_up=True)], ids=["an error", "no answer"])
def test_a_heartbeat_that_is_not_taken_is_a_warning_without_the_address(
    installation: Installation,
    store: Store,
    waiting_for_life: ScriptedServer,
    answer: Answer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    waiting_for_life.script("token-canary", answer)
    installation.configure(sync={"heartbeat_url": f"{waiting_for_life.url}/ping/token-canary"})
    watching = HeartbeatTasks(installation.settings(), store, installation.environ)
    assert watching.round().delivered == Delivered()
    assert "heartbeat GET" in caplog.text
    assert "canary" not in caplog.text
