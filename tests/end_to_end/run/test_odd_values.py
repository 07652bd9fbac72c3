"""One odd value in one member of one record of Qondor's is that record's trouble: the others settle as usual."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from qondor_finago_pipelines.records.operations.results import RecordState
from qondor_finago_pipelines.sandbox import World
from tests.end_to_end.installation import outcome
from tests.end_to_end.invoices.every_kind import Queue, queue_of_every_kind

VALUES: tuple[Any, ...] = (
    None, "", " ", "²", "x" * 5000, "\x00\x0b\ufffe", "9999-12-31T23:59:59Z", "0000-00-00", "0001-01-01T00:00:00+14:00",
    0, -1, 10**30, Decimal("1E-30"), Decimal("375.90000000000003"), True, [], {}, [[]], [None], {"id": 1}, [{}],
)  # fmt: skip
OPERATIONS = {
    "invoice": ("GetAllUnprocessedInvoices", "GetInvoice"),
    "customer": ("GetAllCustomers", "GetCustomer"),
    "project": ("GetAllProjects", "GetProject"),
}
DECIDES_FOR_OTHERS = {"projectNo", "officeId"}
"""A project's number is its identity in Finago for every invoice of it; its office decides who sees it at all."""


def members_of(value: Any, way: str = "") -> Iterator[str]:
    """Every member of a record, those of what it holds included: `invoiceLines.0.quantity`."""
    if way and way not in DECIDES_FOR_OTHERS:
        yield way
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inner:
        yield from members_of(each, f"{way}.{name}" if way else str(name))


def one_of_the_last(world: World, queue: Queue, kind: str) -> dict[str, Any]:
    """The record that is made odd: it belongs to the last invoice of the queue alone."""
    invoice = world.qondor.invoices[queue.invoices[-1]]
    return {
        "invoice": invoice,
        "customer": world.qondor.customers[invoice["customerId"]],
        "project": world.qondor.projects[invoice["projectId"]],
    }[kind]


def others_settle(another_world: Any, kind: str, data: st.DataObject) -> None:
    installation = another_world()
    world = installation.world
    queue = queue_of_every_kind(world)
    record = one_of_the_last(world, queue, kind)
    member = data.draw(st.sampled_from(sorted(members_of(record))), label="member")
    value = data.draw(st.sampled_from(VALUES), label="value")
    for operation in OPERATIONS[kind]:
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


SEEDED = settings(
    derandomize=True,
    deadline=None,
    print_blob=False,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize("kind", OPERATIONS)
@settings(SEEDED, max_examples=8)
@given(data=st.data())
def test_one_odd_value_is_its_records_trouble(another_world: Any, kind: str, data: st.DataObject) -> None:
    others_settle(another_world, kind, data)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", OPERATIONS)
@settings(SEEDED, max_examples=80)
@given(data=st.data())
def test_one_of_many_odd_values_is_its_records_trouble(another_world: Any, kind: str, data: st.DataObject) -> None:
    others_settle(another_world, kind, data)
