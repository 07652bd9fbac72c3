"""What happens to a voucher between two runs - paid, corrected, moved, re-dated, hidden, deleted - follows."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import World
from qondor_finago_pipelines.sandbox.world.voucher_builders import PostedVoucher, posting
from tests.end_to_end.installation import OSLO, Installation, assert_held, assert_settled

from .actuals import GALA, PROJECT, amounts, costs, money, only, sales


@pytest.fixture
def gala(world: World, customer: int) -> int:
    return world.add_project("Gala 2026", id=556, number="SO12346", customer=customer)


@pytest.fixture
def voucher(installation: Installation, world: World, project: int) -> PostedVoucher:
    """A supplier invoice of 1000.00 and VAT, loaded."""
    posted = world.post_supplier_invoice("1000.00", project=PROJECT)
    assert installation.load().all_settled
    installation.wait(minutes=30)
    return posted


def test_a_payment_makes_the_cost_paid_with_its_date(
    installation: Installation, world: World, voucher: PostedVoucher
) -> None:
    world.pay_voucher(voucher, day=date(2026, 11, 21))
    result = installation.load()
    assert (result.created, result.updated) == (0, 1)
    cost = only(costs(world))
    assert (cost["isPaid"], cost["paidDate"]) == (True, "2026-11-21")
    installation.wait(days=20)
    installation.load()
    assert only(costs(world))["paidDate"] == "2026-11-21"


def test_a_part_payment_leaves_the_cost_outstanding(
    installation: Installation, world: World, voucher: PostedVoucher
) -> None:
    world.pay_voucher(voucher, part="500.00")
    installation.load()
    assert only(costs(world))["isPaid"] is False
    installation.wait(hours=1)
    world.pay_voucher(voucher, day=date(2026, 11, 25))
    installation.load()
    assert (only(costs(world))["isPaid"], only(costs(world))["paidDate"]) == (True, "2026-11-25")


def test_a_correction_changes_the_cost(installation: Installation, world: World, voucher: PostedVoucher) -> None:
    world.change_line(voucher, 1, Amount=Decimal("1200.00"))
    world.change_line(voucher, 2, Amount=Decimal("300.00"))
    world.change_line(voucher, 3, Amount=Decimal("-1500.00"))
    result = installation.load()
    assert amounts(costs(world)) == {555: money("1200.00", "300.00")}
    told = {(change.field.rpartition(" 31 ")[2], change.before, change.after) for change in result.changes}
    assert ("amount excl. VAT", "1000.00", "1200.00") in told


def test_a_correction_of_one_line_is_judged_with_the_whole_voucher(
    installation: Installation, world: World, voucher: PostedVoucher
) -> None:
    """Only the changed line comes in the change feed; the other two are read with it."""
    world.change_line(voucher, 1, Comment="Rooms 14-17 Nov")
    installation.load()
    assert (only(costs(world))["description"], only(costs(world))["vatAmount"]) == (
        "Rooms 14-17 Nov",
        Decimal("250.00"),
    )


def test_a_reversal_is_a_negative_cost_of_its_own(
    installation: Installation, world: World, voucher: PostedVoucher
) -> None:
    world.reverse_voucher(voucher)
    installation.load()
    assert sum(cost["amountInclVat"] for cost in costs(world)) == 0
    assert len(costs(world)) == 2


def test_a_cost_moves_with_its_voucher_to_another_project(
    installation: Installation, world: World, voucher: PostedVoucher, gala: int
) -> None:
    world.move_to_project(voucher, GALA)
    result = installation.load()
    assert_settled(result, f"voucher {voucher.key}")
    assert amounts(costs(world)) == {556: money("1000.00", "250.00")}
    assert installation.load().all_settled
    assert (installation.load().created, installation.load().updated) == (0, 0)


def test_a_cost_whose_project_has_another_number_in_qondor_follows_it(
    installation: Installation, world: World, voucher: PostedVoucher, customer: int
) -> None:
    world.qondor.projects[555]["projectNo"] = "SO77"
    world.add_project("Kick-off, anew", id=600, number="SO12345", customer=customer)
    installation.load()
    assert amounts(costs(world)) == {600: money("1000.00", "250.00")}


def test_a_cost_stays_on_its_renumbered_project_until_it_stands_at_the_new_place(
    installation: Installation, world: World, voucher: PostedVoucher
) -> None:
    """What is posted on the old number is still that project's, also what is posted there only now."""
    world.qondor.projects[555]["projectNo"] = "SO77"
    assert (installation.load().updated, amounts(costs(world))) == (0, {555: money("1000.00", "250.00")})
    world.post_supplier_invoice("40.00", project=PROJECT)
    assert installation.load().all_settled
    assert {cost["projectId"] for cost in costs(world)} == {555}
    assert len(costs(world)) == 2

    world.move_to_project(voucher, 77)
    assert installation.load().all_settled
    assert {cost["externalReference"] for cost in costs(world)} >= {f"finago:102:{voucher.key}:77"}
    assert sum(cost["amountExclVat"] for cost in costs(world)) == Decimal("1040.00")
    assert (installation.load().created, installation.load().updated) == (0, 0)


def test_what_is_posted_on_a_linked_projects_old_number_is_its_own_before_anything_was_loaded(
    installation: Installation, world: World, project: int
) -> None:
    installation.follow()
    world.qondor.projects[project]["projectNo"] = "SO77"
    world.post_supplier_invoice("40.00", project=PROJECT)
    assert installation.load().all_settled
    assert amounts(costs(world)) == {project: money("40.00", "10.00")}


def test_a_lost_store_still_knows_whose_the_old_number_was(
    installation: Installation, world: World, voucher: PostedVoucher
) -> None:
    world.qondor.projects[555]["projectNo"] = "SO77"
    installation.lose_store()
    assert not installation.load().problems
    assert amounts(costs(world)) == {555: money("1000.00", "250.00")}


def test_a_number_that_cannot_be_read_withdraws_nothing(
    installation: Installation, world: World, voucher: PostedVoucher
) -> None:
    world.qondor.projects[555]["projectNo"] = {"odd": 1}
    installation.load()
    assert amounts(costs(world)) == {555: money("1000.00", "250.00")}


@pytest.mark.parametrize("fault", ["500", "reset-before-effect"])
def test_a_cost_is_not_withdrawn_while_the_one_at_its_new_place_could_not_be_written(
    installation: Installation, world: World, voucher: PostedVoucher, gala: int, fault: str
) -> None:
    world.move_to_project(voucher, GALA)
    world.faults.add("qondor", "PostCost", fault)
    installation.load()
    assert amounts(costs(world)) == {555: money("1000.00", "250.00")}
    installation.wait(minutes=30)
    installation.load()
    installation.load()
    assert amounts(costs(world)) == {gala: money("1000.00", "250.00")}


def test_a_cost_whose_project_is_no_longer_there_is_withdrawn_and_listed(
    installation: Installation, world: World, voucher: PostedVoucher, gala: int
) -> None:
    """A project that left the offices of the client: nothing of it can be loaded here."""
    world.qondor.projects[555]["officeId"] = 999
    assert_held(installation.load(), f"voucher {voucher.key}", Reason.UNMATCHED)
    assert costs(world) == []


def test_a_voucher_without_its_project_loses_its_cost(
    installation: Installation, world: World, voucher: PostedVoucher
) -> None:
    world.change_line(voucher, 1, Dimensions=[])
    installation.load()
    assert costs(world) == []


def test_a_hidden_voucher_is_withdrawn_and_comes_back(
    installation: Installation, world: World, voucher: PostedVoucher
) -> None:
    world.hide_lines(voucher)
    installation.load()
    assert costs(world) == []
    installation.wait(minutes=10)
    world.hide_lines(voucher, hidden=False)
    installation.load()
    assert amounts(costs(world)) == {555: money("1000.00", "250.00")}


def test_a_re_dated_voucher_replaces_its_record(
    installation: Installation, world: World, voucher: PostedVoucher
) -> None:
    moved = world.redate_voucher(voucher, date(2025, 12, 31))
    assert (voucher.key, moved.key) == ("2026-3-20001", "2025-3-20001")
    installation.load()
    cost = only(costs(world))
    assert cost["externalReference"] == f"finago:102:2025-3-20001:{PROJECT}"
    assert cost["invoiceDate"] == "2025-12-31"


def test_a_voucher_over_the_turn_of_the_year_is_one_voucher_of_the_earlier_year(
    installation: Installation, world: World, project: int
) -> None:
    posted = world.post_supplier_invoice("1000.00", project=PROJECT)
    december, january = date(2025, 12, 31), date(2026, 1, 1)
    for line, day in enumerate((december, december, january), start=1):
        world.change_line(posted, line, Date=datetime.combine(day, time()))
    result = installation.load()
    assert not result.problems
    assert only(costs(world))["externalReference"] == f"finago:102:2025-3-20001:{PROJECT}"
    installation.wait(hours=1)
    world.pay_voucher(posted, day=date(2026, 1, 20))
    installation.load()
    assert (only(costs(world))["isPaid"], only(costs(world))["paidDate"]) == (True, "2026-01-20")


def test_the_daily_sweep_finds_what_was_deleted(
    installation: Installation, world: World, voucher: PostedVoucher
) -> None:
    world.post_supplier_invoice("70.00", project=PROJECT)
    world.delete_voucher(voucher)
    installation.load()
    assert len(costs(world)) == 2, "a change feed shows no deletions"
    installation.wait(days=1)
    installation.load()
    assert only(costs(world))["amountExclVat"] == Decimal("70.00")


def test_the_sweep_finds_a_single_line_that_was_deleted(
    installation: Installation, world: World, voucher: PostedVoucher
) -> None:
    del world.books(102).postings[voucher.ids[1]]
    installation.wait(days=1)
    held = assert_held(installation.load(), f"voucher {voucher.key}", Reason.UNBALANCED)
    assert "cost 31 on project 555" in held.message
    assert len(costs(world)) == 1


def test_a_locked_year_is_not_swept(installation: Installation, world: World, voucher: PostedVoucher) -> None:
    world.lock_year(2026)
    world.delete_voucher(voucher)
    installation.wait(days=1)
    installation.load()
    assert len(costs(world)) == 1


def test_after_an_outage_longer_than_the_window_nothing_is_missing(
    installation: Installation, world: World, voucher: PostedVoucher
) -> None:
    world.post_supplier_invoice("70.00", project=PROJECT)
    installation.wait(days=60)
    installation.load()
    assert sum(cost["amountExclVat"] for cost in costs(world)) == Decimal("1070.00")


def test_a_window_is_not_skipped_by_a_run_of_a_single_day(
    installation: Installation, world: World, voucher: PostedVoucher
) -> None:
    world.post_supplier_invoice("70.00", project=PROJECT)
    installation.wait(days=60)
    installation.load(day=date(2027, 1, 19))
    installation.load()
    assert sum(cost["amountExclVat"] for cost in costs(world)) == Decimal("1070.00")


def test_an_unbalanced_voucher_is_refused_whole_and_the_rest_is_loaded(
    installation: Installation, world: World, project: int
) -> None:
    wrong = world.post_voucher(
        [
            posting(6300, "100.00", project=PROJECT),
            posting(6800, "50.00", project=PROJECT),
            posting(2400, "-149.99"),
        ],
        type_id=3,
        system_type="InvoiceSupplier",
    )
    world.post_supplier_invoice("1000.00", project=PROJECT)
    result = installation.load(deliver=True)
    held = assert_held(result, f"voucher {wrong.key}", Reason.UNBALANCED)
    assert "sum to 0.01 instead of 0.00" in held.message
    assert "account 6800 50.00" in held.message
    assert amounts(costs(world)) == {555: money("1000.00", "250.00")}
    assert result.totals_by_day is not None
    assert [(row.voucher, row.total) for row in result.totals_by_day.vouchers] == [(wrong.key, Decimal("0.0100"))]
    assert len(world.slack.texts) == 1
    assert wrong.key.rpartition("-")[2] in world.slack.texts[0]
    installation.wait(days=1)
    installation.load(deliver=True)
    assert len(world.slack.texts) == 1


def test_a_mended_voucher_is_loaded_by_itself(installation: Installation, world: World, project: int) -> None:
    wrong = world.post_voucher(
        [posting(6300, "100.00", project=PROJECT), posting(2400, "-99.00")], system_type="InvoiceSupplier"
    )
    assert_held(installation.load(), f"voucher {wrong.key}", Reason.UNBALANCED)
    installation.wait(days=30)
    world.change_line(wrong, 2, Amount=Decimal("-100.00"))
    assert_settled(installation.load(), f"voucher {wrong.key}")
    assert amounts(costs(world)) == {555: money("100.00", "0.00")}


def test_some_hidden_lines_count_only_when_both_parts_balance(
    installation: Installation, world: World, project: int
) -> None:
    lines = [
        posting(6300, "100.00", project=PROJECT),
        posting(2400, "-100.00"),
        posting(6300, "7.00", project=PROJECT),
        posting(2400, "-7.00"),
    ]
    fine = world.hide_lines(world.post_voucher(lines, system_type="InvoiceSupplier"), 3, 4)
    wrong = world.hide_lines(world.post_voucher(lines, system_type="InvoiceSupplier"), 3)
    result = installation.load()
    assert_settled(result, f"voucher {fine.key}")
    assert_held(result, f"voucher {wrong.key}", Reason.PARTLY_HIDDEN)
    assert amounts(costs(world)) == {555: money("100.00", "0.00")}


@pytest.mark.parametrize("member", ["Amount", "AccountNo", "Date", "Id"])
def test_a_line_that_lacks_what_no_line_can_do_without_refuses_its_voucher(
    installation: Installation, world: World, project: int, member: str
) -> None:
    voucher = world.post_supplier_invoice("1000.00", project=PROJECT)
    del world.books(102).postings[voucher.ids[1]][member]
    result = installation.load()
    assert costs(world) == []
    # A line without a date is found by no posting day: it is named by itself, and its voucher lacks it.
    reasons = {record.reason for record in result.rejected}
    assert reasons == ({Reason.BROKEN_LINE, Reason.UNBALANCED} if member == "Date" else {Reason.BROKEN_LINE})


def test_a_line_without_a_number_is_refused_by_name(installation: Installation, world: World, project: int) -> None:
    voucher = world.post_supplier_invoice("1000.00", project=PROJECT)
    for line in voucher.ids:
        del world.books(102).postings[line]["TransactionNo"]
    result = installation.load()
    assert {record.id for record in result.rejected} == {f"line {line}" for line in voucher.ids}
    assert costs(world) == []
    assert sales(world) == []


def test_a_line_that_gets_its_number_is_held_no_longer(installation: Installation, world: World, project: int) -> None:
    voucher = world.post_supplier_invoice("1000.00", project=PROJECT)
    stray = voucher.ids[1]
    number = world.books(102).postings[stray].pop("TransactionNo")
    assert_held(installation.load(), f"line {stray}", Reason.BROKEN_LINE)
    installation.wait(days=30)
    assert_held_still(installation, f"line {stray}")
    world.change_line(voucher, 2, TransactionNo=number)
    assert installation.load().all_settled
    assert amounts(costs(world)) == {555: money("1000.00", "250.00")}
    with installation.service() as sync, sync.store.read() as transaction:
        assert f"line {stray}" not in transaction.outcomes.of_office(OSLO, "costs-and-sales")


def assert_held_still(installation: Installation, record: str) -> None:
    installation.load()
    with installation.service() as sync, sync.store.read() as transaction:
        assert record in transaction.outcomes.of_office(OSLO, "costs-and-sales")


def test_a_voucher_that_is_re_dated_while_it_does_not_balance_keeps_what_was_loaded(
    installation: Installation, world: World, voucher: PostedVoucher
) -> None:
    moved = world.redate_voucher(voucher, date(2025, 12, 31))
    world.change_line(voucher, 1, Amount=Decimal("999.99"))
    result = installation.load()
    assert_held(result, f"voucher {moved.key}", Reason.UNBALANCED)
    old = assert_held(result, f"voucher {voucher.key}", Reason.UNBALANCED)
    assert moved.key in old.message
    assert "cost 31 on project 555" in old.message
    assert amounts(costs(world)) == {555: money("1000.00", "250.00")}
    installation.wait(days=30)
    world.change_line(voucher, 3, Amount=Decimal("-1249.99"))
    result = installation.load()
    assert_settled(result, f"voucher {moved.key}", f"voucher {voucher.key}")
    cost = only(costs(world))
    assert (cost["externalReference"], cost["amountExclVat"]) == (
        f"finago:102:{moved.key}:{PROJECT}",
        Decimal("999.99"),
    )


def test_a_voucher_that_is_re_dated_there_and_back_has_its_first_record_again(
    installation: Installation, world: World, voucher: PostedVoucher
) -> None:
    for day in (date(2025, 12, 31), date(2026, 11, 20)):
        world.redate_voucher(voucher, day)
        installation.load()
        installation.wait(minutes=30)
    assert only(costs(world))["externalReference"] == f"finago:102:{voucher.key}:{PROJECT}"
    assert (installation.load().created, installation.load().updated) == (0, 0)


def test_a_voucher_over_the_turn_of_the_year_that_was_paid_before_has_the_day_of_its_payment(
    installation: Installation, world: World, project: int
) -> None:
    posted = world.post_supplier_invoice("1000.00", project=PROJECT)
    december, january = date(2025, 12, 31), date(2026, 1, 1)
    for line, day in enumerate((december, december, january), start=1):
        world.change_line(posted, line, Date=datetime.combine(day, time()))
    world.pay_voucher(posted, day=date(2025, 12, 20))
    installation.load()
    assert (only(costs(world))["isPaid"], only(costs(world))["paidDate"]) == (True, "2025-12-20")


def test_a_half_over_the_turn_of_the_year_that_leaves_is_told_with_the_record_that_stays(
    installation: Installation, world: World, project: int
) -> None:
    posted = world.post_supplier_invoice("1000.00", project=PROJECT)
    for line, day in enumerate((date(2025, 12, 31), date(2025, 12, 31), date(2026, 1, 1)), start=1):
        world.change_line(posted, line, Date=datetime.combine(day, time()))
    installation.load()
    installation.wait(minutes=30)
    world.change_line(posted, 3, Date=datetime(2027, 1, 1))  # noqa: DTZ001
    held = assert_held(installation.load(), "voucher 2025-3-20001", Reason.UNBALANCED)
    assert "cost 31 on project 555" in held.message
    assert len(costs(world)) == 1


def test_what_is_paid_and_then_opened_again_is_outstanding(
    installation: Installation, world: World, voucher: PostedVoucher
) -> None:
    world.pay_voucher(voucher, day=date(2026, 11, 21))
    installation.load()
    installation.wait(hours=1)
    world.change_line(voucher, 3, Open=True, LinkId=99)
    installation.load()
    assert (only(costs(world))["isPaid"], only(costs(world))["paidDate"]) == (False, None)


def test_a_half_that_no_window_reaches_is_read_with_the_other(
    installation: Installation, world: World, project: int
) -> None:
    """The lines of December changed long ago; only that of January is in the change feed."""
    posted = world.post_supplier_invoice("1000.00", project=PROJECT)
    for line in (1, 2):
        long_ago = datetime(2025, 12, 31, 9, tzinfo=UTC)
        world.change_line(posted, line, Date=datetime(2025, 12, 31))  # noqa: DTZ001
        world.lines_of(posted)[line - 1]["DateChanged"] = long_ago
    world.change_line(posted, 3, Date=datetime(2026, 1, 1))  # noqa: DTZ001
    assert installation.load().all_settled
    assert amounts(costs(world)) == {555: money("1000.00", "250.00")}


def test_a_line_that_is_read_twice_counts_once(installation: Installation, world: World, project: int) -> None:
    """Other halves are looked for in a range of numbers, in which vouchers stand that were read before."""
    lines = [posting(6300, "5.00", project=PROJECT), posting(2400, "-4.00")]
    for number in (10, 30):
        world.post_voucher(lines, type_id=3, system_type="InvoiceSupplier", number=number)
    world.post_supplier_invoice("1000.00", project=PROJECT, number=20, day=date(2025, 6, 1))
    result = installation.load()
    assert {record.id for record in result.rejected} == {"voucher 2026-3-10", "voucher 2026-3-30"}
    assert amounts(costs(world)) == {555: money("1000.00", "250.00")}
