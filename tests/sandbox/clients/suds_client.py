"""`suds`, asked for what a stranger's integration asks for first.

Reads its settings as JSON on standard input, prints what it got as JSON. Runs by itself: nothing of the project is
imported here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from suds.client import Client


def service(path: str, session: str | None = None) -> Client:
    headers = {"Cookie": f"ASP.NET_SessionId={session}"} if session else {}
    return Client(f"{path}?wsdl", cache=None, headers=headers)


def filled(client: Client, kind: str, members: Mapping[str, Any]) -> Any:
    """An object of suds with these members and no others."""
    made = client.factory.create(kind)
    for name, _ in list(made):
        setattr(made, name, members.get(name))
    return made


def main(at: dict[str, Any]) -> dict[str, Any]:
    entrance = service(at["authenticate"])
    session = entrance.service.Login(filled(entrance, "Credential", at["credential"]))
    who = service(at["authenticate"], session)
    identity = who.service.GetIdentities().Identity[0]
    company = service(at["company"], session)
    search = filled(company, "CompanySearchParameters", {"CompanyName": "%"})
    companies = company.service.GetCompanies(search, {"string": ["Id", "Name"]})
    invoice = service(at["invoice"], session)
    saved = invoice.service.SaveInvoices({"InvoiceOrder": [at["order"]]}).InvoiceOrder[0]
    read = invoice.service.GetInvoices(
        {"OrderIds": {"int": [saved.OrderId]}},
        {"string": ["OrderId", "ReferenceNumber", "OrderTotalIncVat", "DateOrdered", "InvoiceRows"]},
        {"string": ["Name", "Quantity"]},
    ).InvoiceOrder[0]
    transaction = service(at["transaction"], session)
    lines = transaction.service.GetTransactions(at["lines"]).Transaction
    project = service(at["project"], session)
    account = service(at["account"], session)
    return {
        "has_session": who.service.HasSession(),
        "identity": str(identity.Id),
        "identity_set": who.service.SetIdentityById(identity.Id),
        "companies": [str(each.Name) for each in companies.Company],
        "order": {
            "id": read.OrderId,
            "reference": str(read.ReferenceNumber),
            "total": str(read.OrderTotalIncVat),
            "day": str(read.DateOrdered),
            "rows": [str(row.Name) for row in read.InvoiceRows.InvoiceRow],
        },
        "amounts": [str(line.Amount) for line in lines],
        "projects": [each.Id for each in project.service.GetProjectList({}).Project],
        "project": str(project.service.GetSingleProject(at["project_id"]).Name),
        "accounts": [each.AccountNo for each in account.service.GetAccountList().AccountData],
    }


print(json.dumps(main(json.load(sys.stdin))))
