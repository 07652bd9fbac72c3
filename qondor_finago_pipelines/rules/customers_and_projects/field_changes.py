"""What a write changes, field by field, in the article's words: for people to read, without personal data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...records.customers_and_projects.customers import Company, CompanyDraft
from ...records.customers_and_projects.projects import FinagoProject, NamedId, ProjectDraft
from ...records.identifiers import CustomerId
from ...records.operations.results import FieldChange


def company_changes(customer_id: CustomerId, before: Company, draft: CompanyDraft) -> tuple[FieldChange, ...]:
    """What an update changes in a customer's company; of a name only that it changes, since it may be a person's."""
    fields: dict[str, tuple[str, str | None]] = {
        "name": ("", None if draft.name is None else "changed"),
        "organisation number": (before.organisation_number, draft.organisation_number),
        "external id": (before.external_id, draft.external_id),
    }
    return _changes(f"customer {customer_id}", fields)


def project_changes(
    record: str,
    before: FinagoProject,
    draft: ProjectDraft,
    *,
    statuses: Iterable[NamedId],
    types: Iterable[NamedId],
) -> tuple[FieldChange, ...]:
    """What an update changes in a project; status and category by their names."""
    status, kind = _names(statuses), _names(types)
    fields: dict[str, tuple[str, str | None]] = {
        "name": (before.name, draft.name),
        "status": (_shown(before.status_id, status) or "", _shown(draft.status_id, status)),
        "start date": (_text(before.start_date) or "", _text(draft.start_date)),
        "end date": (_text(before.end_date) or "", _text(draft.end_date)),
        "category": (_shown(before.type_id, kind) or "", _shown(draft.type_id, kind)),
        "customer": (_text(before.customer_id) or "", _text(draft.customer_id)),
    }
    if before.deactivated and draft.status_id is not None:
        fields["status"] = ("deactivated", fields["status"][1])
    return _changes(record, fields)


def _changes(record: str, fields: Mapping[str, tuple[str, str | None]]) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(record=record, field=name, before=before, after=after)
        for name, (before, after) in fields.items()
        if after is not None
    )


def _names(rows: Iterable[NamedId]) -> Mapping[int, str]:
    return {row.id: row.name for row in rows}


def _shown(number: int | None, names: Mapping[int, str]) -> str | None:
    return None if number is None else names.get(number, str(number))


def _text(value: object) -> str | None:
    return None if value is None else str(value)
