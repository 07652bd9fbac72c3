"""From a voucher's amounts to costs and sales on Qondor projects, and what these differ in (decisions 4 and 8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from ...records.costs_and_sales.actuals import Actual, ActualKind, ActualReference, StoredActual
from ...records.customers_and_projects.projects import QondorProject
from ...records.identifiers import FinagoProjectId, OfficeId, QondorProjectId
from ...records.money import ZERO, plain
from ...records.operations.results import FieldChange
from ...records.unloaded import CostOnAccount, UnloadedAmount, WhyUnloaded
from ..linking import finago_project_id, positive_int
from .allocation import Allocation, ProjectAmount, Terms, gives_back


@dataclass(frozen=True, kw_only=True)
class ProjectIndex:
    """Which Qondor project a Finago project id belongs to, among the offices that share a Finago client."""

    ours: Mapping[FinagoProjectId, QondorProject] = field(default_factory=dict)
    """The projects of the office."""
    others: Mapping[FinagoProjectId, OfficeId] = field(default_factory=dict)
    """Those of the client's other offices: their own runs load what stands on them."""
    ambiguous: frozenset[FinagoProjectId] = frozenset()
    """Ids to which several projects come: nothing is loaded on any of them."""

    @property
    def seen(self) -> frozenset[FinagoProjectId]:
        """All ids that stand for a project of Qondor, whosever it is."""
        return frozenset((*self.ours, *self.others, *self.ambiguous))


def project_index(
    office_id: OfficeId,
    projects: Iterable[QondorProject],
    former: Iterable[tuple[FinagoProjectId, QondorProjectId]] = (),
) -> ProjectIndex:
    """Sorts the projects of all offices of one Finago client by their Finago id (decisions 5).

    `former` are the pairs that the store knows, by link or by what is loaded. An id to which no project comes any more
    stays that of the project that had it: what is posted there is still that project's, whose number has changed.
    """
    by_number: dict[FinagoProjectId, dict[QondorProjectId, QondorProject]] = defaultdict(dict)
    everyone: dict[QondorProjectId, QondorProject] = {}
    for project in projects:
        everyone[project.id] = project
        if project.has_readable_number:
            by_number[finago_project_id(project.number, project.id).id][project.id] = project
    by_id: dict[FinagoProjectId, dict[QondorProjectId, QondorProject]] = defaultdict(dict, by_number)
    for finago_id, project_id in former:
        if finago_id not in by_number and project_id in everyone:
            by_id[finago_id][project_id] = everyone[project_id]
    single = {finago_id: next(iter(found.values())) for finago_id, found in by_id.items() if len(found) == 1}
    return ProjectIndex(
        ours={finago_id: project for finago_id, project in single.items() if project.office_id in (None, office_id)},
        others={
            finago_id: project.office_id
            for finago_id, project in single.items()
            if project.office_id is not None and project.office_id != office_id
        },
        ambiguous=frozenset(by_id.keys() - single.keys()),
    )


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What one voucher should come to in Qondor, and what of it cannot be placed."""

    actuals: Mapping[ActualReference, Actual] = field(default_factory=dict)
    unmatched: tuple[UnloadedAmount, ...] = ()
    """Costs below zero are credits; sales carry the sign that they have in Qondor."""
    elsewhere: Mapping[ActualReference, UnloadedAmount] = field(default_factory=dict)
    """What other offices of the client load, by the references that they give it."""


def our_companies(allocation: Allocation, index: ProjectIndex) -> frozenset[int]:
    """The suppliers and customers whose names the voucher's records will need."""
    kinds = {each.kind for each in allocation.amounts if positive_int(each.project) in index.ours}
    return frozenset(company for kind in kinds if (company := allocation.terms[kind].company_id) is not None)


def actuals_of(
    allocation: Allocation,
    *,
    office_id: OfficeId,
    index: ProjectIndex,
    names: Mapping[int, str],
    currency: str,
    paid_dates: Mapping[ActualKind, date | None],
) -> Wanted:
    """The records of one voucher. `names` are those of companies by id; `paid_dates` when each kind was paid."""
    actuals: dict[ActualReference, Actual] = {}
    unmatched: list[UnloadedAmount] = []
    elsewhere: dict[ActualReference, UnloadedAmount] = {}
    for amount in allocation.amounts:
        number = positive_int(amount.project)
        finago_id = None if number is None else FinagoProjectId(number)
        if finago_id is not None and (other := index.others.get(finago_id)) is not None:
            elsewhere[_reference(allocation, amount, other, finago_id)] = _unloaded(
                amount, WhyUnloaded.OF_ANOTHER_OFFICE
            )
            continue
        if finago_id is None or finago_id not in index.ours:
            unmatched.append(_unloaded(amount, _why_unmatched(finago_id, index)))
            continue
        reference = _reference(allocation, amount, office_id, finago_id)
        actual = _actual(
            amount, allocation.terms[amount.kind], index.ours[finago_id].id, names, currency, paid_dates[amount.kind]
        )
        actuals[reference] = _added(actuals.get(reference), actual)
    return Wanted(actuals=actuals, unmatched=tuple(unmatched), elsewhere=elsewhere)


def _reference(
    allocation: Allocation, amount: ProjectAmount, office_id: OfficeId, finago_id: FinagoProjectId
) -> ActualReference:
    return ActualReference(
        kind=amount.kind, office_id=office_id, voucher=allocation.voucher, finago_project_id=finago_id
    )


def _unloaded(amount: ProjectAmount, why: WhyUnloaded) -> UnloadedAmount:
    return UnloadedAmount(account=amount.account, project=amount.project, amount=amount.excluding_vat, why=why)


def _why_unmatched(finago_id: FinagoProjectId | None, index: ProjectIndex) -> WhyUnloaded:
    if finago_id is None:
        return WhyUnloaded.NO_PROJECT_ID
    return WhyUnloaded.SEVERAL_PROJECTS if finago_id in index.ambiguous else WhyUnloaded.NO_PROJECT


def _actual(
    amount: ProjectAmount,
    terms: Terms,
    project_id: QondorProjectId,
    names: Mapping[int, str],
    currency: str,
    paid_date: date | None,
) -> Actual:
    return Actual(
        project_id=project_id,
        party_name=names.get(terms.company_id or 0, "").strip(),
        transaction_reference=terms.transaction_reference,
        description=_described(amount),
        invoice_date=terms.invoice_date,
        due_date=terms.due_date,
        amount_excluding_vat=amount.excluding_vat,
        vat=amount.vat,
        is_paid=terms.is_paid,
        paid_date=paid_date if terms.is_paid else None,
        currency=currency,
    )


def _described(amount: ProjectAmount) -> str:
    """The line's text, and from what the amount was converted."""
    converted = " and ".join(
        f"{plain(each.amount)} {each.currency} at {format(each.rate.normalize(), 'f')}"
        + (f" for {each.unit}" if each.unit != 1 else "")
        for each in amount.stated
    )
    return " ".join(part for part in (amount.description, f"(from {converted})" if converted else "") if part)


def given_back(allocation: Allocation) -> Mapping[tuple[FinagoProjectId, int], Decimal] | None:
    """What a correction takes from each Finago project and account; None where it takes from what is no project."""
    taken: dict[tuple[FinagoProjectId, int], Decimal] = defaultdict(lambda: ZERO)
    for (project, account), amount in gives_back(allocation).items():
        number = positive_int(project)
        if number is None:
            return None
        taken[FinagoProjectId(number), account] += amount
    return taken


def costs_on_accounts(allocation: Allocation, index: ProjectIndex) -> tuple[CostOnAccount, ...]:
    """What is loaded of the voucher as costs of the office's projects, by account."""
    found: dict[tuple[FinagoProjectId, int], Decimal] = defaultdict(lambda: ZERO)
    for (project, account), amount in allocation.costs_by_account.items():
        number = positive_int(project)
        if number is not None and number in index.ours:
            found[FinagoProjectId(number), account] += amount
    return tuple(
        CostOnAccount(finago_project_id=project, account=account, amount=amount)
        for (project, account), amount in found.items()
    )


def unloaded_of(allocation: Allocation, wanted: Wanted, index: ProjectIndex) -> tuple[UnloadedAmount, ...]:
    """All that is not loaded of the voucher, but for what another office of the client lists as its own.

    What belongs to no project by itself is listed where something else of the voucher concerns the office.
    """
    mine = [each for each in allocation.unloaded if positive_int(each.project) not in index.others]
    found = (*mine, *wanted.unmatched, *wanted.elsewhere.values())
    concerns_us = bool(wanted.actuals) or any(each.project for each in found)
    return tuple(each for each in found if each.project or concerns_us)


def _added(before: Actual | None, actual: Actual) -> Actual:
    """`007` and `7` are one project: what stands on both is one record."""
    if before is None:
        return actual
    return replace(
        before,
        amount_excluding_vat=before.amount_excluding_vat + actual.amount_excluding_vat,
        vat=before.vat + actual.vat,
    )


# comparing

_FIELDS = (
    ("project", "project_id"),
    ("transaction reference", "transaction_reference"),
    ("invoice date", "invoice_date"),
    ("due date", "due_date"),
    ("amount excl. VAT", "amount_excluding_vat"),
    ("VAT", "vat"),
    ("amount incl. VAT", "amount_including_vat"),
    ("paid", "is_paid"),
    ("paid date", "paid_date"),
    ("currency", "currency"),
)
"""What is told of a change; supplier, customer and description may name a person and are only said to differ."""

_PERSONAL = (("name", "party_name"), ("description", "description"))


def compared_facts(actual: Actual) -> dict[str, Decimal | date | int | str | None]:
    """Every field that has to be equal, by its name: texts without their outer space, a truth in words."""
    facts: dict[str, Decimal | date | int | str | None] = {}
    for label, name in (*_FIELDS, *_PERSONAL):
        value = getattr(actual, name)
        facts[label] = ("yes" if value else "no") if isinstance(value, bool) else value
        if isinstance(value, str):
            facts[label] = value.strip()
    return facts


def is_equal(wanted: Actual, stored: StoredActual) -> bool:
    """Whether Qondor holds just this already: amounts by value, texts without their outer space."""
    return (
        stored.actual is not None
        and stored.totals_agree
        and all(
            _plain(getattr(wanted, name)) == _plain(getattr(stored.actual, name)) for _, name in (*_FIELDS, *_PERSONAL)
        )
    )


def field_changes(record: str, kind: ActualKind, wanted: Actual, stored: StoredActual) -> list[FieldChange]:
    """Every field that a change of `stored` to `wanted` changes, without personal data."""
    before = stored.actual
    changes = []
    for label, name in (*_FIELDS, *_PERSONAL):
        old, new = _plain(getattr(before, name, "")) if before else "unreadable", _plain(getattr(wanted, name))
        if old != new:
            told = ("", "changed") if (label, name) in _PERSONAL else (old, new)
            name_of_field = f"{kind.value} {stored.id} {label}"
            changes.append(FieldChange(record=record, field=name_of_field, before=told[0], after=told[1]))
    return changes


def _plain(value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, bool | int | date):
        return str(value)
    return plain(value)  # type: ignore[arg-type]
