"""The Customer controller. A PUT replaces: a writable member that is left out becomes null (contract/qondor.md 2)."""

from __future__ import annotations

from typing import Any

from ..wire import Request
from ..world import World
from ..world.currencies import COUNTRIES
from ..world.qondor import names
from .bodies import is_a, pascal, read_number, read_object
from .problems import invalid, missing

SUMMARY = names(
    "id externalReference name organisationNumber city customerNumber officeId customerCategoryId customerCategoryName "
    "isActive customerCustomFieldAnswers invoiceEmail"
)
_SUMMARY_NAMES = {
    "customerCategoryId": "categoryId",
    "customerCategoryName": "categoryName",
    "customerCustomFieldAnswers": "customFieldCustomerAnswers",
}

WRITABLE: dict[str, type] = {
    **dict.fromkeys(
        names(
            "name legalName externalReference address address2 zipCode city countryCode organisationNumber vatNumber "
            "phoneNumber faxNumber customerNumber invoiceCurrency invoiceAddress invoiceAddress2 invoiceZipCode "
            "invoiceCity invoiceCountryCode invoiceAdditionalInformation invoiceEmail remarks"
        ),
        str,
    ),
    **dict.fromkeys(names("isInvoiceable invoiceAddressEnabled isActive"), bool),
    **dict.fromkeys(names("invoiceCurrencyCode customerCategoryId"), int),
    **dict.fromkeys(names("customerInvoiceFields customerCustomFieldAnswers"), list),
}
"""What a PUT may set besides `id`; `officeId` is not among it: a customer cannot move."""


def get_all(world: World, request: Request) -> list[dict[str, Any]]:
    """The customers of one office, or without `officeId` the global ones only."""
    text = request.parameter("officeId")
    office = None if text is None else read_number(text, "officeId")
    return [_summary(customer) for customer in world.qondor.customers.values() if customer["officeId"] == office]


def _summary(customer: dict[str, Any]) -> dict[str, Any]:
    return {_SUMMARY_NAMES.get(name, name): customer.get(name) for name in SUMMARY}


def get(world: World, id: int) -> dict[str, Any]:
    return _find(world, id)


def get_by_reference(world: World, request: Request) -> dict[str, Any]:
    reference = request.parameter("externalReference")
    if not reference:
        raise invalid(ExternalReference="The ExternalReference field is required.")
    for customer in world.qondor.customers.values():
        if customer["externalReference"] == reference:
            return customer
    raise missing("ExternalReference", reference)


def put(world: World, request: Request) -> None:
    body = read_object(request)
    if not is_a(body.get("id"), int):
        raise invalid(Id="The Id field is required.")
    customer = _find(world, body["id"])
    for name, kind in WRITABLE.items():
        value = body.get(name)
        if value is not None and not is_a(value, kind):
            raise invalid(**{pascal(name): "The JSON value could not be converted."})
    if not body.get("name"):
        raise invalid(Name="The Name field is required.")
    answers = _answers(customer, body.get("customerCustomFieldAnswers"))
    fields = _invoice_fields(customer, body.get("customerInvoiceFields"))
    customer.update({name: body.get(name) for name in WRITABLE})
    customer["customerCustomFieldAnswers"] = answers
    customer["customerInvoiceFields"] = fields
    customer["country"] = COUNTRIES.get(customer["countryCode"] or "")
    customer["invoiceCountry"] = COUNTRIES.get(customer["invoiceCountryCode"] or "")


def _answers(customer: dict[str, Any], sent: list[Any] | None) -> list[dict[str, Any]]:
    """Answers are found again by their externalReference only; one that is not sent is lost."""
    known = {answer["externalReference"]: answer for answer in customer["customerCustomFieldAnswers"] or []}
    answers = []
    for answer in sent or []:
        reference = answer.get("externalReference") if isinstance(answer, dict) else None
        if reference is None or reference not in known:
            raise invalid(CustomerCustomFieldAnswers="An answer must name an existing field by its externalReference.")
        answers.append({**known[reference], "answer": answer.get("answer")})
    return answers


def _invoice_fields(customer: dict[str, Any], sent: list[Any] | None) -> list[dict[str, Any]]:
    """Fields are known by id; one that is sent without gets a new one, one that is not sent is deleted."""
    known = {field["id"] for field in customer["customerInvoiceFields"] or []}
    fields = []
    for field in sent or []:
        if not isinstance(field, dict) or not field.get("heading"):
            raise invalid(CustomerInvoiceFields="The Heading field is required.")
        number = field.get("id")
        if number is not None and number not in known:
            raise invalid(CustomerInvoiceFields=f"Field {number} does not belong to this customer.")
        if number is None:
            number = max(known, default=customer["id"] * 10) + 1
            known.add(number)
        values = [value.get("value") for value in field.get("allowedValues") or []]
        fields.append(
            {
                "id": number,
                "heading": field["heading"],
                "description": field.get("description"),
                "externalReference": field.get("externalReference"),
                "isRequired": field.get("isRequired", False),
                "allowedValues": [{"id": place, "value": value} for place, value in enumerate(values, start=1)],
            }
        )
    return fields


def _find(world: World, id: int) -> dict[str, Any]:
    customer = world.qondor.customers.get(id)
    if customer is None:
        raise missing("Id", id)
    return customer
