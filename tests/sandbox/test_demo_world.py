"""The demo's world: every kind of invoice, every error case, and amounts that are right to the øre."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
import yaml

from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import World
from qondor_finago_pipelines.sandbox.seeds import demo, empty, expected, large, office_settings_yaml
from qondor_finago_pipelines.sandbox.world.qondor import INVOICE_TYPE

from .conftest import BERGEN, OSLO


@pytest.fixture(scope="module")
def made() -> World:
    return demo.world()


def queued(made: World) -> dict[int, dict[str, Any]]:
    return {number: one for number, one in made.qondor.invoices.items() if one["statusText"] == "Unprocessed"}


def test_every_queued_invoice_has_an_expected_outcome(made: World) -> None:
    assert set(expected.EXPECTED) == set(queued(made))


def test_every_expected_reason_is_one_of_ours_and_held_ones_have_one() -> None:
    reasons = {reason.value for reason in Reason}
    for state, reason in expected.EXPECTED.values():
        assert (state, reason is None) in (("settled", True), ("held", False))
        assert reason is None or reason in reasons


def test_every_customer_and_recently_changed_project_has_an_expected_outcome(made: World) -> None:
    customers = {f"customer {number}" for number in made.qondor.customers}
    projects = {f"project {number}" for number in made.qondor.projects if number != demo.LONG_UNCHANGED_PROJECT}
    assert set(expected.EXPECTED_CUSTOMERS_AND_PROJECTS) == customers | projects
    reasons = {reason.value for reason in Reason}
    for state, reason in expected.EXPECTED_CUSTOMERS_AND_PROJECTS.values():
        assert (state, reason is None) in (("settled", True), ("held", False))
        assert reason is None or reason in reasons
    assert {record for record, _ in expected.EXPECTED_CHANGES} < set(expected.EXPECTED_CUSTOMERS_AND_PROJECTS)


def test_customers_and_projects_have_something_to_see(made: World) -> None:
    books, ours = made.books(OSLO), made.qondor
    assert books.companies[4711]["Name"] != ours.customers[77]["name"], "a renamed customer"
    assert books.projects[12346]["Name"] != ours.projects[556]["name"], "a changed project"
    assert 12345 not in books.projects, "a new confirmed one"
    assert ours.projects[demo.PENDING_PROJECT]["statusText"] == "Pending"
    assert not books.projects[12362].active, "a deactivated one that comes back"
    assert ours.customers[81]["externalReference"] == ours.customers[82]["externalReference"], "a duplicate reference"
    assert ours.customers[84]["officeId"] is None, "a global customer"


def test_every_kind_of_invoice_is_there(made: World) -> None:
    settled = [one for number, one in queued(made).items() if expected.EXPECTED[number][0] == expected.SETTLED]
    assert {one["invoiceTypeText"] for one in settled} == set(INVOICE_TYPE.values())
    assert {one["paymentType"] for one in settled} == {1, 2}
    assert {one["currency"] for one in settled} == {"NOK", "EUR", "SEK"}
    originals = {one["creditedInvoiceId"] for one in settled if one["isCredit"]}
    assert {made.qondor.status_of(original) for original in originals} == {"Unprocessed", "Processed"}
    assert {one["officeId"] for one in settled} == {OSLO, BERGEN}


def test_totals_are_right_to_the_ore_except_where_they_are_meant_wrong(made: World) -> None:
    def rounded(amount: Decimal) -> Decimal:
        return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)

    for number, one in made.qondor.invoices.items():
        total = Decimal(0)
        for row in one["invoiceLines"]:
            net = row["quantity"] * row["outPriceExclVat"]
            assert rounded(net * row["vatPercentage"] / 100) == row["vatAmount"], number
            total += rounded(net) + row["vatAmount"]
        wrong = expected.EXPECTED.get(number, ("", None))[1] == "totals do not add up"
        assert (total == one["totalInclVat"]) is not wrong, number


def test_the_earlier_invoices_agree_in_both_systems(made: World) -> None:
    for number in (8901, expected.PAID_IN_FINAGO):
        order, invoice = made.order_of(number), made.qondor.invoices[number]
        assert invoice["externalReference"] == str(order["OrderId"])
        assert (order["OrderStatus"], order["OrderTotalIncVat"]) == ("Invoiced", invoice["totalInclVat"])
    assert made.order_of(expected.PAID_IN_FINAGO)["Paid"].date() < made.today()
    assert made.order_of(8901).get("Paid") is None


def test_each_office_has_a_client_of_its_own_with_everything_set_up(made: World) -> None:
    assert made.offices[OSLO].client_id != made.offices[BERGEN].client_id
    for office in made.offices:
        books = made.books(office)
        assert 3 in books.departments
        assert 7 in books.payment_methods
        assert books.products[900]["CategoryId"] == 9
        assert {"Aktiv", "Avsluttet"} <= set(books.project_statuses.values())


def test_the_settings_file_names_variables_that_the_sandbox_gives(made: World) -> None:
    settings = yaml.safe_load(demo.office_settings_yaml())
    assert [office["id"] for office in settings["offices"]] == [OSLO, BERGEN]
    assert settings["sync"]["max_new_orders"] == "unlimited"
    assert settings["sync"]["first_day"] < made.today()
    for office in settings["offices"]:
        assert (office["department_id"], office["online_payment_method_id"]) == (3, 7)
        assert (office["misc_product_id"], office["misc_product_category_id"]) == (900, 9)
        assert {reference["env"] for reference in office["finago"].values()} <= set(made.environment())


def test_single_settings_can_be_overridden() -> None:
    text = office_settings_yaml(
        empty(),
        office_options={"closed": True, "costs_and_sales": {"enabled": False, "schedule": "0 5 * * *"}},
        invoices={"send_to_factoring_directly": True},
        sync={"max_new_orders": 1},
    )
    settings = yaml.safe_load(text)
    assert settings["offices"][0]["closed"] is True
    assert settings["offices"][0]["costs_and_sales"] == {"enabled": False, "schedule": "0 5 * * *"}
    assert settings["offices"][1]["invoices"]["send_to_factoring_directly"] is True
    assert settings["sync"]["max_new_orders"] == 1


def test_a_large_queue_is_plain_and_linked() -> None:
    made = large(25, lines=2)
    assert len(queued(made)) == 25
    assert {len(one["invoiceLines"]) for one in made.qondor.invoices.values()} == {2}
    for one in made.qondor.invoices.values():
        customer = made.qondor.customers[one["customerId"]]
        assert made.books(OSLO).companies[int(customer["externalReference"])]["ExternalId"] == str(customer["id"])
        assert int(one["projectNo"].removeprefix("SO")) in made.books(OSLO).projects


def test_an_order_that_is_not_there_once_is_an_error() -> None:
    made = empty()
    number = made.add_invoice()
    with pytest.raises(LookupError, match="0 orders"):
        made.order_of(number)
    first = made.add_order(number, company=1)
    assert made.order_of(number)["OrderId"] == first
    made.add_order(number, company=1)
    with pytest.raises(LookupError, match="2 orders"):
        made.order_of(number)
