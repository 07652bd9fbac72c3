"""The vouchers on projects of the tax authority's sample of a SAF-T file, posted anew: 46 records, one a project.

Each line of the sample says its own VAT, which is that of the file's maker. Ours comes from the VAT account alone. Two
vouchers contradict themselves there: their lines say 40,729.00, their VAT accounts 40,729.75.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from .test_vat_shares import vat

PURCHASE, SALE = 1, 3
"""Our codes of 25 % input and output VAT; the sample calls them 1 and 2."""

SAMPLE: list[tuple[int, int, list[tuple[int, str]], str, str]] = [
    (1001, 4000, [(202, "10000")], "2500", "2500"),
    (1002, 4000, [(202, "5000")], "1250", "1250"),
    (1005, 3000, [(200, "22000"), (203, "251000"), (90, "79000")], "88000", "88000"),
    (1006, 3000, [(200, "20000"), (202, "20000")], "10000", "10000"),
    (1008, 7320, [(200, "25000"), (202, "25000")], "12500", "12500"),
    (1010, 4000, [(200, "10740"), (202, "14562")], "6325.50", "6325.50"),
    (1013, 3000, [(202, "15000"), (203, "53919"), (90, "94000")], "40729.75", "40729.00"),
    (1015, 4000, [(202, "12000")], "3000", "3000"),
    (1016, 4000, [(90, "16800")], "4200", "4200"),
    (1019, 3000, [(202, "32100"), (203, "191000"), (90, "84500")], "76900", "76900"),
    (1020, 3000, [(202, "19000"), (203, "43200")], "15550", "15550"),
    (1025, 3000, [(202, "11000"), (203, "65700"), (90, "46500")], "30800", "30800"),
    (1029, 4000, [(203, "23050")], "5762.50", "5762.50"),
    (1030, 4000, [(90, "10000")], "2500", "2500"),
    (1033, 3000, [(200, "8000"), (203, "260000"), (90, "75000")], "85750", "85750"),
    (1034, 3000, [(90, "90000")], "22500", "22500"),
    (1036, 7320, [(90, "5000"), (203, "7000")], "3000", "3000"),
    (1041, 3000, [(202, "15000"), (203, "53919"), (90, "94000")], "40729.75", "40729.00"),
    (1043, 4000, [(202, "8000")], "2000", "2000"),
    (1044, 4000, [(90, "22000")], "5500", "5500"),
    (1047, 4000, [(203, "50000")], "12500", "12500"),
    (1049, 3000, [(202, "200000"), (203, "104000"), (90, "60000")], "91000", "91000"),
    (1050, 3000, [(202, "12000"), (203, "85700")], "24425", "24425"),
    (1054, 3000, [(202, "35000"), (203, "28500"), (90, "147300")], "52700", "52700"),
]
"""Voucher, account, amounts by project, what stands on the VAT account, what the line says that its VAT is."""

CONTRADICT_THEMSELVES = {1013, 1041}


def vat_by_the_file(projects: list[tuple[int, str]], said: str) -> list[Decimal]:
    """The VAT that the line says, shared by the amounts of its projects."""
    whole = sum(Decimal(amount) for _, amount in projects)
    return [Decimal(said) * Decimal(amount) / whole for _, amount in projects]


def ours(account: int, projects: list[tuple[int, str]], posted: str) -> list[Decimal]:
    sign, code, vat_account = (-1, SALE, 2700) if account == 3000 else (1, PURCHASE, 2710)
    lines = [(account, str(sign * Decimal(amount)), code) for _, amount in projects]
    shares, unmatched = vat([*lines, (vat_account, str(sign * Decimal(posted)), None)])
    assert unmatched == {}
    return [sign * Decimal(share) for share in shares]


def test_it_holds_forty_six_records_of_which_six_are_of_vouchers_that_contradict_themselves() -> None:
    assert sum(len(projects) for _, _, projects, _, _ in SAMPLE) == 46
    doubtful = {number for number, _, _, posted, said in SAMPLE if Decimal(posted) != Decimal(said)}
    assert doubtful == CONTRADICT_THEMSELVES


@pytest.mark.parametrize(
    ("number", "account", "projects", "posted", "said"), SAMPLE, ids=[str(number) for number, *_ in SAMPLE]
)
def test_the_vat_of_each_record_is_what_the_file_says_of_its_line(
    number: int, account: int, projects: list[tuple[int, str]], posted: str, said: str
) -> None:
    found = ours(account, projects, posted)
    assert sum(found) == Decimal(posted), "to the øre, what was posted"
    if number not in CONTRADICT_THEMSELVES:
        assert found == vat_by_the_file(projects, said)
