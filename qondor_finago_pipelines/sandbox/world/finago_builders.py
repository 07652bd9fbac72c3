"""Builders for Finago's half of a world, and what an accountant does there by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ..money import to_the_ore
from ..wire import exact
from .finago import Books, Stored
from .voucher_builders import midnight
from .voucher_corrections import VoucherCorrections

PLAIN_SETUP_RATES: Mapping[str, Mapping[int, str]] = {
    # Category number → product id → VAT rate.
    "3000": {301: "25", 302: "15"},
    "3100": {311: "15", 312: "25"},
    "3200": {321: "12"},
    "3300": {331: "12", 332: "0"},
}
"""The products of `standard_setup`; a category of another number is unmapped and falls to the misc product."""


class FinagoBuilders(VoucherCorrections):
    """Each builder gives the new record's id; `members` overrides any SOAP member by name."""

    def standard_setup(self) -> None:
        """What every Finago client needs: department 3, payment method 7, misc product 900 in category 9, currencies,
        the statuses `Aktiv` and `Avsluttet`, project types, and the product categories of `PLAIN_SETUP_RATES`."""
        with self.lock:
            self.standard_ledger()
            for books in self.finago.books.values():
                books.departments = {0: "", 1: "Administration", 3: "Qondor events"}
                books.payment_methods = {1: "Bank", 7: "Credit card online"}
                books.project_statuses = {1: "Aktiv", 2: "Avsluttet", 3: "Planlagt"}
                books.project_types = {1: "Conference", 2: "Incentive"}
                for number, (symbol, rate, unit) in enumerate(
                    [("NOK", "1", 1), ("EUR", "11.745", 1), ("SEK", "104.36", 100), ("DKK", "157.44", 100)], start=1
                ):
                    books.currencies[symbol] = {"Symbol": symbol, "Id": number, "Rate": Decimal(rate), "Unit": unit}
                self._add_category(books, 9, "9000", "Miscellaneous", {900: "25", 901: "15", 902: "12", 903: "0"})
                for category_id, (number_text, products) in enumerate(PLAIN_SETUP_RATES.items(), start=30):
                    self._add_category(books, category_id, number_text, f"Article {number_text}", products)

    @staticmethod
    def _add_category(books: Books, id: int, number: str, name: str, products: Mapping[int, str]) -> None:
        books.categories[id] = {"Id": id, "Name": name, "No": number}
        for product_id, rate in products.items():
            books.products[product_id] = {
                "Id": product_id,
                "Name": f"{name} {rate} %",
                "No": f"{number}-{rate}",
                "CategoryId": id,
                "TaxRate": exact(rate),
                "StatusId": 1,
                "Price": Decimal("0.00"),
            }

    def add_product_category(
        self,
        number: str,
        *,
        office: int | None = None,
        name: str | None = None,
        rates: Mapping[int, str],
        id: int | None = None,
    ) -> int:
        """A product category whose number is an article number of Qondor; `rates` maps product ids to VAT rates."""
        with self.lock:
            books = self.books(office)
            category_id = id or max(books.categories, default=0) + 1
            self._add_category(books, category_id, number, name or f"Article {number}", rates)
            return category_id

    def add_company(
        self,
        name: str = "Nordlys AS",
        *,
        id: int | None = None,
        office: int | None = None,
        type: str = "Business",
        organisation_number: str = "",
        external_id: int | str = "",
        email: str | None = None,
        active: bool = True,
        **members: Any,
    ) -> int:
        """A company in Finago: `type` is Business, Consumer or Supplier."""
        with self.lock:
            books = self.books(office)
            number = id or books.next_company_id()
            known: dict[str, Any] = {
                "Id": number,
                "ExternalId": str(external_id),
                "OrganizationNumber": organisation_number,
                "Name": name,
                "FirstName": name.split()[0] if type == "Consumer" else "",
                "Type": type,
                "Country": "NO",
            }
            if email is not None:
                known["EmailAddresses"] = {kind: {"Value": email} for kind in ("Home", "Invoice", "Primary", "Work")}
            books.companies[number] = Stored({**known, **members}, self.now(), self.now(), active=active)
            return number

    def add_finago_project(
        self,
        name: str = "Kick-off 2026",
        *,
        id: int | None = None,
        office: int | None = None,
        customer: int | None = None,
        status: str = "Aktiv",
        deactivated: bool = False,
        **members: Any,
    ) -> int:
        """A project in Finago; `customer` is a company id, `deactivated` ones come only from GetDeactivatedProjects."""
        with self.lock:
            books = self.books(office)
            number = id or books.next_project_id()
            known: dict[str, Any] = {
                "Id": number,
                "Name": name,
                "NameDisplay": "Plain",
                "TimeReg": "WorkType",
                "StatusId": next(key for key, word in books.project_statuses.items() if word == status),
            }
            if customer is not None:
                known["CustomerId"] = customer
            books.projects[number] = Stored({**known, **members}, self.now(), self.now(), active=not deactivated)
            return number

    def add_order(
        self,
        invoice: int,
        *,
        id: int | None = None,
        office: int | None = None,
        company: int | None = None,
        project: int | None = None,
        status: str = "Offer",
        paid_on: date | None = None,
        registered: datetime | None = None,
        **members: Any,
    ) -> int:
        """An order that already stands in Finago for a Qondor invoice, with its total, currency and date."""
        with self.lock:
            source = self.qondor.invoices[invoice]
            books = self.books(office or source["officeId"])
            number = id or books.next_order_id()
            ordered = date.fromisoformat(source["invoiceDate"])
            since = registered or self.now()
            currency = books.currencies.get(source["currency"], {"Rate": Decimal(1), "Unit": 1})
            known: dict[str, Any] = {
                "OrderId": number,
                "CustomerId": company,
                "CustomerName": source["customerName"] or "",
                "ProjectId": project,
                "OrderStatus": status,
                "DateOrdered": midnight(ordered),
                "ReferenceNumber": str(invoice),
                "InvoiceTitle": source["name"],
                "IncludeVAT": False,
                "Currency": {"Rate": currency["Rate"], "Unit": currency["Unit"], "Symbol": source["currency"]},
                "OrderTotalIncVat": source["totalInclVat"],
                "OrderTotalVat": source["totalVat"],
            }
            order = Stored(
                {key: value for key, value in {**known, **members}.items() if value is not None}, since, since
            )
            order.rows = [
                {
                    "RowId": books.next_row_id(),
                    "ProductId": 900,
                    "Name": one["nameOnInvoice"],
                    "Price": one["outPriceExclVat"],
                    "Quantity": one["quantity"],
                    "VatRate": one["vatPercentage"],
                }
                for one in source["invoiceLines"]
            ]
            books.orders[number] = order
            if status == "Invoiced":
                self._invoice(books, order, ordered)
            if paid_on is not None:
                order.members["Paid"] = midnight(paid_on)
            return number

    def _invoice(self, books: Books, order: Stored, on: date) -> int:
        number = books.next_invoice_number()
        order.members.update(OrderStatus="Invoiced", InvoiceId=number, DateInvoiced=midnight(on))
        return number

    def invoice_order(self, order: int, *, office: int | None = None, on: date | None = None) -> int:
        """The accountant makes an invoice of an order by hand; gives its InvoiceId."""
        with self.lock:
            books = self.books(office)
            stored = books.orders[order]
            stored.changed = self.now()
            number = self._invoice(books, stored, on or self.today())
            self.post_order(stored.members, stored.rows, office or self.first_office())
            return number

    def pay(self, order: int, *, office: int | None = None, on: date | None = None) -> date:
        """The customer pays: `Paid` is set; gives the day."""
        with self.lock:
            day = on or self.today()
            stored = self.books(office).orders[order]
            stored.members["Paid"] = midnight(day)
            stored.changed = self.now()
            return day

    def close_period(self, until: date, *, office: int | None = None) -> None:
        """Nothing can be invoiced on or before this day any more."""
        with self.lock:
            self.books(office).closed_until = until

    def distort_total(self, invoice: int, by: Decimal | str, *, office: int | None = None) -> None:
        """Lets Finago compute another total for this Qondor invoice than the truth."""
        with self.lock:
            source = self.qondor.invoices[invoice]
            books = self.books(office or source["officeId"])
            books.differing_totals[str(invoice)] = to_the_ore(exact(by))

    def orders_of(self, invoice: int) -> list[Stored]:
        """Every order of every client with this Qondor invoice id as its ReferenceNumber: one, if all is well."""
        with self.lock:
            return [order for books in self.finago.books.values() for order in books.orders_of(invoice)]

    def order_of(self, invoice: int) -> Stored:
        """The one order of a Qondor invoice.

        Raises:
            LookupError: when there is none, or more than one.
        """
        found = self.orders_of(invoice)
        if len(found) != 1:
            raise LookupError(f"invoice {invoice} has {len(found)} orders: {[order['OrderId'] for order in found]}")
        return found[0]
