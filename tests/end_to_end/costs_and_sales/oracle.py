"""What Qondor should hold, reckoned from Finago's general ledger and Qondor's projects by the words of the rules alone.

Plain integers of øre and plain loops; nothing here is shared with the integration. What the rules let stand - the
records of a voucher that is refused now - is carried on from one reckoning to the next.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from qondor_finago_pipelines.sandbox import World
from tests import vat_by_hand
from tests.vat_by_hand import CODES, shares

Key = tuple[int, int, int]
"""Fiscal year, type, number."""

Line = Mapping[str, Any]
Records = dict[str, dict[str, Any]]
"""`cost finago:102:2026-3-1:12345` → what Qondor should show, without its id."""


def meaning(account: int) -> str:
    if 7740 <= account <= 7749:
        return "rounding"
    if 4080 <= account <= 4087 or 4380 <= account <= 4387 or 7780 <= account <= 7789:
        return "memo"
    for first, last, name in (
        (1500, 1529, "receivable"),
        (1550, 1599, "receivable"),
        (1900, 1999, "bank"),
        (2400, 2499, "payable"),
        (2700, 2749, "vat"),
        (3000, 3999, "revenue"),
        (4000, 7999, "expense"),
    ):
        if first <= account <= last:
            return name
    return "other"


def ore(amount: Decimal) -> int:
    in_ore = amount * 100
    assert in_ore == int(in_ore)
    return int(in_ore)


@dataclass
class Oracle:
    """Carried through one sequence of edits. `office` books are those of the one Finago client."""

    world: World
    books: Any
    offices: tuple[int, ...]
    records: Records = field(default_factory=dict)
    voucher_of_line: dict[str, Key] = field(default_factory=dict)
    """By guid of a line: the voucher whose records were loaded when the line was part of it."""
    refused: set[Key] = field(default_factory=set)

    def follow(self, *, swept: bool) -> set[str]:
        """Reckons anew what Qondor should hold now, of all offices.

        Gives the records of which nothing can be said: their voucher was deleted, and no sweep has looked for that.
        """
        counting, self.refused = self._judged()
        found = {key: self._records_of(key, lines) for key, lines in counting.items()}
        self.refused |= {key for key, records in found.items() if records is None}
        there = {line["Id"]: self._key(line) for line in self._lines()}
        vouchers = set(there.values())
        # The lines of a voucher that was re-dated stand in another one: while that is refused, the old records stay.
        stay = self.refused | {
            home
            for line, home in self.voucher_of_line.items()
            if home not in vouchers and there.get(line) in self.refused
        }
        voucher_of_line_there = {home for line, home in self.voucher_of_line.items() if line in there}
        unsure = {
            reference
            for reference in self.records
            if not swept and voucher_of(reference) not in vouchers | voucher_of_line_there
        }
        voucher_of_line = {line: home for line, home in self.voucher_of_line.items() if home in stay}
        records = {reference: record for reference, record in self.records.items() if voucher_of(reference) in stay}
        for key, made in found.items():
            if made:
                records |= made
                voucher_of_line |= {line["Id"]: key for line in counting[key]}
        self.records, self.voucher_of_line = records, voucher_of_line
        return unsure

    # which vouchers there are

    def _lines(self) -> Iterable[Line]:
        return self.books.postings.values()

    def _key(self, line: Line) -> Key:
        return (line["Date"].year, line["TransactionTypeId"], line["TransactionNo"])

    def _lines_of(self, key: Key) -> list[Line]:
        return [line for line in self._lines() if self._key(line) == key]

    def _judged(self) -> tuple[dict[Key, list[Line]], set[Key]]:
        """The vouchers that count, with their visible lines, and those that are refused."""
        groups: dict[Key, list[Line]] = defaultdict(list)
        for line in self._lines():
            groups[self._key(line)].append(line)
        for key in sorted(groups):
            later = (key[0] + 1, *key[1:])
            both = [*groups.get(key, ()), *groups.get(later, ())]
            halves = key in groups and later in groups and not (balances(groups[key]) or balances(groups[later]))
            if halves and balances(both):
                groups[key] = both
                del groups[later]
        counting, refused = {}, set()
        for key, lines in groups.items():
            if all(line["Hidden"] for line in lines):
                continue
            if balances(lines):
                visible = [line for line in lines if not line["Hidden"]]
                counting[key] = sorted(visible, key=lambda line: (line["SequenceNo"], line["Id"]))
            else:
                refused.add(key)
        return counting, refused

    # what one comes to

    def _records_of(self, key: Key, lines: list[Line]) -> Records | None:
        """None where the percentages of a line do not fit, or a VAT code that nobody knows matters."""
        for line in lines:
            percents = list(projects(line).values())
            if meaning(line["AccountNo"]) in ("expense", "revenue") and (
                sum(percents) > 100 or any(percent < 0 for percent in percents)
            ):
                return None
        owners = self._owners()
        from_supplier = any(
            line["SystemType"] in ("InvoiceSupplier", "CreditnoteSupplier") or meaning(line["AccountNo"]) == "payable"
            for line in lines
        )
        vat_of_lines, over = vat_of(lines)
        if over and any(
            line.get("VatCode") not in (None, *CODES)
            and projects(line)
            and meaning(line["AccountNo"]) in ("expense", "revenue")
            for line in lines
        ):
            return None
        sums: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
        first: dict[tuple[str, int], str] = {}
        for line, vat in zip(lines, vat_of_lines, strict=True):
            kind = {"expense": "cost", "revenue": "sale"}.get(meaning(line["AccountNo"]))
            if kind is None or (kind == "cost" and not from_supplier):
                continue
            sign = -1 if kind == "sale" else 1
            split = dict(sorted(projects(line).items()))
            if not split:
                continue
            weights = [Fraction(percent) for percent in split.values()]
            rest = 100 - sum(weights, Fraction(0))
            places = [*weights, rest] if rest else weights
            for project, net, part in zip(
                split, shares(ore(line["Amount"]), places), shares(vat, places), strict=False
            ):
                sums[kind, project][0] += sign * net
                sums[kind, project][1] += sign * part
                first.setdefault((kind, project), (line.get("Comment") or "").strip())
        made: Records = {}
        for (kind, project), (net, vat) in sums.items():
            if project not in owners or not (net or vat):
                continue
            owner = owners[project]
            reference = f"finago:{owner['officeId']}:{'-'.join(map(str, key))}:{project}"
            made[f"{kind} {reference}"] = {
                "externalReference": reference,
                "projectId": owner["id"],
                "description": first[kind, project] or None,
                "amountExclVat": Decimal(net) / 100,
                "vatAmount": Decimal(vat) / 100,
                "amountInclVat": Decimal(net + vat) / 100,
                "currency": "NOK",
                **self._terms(key, kind, lines),
            }
        return made

    def _owners(self) -> dict[int, Mapping[str, Any]]:
        """By Finago project id: the one Qondor project of the client's offices that comes to it.

        What nobody's number comes to any more is still that of the project on which its records stand.
        """
        found: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
        of_client = {key: each for key, each in self.world.qondor.projects.items() if each["officeId"] in self.offices}
        for project in of_client.values():
            number = re.fullmatch(r"SO([0-9]+)", project["projectNo"].strip())
            found[int(number[1]) if number else project["id"]].append(project)
        stood = {(int(name.rpartition(":")[2]), record["projectId"]) for name, record in self.records.items()}
        numbered = set(found)
        for finago_id, project_id in sorted(stood):
            if finago_id not in numbered and project_id in of_client:
                found[finago_id].append(of_client[project_id])
        return {number: each[0] for number, each in found.items() if len(each) == 1}

    def _terms(self, key: Key, kind: str, lines: list[Line]) -> dict[str, Any]:
        account, party_name = {
            "cost": ("payable", "supplierName"),
            "sale": ("receivable", "customerName"),
        }[kind]
        owed = sorted(
            (line for line in lines if meaning(line["AccountNo"]) == account),
            key=lambda line: -abs(line["Amount"]),
        )
        on_projects = [
            line for line in lines if projects(line) and meaning(line["AccountNo"]) in ("expense", "revenue")
        ]
        in_order = [*owed, *on_projects, *lines]
        party = next((company for line in [*owed, *on_projects] if (company := company_of(line))), None)
        is_paid = not any(line["Open"] for line in owed)
        links = {line["LinkId"] for line in owed if line.get("LinkId") is not None}
        ids = {line["Id"] for line in lines}
        payments = [line["Date"] for line in self._lines() if line.get("LinkId") in links and line["Id"] not in ids]
        due = next((line["DueDate"] for line in in_order if line.get("DueDate")), None)
        return {
            party_name: self.books.companies[party]["Name"] if party else None,
            "transactionReference": next((line["InvoiceNo"] for line in in_order if line.get("InvoiceNo")), None)
            or next((line["OCR"] for line in in_order if line.get("OCR")), None)
            or str(key[2]),
            "invoiceDate": in_order[0]["Date"].date().isoformat(),
            "dueDate": due and due.date().isoformat(),
            "isPaid": is_paid,
            "paidDate": max(payments).date().isoformat() if is_paid and payments else None,
        }


def vat_of(lines: list[Line]) -> tuple[list[int], dict[int, int]]:
    """The VAT of each line, and by account what belongs to none."""
    named = ((line["AccountNo"], ore(line["Amount"]), line.get("VatCode")) for line in lines)
    return vat_by_hand.vat_of(
        [vat_by_hand.Line(account, meaning(account), amount, code) for account, amount, code in named]
    )


def voucher_of(reference: str) -> Key:
    """The voucher that a record is named by: `cost finago:102:2026-3-1:12345` → 2026, 3, 1."""
    year, type_id, number = reference.split(":")[2].split("-")
    return int(year), int(type_id), int(number)


def balances(lines: Iterable[Line]) -> bool:
    """Those that are shown sum to nothing, and those that are hidden as well."""
    shown = sum((line["Amount"] for line in lines if not line["Hidden"]), Decimal(0))
    hidden = sum((line["Amount"] for line in lines if line["Hidden"]), Decimal(0))
    return shown == 0 and hidden == 0


def projects(line: Line) -> dict[int, Decimal]:
    return {
        int(each["Value"]): each.get("Percent", Decimal(100))
        for each in line["Dimensions"]
        if each["Type"] == "Project"
    }


def company_of(line: Line) -> int | None:
    return next((int(each["Value"]) for each in line["Dimensions"] if each["Type"] == "Customer"), None)
