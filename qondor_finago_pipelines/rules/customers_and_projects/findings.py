"""What was read of customers and projects before anything is decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...records.customers_and_projects.customers import Company, Customer
from ...records.customers_and_projects.projects import FinagoProject, NamedId, QondorProject
from ...records.identifiers import CompanyId, CustomerId, FinagoProjectId, OfficeId, QondorProjectId


@dataclass(frozen=True, kw_only=True)
class Findings:
    """Missing from a mapping means: looked for and not there."""

    office_id: OfficeId
    client_offices: frozenset[OfficeId]
    offices_of_unknown_client: frozenset[OfficeId] = frozenset()
    """Those that may share it: their projects are among `projects`, and rivals like any other."""
    customers: Mapping[CustomerId, Customer] = field(default_factory=dict)
    """Every customer of the Finago client's offices, global ones included."""
    foreign_customers: frozenset[CustomerId] = frozenset()
    """Global customers that the store links in another Finago client."""
    company_links: Mapping[str, CompanyId] = field(default_factory=dict)
    """What the store links in this client, by key (`rules.linking`)."""
    undone_links: Mapping[str, CompanyId] = field(default_factory=dict)
    """Links that a person has undone by emptying the External Reference; `company_links` is without them."""
    companies: Mapping[CompanyId, Company] = field(default_factory=dict)
    """Every company of the client where somebody has to be searched for, else those referred to."""
    projects: Mapping[QondorProjectId, QondorProject] = field(default_factory=dict)
    """Every project of the client's offices when one without a claim is looked at, else those looked at."""
    project_claims: Mapping[QondorProjectId, FinagoProjectId] = field(default_factory=dict)
    finago_projects: Mapping[FinagoProjectId, FinagoProject] = field(default_factory=dict)
    project_statuses: Sequence[NamedId] = ()
    project_types: Sequence[NamedId] = ()
