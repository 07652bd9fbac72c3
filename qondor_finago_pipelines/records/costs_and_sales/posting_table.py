"""The form in which ledger lines travel by the hundred thousand: an Arrow table, not objects."""

from __future__ import annotations

import pyarrow as pa

POSTINGS = pa.schema(
    [
        pa.field("id", pa.string()),
        pa.field("type_id", pa.int32()),
        pa.field("number", pa.int32()),
        pa.field("sequence", pa.int32()),
        pa.field("day", pa.date32()),
        pa.field("account", pa.int32()),
        pa.field("amount", pa.decimal128(28, 4)),
        pa.field("vat_code", pa.int32()),
        pa.field("vat_dividend", pa.decimal128(28, 10)),
        pa.field("system_type", pa.string()),
        pa.field("invoice_number", pa.string()),
        pa.field("ocr", pa.string()),
        pa.field("comment", pa.string()),
        pa.field("due_date", pa.date32()),
        pa.field("link_id", pa.int32()),
        pa.field("is_open", pa.bool_()),
        pa.field("is_hidden", pa.bool_()),
        pa.field("currency", pa.string()),
        pa.field("currency_rate", pa.decimal128(28, 10)),
        pa.field("currency_unit", pa.int32()),
        pa.field("company", pa.string()),
        pa.field("projects", pa.list_(pa.string())),
        pa.field("percents", pa.list_(pa.decimal128(28, 10))),
        pa.field("registered", pa.timestamp("us", tz="UTC")),
        pa.field("changed", pa.timestamp("us", tz="UTC")),
        pa.field("unreadable", pa.string()),
    ]
)
"""Lines as Finago gives them, one row each, before anything is judged: a null is a member that is missing, or that
holds the sentinel of its type. `system_type` has the interface's default filled in; the texts are empty, never null.
`company` is the value of the first `Customer` dimension. `projects` and `percents` are as long as each other: the
`Project` dimensions in the order of the reply, a null percent where the line has none. `unreadable` names the member
whose value is none of its type, without the value; null where the line can be read."""
