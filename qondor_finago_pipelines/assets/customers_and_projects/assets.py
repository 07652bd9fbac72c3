"""The customer and project flow as assets: what stands in Qondor, and what follows it in Finago."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import dagster as dg

from ...flows.customers_and_projects.company_writes import CompanyWrites
from ...flows.customers_and_projects.project_writes import ProjectWrites
from ...flows.customers_and_projects.read import read_following
from ...flows.customers_and_projects.sync import sync_customers_and_projects
from ...flows.customers_and_projects.window import window_start
from ...records.links import Kind
from ...records.operations.results import FieldChange, Flow, FlowResult, RecordOutcome, RecordState
from ...tables.customers_and_projects.customers import CUSTOMERS, customer_table
from ...tables.customers_and_projects.projects import PROJECTS, project_table
from ..check_results import ONE_RUN_ONLY, Check, accounted_for, fits
from ..flow_assets import AGAIN_IN_MINUTES, FlowAssets, asset
from ..metadata import Metadata, about_the_run, changed_fields, refusals, states, table

QONDOR_CUSTOMERS = dg.AssetKey("qondor_customers")
FINAGO_COMPANIES = dg.AssetKey("finago_companies")
QONDOR_PROJECTS = dg.AssetKey("qondor_projects")
FINAGO_PROJECTS = dg.AssetKey("finago_projects")

CUSTOMER = "customer"
PROJECT = "project"
"""What an outcome of this flow is of; its id starts with the same word."""

OUTCOMES = ("id", "number", "state", "did")

SPECS = (
    asset(
        Flow.CUSTOMERS_AND_PROJECTS,
        "qondor_customers",
        "qondor",
        "The office's customers in Qondor, which is their master, with the global ones that the office works for.",
        code=[sync_customers_and_projects, read_following],
    ),
    asset(
        Flow.CUSTOMERS_AND_PROJECTS,
        "finago_companies",
        "finago",
        "The company that Finago holds for each customer: linked or created, its name, organisation number and "
        "External ID kept equal, its id stored in Qondor. What was refused stands here with reason and remedy.",
        after=["qondor_customers"],
        code=[sync_customers_and_projects, CompanyWrites],
    ),
    asset(
        Flow.CUSTOMERS_AND_PROJECTS,
        "qondor_projects",
        "qondor",
        "The office's projects in Qondor that were changed within the window.",
        code=[sync_customers_and_projects, window_start],
    ),
    asset(
        Flow.CUSTOMERS_AND_PROJECTS,
        "finago_projects",
        "finago",
        "The project that Finago holds for each of them: confirmed ones are created; name, status, dates, type and "
        "customer are kept equal. What was refused stands here with reason and remedy.",
        # A project whose customer is not linked yet links it first.
        after=["qondor_projects", "finago_companies"],
        code=[sync_customers_and_projects, ProjectWrites],
    ),
)


def _of(what: str, result: FlowResult) -> list[RecordOutcome]:
    return [record for record in result.records if record.what == what]


def _changes_of(what: str, result: FlowResult) -> list[FieldChange]:
    return [change for change in result.changes if change.record.partition(" ")[0] == what]


CHECKS = (
    Check(
        name="customers_fit_their_schema",
        asset=QONDOR_CUSTOMERS,
        description="Every customer that the run read has an id of its own, a name, and an External Reference that can "
        "be a company id and is nobody else's.",
        assess=fits(CUSTOMERS, "customer", customer_table, lambda result: result.customers),
    ),
    Check(
        name="projects_fit_their_schema",
        asset=QONDOR_PROJECTS,
        description="Every project that the run read has an id of its own, an office, a name, a known status and, "
        "where it has both, dates in the right order.",
        assess=fits(PROJECTS, "project", project_table, lambda result: result.projects),
    ),
    Check(
        name="every_customer_is_settled_held_or_waiting",
        asset=FINAGO_COMPANIES,
        description="Passes when every customer has its company. Warns of what is refused or still being looked up. An "
        f"error means that a person must look in Finago: nobody knows whether a company is whose. {ONE_RUN_ONLY}",
        assess=accounted_for({Kind.COMPANY}, lambda result: _of(CUSTOMER, result)),
    ),
    Check(
        name="every_project_is_settled_held_or_waiting",
        asset=FINAGO_PROJECTS,
        description="Passes when every project is equal in both systems. Warns of what is refused or still being "
        f"looked up. An error means that a person must look in Finago. {ONE_RUN_ONLY}",
        assess=accounted_for({Kind.PROJECT}, lambda result: _of(PROJECT, result)),
    ),
)


def _about(result: FlowResult) -> Mapping[dg.AssetKey, Metadata]:
    return {
        QONDOR_CUSTOMERS: _in_qondor(CUSTOMER, result.customers, result),
        FINAGO_COMPANIES: _in_finago(CUSTOMER, result),
        QONDOR_PROJECTS: _in_qondor(PROJECT, result.projects, result),
        FINAGO_PROJECTS: _in_finago(PROJECT, result),
    }


def _in_qondor(what: str, read: Sequence[object], result: FlowResult) -> Metadata:
    records = _of(what, result)
    return {
        "dagster/row_count": dg.MetadataValue.int(len(read)),
        **states(records),
        "outcomes": _outcomes(records),
        **about_the_run(result),
    }


def _in_finago(what: str, result: FlowResult) -> Metadata:
    records, changes = _of(what, result), _changes_of(what, result)
    return {
        **_counts(records),
        "changed_fields": changed_fields(changes),
        "refusals": refusals(records),
        **about_the_run(result),
    }


def _counts(records: Sequence[RecordOutcome]) -> Metadata:
    """What was done to the companies, or to the projects: the flow's own figures count both."""
    did = Counter(record.did.partition(" ")[0] for record in records if record.state is RecordState.SETTLED)
    created, updated = did["created"], did["updated"]
    return {
        "created": dg.MetadataValue.int(created),
        "updated": dg.MetadataValue.int(updated),
        "unchanged": dg.MetadataValue.int(did.total() - created - updated),
    }


def _outcomes(records: Iterable[RecordOutcome]) -> dg.TableMetadataValue:
    """The records with which something happened: of a thousand that are equal already, nobody wants to read."""
    return table(
        OUTCOMES,
        ((record.id, record.number or "", record.state.value, record.did) for record in records if record.is_news),
    )


CUSTOMERS_AND_PROJECTS = FlowAssets(
    flow=Flow.CUSTOMERS_AND_PROJECTS,
    specs=SPECS,
    checks=CHECKS,
    about=_about,
    job_description="Lets one office's companies and projects in Finago follow its customers and projects in Qondor. "
    "Choose today's partition of the office: a past day cannot be synced, since Qondor only knows how things are now.",
    retries=AGAIN_IN_MINUTES,
)
"""The customer and project flow, as Dagster shows it."""
