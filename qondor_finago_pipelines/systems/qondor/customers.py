"""Customers on Qondor's wire, and the one careful way of writing to them.

Whether a PUT leaves out what it does not name is not known. So the whole writable set goes back as it was read, with
one member changed (contract, section 2 of the Qondor page); null members are left out, as Qondor's own client does.
"""

from __future__ import annotations

from typing import Any

from ...records.customers_and_projects.customers import Customer, CustomerRecord
from ...records.errors import SyncError
from ...records.exact_json import read_json, write_json
from ...records.identifiers import CustomerId, OfficeId
from .members import Members

WRITABLE = (
    "id",
    "name",
    "legalName",
    "externalReference",
    "address",
    "address2",
    "zipCode",
    "city",
    "countryCode",
    "organisationNumber",
    "vatNumber",
    "phoneNumber",
    "faxNumber",
    "customerNumber",
    "isInvoiceable",
    "invoiceCurrency",
    "invoiceCurrencyCode",
    "invoiceAddressEnabled",
    "invoiceAddress",
    "invoiceAddress2",
    "invoiceZipCode",
    "invoiceCity",
    "invoiceCountryCode",
    "invoiceAdditionalInformation",
    "customerInvoiceFields",
    "customerCategoryId",
    "customerCustomFieldAnswers",
    "isActive",
    "invoiceEmail",
    "remarks",
)
"""The members that `PUT /Customer` takes: those of the details that are not read-only, without `officeId`."""

_WRITABLE_OF_AN_INVOICE_FIELD = ("id", "heading", "description", "externalReference", "isRequired")


class CannotEcho(SyncError):
    """The customer's record cannot be sent back whole: an answer to a custom field has no external reference."""


def customer_of(members: Members) -> Customer | None:
    """The customer; None when its id cannot be read, so that nobody could name it."""
    customer_id = members.identifier("id", needed=True)
    if customer_id is None:
        return None
    office_id = members.identifier("officeId")
    is_active = members.truth("isActive")
    return Customer(
        id=CustomerId(customer_id),
        office_id=None if office_id is None else OfficeId(office_id),
        name=members.text("name"),
        organisation_number=members.text("organisationNumber"),
        country=members.text("countryCode"),
        external_reference=members.text("externalReference"),
        is_active=is_active is not False,
        # Read last: every member above may have added to it.
        unreadable=tuple(members.unreadable),
    )


def writable_members(record: CustomerRecord) -> dict[str, Any]:
    """Every writable member of the record that is not null, in the shape in which a PUT takes it.

    Raises CannotEcho when a custom answer cannot be named.
    """
    members = Members(record.members)
    body: dict[str, Any] = {}
    for key in WRITABLE:
        value = members.raw(key)
        if value is None:
            continue
        if key == "customerInvoiceFields":
            value = [_invoice_field(field) for field in members.objects(key)]
        elif key == "customerCustomFieldAnswers":
            value = [_custom_answer(record.customer.id, answer) for answer in members.objects(key)]
        body[key] = value
    _refuse_what_json_lost(record.customer.id, body)
    return body


def _refuse_what_json_lost(customer_id: CustomerId, body: object) -> None:
    """What came as half of a character, or as a number that is none, would go back as something else."""
    try:
        sent = read_json(write_json(body))
    except UnicodeEncodeError:
        sent = None
    if sent != body:
        raise CannotEcho(
            f"Customer {customer_id} has a text or a number that cannot be sent back as it came, so its record "
            "cannot be written without changing that.",
            remedy="Write the customer's texts anew in Qondor, or fill in the customer's External Reference by hand.",
        )


def differences(before: CustomerRecord, after: CustomerRecord) -> tuple[str, ...]:
    """The writable members in which two readings of a customer differ, other than its External Reference.

    Names of members only, never their values.
    """
    old, new = Members(before.members), Members(after.members)
    keys = (key for key in WRITABLE if key != "externalReference")
    return tuple(key for key in keys if _comparable(old, key) != _comparable(new, key))


def _comparable(members: Members, key: str) -> Any:
    """A member as it is compared. Allowed values are sent without their ids, so a server may number them anew."""
    value = members.raw(key)
    if key != "customerInvoiceFields" or not isinstance(value, list):
        return value
    return [_without_ids_of_values(field) for field in value]


def _without_ids_of_values(field: Any) -> Any:
    if not isinstance(field, dict):
        return field
    values = [allowed.raw("value") for allowed in Members(field).objects("allowedValues")]
    return {**{key: value for key, value in field.items() if key.casefold() != "allowedvalues"}, "allowed": values}


def _invoice_field(field: Members) -> dict[str, Any]:
    written = {key: field.raw(key) for key in _WRITABLE_OF_AN_INVOICE_FIELD if field.has(key)}
    if field.has("allowedValues"):
        written["allowedValues"] = [{"value": allowed.raw("value")} for allowed in field.objects("allowedValues")]
    return written


def _custom_answer(customer_id: CustomerId, answer: Members) -> dict[str, Any]:
    if answer.text("externalReference") is None:
        raise CannotEcho(
            f"Customer {customer_id} has an answer to a custom field that has no external reference, so its record "
            "cannot be written back without losing that answer.",
            remedy="Give the custom field an external reference in Qondor, or fill in the customer's External "
            "Reference by hand.",
        )
    return {key: answer.raw(key) for key in ("externalReference", "answer") if answer.has(key)}
