"""Both systems compared over HTTP: a difference of every kind is found, named and summed; a clean world has none."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from qondor_finago_pipelines.records.reconciliation import Compared
from qondor_finago_pipelines.sandbox import World
from qondor_finago_pipelines.sandbox.world.voucher_builders import posting
from tests.end_to_end.customers_and_projects.edits import writes
from tests.end_to_end.installation import Installation

from .settled import PROJECT, Line, Settled, copy_order, delete_order, lines, order_id, settle

AMOUNT = "12500.00"


@pytest.fixture
def settled(installation: Installation, customer: int, project: int) -> Settled:
    return settle(installation, customer, project)


def test_a_settled_world_has_no_difference_and_nothing_is_written(
    installation: Installation, world: World, settled: Settled
) -> None:
    before = writes(world)
    found = installation.reconcile()
    assert lines(found) == []
    assert writes(world) == before
    assert found.as_json()["compared"] == {
        "invoice": 6,
        "payment": 5,
        "customer": 1,
        "project": 1,
        "cost": 1,
        "sale": 1,
    }
    assert found.as_json()["totals"] == {"NOK": {"qondor": "61250.00", "finago": "61250.00"}}
    assert found.strangers == 0


def test_the_digest_is_the_same_whenever_it_is_made_and_changes_with_the_content(
    installation: Installation, world: World, settled: Settled
) -> None:
    first = installation.reconcile()
    installation.wait(days=2)
    assert installation.reconcile(last_day=first.last_day).digest == first.digest
    world.order_of(settled.offer).members["OrderTotalIncVat"] += Decimal("0.01")
    changed = installation.reconcile(last_day=first.last_day)
    assert changed.digest != first.digest
    others = set(Compared) - {Compared.INVOICE, Compared.PAYMENT}
    assert {kind: changed.digests[kind] for kind in others} == {kind: first.digests[kind] for kind in others}


Change = Callable[[World, Settled], Line]


def an_order_copied(world: World, settled: Settled) -> Line:
    return "invoice", settled.offer, copy_order(world, settled.offer), "twice in finago", AMOUNT, False


def an_order_deleted(world: World, settled: Settled) -> Line:
    delete_order(world, settled.offer)
    return "invoice", settled.offer, None, "missing in finago", f"-{AMOUNT}", False


def an_order_under_a_foreign_customer(world: World, settled: Settled) -> Line:
    world.order_of(settled.offer).members["CustomerId"] = world.add_company("Fremmed AS", id=4999)
    return "invoice", settled.offer, order_id(world, settled.offer), "customer", None, False


def a_booking_under_a_foreign_customer(world: World, settled: Settled) -> Line:
    world.order_of(settled.booking).members["CustomerId"] = 4711
    return "invoice", settled.booking, order_id(world, settled.booking), "customer", None, False


def an_order_on_another_project(world: World, settled: Settled) -> Line:
    world.order_of(settled.offer).members["ProjectId"] = 1
    return "invoice", settled.offer, order_id(world, settled.offer), "project", None, False


def a_total_that_was_changed(world: World, settled: Settled) -> Line:
    world.order_of(settled.card).members["OrderTotalIncVat"] += Decimal("0.01")
    return "invoice", settled.card, order_id(world, settled.card), "total", "0.01", False


def a_vat_that_was_changed(world: World, settled: Settled) -> Line:
    world.order_of(settled.card).members["OrderTotalVat"] -= Decimal("0.01")
    return "invoice", settled.card, order_id(world, settled.card), "VAT", "-0.01", False


def a_currency_that_was_changed(world: World, settled: Settled) -> Line:
    world.order_of(settled.offer).members["Currency"] = {"Symbol": "EUR", "Rate": Decimal(11), "Unit": 1}
    return "invoice", settled.offer, order_id(world, settled.offer), "currency", None, False


def a_credit_of_another_order(world: World, settled: Settled) -> Line:
    world.order_of(settled.credit_note).members["ReferenceOrderId"] = order_id(world, settled.offer)
    return "invoice", settled.credit_note, order_id(world, settled.credit_note), "credited order", None, False


def another_external_reference(world: World, settled: Settled) -> Line:
    world.qondor.invoices[settled.offer]["externalReference"] = "999999"
    return "invoice", settled.offer, order_id(world, settled.offer), "external reference", None, False


def a_status_set_back_in_qondor(world: World, settled: Settled) -> Line:
    world.qondor.invoices[settled.offer]["status"] = 3
    return "invoice", settled.offer, order_id(world, settled.offer), "status", None, False


def a_payment_taken_back(world: World, settled: Settled) -> Line:
    del world.order_of(settled.paid).members["Paid"]
    return "payment", settled.paid, order_id(world, settled.paid), "paid", f"-{AMOUNT}", False


def a_payment_taken_back_in_qondor(world: World, settled: Settled) -> Line:
    world.qondor.invoices[settled.paid].update(status=2, paidDate=None)
    return "payment", settled.paid, order_id(world, settled.paid), "paid", AMOUNT, False


def an_invoice_gone_from_qondor(world: World, settled: Settled) -> Line:
    del world.qondor.invoices[settled.offer]
    return "invoice", None, order_id(world, settled.offer), "missing in qondor", AMOUNT, False


def two_companies_of_one_number(world: World, settled: Settled) -> Line:
    twin = world.add_company("Nordlys A.S.", organisation_number="912 345 688 MVA")
    return "customer", 77, twin, "twice in finago", None, False


def a_company_renamed(world: World, settled: Settled) -> Line:
    world.books().companies[4711].members["Name"] = "Noe annet AS"
    return "customer", 77, 4711, "name", None, False


def another_organisation_number(world: World, settled: Settled) -> Line:
    world.books().companies[4711].members["OrganizationNumber"] = ""
    return "customer", 77, 4711, "organisation number", None, False


def an_external_id_that_was_emptied(world: World, settled: Settled) -> Line:
    world.books().companies[4711].members["ExternalId"] = ""
    return "customer", 77, 4711, "external id", None, False


def a_project_renamed(world: World, settled: Settled) -> Line:
    world.books().projects[PROJECT].members["Name"] = "Noe annet"
    return "project", 555, PROJECT, "name", None, False


def a_project_completed_in_finago(world: World, settled: Settled) -> Line:
    world.books().projects[PROJECT].members["StatusId"] = 2
    return "project", 555, PROJECT, "status", None, False


def a_project_of_another_customer(world: World, settled: Settled) -> Line:
    world.books().projects[PROJECT].members["CustomerId"] = world.add_company("Fremmed AS", id=4999)
    return "project", 555, PROJECT, "customer", None, False


def a_cost_that_somebody_changed(world: World, settled: Settled) -> Line:
    (cost,) = world.qondor.actuals["cost"].values()
    cost["vatAmount"] -= 1
    cost["amountExclVat"] += 1
    return "cost", cost["id"], settled.supplier.key, "amount excl. VAT", "-1.00", False


def a_cost_that_somebody_deleted(world: World, settled: Settled) -> Line:
    world.qondor.actuals["cost"].clear()
    return "cost", None, settled.supplier.key, "missing in qondor", "10000.00", False


def a_voucher_deleted_in_finago(world: World, settled: Settled) -> Line:
    (sale,) = world.qondor.actuals["sale"].values()
    world.delete_voucher(settled.sale)
    return "sale", sale["id"], None, "missing in finago", "-1250.00", False


CHANGES: list[Change] = [
    an_order_copied,
    an_order_deleted,
    an_order_under_a_foreign_customer,
    a_booking_under_a_foreign_customer,
    an_order_on_another_project,
    a_total_that_was_changed,
    a_vat_that_was_changed,
    a_currency_that_was_changed,
    a_credit_of_another_order,
    another_external_reference,
    a_status_set_back_in_qondor,
    a_payment_taken_back,
    a_payment_taken_back_in_qondor,
    an_invoice_gone_from_qondor,
    two_companies_of_one_number,
    a_company_renamed,
    another_organisation_number,
    an_external_id_that_was_emptied,
    a_project_renamed,
    a_project_completed_in_finago,
    a_project_of_another_customer,
    a_cost_that_somebody_changed,
    a_cost_that_somebody_deleted,
    a_voucher_deleted_in_finago,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda each: each.__name__)
def test_what_no_flow_looks_for_is_found_and_named(
    installation: Installation, world: World, settled: Settled, change: Change
) -> None:
    clean = installation.reconcile().digest
    expected = change(world, settled)
    found = installation.reconcile()
    assert expected in lines(found), lines(found)
    assert {line[:3] for line in lines(found) if not line[5]} == {expected[:3]}, lines(found)
    assert found.digest != clean


TOGETHER: list[Change] = [
    an_order_under_a_foreign_customer,
    a_total_that_was_changed,
    a_credit_of_another_order,
    a_payment_taken_back,
    two_companies_of_one_number,
    a_project_renamed,
    a_cost_that_somebody_changed,
    a_voucher_deleted_in_finago,
    an_order_copied,
]


def test_all_together_each_is_found_and_the_sums_are_right(
    installation: Installation, world: World, settled: Settled
) -> None:
    expected = {change(world, settled) for change in TOGETHER}
    found = installation.reconcile()
    # The cost's VAT differs as well, in the other direction.
    assert expected <= set(lines(found))
    assert {line[3] for line in set(lines(found)) - expected} == {"VAT"}
    sums = found.totals
    assert sums[Compared.INVOICE]["NOK"].finago - sums[Compared.INVOICE]["NOK"].qondor == Decimal("12500.01")
    assert sums[Compared.SALE]["NOK"].finago - sums[Compared.SALE]["NOK"].qondor == Decimal("-1250.00")
    assert sums[Compared.COST]["NOK"].finago == sums[Compared.COST]["NOK"].qondor


def test_what_is_held_uncertain_or_unbalanced_is_explained(
    installation: Installation, world: World, customer: int, project: int, settled: Settled
) -> None:
    held = world.add_invoice(customer=customer, project=project, currency="XXX")
    new = world.add_invoice(customer=customer, project=project)
    unbalanced = world.post_voucher([posting(6300, "100.00", project=PROJECT), posting(2400, "-99.00")])
    unmatched = world.post_supplier_invoice("40.00", project=77777)
    payroll = world.post_voucher([posting(5000, "10.00", project=PROJECT), posting(2930, "-10.00")])
    installation.sync()
    installation.load()
    del world.qondor.invoices[new]
    delete_order(world, new)
    found = installation.reconcile()
    explained = {(each.kind.value, each.qondor, each.finago): each.explained for each in found.differences}
    assert explained == {
        ("invoice", held, None): "held: unknown currency",
        ("cost", None, unbalanced.key): "unbalanced voucher",
        ("cost", None, unmatched.key): "unmatched: no project in Qondor has this Finago project id",
    }
    assert found.unloaded["not a supplier cost"] == 10
    assert payroll
    assert not found.unexplained


def test_documents_of_other_days_are_left_alone(installation: Installation, world: World, settled: Settled) -> None:
    delete_order(world, settled.offer)
    day = world.today()
    installation.wait(days=40)
    assert lines(installation.reconcile()) == []
    assert len(installation.reconcile(first_day=day.replace(day=1)).differences) == 1
