"""What accountants do to a posted voucher later: change, reverse, move, re-date, hide, delete."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from .voucher_builders import PostedVoucher, VoucherBuilders, fiscal_year, midnight

_OF_ONE_LINE = frozenset(
    {"Id", "TransactionNo", "DateChanged", "RegistrationDate", "LinkId", "Open", "SequenceNo", "Date"}
)


class VoucherCorrections(VoucherBuilders):
    """Each gives the voucher as it stands afterwards; DateChanged of the lines it touches follows."""

    def change_line(self, voucher: PostedVoucher, line: int, **members: Any) -> PostedVoucher:
        """Changes members of one line (1 is the first); DateChanged follows."""
        with self.lock:
            books = self.books(voucher.office)
            books.postings[voucher.ids[line - 1]].update(members, DateChanged=self.change_time(books))
            return voucher

    def reverse_voucher(self, voucher: PostedVoucher, *, day: date | None = None) -> PostedVoucher:
        """The same lines with the opposite signs, as a voucher of its own."""
        with self.lock:
            turned = [
                {name: value for name, value in line.items() if name not in _OF_ONE_LINE} | {"Amount": -line["Amount"]}
                for line in self.lines_of(voucher)
            ]
            return self.post_voucher(turned, type_id=voucher.type_id, day=day, office=voucher.office)

    def move_to_project(self, voucher: PostedVoucher, project: int | str) -> PostedVoucher:
        """Every line with a project is moved to another one."""
        with self.lock:
            books = self.books(voucher.office)
            for line in self.lines_of(voucher):
                if any(each["Type"] == "Project" for each in line["Dimensions"]):
                    others = [each for each in line["Dimensions"] if each["Type"] != "Project"]
                    line["Dimensions"] = [{"Type": "Project", "Name": "moved", "Value": str(project)}, *others]
                    line["DateChanged"] = self.change_time(books)
            return voucher

    def redate_voucher(self, voucher: PostedVoucher, day: date) -> PostedVoucher:
        """Another posting day, perhaps in another fiscal year; the guids stay."""
        with self.lock:
            books = self.books(voucher.office)
            for line in self.lines_of(voucher):
                line.update(Date=midnight(day), DateChanged=self.change_time(books))
            return replace(voucher, fiscal_year=fiscal_year(books, day))

    def hide_lines(self, voucher: PostedVoucher, *lines: int, hidden: bool = True) -> PostedVoucher:
        """Hides lines by number, all of them without any."""
        for line in lines or range(1, len(voucher.ids) + 1):
            self.change_line(voucher, line, Hidden=hidden)
        return voucher

    def delete_voucher(self, voucher: PostedVoucher) -> None:
        """The lines are gone; no change feed will ever tell."""
        with self.lock:
            for line_id in voucher.ids:
                self.books(voucher.office).postings.pop(line_id, None)

    def lock_year(self, year: int, *, office: int | None = None) -> None:
        """Closes a fiscal year."""
        with self.lock:
            books = self.books(office)
            books.fiscal_years = [
                (start, end, locked or start.year == year) for start, end, locked in books.fiscal_years
            ]
