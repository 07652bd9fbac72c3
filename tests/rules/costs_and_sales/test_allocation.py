"""Supplier costs and sales revenue: what each line of a voucher means for its projects."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qondor_finago_pipelines.records.costs_and_sales.actuals import ActualKind
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.rules.costs_and_sales.allocation import (
    Allocation,
    allocate,
    gives_back,
    invoice_numbers,
    is_ours,
    only_listed,
)

from .vouchers import CODES, amounts_by_hand, judged, meaning_of, row, voucher_of


def allocated(*rows: dict[str, Any], **options: Any) -> Allocation:
    return allocate(voucher_of(*rows), vat_codes=CODES, **options)


def amounts(allocation: Allocation) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    return {(each.kind.value, each.project): (each.excluding_vat, each.vat) for each in allocation.amounts}


def money(*texts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(text) for text in texts)


BILL = (
    row(6300, "8000.00", project=12345, vat_code=1, comment="Rooms"),
    row(2710, "2000.00"),
    row(2400, "-10000.00", company="4790", due_date=date(2026, 12, 16), is_open=True, link_id=7, invoice_number="F-1"),
)


def test_debit_on_an_expense_account_of_a_supplier_voucher_is_a_cost() -> None:
    found = allocated(*BILL)
    assert amounts(found) == {("cost", "12345"): money("8000.00", "2000.00")}
    terms = found.terms[ActualKind.COST]
    assert (terms.company_id, terms.transaction_reference, terms.due_date) == (4790, "F-1", date(2026, 12, 16))
    assert (terms.is_paid, terms.link_ids, terms.invoice_date) == (False, {7}, date(2026, 11, 16))
    assert found.amounts[0].description == "Rooms"


def test_credit_on_a_revenue_account_of_any_voucher_is_a_sale() -> None:
    found = allocated(
        row(1500, "125.00", system_type="InvoiceCustomer"),
        row(3000, "-100.00", project=1, vat_code=3),
        row(2700, "-25.00"),
    )
    assert amounts(found) == {("sale", "1"): money("100.00", "25.00")}


@pytest.mark.parametrize(
    ("system_type", "accounts", "is_supplier"),
    [
        ("InvoiceSupplier", (1920,), True),
        ("CreditnoteSupplier", (1500,), True),
        ("Miscellaneous", (2400,), True),
        ("Miscellaneous", (2400, 1920), True),
        ("Payment", (2400, 1920), True),
        ("Miscellaneous", (1920,), False),
        ("InvoiceLoss", (2400,), True),
    ],
)
def test_a_supplier_voucher_is_told_by_its_type_or_by_what_it_owes(
    system_type: str, accounts: tuple[int, ...], is_supplier: bool
) -> None:
    rest = [row(account, "-50.00", system_type=system_type) for account in accounts]
    found = allocated(row(6300, Decimal(50 * len(accounts)), project=1, system_type=system_type), *rest)
    assert bool(found.amounts) is is_supplier
    assert [each.why for each in found.unloaded] == ([] if is_supplier else ["not a supplier cost"])


def test_paid_is_what_has_no_open_ledger_line() -> None:
    paid = [{**each, "is_open": False} for each in BILL]
    assert allocated(*paid).terms[ActualKind.COST].is_paid
    without = allocated(row(3000, "-10.00", project=1), row(1920, "10.00"))
    assert without.terms[ActualKind.SALE].is_paid


def test_the_party_is_that_of_the_largest_ledger_line_then_of_the_first() -> None:
    found = allocated(
        row(6300, "100.00", project=1), row(2400, "-30.00", company="1"), row(2400, "-70.00", company="2")
    )
    assert found.terms[ActualKind.COST].company_id == 2
    even = allocated(row(6300, "60.00", project=1), row(2400, "-30.00", company="1"), row(2400, "-30.00", company="2"))
    assert even.terms[ActualKind.COST].company_id == 1


@pytest.mark.parametrize(
    ("members", "reference"),
    [({"invoice_number": "F-1", "ocr": "77"}, "F-1"), ({"ocr": "77"}, "77"), ({}, "20418")],
)
def test_the_transaction_reference_is_invoice_number_then_ocr_then_voucher_number(
    members: dict[str, str], reference: str
) -> None:
    found = allocated(row(6300, "1.00", project=1), row(2400, "-1.00", **members))
    assert found.terms[ActualKind.COST].transaction_reference == reference


def test_a_project_whose_amounts_cancel_out_has_no_record() -> None:
    found = allocated(row(6300, "5.00", project=1), row(6800, "-5.00", project=1))
    assert found.amounts == ()


@pytest.mark.parametrize(
    ("split", "wrong"),
    [
        ({1: "60", 2: "50"}, "gives 110 % to projects"),
        ({1: "-1"}, "has a negative percentage"),
        ({"1": "50", " 1": "50"}, "names a project twice"),
        ({1: None, 2: None}, "gives 200 % to projects"),
    ],
)
def test_percentages_that_do_not_fit_refuse_the_voucher(split: dict[Any, str | None], wrong: str) -> None:
    refusal = allocated(row(6300, "10.00", split=split), row(2400, "-10.00")).refusal
    assert refusal is not None
    assert refusal.reason is Reason.WRONG_SPLIT
    assert wrong in refusal.message


@pytest.mark.parametrize("percent", ["33.33", "33.3333333333", "33.36"])
def test_three_thirds_are_a_whole(percent: str) -> None:
    found = allocated(row(6300, "100.00", split=dict.fromkeys((1, 2, 3), percent)), row(2400, "-100.00"))
    assert amounts(found) == {
        ("cost", "1"): money("33.34", "0.00"),
        ("cost", "2"): money("33.33", "0.00"),
        ("cost", "3"): money("33.33", "0.00"),
    }
    assert found.unloaded == ()


def test_what_is_left_of_a_hundred_percent_is_listed() -> None:
    found = allocated(row(6300, "0.05", split={1: "50"}), row(2400, "-0.05"))
    assert amounts(found) == {("cost", "1"): money("0.03", "0.00")}
    assert [(each.amount, each.why) for each in found.unloaded] == [(Decimal("0.02"), "percentages below 100")]


def test_an_invoice_of_ours_is_told_by_its_number_and_a_credit_note_by_a_credit_notes() -> None:
    def voucher(kind: str, number: str, revenue: str = "1.00") -> Any:
        lines = (
            row(1500, revenue, invoice_number=number),
            row(3000, -Decimal(revenue), project=1, invoice_number=number),
        )
        return judged(*({**line, "system_type": kind} for line in lines)).vouchers[0]

    def ours(is_credit: bool) -> list[bool]:
        return [is_ours(each, {10001: is_credit}) for each in (invoice, credit, manual, reversal, undone)]

    invoice, manual = voucher("InvoiceCustomer", "10001"), voucher("Miscellaneous", "10001")
    credit, reversal = voucher("CreditnoteCustomer", "10001", "-1.00"), voucher("InvoiceCustomer", "10001", "-1.00")
    undone = voucher("CreditnoteCustomer", "10001")
    assert invoice_numbers(invoice) == {10001}
    assert ours(is_credit=False) == [True, False, False, False, False]
    assert ours(is_credit=True) == [False, True, False, True, False], "whatever type Finago gives a credit note"
    assert not is_ours(voucher("InvoiceCustomer", "10002"), {10001: False})
    assert invoice_numbers(voucher("InvoiceCustomer", "F-1")) == frozenset()


def test_revenue_of_ours_is_listed_and_costs_of_the_same_voucher_are_loaded() -> None:
    lines = (row(6300, "5.00", project=1), row(3000, "-3.00", project=1), row(2400, "-2.00"))
    found = allocated(*lines, skip_sales=True)
    assert amounts(found) == {("cost", "1"): money("5.00", "0.00")}
    assert [(each.amount, each.why.value) for each in found.unloaded] == [(Decimal("3.00"), "invoiced by Qondor")]


@pytest.mark.parametrize("account", [4080, 4087, 4380, 4381, 7780, 7786, 7787])
def test_what_stands_on_a_memo_account_is_no_cost(account: int) -> None:
    """It stands on another account as well, and would count double."""
    found = allocated(
        row(6300, "100.00", project=1), row(account, "30.00", project=1), row(7799, "-30.00"), row(2400, "-100.00")
    )
    assert amounts(found) == {("cost", "1"): money("100.00", "0.00")}


MOVED = {"system_type": "Miscellaneous"}


@pytest.mark.parametrize(
    ("lines", "loaded", "taken"),
    [
        ([(6300, "-1000.00", 1), (6300, "1000.00", 2)], {"1": "-1000.00", "2": "1000.00"}, {("1", 6300): "1000.00"}),
        ([(6300, "-1000.00", None), (6300, "1000.00", 2)], {"2": "1000.00"}, {}),
        ([(6300, "-1000.00", 1), (6300, "1000.00", None)], {"1": "-1000.00"}, {("1", 6300): "1000.00"}),
        (
            [(6300, "-600.00", 1), (6800, "-400.00", 1), (7100, "1000.00", 2)],
            {"1": "-1000.00", "2": "1000.00"},
            {("1", 6300): "600.00", ("1", 6800): "400.00"},
        ),
    ],
)
def test_a_voucher_of_no_supplier_whose_expenses_sum_to_zero_moves_costs(
    lines: list[tuple[int, str, int | None]], loaded: dict[str, str], taken: dict[tuple[str, int], str]
) -> None:
    found = allocated(*(row(account, amount, project=project, **MOVED) for account, amount, project in lines))
    assert found.is_correction
    assert {each.project: each.excluding_vat for each in found.amounts} == {
        project: Decimal(amount) for project, amount in loaded.items()
    }
    assert gives_back(found) == {place: Decimal(amount) for place, amount in taken.items()}
    listed = only_listed(found)
    assert (listed.amounts, listed.is_correction) == ((), False)
    assert {each.why.value for each in listed.unloaded} == {"corrects what was never loaded"}


@pytest.mark.parametrize(("other_expenses", "is_loaded"), [("corrections", False), ("list", False), ("all", True)])
def test_expenses_of_no_supplier_follow_the_setting(other_expenses: str, is_loaded: bool) -> None:
    lines = (row(5000, "10.00", project=1, company="4711", **MOVED), row(2930, "-10.00", **MOVED))
    found = allocated(*lines, other_expenses=other_expenses)
    assert bool(found.amounts) is is_loaded
    assert [each.why.value for each in found.unloaded] == ([] if is_loaded else ["not a supplier cost"])
    if is_loaded:
        assert found.terms[ActualKind.COST].company_id is None, "without a supplier's name"


def test_corrections_are_listed_where_all_other_expenses_are() -> None:
    lines = (row(6300, "-10.00", project=1, **MOVED), row(6300, "10.00", project=2, **MOVED))
    found = allocated(*lines, other_expenses="list")
    assert found.amounts == ()
    assert [each.amount for each in found.unloaded] == [Decimal("-10.00"), Decimal("10.00")]


def test_a_cash_discount_that_a_payment_books_lowers_the_cost() -> None:
    found = allocated(
        row(2400, "1000.00", system_type="Payment"),
        row(6300, "-20.00", project=1, system_type="Payment"),
        row(1920, "-980.00", system_type="Payment"),
    )
    assert amounts(found) == {("cost", "1"): money("-20.00", "0.00")}


def test_ten_projects_with_a_line_that_takes_back_sum_to_the_ore() -> None:
    tenths: dict[int, str | None] = dict.fromkeys(range(1, 11), "10")
    found = allocated(
        row(6300, "100.03", split=tenths, vat_code=1),
        row(6300, "-0.07", split=tenths, vat_code=1),
        row(2710, "24.99"),
        row(2400, "-124.95"),
    )
    assert sum(each.excluding_vat for each in found.amounts) == Decimal("99.96")
    assert sum(each.vat for each in found.amounts) == Decimal("24.99")
    assert len(found.amounts) == 10


# sums, whatever the voucher

AMOUNT = st.decimals(min_value=-(10**5), max_value=10**5, places=2).filter(bool)
PERCENTS = st.lists(st.decimals(min_value=0, max_value=50, places=2), min_size=1, max_size=2)
SPLIT = st.one_of(
    st.none(),
    st.integers(1, 4).map(lambda project: {project: None}),
    PERCENTS.map(lambda percents: {number + 1: str(percent) for number, percent in enumerate(percents)}),
)
ACCOUNTS = st.sampled_from([6300, 6800, 3000, 1200, 7740])
LINES = st.lists(st.tuples(ACCOUNTS, AMOUNT, SPLIT, st.sampled_from([None, 0, 1, 3, 11, 99])), min_size=1, max_size=6)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(LINES, st.lists(AMOUNT, max_size=2), st.randoms(use_true_random=False))
def test_every_voucher_comes_to_what_a_plain_reckoning_says(lines: Any, vat: list[Decimal], random: Any) -> None:
    rows = [row(account, amount, split=split, vat_code=code) for account, amount, split, code in lines]
    rows += [row(account, amount) for account, amount in zip(random.sample([2710, 2700, 2740], 2), vat, strict=False)]
    rows.append(row(2400, -sum((each["amount"] for each in rows), Decimal(0))))
    numbered = [{"id": str(number), "sequence": number, **each} for number, each in enumerate(rows, start=1)]
    shuffled = random.sample(numbered, len(numbered))
    found = judged(*shuffled)
    by_hand = amounts_by_hand(rows)
    if not found.vouchers:
        assert not by_hand
        return
    allocation = allocate(found.vouchers[0], vat_codes=CODES)
    if by_hand is None:
        assert allocation.refusal is not None
        assert allocation.refusal.reason is Reason.UNKNOWN_VAT_CODE
        return
    assert allocation.refusal is None
    assert amounts(allocation) == by_hand
    for kind, sign in (("cost", 1), ("sale", -1)):
        meaning = {"cost": "expense", "sale": "revenue"}[kind]
        on_projects = sum(
            (each["amount"] for each in rows if meaning_of(each["account"]).value == meaning and each["projects"]),
            Decimal(0),
        )
        loaded = sum((sign * net for (of_kind, _), (net, _) in by_hand.items() if of_kind == kind), Decimal(0))
        rest = sum(
            (sign * each.amount for each in allocation.unloaded if meaning_of(each.account).value == meaning),
            Decimal(0),
        )
        assert loaded + rest == on_projects
