"""Project linking and customer linking, by the article's "How systems stay linked"."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qondor_finago_pipelines.records.identifiers import LARGEST_ID, CustomerId, QondorProjectId
from qondor_finago_pipelines.rules.linking import (
    consumer_key,
    customer_key,
    finago_project_id,
    read_reference,
)

PROJECT = QondorProjectId(555)

properties = settings(derandomize=True, max_examples=150, deadline=None)


@pytest.mark.parametrize(
    ("number", "finago_id"),
    [("SO12345", 12345), (" SO12345 ", 12345), ("SO1", 1), ("SO0042", 42), (f"SO{LARGEST_ID}", LARGEST_ID)],
)
def test_a_project_number_of_so_and_a_number_gives_the_number(number: str, finago_id: int) -> None:
    identity = finago_project_id(number, PROJECT)
    assert (identity.id, identity.from_number, identity.warning) == (finago_id, True, None)


@pytest.mark.parametrize("number", [None, "", "  ", "2026-17", "P100", "SOMMERFEST", "SO", "12345", "XSO12345"])
def test_otherwise_the_qondor_project_id_is_used(number: str | None) -> None:
    identity = finago_project_id(number, PROJECT)
    assert (identity.id, identity.from_number, identity.warning) == (555, False, None)


@pytest.mark.parametrize(
    "number",
    [
        "SO12345-2",
        "so12345",
        "So12345",
        "SO 12345",
        "SO-12345",
        "SO12345A",
        "SO0",
        f"SO{LARGEST_ID + 1}",
        "SO" + "9" * 5000,
    ],
)
def test_a_number_that_is_not_quite_an_so_number_gives_the_qondor_id_with_a_warning(number: str) -> None:
    identity = finago_project_id(number, PROJECT)
    assert (identity.id, identity.from_number) == (555, False)
    assert identity.warning is not None
    assert "Project 555" in identity.warning
    assert len(identity.warning) < 250


def test_digits_of_other_scripts_are_no_so_number() -> None:
    assert not finago_project_id("SO١٢٣", PROJECT).from_number


@given(st.integers(min_value=1, max_value=LARGEST_ID))
@properties
def test_every_so_number_in_range_is_its_own_finago_id(number: int) -> None:
    assert finago_project_id(f"SO{number}", PROJECT).id == number


@given(st.text(max_size=20))
@properties
def test_any_text_gives_either_its_so_number_or_the_qondor_id(text: str) -> None:
    identity = finago_project_id(text, PROJECT)
    if identity.from_number:
        assert text.strip() == "SO" + text.strip()[2:]
        assert identity.id == int(text.strip()[2:])
    else:
        assert identity.id == int(PROJECT)


@pytest.mark.parametrize(("text", "company_id"), [("4711", 4711), (" 4711 ", 4711), ("004711", 4711), ("1", 1)])
def test_an_external_reference_is_a_finago_company_id(text: str, company_id: int) -> None:
    reference = read_reference(text)
    assert reference.company_id == company_id
    assert not reference.is_empty
    assert not reference.is_invalid


@pytest.mark.parametrize("text", [None, "", "   "])
def test_an_empty_external_reference_is_empty_and_not_invalid(text: str | None) -> None:
    reference = read_reference(text)
    assert reference.is_empty
    assert not reference.is_invalid


@pytest.mark.parametrize(
    "text", ["0", "-4711", "+4711", "4711.0", "47 11", "C-4711", "²", str(LARGEST_ID + 1), "9" * 5000]
)
def test_a_reference_that_is_no_positive_int_is_invalid(text: str) -> None:
    reference = read_reference(text)
    assert reference.is_invalid
    assert reference.company_id is None


@given(st.integers(min_value=1, max_value=LARGEST_ID))
@properties
def test_every_company_id_survives_being_stored_in_qondor(company_id: int) -> None:
    assert read_reference(str(company_id)).company_id == company_id


def test_the_store_knows_customers_by_id_and_consumers_by_a_hash_of_their_email() -> None:
    assert customer_key(CustomerId(77)) == "customer:77"
    assert consumer_key(" Kari@Example.NO ") == "consumer:" + hashlib.sha256(b"kari@example.no").hexdigest()
