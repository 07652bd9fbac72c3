"""Qondor's customers as a table, and what each must look like before Finago can follow it.

A customer's name and number may be a person's: the table says whether there is a name, and knows numbers not at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pandas as pd
import pandera.pandas as pa

from ...records.customers_and_projects.customers import Customer
from ..contract import AN_ID, HAS_A_NAME, column, each, table_of

LARGEST_ID = 2_147_483_647
"""Finago's ids are 32-bit integers."""


def _is_reference(value: Any) -> bool:
    text = str(value).strip()
    return re.fullmatch("[0-9]+", text) is not None and 0 < int(text) <= LARGEST_ID


CUSTOMERS = pa.DataFrameSchema(
    {
        "customer": column(AN_ID, unique=True),
        "office": column(AN_ID, nullable=True),
        "has_name": HAS_A_NAME,
        "reference": column(each(_is_reference, "is no company id"), nullable=True),
        "active": pa.Column(bool),
    },
    checks=pa.Check(
        lambda table: _have_their_own(table["reference"]),
        error="another customer has the same External Reference",
    ),
    strict=True,
    name="customers",
)
"""One row a customer. `customer` is Qondor's id; `office` is missing for a global one; `reference` is the External
Reference, the id of its company in Finago."""


def customer_table(customers: Sequence[Customer]) -> pd.DataFrame:
    """The customers in the form of `CUSTOMERS`, also when there are none."""
    return table_of(CUSTOMERS, (_row(customer) for customer in customers))


def _row(customer: Customer) -> tuple[Any, ...]:
    reference = (customer.external_reference or "").strip()
    return (
        customer.id,
        customer.office_id,
        bool(customer.name and customer.name.strip()),
        reference or None,
        customer.is_active,
    )


def _have_their_own(references: pd.Series[Any]) -> pd.Series[bool]:
    """False for each reference that is there more than once; customers without one have nothing to share."""
    return references.isna() | ~references.duplicated(keep=False)
