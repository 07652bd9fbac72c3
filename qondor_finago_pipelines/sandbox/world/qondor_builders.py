"""Builders for Qondor's half of a world, in the words of the people who work there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from threading import RLock
from typing import TYPE_CHECKING, Any

from .currencies import COUNTRIES, ISO_NUMBERS
from .invoice_lines import credited, line, totals
from .qondor import INVOICE_STATUS, INVOICE_TYPE, PAYMENT_TYPE, PROJECT_STATUS, QondorWorld

KINDS = {"offer": 1, "form": 2, "booking": 3}
_STATUS_NUMBER = {name: number for number, name in INVOICE_STATUS.items()}
_PROJECT_STATUS_NUMBER = {name.lower(): number for number, name in PROJECT_STATUS.items()}


class QondorBuilders:
    """Each builder gives the new record's id; `members` overrides any JSON member by name."""

    lock: RLock
    qondor: QondorWorld

    if TYPE_CHECKING:

        def now(self) -> datetime: ...

        def today(self) -> date: ...

        def first_office(self) -> int: ...

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
                "address2": None,
                "zipCode": "0155",
                "city": "Oslo",
                "country": COUNTRIES["NO"],
                "countryCode": "NO",
                "organisationNumber": organisation_number,
                "vatNumber": None,
                "phoneNumber": "+47 22 00 00 00",
                "faxNumber": None,
                "customerNumber": str(number),
                "isInvoiceable": True,
                "invoiceCurrency": "NOK",
                "invoiceCurrencyCode": ISO_NUMBERS["NOK"],
                "invoiceAddressEnabled": False,
                "invoiceAddress": None,
                "invoiceAddress2": None,
                "invoiceZipCode": None,
                "invoiceCity": None,
                "invoiceCountry": None,
                "invoiceCountryCode": None,
                "invoiceAdditionalInformation": None,
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
                "customerCategoryId": None,
                "customerCategoryName": None,
                "customerOwner": {"fullName": "Project Manager", "email": "pm@qondor.example"},
                "contactPersons": [],
                "isActive": active,
                "customerCustomFieldAnswers": [dict(answer) for answer in custom_answers],
                "invoiceEmail": f"faktura{number}@customer.example",
                "remarks": "Wants one invoice for each event.",
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
                "officeExternalReference": None,
                "officeCountryCode": "NO",
                "customerId": customer,
                "customerName": owner.get("name"),
                "customerNumber": owner.get("customerNumber"),
                "customerExternalReference": owner.get("externalReference"),
                "status": state,
                "statusText": PROJECT_STATUS[state],
                "destination": None,
                "destinationCountryCode": None,
                "location": None,
                "locationCountryCode": None,
                "startDate": (start or self.today() + timedelta(days=30)).isoformat(),
                "endDate": (end or self.today() + timedelta(days=32)).isoformat(),
                "invoiceCopiesTo": None,
                "customerNumberForBookingInvoicing": None,
                "createdDate": _instant(self.now() - timedelta(days=60)),
                "confirmationDate": _instant(self.now() - timedelta(days=40)) if state == 2 else None,
                "cancellationDate": None,
                "settingsLastEditedDate": _instant(self.now() - timedelta(days=2)),
                "firstOfferSentDate": None,
                "pax": 120,
                "projectCategoryId": None,
                "projectCategory": category,
                "leadFromId": None,
                "leadFrom": None,
                "projectCancellationReason": None,
                "projectCancellationReasonOtherInformation": None,
                "projectLeaders": [],
                "projectManagers": [],
                "isAnonymised": False,
                "projectCustomFieldAnswers": [],
                "projectCurrencyCodeDeprecated": None,
                "currencyCode": ISO_NUMBERS["NOK"],
                "currency": "NOK",
                "teamId": None,
                "teamName": None,
                "teamExternalReference": None,
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
                kind = next(word for word, value in KINDS.items() if value == original["invoiceType"])
                card = card or original["paymentType"] == 2
                customer = original["customerId"] if customer is None else customer
                project = original["projectId"] if project is None else project
                currency = str(original["currency"])
                office = office or original["officeId"]
                booker = str(original["customerName"])
                email = original["email"] if email == "" else email
            if lines is None:
                lines = credited(original["invoiceLines"]) if original else [line(quantity=25, price="400.00")]
            its_project = self.qondor.projects.get(project or 0, {})
            its_customer = self.qondor.customers.get(customer or 0, {})
            is_booking = kind == "booking"
            office_id = office or its_project.get("officeId") or its_customer.get("officeId") or self.first_office()
            issued = invoice_date or self.today() - timedelta(days=1)
            if email == "":
                email = "kari.nordmann@booker.example" if is_booking else its_customer.get("invoiceEmail")
            payment_type = 2 if card else 1
            state = _STATUS_NUMBER[status]
            self.qondor.invoices[number] = {
                "id": number,
                "invoiceNumber": f"{issued.year}-{number:05d}",
                "invoiceType": KINDS[kind],
                "invoiceTypeText": INVOICE_TYPE[KINDS[kind]],
                "paymentType": payment_type,
                "paymentTypeText": PAYMENT_TYPE[payment_type],
                "isCredit": credit_of is not None,
                "officeId": office_id,
                "projectId": project,
                "projectNo": its_project.get("projectNo"),
                "customerId": customer,
                "createdDate": f"{issued.isoformat()}T09:12:00Z",
                "currency": currency,
                **totals(lines),
                "status": state,
                "statusText": INVOICE_STATUS[state],
                "errorMessage": None,
                "name": name,
                "projectName": its_project.get("name"),
                "externalReference": None if reference is None else str(reference),
                "creditedInvoiceId": credit_of,
                "creditedInvoiceExternalReference": original["externalReference"] if original else None,
                "bookingReference": f"B-{number}" if is_booking else None,
                "customerName": booker if is_booking else its_customer.get("name"),
                "customerExternalReference": None if is_booking else its_customer.get("externalReference"),
                "organisationNumber": None if is_booking else its_customer.get("organisationNumber"),
                "email": email,
                "address": "Fjordveien 7" if is_booking else its_customer.get("address"),
                "address2": None,
                "zipCode": "5003" if is_booking else its_customer.get("zipCode"),
                "city": "Bergen" if is_booking else its_customer.get("city"),
                "countryCode": "NO",
                "invoiceDate": issued.isoformat(),
                "dueDate": (due_date or issued + timedelta(days=0 if card else 14)).isoformat(),
                "currencyCode": ISO_NUMBERS.get(currency),
                "remarks": None,
                "invoiceFields": [{"heading": "PO number", "answer": f"PO-{number}", "externalReference": "po"}],
                "invoiceLines": [{**one, "id": one["id"] or position} for position, one in enumerate(lines, start=1)],
                "paidDate": issued.isoformat() if card and credit_of is None else None,
                "cardTransactionReference": f"ch_{number}" if card else None,
                **members,
            }
            return number


def _instant(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
