"""Builders for Qondor's half of a world, in the words of the people who work there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from .currencies import COUNTRIES, ISO_NUMBERS
from .invoice_lines import credited, line, totals
from .qondor import INVOICE_STATUS, INVOICE_TYPE, PAYMENT_TYPE, PROJECT_STATUS, nulls
from .state import WorldState

Value = TypeVar("Value")

KINDS = {"offer": 1, "form": 2, "booking": 3}
_KIND = {number: kind for kind, number in KINDS.items()}
_STATUS_NUMBER = {name: number for number, name in INVOICE_STATUS.items()}
_PROJECT_STATUS_NUMBER = {name.lower(): number for number, name in PROJECT_STATUS.items()}


class QondorBuilders(WorldState):
    """Each builder gives the new record's id; `members` overrides any JSON member by name."""

    def add_customer(
        self,
        name: str = "Nordlys AS",
        *,
        id: int | None = None,
        office: int | None = None,
        reference: int | str | None = None,
        organisation_number: str | None = None,
        active: bool = True,
        shared: bool = False,
        custom_answers: Sequence[dict[str, Any]] = (),
        **members: Any,
    ) -> int:
        """A customer in Qondor. `reference` is its External Reference; `shared` makes it a global one (no office)."""
        with self.lock:
            number = id or max(self.qondor.customers, default=76) + 1
            self.qondor.customers[number] = {
                "id": number,
                "officeId": None if shared else office or self.first_office(),
                "name": name,
                "legalName": name,
                "externalReference": None if reference is None else str(reference),
                "address": "Storgata 1",
                "zipCode": "0155",
                "city": "Oslo",
                "country": COUNTRIES["NO"],
                "countryCode": "NO",
                "organisationNumber": organisation_number,
                "phoneNumber": "+47 22 00 00 00",
                "customerNumber": str(number),
                "isInvoiceable": True,
                "invoiceCurrency": "NOK",
                "invoiceCurrencyCode": ISO_NUMBERS["NOK"],
                "invoiceAddressEnabled": False,
                "customerInvoiceFieldsDeprecated": [],
                "customerInvoiceFields": [
                    {
                        "id": number * 10,
                        "heading": "PO number",
                        "description": None,
                        "externalReference": "po",
                        "isRequired": False,
                        "allowedValues": [],
                    }
                ],
                "customerOwner": {"fullName": "Project Manager", "email": "pm@qondor.example"},
                "contactPersons": [],
                "isActive": active,
                "customerCustomFieldAnswers": [dict(answer) for answer in custom_answers],
                "invoiceEmail": f"faktura{number}@customer.example",
                "remarks": "Wants one invoice for each event.",
                **nulls("address2 vatNumber faxNumber customerCategoryId customerCategoryName"),
                **nulls("invoiceAddress invoiceAddress2 invoiceZipCode invoiceCity invoiceCountry invoiceCountryCode"),
                **nulls("invoiceAdditionalInformation"),
                **members,
            }
            return number

    def add_project(
        self,
        name: str = "Kick-off 2026",
        *,
        id: int | None = None,
        office: int | None = None,
        number: str | None = None,
        customer: int | None = None,
        status: str = "confirmed",
        category: str | None = None,
        start: date | None = None,
        end: date | None = None,
        **members: Any,
    ) -> int:
        """A project in Qondor. `number` is its project number, by default `SO` and ten thousand plus its id."""
        with self.lock:
            project_id = id or max(self.qondor.projects, default=554) + 1
            state = _PROJECT_STATUS_NUMBER[status.lower()]
            owner = self.qondor.customers.get(customer or 0, {})
            office_id = office or owner.get("officeId") or self.first_office()
            its_office = self.qondor.offices.get(office_id, {})
            self.qondor.projects[project_id] = {
                "id": project_id,
                "name": name,
                "projectNo": f"SO{10000 + project_id}" if number is None else number,
                "isAgentMode": False,
                "officeId": office_id,
                "officeName": its_office.get("name"),
                "officeInternalName": its_office.get("internalName"),
                "officeCountryCode": "NO",
                "customerId": customer,
                "customerName": owner.get("name"),
                "customerNumber": owner.get("customerNumber"),
                "customerExternalReference": owner.get("externalReference"),
                "status": state,
                "statusText": PROJECT_STATUS[state],
                "startDate": (start or self.today() + timedelta(days=30)).isoformat(),
                "endDate": (end or self.today() + timedelta(days=32)).isoformat(),
                "createdDate": _instant(self.now() - timedelta(days=60)),
                "confirmationDate": _instant(self.now() - timedelta(days=40)) if state == 2 else None,
                "settingsLastEditedDate": _instant(self.now() - timedelta(days=2)),
                "pax": 120,
                "projectCategory": category,
                "projectLeaders": [],
                "projectManagers": [],
                "isAnonymised": False,
                "projectCustomFieldAnswers": [],
                "currencyCode": ISO_NUMBERS["NOK"],
                "currency": "NOK",
                **nulls("officeExternalReference destination destinationCountryCode location locationCountryCode"),
                **nulls("invoiceCopiesTo customerNumberForBookingInvoicing cancellationDate firstOfferSentDate"),
                **nulls("projectCategoryId leadFromId leadFrom projectCancellationReason"),
                **nulls("projectCancellationReasonOtherInformation projectCurrencyCodeDeprecated"),
                **nulls("teamId teamName teamExternalReference"),
                **members,
            }
            return project_id

    def add_invoice(
        self,
        *,
        id: int | None = None,
        kind: str = "offer",
        customer: int | None = None,
        project: int | None = None,
        lines: Sequence[dict[str, Any]] | None = None,
        office: int | None = None,
        card: bool = False,
        credit_of: int | None = None,
        currency: str = "NOK",
        invoice_date: date | None = None,
        due_date: date | None = None,
        status: str = "Unprocessed",
        reference: int | str | None = None,
        name: str = "Final invoice",
        booker: str = "Kari Nordmann",
        email: str | None = "",
        **members: Any,
    ) -> int:
        """An issued payment in Qondor's queue; its totals follow from the lines.

        `kind` is `offer`, `form` or `booking`; `card` makes it a credit card payment. `credit_of` makes it the credit
        note of that invoice: lines, customer, project, currency and payment type are the original's unless given.
        `reference` is the External Reference (the Finago OrderId) of one that is already processed.
        """
        with self.lock:
            number = id or max(self.qondor.invoices, default=9000) + 1
            original = self.qondor.invoices.get(credit_of or 0)
            if original is not None:
                kind, booker = _KIND[original["invoiceType"]], str(original["customerName"])
                currency = str(original["currency"])
                card = card or original["paymentType"] == 2
                customer, project = _given(customer, original["customerId"]), _given(project, original["projectId"])
                office, lines = _given(office, original["officeId"]), _given(lines, credited(original["invoiceLines"]))
                email = original["email"] if email == "" else email
            lines = _given(lines, [line(quantity=25, price="400.00")])
            its_project = self.qondor.projects.get(project or 0, {})
            its_customer = self.qondor.customers.get(customer or 0, {})
            issued = invoice_date or self.today() - timedelta(days=1)
            self.qondor.invoices[number] = {
                "id": number,
                "invoiceNumber": f"{issued.year}-{number:05d}",
                "invoiceType": KINDS[kind],
                "invoiceTypeText": INVOICE_TYPE[KINDS[kind]],
                "isCredit": credit_of is not None,
                "officeId": office
                or its_project.get("officeId")
                or its_customer.get("officeId")
                or self.first_office(),
                "projectId": project,
                "projectNo": its_project.get("projectNo"),
                "projectName": its_project.get("name"),
                "customerId": customer,
                "createdDate": f"{issued.isoformat()}T09:12:00Z",
                "currency": currency,
                "currencyCode": ISO_NUMBERS.get(currency),
                **totals(lines),
                "status": _STATUS_NUMBER[status],
                "statusText": status,
                "errorMessage": None,
                "name": name,
                "externalReference": None if reference is None else str(reference),
                "creditedInvoiceId": credit_of,
                "creditedInvoiceExternalReference": original["externalReference"] if original else None,
                **(_booker(booker, number) if kind == "booking" else _customer(its_customer)),
                **({} if email == "" else {"email": email}),
                "address2": None,
                "countryCode": "NO",
                "invoiceDate": issued.isoformat(),
                **_payment(number, issued, due_date, card=card, is_credit=credit_of is not None),
                "remarks": None,
                "invoiceFields": [{"heading": "PO number", "answer": f"PO-{number}", "externalReference": "po"}],
                "invoiceLines": [{**one, "id": one["id"] or position} for position, one in enumerate(lines, start=1)],
                **members,
            }
            return number


def _given(value: Value | None, otherwise: Value) -> Value:
    return otherwise if value is None else value


def _booker(name: str, invoice: int) -> dict[str, Any]:
    """Who receives the invoice of a booking: a person whom no customer record knows."""
    return {
        "bookingReference": f"B-{invoice}",
        "customerName": name,
        "email": "kari.nordmann@booker.example",
        "address": "Fjordveien 7",
        "zipCode": "5003",
        "city": "Bergen",
        **nulls("customerExternalReference organisationNumber"),
    }


def _customer(customer: Mapping[str, Any]) -> dict[str, Any]:
    """Who receives any other invoice: the customer, where there is one."""
    return {
        "bookingReference": None,
        "customerName": customer.get("name"),
        "customerExternalReference": customer.get("externalReference"),
        "email": customer.get("invoiceEmail"),
        **{name: customer.get(name) for name in ("organisationNumber", "address", "zipCode", "city")},
    }


def _payment(invoice: int, issued: date, due: date | None, *, card: bool, is_credit: bool) -> dict[str, Any]:
    """A card is charged on the day of the booking; an invoice is due after two weeks."""
    payment_type = 2 if card else 1
    return {
        "paymentType": payment_type,
        "paymentTypeText": PAYMENT_TYPE[payment_type],
        "dueDate": (due or issued + timedelta(days=0 if card else 14)).isoformat(),
        "paidDate": issued.isoformat() if card and not is_credit else None,
        "cardTransactionReference": f"ch_{invoice}" if card else None,
    }


def _instant(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
