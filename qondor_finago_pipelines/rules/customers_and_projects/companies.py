"""What has to be read before companies can be decided on, and where invoice and customer record disagree.

The decisions themselves: business customers in `rules.businesses`, bookers in `rules.consumers`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from ...records.customers_and_projects.customers import Customer
from ...records.identifiers import CompanyId
from ...records.invoices.invoices import QondorInvoice
from ..absence import is_plausible
from ..linking import customer_key, read_reference
from ..organisation_numbers import organisation_key
from ..text import one_line


class CompanyQuestions(NamedTuple):
    """What has to be read from Finago before companies can be decided on."""

    ids: frozenset[CompanyId]
    directory_needed: bool
    """True when somebody has to be searched for: then every company of the client is read."""


def companies_to_read(
    customers: Iterable[Customer], links: Mapping[str, CompanyId], consumer_keys: Iterable[str] = ()
) -> CompanyQuestions:
    """The companies that the needed customers refer to. `links` are the store's, by key (`rules.linking`)."""
    ids: set[CompanyId] = set()
    directory_needed = False
    for customer in customers:
        reference = read_reference(customer.external_reference)
        known = reference.company_id or (links.get(customer_key(customer.id)) if reference.is_empty else None)
        if known is not None:
            ids.add(known)
        directory_needed |= known is None and reference.is_empty
    for key in consumer_keys:
        if key in links:
            ids.add(links[key])
        else:
            directory_needed = True
    return CompanyQuestions(frozenset(ids), directory_needed)


def undone_links(
    customers: Iterable[Customer], links: Mapping[str, CompanyId], seen_in_qondor: Collection[str]
) -> dict[str, CompanyId]:
    """The links that a person has undone: they stood in Qondor, and the External Reference is empty now.

    Nobody empties many at once: where so much is missing, Qondor does not show it, and the links hold.
    """
    keys = (customer_key(one.id) for one in customers if read_reference(one.external_reference).is_empty)
    undone = {key: links[key] for key in keys if key in links and key in seen_in_qondor}
    return undone if is_plausible(len(undone), len(seen_in_qondor), anything_seen=True) else {}


def reference_warning(invoice: QondorInvoice, customer: Customer) -> str | None:
    """A warning where an invoice and its customer record have different External References: the record wins."""
    for what, on_invoice, on_record in (
        ("External Reference", invoice.customer_external_reference, customer.external_reference),
        ("organisation number", invoice.organisation_number, customer.organisation_number),
    ):
        if organisation_key(on_invoice) not in ("", organisation_key(on_record)):
            return (
                f"Invoice {invoice.id} has the {what} {one_line(on_invoice)}, but the record of customer "
                f"{customer.id} has {one_line(on_record) or 'none'}: the record is followed."
            )
    return None
