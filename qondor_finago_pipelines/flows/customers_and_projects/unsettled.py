"""Looks up companies and projects of which nobody knows whether they landed (decisions 7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from ...records.customers_and_projects.customers import BUSINESS, CONSUMER
from ...records.identifiers import CompanyId, FinagoProjectId
from ...records.links import CompanyLink, Intent, IntentState, Kind
from ...rules.email_addresses import email_keys
from ...rules.linking import CUSTOMER_KEY, consumer_key
from ...rules.unreadable import refuse_beside_nameless
from ..run.office_run import OfficeRun
from ..run.outbox import mark
from ..run.unsettled_writes import Settlers, is_quiet

NAMELESS = ""
STRANGERS = "strangers"
"""In what an intent expects: the companies that had its ExternalId before it, and are somebody else's."""


def no_company_of(run: OfficeRun, intents: Mapping[str, Intent]) -> bool:
    """Whether Finago has no company for any of these keys yet."""
    found = _companies_by_key(run)
    return NAMELESS not in found and not any(_of_intent(intent, found) for intent in intents.values())


def _of_intent(intent: Intent, found: Mapping[str, set[CompanyId]]) -> set[CompanyId]:
    """The companies that this write may have made."""
    strangers = str(intent.expected.get(STRANGERS) or "").split()
    return {company_id for company_id in found.get(intent.key, ()) if str(company_id) not in strangers}


def _companies_by_key(run: OfficeRun) -> dict[str, set[CompanyId]]:
    """Every company of the client by the store's key: customer id or hash of the e-mail address.

    One that cannot be told by what it is looked for stands under `NAMELESS`: it may be anybody's.
    """
    by_key: dict[str, set[CompanyId]] = defaultdict(set)
    for company in run.finago.company_directory().values():
        if refuse_beside_nameless("company", [company]):
            by_key[NAMELESS].add(company.id)
        if company.type == CONSUMER:
            for address in email_keys(company.emails.all()):
                by_key[consumer_key(address)].add(company.id)
        elif company.type == BUSINESS and company.external_id:
            # Our id goes with the very write that creates a company, so it is all that has to be looked for.
            by_key[CUSTOMER_KEY + company.external_id.strip()].add(company.id)
    return dict(by_key)


def _settle_companies(run: OfficeRun, intents: Sequence[Intent]) -> None:
    looked_at = run.time_at(intents[0].kind)
    by_key = _companies_by_key(run)
    for intent in intents:
        found = _of_intent(intent, by_key)
        if found or NAMELESS not in by_key:
            _settle_company(run, intent, found, looked_at)


def _settle_company(run: OfficeRun, intent: Intent, found: Iterable[CompanyId], looked_at: datetime) -> None:
    hits = sorted(found)
    if len(hits) == 1:
        with run.write() as transaction:
            transaction.companies.link(
                CompanyLink(client_id=run.client_id, key=intent.key, company_id=hits[0], office_id=intent.office_id)
            )
        mark(run, [intent], IntentState.LANDED, {"company": hits[0], "found": "by look-up"})
    elif hits:
        mark(run, [intent], IntentState.QUARANTINED, {"why": "several companies", "companies": hits})
    elif is_quiet(run, intent, looked_at):
        mark(run, [intent], IntentState.NOT_LANDED, {"found": "nothing"})


def _settle_projects(run: OfficeRun, intents: Sequence[Intent]) -> None:
    """A project is found by its id, which is ours to choose. Whose it is, the rules decide when they next meet it."""
    looked_at = run.time_at(intents[0].kind)
    found = run.finago.projects([FinagoProjectId(int(intent.key)) for intent in intents])
    for intent in intents:
        if FinagoProjectId(int(intent.key)) in found:
            mark(run, [intent], IntentState.LANDED, {"found": "by look-up"})
        elif is_quiet(run, intent, looked_at):
            mark(run, [intent], IntentState.NOT_LANDED, {"found": "nothing"})


SETTLERS: Settlers = {Kind.COMPANY: _settle_companies, Kind.PROJECT: _settle_projects}
"""What this flow creates; orders are settled and reported by the invoice flow."""
