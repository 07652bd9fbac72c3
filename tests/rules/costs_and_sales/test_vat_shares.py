"""VAT of a voucher: what of it belongs to which line, and what belongs to none."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qondor_finago_pipelines.records.costs_and_sales.vouchers import VatCode
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.rules.costs_and_sales.allocation import allocate
from qondor_finago_pipelines.rules.costs_and_sales.vat_codes import VatCodes
from qondor_finago_pipelines.rules.costs_and_sales.vat_shares import vat_shares
from tests.vat_by_hand import Line, vat_of

from .vouchers import CODES, judged, meaning_of, row, voucher_of


def codes(*more: tuple[int, str, int | None], without_accounts: bool = False) -> VatCodes:
    """The list as it is, with these codes more: number, percent, account."""
    listed = [
        *CODES.codes,
        *(VatCode(number=number, percent=Decimal(percent), account=account) for number, percent, account in more),
    ]
    if without_accounts:
        listed = [VatCode(number=each.number, percent=each.percent) for each in listed]
    return VatCodes(tuple(listed))


REVERSE_CHARGE = codes((86, "25", 2711), (81, "25", 2711), (14, "25", 2711))


def vat(lines: list[tuple[int, str, int | None]], of: VatCodes = CODES) -> tuple[list[str], dict[int, str]]:
    """The VAT of the (account, amount, VAT code) lines that are not of VAT, and what is unmatched."""
    rows = [row(account, amount, vat_code=code, project=1) for account, amount, code in lines]
    rest = sum((each["amount"] for each in rows), Decimal(0))
    voucher = voucher_of(*rows, row(6300, "0.00", project=1), *([row(2400, -rest)] if rest else []))
    found = vat_shares(voucher.postings, of)
    shown = [
        str(share)
        for posting, share in zip(voucher.postings, found.of_lines, strict=True)
        if posting.meaning.value != "vat" and posting.account not in of.accounts
    ]
    return shown[
        : sum(1 for account, _, _ in lines if meaning_of(account).value != "vat" and account not in of.accounts)
    ], {account: str(amount) for account, amount in found.unmatched.items()}


@pytest.mark.parametrize(
    ("lines", "shares"),
    [
        (
            [(6300, "999.99", 1), (3000, "-1000.00", 3), (2710, "250.00", None), (2700, "-250.00", None)],
            ["250.00", "-250.00"],
        ),
        ([(6300, "10000.00", 1), (6300, "-9999.00", 1), (2710, "0.30", None)], ["2500.05", "-2499.75"]),
        (
            [(6300, "1000.00", 1), (3000, "-1000.00", 3), (2710, "250.00", None), (2700, "-250.00", None)],
            ["250.00", "-250.00"],
        ),
        ([(6300, "100.00", 1), (7100, "100.00", 11), (2710, "40.00", None)], ["25.00", "15.00"]),
        ([(6300, "33.33", 1), (6800, "33.33", 1), (2710, "16.67", None)], ["8.34", "8.33"]),
        ([(6300, "100.00", 1), (6800, "300.00", None), (2710, "25.00", None)], ["25.00", "0.00"]),
    ],
    ids=[
        "a supplier and a sale of nearly the same amount",
        "what is taken back nearly cancels what was charged",
        "a barter that nets",
        "two rates on one account",
        "a supplier that rounds",
        "a line without a code beside one with",
    ],
)  # fmt: skip
def test_each_line_starts_from_its_own_vat_and_the_largest_takes_the_difference(
    lines: list[tuple[int, str, int | None]], shares: list[str]
) -> None:
    assert vat(lines) == (shares, {})


@pytest.mark.parametrize(
    ("lines", "shares"),
    [
        ([(6300, "1000.00", 1), (2710, "240.00", None)], ["240.00"]),
        ([(6300, "1000.00", 1), (6800, "500.00", 1), (2710, "187.50", None)], ["125.00", "62.50"]),
        ([(6300, "-1000.00", 1), (6800, "-500.00", 11), (2710, "-162.50", None)], ["-125.00", "-37.50"]),
        ([(6300, "1000.00", 1), (6800, "500.00", 1)], ["0.00", "0.00"]),
    ],
    ids=["an old rate", "half of it may not be deducted", "of a credit note", "all is exempt after all"],
)
def test_less_than_the_rates_say_is_shared_in_proportion(
    lines: list[tuple[int, str, int | None]], shares: list[str]
) -> None:
    assert vat(lines) == (shares, {})


@pytest.mark.parametrize(
    ("lines", "shares", "unmatched"),
    [
        ([(6300, "1000.00", 1), (2710, "5250.00", None)], ["250.00"], {2710: "5000.00"}),
        ([(6300, "1000.00", 1), (6800, "-400.00", 1), (2710, "100.00", None)], ["250.00", "-100.00"], {2710: "-50.00"}),
        ([(6300, "1000.00", 1), (2710, "-250.00", None)], ["250.00"], {2710: "-500.00"}),
        ([(6300, "1000.00", 0), (2710, "30.00", None)], ["0.00"], {2710: "30.00"}),
        ([(6300, "1000.00", 1), (2710, "250.00", None), (2740, "7.00", None)], ["250.00"], {2740: "7.00"}),
    ],
    ids=[
        "more than the rates say",
        "different signs",
        "the wrong sign",
        "on an exempt line",
        "on an account of nobody",
    ],
)
def test_what_the_rates_do_not_explain_is_unmatched_and_never_guessed(
    lines: list[tuple[int, str, int | None]], shares: list[str], unmatched: dict[int, str]
) -> None:
    assert vat(lines) == (shares, unmatched)


@pytest.mark.parametrize(
    ("lines", "shares", "unmatched"),
    [
        ([(6300, "1000.00", None), (2710, "250.00", None)], ["250.00"], {}),
        ([(6300, "300.00", None), (6800, "100.00", None), (2710, "40.00", None)], ["30.00", "10.00"], {}),
        ([(6300, "-300.00", None), (6800, "-100.00", None), (2710, "-40.00", None)], ["-30.00", "-10.00"], {}),
        ([(6300, "100.00", None), (2710, "5000.00", None)], ["25.00"], {2710: "4975.00"}),
        ([(6300, "300.00", None), (6800, "-100.00", None), (2710, "40.00", None)], ["0.00", "0.00"], {2710: "40.00"}),
    ],
    ids=["a hotel", "two lines", "a credit note", "import VAT beside a fee", "different signs"],
)
def test_vat_that_was_posted_by_hand_is_at_most_a_quarter_of_each_line(
    lines: list[tuple[int, str, int | None]], shares: list[str], unmatched: dict[int, str]
) -> None:
    assert vat(lines) == (shares, unmatched)


@pytest.mark.parametrize(
    ("lines", "shares"),
    [
        ([(6300, "1000.00", 86), (2711, "250.00", None), (2701, "-250.00", None)], ["0.00"]),
        (
            [
                (6300, "1000.00", 1),
                (6800, "1000.00", 86),
                (2710, "250.00", None),
                (2711, "250.00", None),
                (2701, "-250.00", None),
            ],
            ["250.00", "0.00"],
        ),
        (
            [(6300, "1000.00", 1), (6800, "1000.00", 86), (2710, "500.00", None), (2700, "-250.00", None)],
            ["250.00", "0.00"],
        ),
        (
            [
                (6300, "1000.00", 1),
                (6800, "400.00", 91),
                (2710, "250.00", None),
                (2740, "60.00", None),
                (2741, "-60.00", None),
            ],
            ["250.00", "0.00"],
        ),
        (
            [
                (6300, "500.00", 1),
                (4300, "20000.00", 81),
                (4390, "-20000.00", 0),
                (2710, "125.00", None),
                (2711, "5000.00", None),
            ],
            ["125.00", "0.00", "0.00"],
        ),
        (
            [(3000, "-800.00", 3), (6800, "1000.00", 86), (2700, "-450.00", None), (2711, "250.00", None)],
            ["-200.00", "0.00"],
        ),
    ],
    ids=[
        "reverse charge",
        "beside ordinary VAT",
        "on the same account as ordinary VAT",
        "quotas, of which the list knows no rate",
        "import beside a forwarder's fee",
        "beside a sale",
    ],
)  # fmt: skip
def test_import_reverse_charge_and_quotas_have_no_vat(
    lines: list[tuple[int, str, int | None]], shares: list[str]
) -> None:
    assert vat(lines, REVERSE_CHARGE) == (shares, {})


def test_import_vat_on_a_forwarders_invoice_is_unmatched() -> None:
    """The goods were charged elsewhere: 125 of 5,125 belongs to the freight."""
    lines = [(6100, "500.00", 1), (2710, "125.00", None), (2710, "5000.00", 14)]
    assert vat(lines, REVERSE_CHARGE) == (["125.00"], {2710: "5000.00"})


def test_a_part_that_may_not_be_deducted_is_part_of_the_amount() -> None:
    """1000 at 25 %, of which half may be deducted: 1125 is the cost, 125 its VAT."""
    rows = [row(6300, "1125.00", project=1, vat_code=1, vat_dividend=Decimal("0.5")), row(2710, "125.00")]
    of_lines = vat_shares(voucher_of(*rows, row(2400, "-1250.00")).postings, CODES).of_lines
    assert of_lines[0] == Decimal("125.00")
    in_percent = [{**rows[0], "vat_dividend": Decimal(50)}, rows[1]]
    assert vat_shares(voucher_of(*in_percent, row(2400, "-1250.00")).postings, CODES).of_lines[0] == Decimal("125.00")


@pytest.mark.parametrize("account", [1600, 1610, 1617, 2749, 6390])
def test_an_account_that_a_code_posts_to_is_one_of_vat(account: int) -> None:
    of = VatCodes((VatCode(number=1, percent=Decimal(25), account=account),))
    voucher = voucher_of(row(6300, "100.00", project=1, vat_code=1), row(account, "25.00"), row(2400, "-125.00"))
    (found,) = allocate(voucher, vat_codes=of).amounts
    assert (found.excluding_vat, found.vat) == (Decimal("100.00"), Decimal("25.00"))


def test_where_the_list_names_no_account_input_and_output_go_together() -> None:
    lines = [
        (6300, "1000.00", 1),
        (6800, "100.00", 11),
        (3000, "-400.00", 3),
        (2710, "250.00", None),
        (2714, "15.00", None),
        (2700, "-100.00", None),
    ]  # fmt: skip
    assert vat(lines, codes(without_accounts=True)) == (["250.00", "15.00", "-100.00"], {})


UNKNOWN = (row(6300, "300.00", project=1, vat_code=99), row(6300, "100.00", vat_code=1))


def test_a_code_that_finago_does_not_list_refuses_the_voucher_where_its_vat_is_not_explained() -> None:
    refusal = allocate(voucher_of(*UNKNOWN, row(2710, "100.00"), row(2400, "-500.00")), vat_codes=CODES).refusal
    assert refusal is not None
    assert refusal.reason is Reason.UNKNOWN_VAT_CODE
    assert "the VAT code 99, which Finago does not list" in refusal.message
    assert "75.00 on account 2710" in refusal.message


def test_a_code_that_finago_does_not_list_carries_none_where_the_vat_is_explained_without_it() -> None:
    found = allocate(voucher_of(*UNKNOWN, row(2710, "25.00"), row(2400, "-425.00")), vat_codes=CODES)
    assert [(each.excluding_vat, each.vat) for each in found.amounts] == [(Decimal("300.00"), Decimal("0.00"))]


def test_a_code_that_is_only_an_id_is_named() -> None:
    voucher = voucher_of(row(6300, "100.00", project=1, vat_code=101), row(2710, "25.00"), row(2400, "-125.00"))
    assert CODES.only_as_ids(voucher.postings) == {101}
    refusal = allocate(voucher, vat_codes=CODES).refusal
    assert refusal is not None
    assert "101 is the TaxId of a code, not its TaxNo." in refusal.message


def test_a_voucher_of_nothing_but_vat_concerns_no_project() -> None:
    found = judged(row(2710, "10.00", project=1, vat_code=1), row(2700, "-10.00", project=1, vat_code=3))
    assert (found.vouchers, found.refused) == ((), ())


def test_a_vat_lines_own_code_counts_for_nothing() -> None:
    assert vat([(6300, "100.00", 0), (2710, "25.00", 1)]) == (["0.00"], {2710: "25.00"})


def test_unmatched_vat_is_listed_and_the_rest_is_loaded() -> None:
    found = allocate(
        voucher_of(row(6300, "1000.00", project=1, vat_code=1), row(2710, "300.00"), row(2400, "-1300.00")),
        vat_codes=CODES,
    )
    assert [(each.excluding_vat, each.vat) for each in found.amounts] == [(Decimal("1000.00"), Decimal("250.00"))]
    assert [(each.account, each.amount, each.why.value) for each in found.unloaded] == [
        (2710, Decimal("50.00"), "unmatched VAT")
    ]


# whatever the voucher

AMOUNT = st.integers(min_value=-(10**6), max_value=10**6).map(lambda ore: Decimal(ore) / 100)
LINES = st.lists(
    st.tuples(st.sampled_from([6300, 3000, 1200, 7740, 7786]), AMOUNT, st.sampled_from([None, 0, 1, 3, 5, 11, 12, 31])),
    min_size=1,
    max_size=5,
)
VAT_LINES = st.lists(st.tuples(st.sampled_from([2700, 2710, 2740]), AMOUNT), max_size=3)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(LINES, VAT_LINES, st.booleans())
def test_vat_is_what_a_plain_reckoning_says(lines: Any, vat_lines: Any, exact: bool) -> None:
    if exact:
        # What the rates say, but for some øre: else most examples are unmatched.
        vat_lines = [
            (2710, sum((a * 25 / 100 for _, a, code in lines if code == 1), Decimal(0)).quantize(Decimal("0.1")))
        ]
    rows = [row(account, amount, project=1, vat_code=code) for account, amount, code in lines]
    rows += [row(account, amount) for account, amount in vat_lines]
    rows.append(row(2400, -sum((each["amount"] for each in rows), Decimal(0))))
    rows.append(row(6800, "0.00", project=1, vat_code=0))
    postings = voucher_of(*rows).postings
    found = vat_shares(postings, CODES)
    by_hand, over = vat_of(
        [
            Line(each["account"], meaning_of(each["account"]).value, int(each["amount"] * 100), each.get("vat_code"))
            for each in rows
        ]
    )
    assert [int(each * 100) for each in found.of_lines] == by_hand
    assert {account: int(amount * 100) for account, amount in found.unmatched.items()} == over
    posted = sum((each["amount"] for each in rows if meaning_of(each["account"]).value == "vat"), Decimal(0))
    assert sum(found.of_lines) + sum(found.unmatched.values()) == posted


@settings(derandomize=True, max_examples=100, deadline=None)
@given(LINES, VAT_LINES)
def test_a_reversal_takes_back_just_the_vat_that_was_given(lines: Any, vat_lines: Any) -> None:
    def shares(sign: int) -> list[Decimal]:
        rows = [row(account, sign * amount, project=1, vat_code=code) for account, amount, code in lines]
        rows += [row(account, sign * amount) for account, amount in vat_lines]
        rest = -sum((each["amount"] for each in rows), Decimal(0))
        return list(
            vat_shares(voucher_of(*rows, row(2400, rest), row(6800, "0.00", project=1)).postings, CODES).of_lines
        )

    assert shares(-1) == [-share for share in shares(1)]
