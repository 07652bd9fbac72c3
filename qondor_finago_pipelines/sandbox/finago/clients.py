"""ClientService: the client itself, its departments and its currencies."""

from __future__ import annotations

from lxml import etree

from .call import SoapCall, plain


def get_client_information(call: SoapCall) -> etree._Element:
    books = call.books
    return call.answer(
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


def get_department_list(call: SoapCall) -> etree._Element:
    return call.answer(plain(call.books.departments))


def get_currency_list(call: SoapCall) -> etree._Element:
    return call.answer(list(call.books.currencies.values()))
