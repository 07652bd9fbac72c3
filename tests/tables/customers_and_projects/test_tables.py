"""Qondor's customers and projects as tables: what fits the schemas, and how misfits are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from qondor_finago_pipelines.records.customers_and_projects.customers import Customer
from qondor_finago_pipelines.records.customers_and_projects.projects import QondorProject
from qondor_finago_pipelines.records.identifiers import CustomerId, QondorProjectId
from qondor_finago_pipelines.tables.contract import Misfit, misfits
from qondor_finago_pipelines.tables.customers_and_projects.customers import CUSTOMERS, customer_table
from qondor_finago_pipelines.tables.customers_and_projects.projects import PROJECTS, project_table
from tests.builders import CUSTOMER, PROJECT


def of_customers(*customers: Customer) -> tuple[Misfit, ...]:
    return misfits(customer_table(customers), CUSTOMERS, record="customer")


def of_projects(*projects: QondorProject) -> tuple[Misfit, ...]:
    return misfits(project_table(projects), PROJECTS, record="project")


def test_ordinary_customers_and_none_at_all_fit() -> None:
    new = replace(CUSTOMER, id=CustomerId(78), external_reference=None, organisation_number=None)
    everywhere = replace(CUSTOMER, id=CustomerId(79), office_id=None, external_reference=" 4712 ", is_active=False)
    assert of_customers() == ()
    assert of_customers(CUSTOMER, new, replace(new, id=CustomerId(80), external_reference=" "), everywhere) == ()


def test_ordinary_projects_and_none_at_all_fit() -> None:
    bare = replace(
        PROJECT, id=QondorProjectId(556), number=None, category=None, start_date=None, end_date=None, customer_id=None
    )
    one_day = replace(PROJECT, id=QondorProjectId(557), end_date=PROJECT.start_date)
    assert of_projects() == ()
    assert of_projects(PROJECT, bare, one_day) == ()


@pytest.mark.parametrize(
    ("change", "column", "expected"),
    [
        ({"name": None}, "has_name", "there is no name"),
        ({"name": " "}, "has_name", "there is no name"),
        ({"external_reference": "ABC-17"}, "reference", "is no company id"),
        ({"external_reference": "0"}, "reference", "is no company id"),
        ({"external_reference": "2147483648"}, "reference", "is no company id"),
        ({"external_reference": "٣"}, "reference", "is no company id"),
    ],
)
def test_a_misfit_names_customer_and_column(change: dict[str, Any], column: str, expected: str) -> None:
    odd = replace(CUSTOMER, id=CustomerId(78), external_reference=None)
    assert of_customers(CUSTOMER, replace(odd, **change)) == (Misfit("78", column, expected),)


def test_customers_that_share_an_external_reference_are_all_named() -> None:
    twin = replace(CUSTOMER, id=CustomerId(78), external_reference="4711 ")
    why = "another customer has the same External Reference"
    assert of_customers(CUSTOMER, twin) == (Misfit("77", "", why), Misfit("78", "", why))


@pytest.mark.parametrize(
    ("change", "column", "expected"),
    [
        ({"office_id": None}, "office", "is missing"),
        ({"name": ""}, "has_name", "there is no name"),
        ({"status": None}, "status", "is missing"),
        ({"status": "Gift card"}, "status", "is an unknown status"),
        ({"end_date": date(2026, 11, 30)}, "", "the project ends before it starts"),
    ],
)
def test_a_misfit_names_project_and_column(change: dict[str, Any], column: str, expected: str) -> None:
    odd = replace(PROJECT, id=QondorProjectId(556), **change)
    assert of_projects(PROJECT, odd) == (Misfit("556", column, expected),)


def test_a_record_that_is_there_twice_is_named() -> None:
    assert Misfit("77", "customer", "is there twice") in of_customers(CUSTOMER, CUSTOMER)
    assert of_projects(PROJECT, PROJECT) == (Misfit("555", "project", "is there twice"),)


def test_no_table_holds_who_or_what_it_is_called() -> None:
    cells = f"{customer_table([CUSTOMER]).to_dict()} {project_table([PROJECT]).to_dict()}"
    assert "SO12345" in cells
    for name in ("Nordlys", "912", "Kick-off"):
        assert name not in cells
