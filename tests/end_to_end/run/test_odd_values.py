"""One odd value in one member of one record of Qondor's is that record's trouble: the others settle as usual."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, cast

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from qondor_finago_pipelines.records.operations.results import RecordState
from tests.end_to_end.installation import Installation, outcome
from tests.end_to_end.invoices.every_kind import queue_of_every_kind

VALUES: tuple[Any, ...] = (
    None, "", " ", "²", "x" * 5000, "\x00\x0b\ufffe", "9999-12-31T23:59:59Z", "0000-00-00", "0001-01-01T00:00:00+14:00",
    0, -1, 10**30, Decimal("1E-30"), Decimal("375.90000000000003"), True, [], {}, [[]], [None], {"id": 1}, [{}],
)  # fmt: skip
OPERATIONS = {
    "GetAllUnprocessedInvoices": "Invoicing/v1/Invoice/GetAllUnprocessedInvoices",
    "GetInvoice": "Invoicing/v1/Invoice/{invoice}",
    "GetAllCustomers": "Customer/v1/Customer/GetAll?officeId=102",
    "GetCustomer": "Customer/v1/Customer/{customer}",
    "GetAllProjects": "Project/v1/Project/GetAll?officeId=102",
}
"""Qondor's answers that these flows read, and where each is asked for."""


def members_of(value: Any, way: str = "") -> Iterator[str]:
    """Every member of a record, those of what it holds included: `invoiceLines.0.quantity`."""
    if way:
        yield way
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inner:
        yield from members_of(each, f"{way}.{name}" if way else str(name))


def answered(installation: Installation, operation: str, invoice: dict[str, Any]) -> dict[str, Any]:
    """The record of the last invoice, its customer or project, as this operation gives it."""
    path = OPERATIONS[operation].format(invoice=invoice["id"], customer=invoice["customerId"])
    key = installation.environ["QONDOR_SUBSCRIPTION_KEY"]
    reply = requests.get(
        f"{installation.sandbox.qondor_base_url}/{path}", headers={"Ocp-Apim-Subscription-Key": key}, timeout=60
    )
    records = reply.json() if isinstance(reply.json(), list) else [reply.json()]
    asked = {"Invoice": invoice["id"], "Customer": invoice["customerId"], "Project": invoice["projectId"]}
    [record] = [each for each in records if each["id"] == asked[path.split("/")[2]]]
    return cast("dict[str, Any]", record)


def others_settle(another_world: Any, operation: str, data: st.DataObject, *, member: str | None = None) -> None:
    """What is odd belongs to the last invoice of the queue alone: the four before it settle."""
    installation = another_world()
    world = installation.world
    queue = queue_of_every_kind(world)
    if operation == "GetAllUnprocessedInvoices":
        world.qondor.queue_in_full = data.draw(st.booleans(), label="the queue gives details")
    record = answered(installation, operation, world.qondor.invoices[queue.invoices[-1]])
    member = member or data.draw(st.sampled_from(sorted(members_of(record))), label="member")
    value = data.draw(st.sampled_from(VALUES), label="value")
    world.calls.clear()
    world.faults.add(
        "qondor", operation, "odd-value", times=None, reference=str(record["id"]), member=member, value=value
    )

    result = installation.sync()

    assert result.problems == ()
    for invoice in queue.invoices[:-1]:
        assert outcome(result, invoice).state is RecordState.SETTLED
        assert len(world.orders_of(invoice)) == 1

    followed = installation.follow()

    assert followed.problems == ()
    for other in ("customer 77", "project 555"):
        assert outcome(followed, other).state is RecordState.SETTLED
    assert world.calls.count("qondor", operation) > 0, "nobody read what was odd"


SEEDED = settings(
    derandomize=True,
    deadline=None,
    print_blob=False,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize("operation", OPERATIONS)
@settings(SEEDED, max_examples=5)
@given(data=st.data())
def test_one_odd_value_is_its_records_trouble(another_world: Any, operation: str, data: st.DataObject) -> None:
    others_settle(another_world, operation, data)


@pytest.mark.parametrize("member", ["projectNo", "officeId"])
@pytest.mark.parametrize("operation", ["GetInvoice", "GetAllProjects"])
@settings(SEEDED, max_examples=2)
@given(data=st.data())
def test_odd_numbers_and_offices_of_a_project_are_its_own_trouble(
    another_world: Any, operation: str, member: str, data: st.DataObject
) -> None:
    """What decides to which project in Finago, and to which office, everything else of it belongs."""
    others_settle(another_world, operation, data, member=member)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("operation", OPERATIONS)
@settings(SEEDED, max_examples=80)
@given(data=st.data())
def test_one_of_many_odd_values_is_its_records_trouble(another_world: Any, operation: str, data: st.DataObject) -> None:
    others_settle(another_world, operation, data)
