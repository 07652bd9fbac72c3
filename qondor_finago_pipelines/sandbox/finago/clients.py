"""ClientService: the client itself, its departments and its currencies."""

from __future__ import annotations

from lxml import etree

from .request import Request
from .shapes import (
    ADDRESSES,
    EMAILS,
    PHONES,
    Items,
    Shape,
    boolean,
    choice,
    decimal,
    integer,
    long,
    many,
    nested,
    plain_text,
    text,
)

FAX_NUMBER = Shape("FaxNumber", (choice("Type", required=True), plain_text("Value")))
CLIENT = Shape(
    "Client",
    (
        nested("AddressList", ADDRESSES),
        plain_text("Country"),
        nested("EmailAddressList", EMAILS),
        plain_text("FactoringClientNo"),
        plain_text("FactoringText"),
        many("FaxNumberList", "FaxNumber", FAX_NUMBER),
        boolean("IsUsingFactoring", required=True),
        plain_text("Name"),
        nested("PhoneNumberList", PHONES),
        integer("ReminderDays", required=True),
        integer("ReminderDays2", required=True),
        integer("ReminderDays3", required=True),
        long("UserId", required=True),
        plain_text("BankAccount"),
        plain_text("IBAN"),
        plain_text("OrganizationNumber"),
        plain_text("Swift"),
        long("ResellerId"),
        text("ResellerName"),
        text("DefaultCurrency"),
    ),
)
DEPARTMENT = Shape(
    "Department",
    (
        integer("Id", required=True),
        plain_text("Name"),
        nested("Addresses", ADDRESSES),
        plain_text("Phone"),
        plain_text("Fax"),
        plain_text("Email"),
    ),
)
CURRENCY = Shape(
    "Currency",
    (
        plain_text("Symbol"),
        integer("Id", required=True),
        decimal("Rate", required=True),
        integer("Unit", required=True),
    ),
)


def get_client_information(request: Request) -> etree._Element:
    books = request.books
    return request.answer(
        CLIENT,
        {
            "Country": "NO",
            "IsUsingFactoring": True,
            "Name": books.name,
            "ReminderDays": 14,
            "ReminderDays2": 14,
            "ReminderDays3": 14,
            "UserId": books.client_id,
            "OrganizationNumber": "999888777",
            "DefaultCurrency": books.default_currency,
        },
    )


def get_department_list(request: Request) -> etree._Element:
    departments = request.books.departments
    return request.answer(
        Items("Department", DEPARTMENT), [{"Id": number, "Name": name} for number, name in sorted(departments.items())]
    )


def get_currency_list(request: Request) -> etree._Element:
    return request.answer(Items("Currency", CURRENCY), list(request.books.currencies.values()))
