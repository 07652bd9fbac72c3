"""One odd value in one member of one record of Finago's is that record's trouble, in all three flows.

The others settle, what is odd is named or does not matter, and once it is mended everything is as if it had never been:
each invoice has one order, each voucher its cost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qondor_finago_pipelines.records.operations.results import FlowResult, RecordState
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import World
from qondor_finago_pipelines.sandbox.world.invoice_lines import line
from qondor_finago_pipelines.sandbox.world.voucher_builders import PostedVoucher
from qondor_finago_pipelines.systems.finago import companies, lists, orders, projects
from tests.end_to_end.installation import OSLO, Installation, outcome
from tests.end_to_end.run.test_odd_values import SEEDED

VALUES: tuple[Any, ...] = (
    None, "", " ", "²", "x" * 5000, "\ufffd", "9999-12-31T23:59:59Z", "0000-00-00", "0001-01-01T00:00:00+14:00",
    "0", "-0", "-1", "+5", "9" * 30, "9" * 5000, "1e30", "1E-30", "33.333333333333333333333333333333", "NaN",
    "INF", "true", [], {},
)  # fmt: skip
"""Of what lxml can write; characters that XML cannot carry have tests of their own."""


@dataclass(frozen=True)
class Read:
    """Where a record of the odd ones' is read: its mark, the members that are read of it, and by which flows."""

    mark: Callable[[World], str]
    members: tuple[str, ...]
    flows: str


def _order_of_the_odd(world: World) -> int:
    return int(world.order_of(min(world.qondor.invoices))["OrderId"])


READS: Mapping[str, Read] = {
    "GetInvoices": Read(lambda world: f"OrderId={_order_of_the_odd(world)}", orders.RETURNED, "i"),
    "GetOrderSyncList": Read(lambda world: f"int={_order_of_the_odd(world)}", ("int",), "i"),
    "GetCompanies": Read(
        lambda _: "Id=4712", (*companies.RETURNED, "Addresses.Post.Street", "EmailAddresses.Primary.Value"), "if"
    ),
    "GetProjectsDetailed": Read(lambda _: "Id=12347", projects.USED, "if"),
    "GetProducts": Read(lambda _: "Id=990", lists.PRODUCT_RETURNED, "i"),
    "GetCategories": Read(lambda _: "Id=99", lists.CATEGORY_RETURNED, "i"),
    "GetCurrencyList": Read(lambda _: "Symbol=EUR", ("Symbol", "Rate", "Unit"), "i"),
    "GetDepartmentList": Read(lambda _: "Id=1", ("Id", "Name"), "i"),
    "GetPaymentMethods": Read(lambda _: "Id=1", ("Id", "Name"), "i"),
    "GetProjectStatuses": Read(lambda _: "Id=3", ("Id", "Name", "Active"), "if"),
    "GetProjectTypes": Read(lambda _: "Key=2", ("Key", "Value"), "if"),
    "GetTaxCodeList": Read(lambda _: "TaxNo=11", ("TaxNo", "TaxRate"), "c"),
    "GetFiscalYears": Read(
        lambda world: f"StartingDate={world.today().year - 1}-01-01T00:00:00",
        ("StartingDate", "EndingDate", "IsLocked"),
        "c",
    ),
    "GetTransactions": Read(
        lambda _: "InvoiceNo=F-ODD",
        (
            "TransactionNo", "TransactionTypeId", "SequenceNo", "Id", "Date", "DateChanged", "AccountNo", "Amount",
            "Comment", "Currency", "CurrencyRate", "CurrencyUnit", "InvoiceNo", "LinkId", "OCR", "Open", "Hidden",
            "SystemType", "VatCode", "VatDividend", "HasVatDividend", "DueDate", "Dimensions",
            "Dimensions.Dimension", "Dimensions.Dimension.Type",
            "Dimensions.Dimension.Value", "Dimensions.Dimension.Percent", "Dimensions.Dimension.TypeId",
        ),
        "c",
    ),
}  # fmt: skip


def _world_with_one_odd(installation: Installation) -> tuple[tuple[int, ...], tuple[int, ...], PostedVoucher]:
    """Invoices of two kinds: those that may meet what is odd, and those that must not notice; and the odd voucher."""
    world = installation.world
    world.add_company("Havgap AS", id=4712, organisation_number="987654321")
    world.add_finago_project("Board meeting", id=12347, customer=4712)
    world.add_product_category("3999", rates={990: "25"}, id=99)
    other = world.add_customer("Havgap AS", id=79, reference=4712, organisation_number="987654321")
    elsewhere = world.add_project("Board meeting", id=557, number="SO12347", customer=other)
    earlier = world.add_invoice(customer=other, project=elsewhere)
    assert installation.sync().problems == ()
    installation.wait(hours=2)
    odd = world.add_invoice(customer=other, project=elsewhere, currency="EUR", lines=[line(article="3999")])
    world.add_company("Nordlys AS", id=4711, organisation_number="912345678")
    known = world.add_customer("Nordlys AS", id=77, reference=4711, organisation_number="912345678")
    project = world.add_project("Kick-off 2026", id=555, number="SO12345", customer=known)
    plain = [world.add_invoice(customer=known, project=project, card=card) for card in (False, True)]
    voucher = world.post_supplier_invoice("400.00", project=12347, invoice_number="F-ODD", vat_rate=15)
    world.post_supplier_invoice("800.00", project=12345)
    return (earlier, odd), tuple(plain), voucher


def others_settle(another_world: Any, operation: str, data: st.DataObject) -> None:
    installation: Installation = another_world()
    world, read = installation.world, READS[operation]
    odd, plain, voucher = _world_with_one_odd(installation)
    member = data.draw(st.sampled_from(read.members), label="member")
    value = data.draw(st.sampled_from(VALUES), label="value")
    if "f" in read.flows:
        installation.wait(hours=1)
    world.calls.clear()
    world.faults.add(
        "finago", operation, "odd-value", times=None, reference=read.mark(world), member=member, value=value
    )

    if "i" in read.flows:
        _nothing_but_the_odd(installation.sync(), plain, member)
        assert {invoice: len(world.orders_of(invoice)) for invoice in plain} == dict.fromkeys(plain, 1)
    if "f" in read.flows:
        _nothing_but_the_odd(installation.follow(), ("customer 77", "project 555"), member)
    if "c" in read.flows:
        loaded = installation.load()
        _nothing_but_the_odd(loaded, (), member)
        named = [each for each in loaded.rejected if each.id.startswith(("voucher ", "line "))]
        assert len(_costs_of(world, 557)) == 1 or named or _says_of_no_project(member, value), "a cost is missing"
        assert [cost["amountExclVat"] for cost in _costs_of(world, 555)] == [800]
    assert world.calls.count("finago", operation) > 0, "nobody read what was odd"

    world.faults.clear()
    world.change_line(voucher, 0, Comment="entered anew")
    installation.wait(minutes=20)
    for flow in (installation.follow, installation.sync, installation.load):
        assert flow().problems == ()
    assert {invoice: len(world.orders_of(invoice)) for invoice in (*odd, *plain)} == dict.fromkeys((*odd, *plain), 1)
    assert len(world.books(OSLO).companies) == 2
    assert [len(_costs_of(world, project)) for project in (555, 557)] == [1, 1]


def _costs_of(world: World, project: int) -> list[dict[str, Any]]:
    return [cost for cost in world.qondor.actuals["cost"].values() if cost["projectId"] == project]


def _says_of_no_project(member: str, value: Any) -> bool:
    """Whether the line can be read, and says that it is hidden, on another account, or of no project."""
    if member in ("Dimensions", "Dimensions.Dimension"):
        return value in (None, []) or (member == "Dimensions" and not str(value).strip())
    return member in ("Hidden", "AccountNo", "SystemType", "Dimensions.Dimension.Type")


WORDS = {"AccountNo": "account", "TransactionNo": "number", "TransactionTypeId": "type"}
"""What a missing member is called towards people, where that is not its name."""


def _names(message: str, member: str) -> bool:
    holder, _, last = member.rpartition(".")
    if "Dimension." in message and holder:
        # A line that had no dimension gets one that consists of the odd member.
        return True
    return last.lower() in message.lower() or WORDS.get(last, last) in message or "is empty" in message


def _nothing_but_the_odd(result: FlowResult, plain: tuple[Any, ...], member: str) -> None:
    assert result.problems == (), result.problems
    for record in plain:
        assert outcome(result, record).state is RecordState.SETTLED
    for each in result.records:
        assert each.state is RecordState.SETTLED or (each.message and each.remedy), each
        if each.reason in (Reason.UNREADABLE, Reason.BROKEN_LINE):
            assert _names(each.message, member), (member, each.message)


@pytest.mark.parametrize("operation", READS)
@settings(SEEDED, max_examples=2)
@given(data=st.data())
def test_one_odd_value_of_finago_is_its_records_trouble(
    another_world: Any, operation: str, data: st.DataObject
) -> None:
    others_settle(another_world, operation, data)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("operation", READS)
@settings(SEEDED, max_examples=10)
@given(data=st.data())
def test_one_of_many_odd_values_of_finago_is_its_records_trouble(
    another_world: Any, operation: str, data: st.DataObject
) -> None:
    others_settle(another_world, operation, data)
