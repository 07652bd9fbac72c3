"""The stages of a plan that the invoice flow and the customer and project flow share."""

from __future__ import annotations

from collections.abc import Mapping

from ...records.customers_and_projects.customers import Customer
from ...records.identifiers import CustomerId
from ...records.plans import Plan
from ..run.client_identity import check_client_identity
from ..run.progress import Progress
from .company_writes import CompanyWrites
from .project_writes import ProjectWrites


def apply_companies_and_projects(plan: Plan, customers: Mapping[CustomerId, Customer], progress: Progress) -> None:
    """Companies, Company IDs back to Qondor, projects. `customers` are as they were decided on.

    Whose books these are is asked before anything of the plan is written, what comes after these stages included.
    Raises what stops the whole run: a system that cannot be reached, a refused login, a lost lease.
    """
    if plan.changes:
        check_client_identity(progress.run)
    companies = CompanyWrites(progress, customers)
    companies.write(plan)
    companies.store_ids_in_qondor(plan)
    ProjectWrites(progress).write(plan)
