"""How all offices stand after what really happened to them; closed offices, and one that was taken out of the file."""

from __future__ import annotations

from datetime import date

from qondor_finago_pipelines.flows.operations.office_status import status_of
from qondor_finago_pipelines.flows.operations.silence import update_silences
from qondor_finago_pipelines.flows.service import SyncService
from qondor_finago_pipelines.records.operations.office_status import StatusKind, Verdict
from qondor_finago_pipelines.records.operations.results import Flow
from qondor_finago_pipelines.sandbox import World
from qondor_finago_pipelines.settings import Settings
from tests.end_to_end.costs_and_sales.actuals import PROJECT
from tests.end_to_end.installation import BERGEN, OSLO, Installation, assert_settled


def verdict(installation: Installation, flow: Flow, kind: StatusKind, settings: Settings | None = None) -> Verdict:
    with installation.service() as sync:
        (found,) = (
            each for each in status_of(settings or sync.settings, sync.store) if (each.flow, each.kind) == (flow, kind)
        )
    return found


def begin_to_watch(installation: Installation) -> None:
    """As the first tick of the alert sensor does."""
    with installation.service() as sync:
        update_silences(sync.store, sync.settings)


def settings_of(installation: Installation) -> Settings:
    with installation.service() as sync:
        return sync.settings


def closing(settings: Settings, *offices: int) -> Settings:
    changed = tuple(
        office.model_copy(update={"closed": True}) if office.id in offices else office for office in settings.offices
    )
    return settings.model_copy(update={"offices": changed})


def test_a_refused_invoice_stays_on_the_badge_whichever_office_runs_next_until_it_is_mended(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    world.add_invoice(id=9001, customer=customer, project=None)
    installation.sync()
    installation.wait(hours=1)
    assert_settled(installation.sync(BERGEN))
    found = verdict(installation, Flow.INVOICES, StatusKind.REFUSALS)
    assert [(each.office, each.record, each.reason) for each in found.records] == [(OSLO, "9001", "no project")]
    assert (found.passed, found.is_grave, found.fine) == (False, False, (BERGEN,))
    world.qondor.invoices[9001]["projectId"] = project
    installation.sync()
    assert verdict(installation, Flow.INVOICES, StatusKind.REFUSALS).passed


def test_a_cost_without_a_project_in_qondor_is_unmatched(
    installation: Installation, world: World, project: int
) -> None:
    lost = world.post_supplier_invoice("800.00", project=99999)
    world.post_supplier_invoice("100.00", project=PROJECT)
    installation.load()
    found = verdict(installation, Flow.COSTS_AND_SALES, StatusKind.UNMATCHED)
    assert [each.record for each in found.records] == [f"voucher {lost.key}"]
    assert verdict(installation, Flow.COSTS_AND_SALES, StatusKind.REFUSALS).passed


def test_an_office_that_cannot_log_in_becomes_stale_and_the_other_stays_fresh(
    installation: Installation, project: int
) -> None:
    begin_to_watch(installation)
    installation.sync_both()
    del installation.environ["FINAGO_PASSWORD_OSLO"]
    for _ in range(3):
        installation.wait(hours=1)
        assert installation.sync().problems
        assert not installation.sync(BERGEN).problems
    found = verdict(installation, Flow.INVOICES, StatusKind.FRESHNESS)
    assert found.is_grave
    ((office, reasons),) = [(each.office, each.reasons) for each in found.offices]
    assert office == OSLO
    assert reasons.startswith("No run of invoices has got through since 2026-11-20 10:00")
    assert "say what to mend" in reasons
    assert found.fine == (BERGEN,)


def test_a_closed_office_does_nothing_and_is_missed_by_nobody(installation: Installation, project: int) -> None:
    begin_to_watch(installation)
    installation.sync_both()
    installation.wait(hours=9)
    installation.sync()
    closed = closing(settings_of(installation), BERGEN)
    with installation.service() as sync:
        at = SyncService(closed, installation.environ, sync.store, pause=installation.clock.sleep)
        result = at.sync(Flow.INVOICES, BERGEN, day=date(2026, 11, 20), run_id="closed", trigger="cli")
    assert result.skipped == "Nothing was done: the office is closed."
    assert result.calls == {}
    assert verdict(installation, Flow.INVOICES, StatusKind.FRESHNESS, closed).passed
    assert verdict(installation, Flow.INVOICES, StatusKind.FRESHNESS).is_grave, "while it is open it is missed"


def test_an_office_that_was_taken_out_of_the_file_is_named_with_what_to_do(
    installation: Installation, project: int
) -> None:
    installation.sync_both()
    settings = settings_of(installation)
    without = settings.model_copy(update={"offices": tuple(each for each in settings.offices if each.id != BERGEN)})
    found = verdict(installation, Flow.INVOICES, StatusKind.FRESHNESS, without)
    assert (found.passed, found.is_grave) == (False, False)
    ((office, reasons),) = [(each.office, each.reasons) for each in found.offices]
    assert office == BERGEN
    assert reasons.startswith("is not in the settings any more")
    assert "closed: true" in reasons
