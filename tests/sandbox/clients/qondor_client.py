"""Qondor's own SDK, asked for customers and projects.

Reads its settings as JSON on standard input, prints what it got as JSON. Runs by itself: nothing of the project is
imported here.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from qondor_api_sdk import QondorClient


async def main(at: dict[str, Any]) -> dict[str, Any]:
    client = QondorClient(at["base_url"], at["key"])
    try:
        customers = await client.customer.get_all(office_id=at["office"])
        projects = await client.project.get_all(office_id=at["office"])
        customer = await client.customer.get(at["customer"])
        project = await client.project.get(at["project"])
        offices = await client.office.get_all()
    finally:
        await client.close()
    return {
        "customers": sorted(each.name for each in customers),
        "projects": sorted(each.name for each in projects),
        "customer": {"name": customer.name, "reference": customer.external_reference},
        "project": {"name": project.name, "number": project.project_no},
        "offices": sorted(each.id for each in offices),
    }


print(json.dumps(asyncio.run(main(json.load(sys.stdin)))))
