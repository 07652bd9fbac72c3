"""Bookers: which Consumer-type company in Finago is theirs, by e-mail address (decisions 5).

Messages and warnings name the invoice and the company by id, never the booker.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...records.addresses import PostalAddress
from ...records.customers_and_projects.customers import CONSUMER, Company, CompanyDraft, EmailAddresses
from ...records.identifiers import CompanyId
from ...records.invoices.invoices import QondorInvoice
from ...records.refusals import Reason, Refusal
from ..email_addresses import email_key, email_keys, usable_email
from ..text import Fitting, listed, one_line, same_text
from ..unreadable import refuse_beside_nameless, refuse_unreadable
from .company_drafts import LONGEST_FIRST_NAME, LONGEST_NAME, CompanyDecision, changed, postal_address


def decide_consumer(
    invoice: QondorInvoice,
    *,
    key: str,
    link: CompanyId | None,
    companies: Mapping[CompanyId, Company],
) -> CompanyDecision:
    """What becomes of the booker of a booking invoice. It has a usable e-mail address (`rules.queue.check_entry`).

    `link` is the store's company for the booker's `key`. Where it gives none that is there, `companies` holds every
    company of the client.
    """
    found = _found_consumer(invoice, link, companies)
    if not isinstance(found, Refusal) and found is not None and found.unreadable:
        found = refuse_unreadable(f"Invoice {invoice.id}: company", found.id, found.unreadable, "Finago")
    if found is None:
        found = refuse_beside_nameless(f"The booker of invoice {invoice.id}", companies.values())
    if isinstance(found, Refusal):
        return CompanyDecision(key=key, refusal=found)
    fitting = Fitting(f"Invoice {invoice.id}")
    if link in companies and (found is None or found.id != link):
        fitting.warn(f"company {link}, which its booker had, has not their address any more; they are looked for anew.")
    name = fitting.fit(invoice.customer_name, LONGEST_NAME, "the booker's name")
    if found is None and not name:
        refusal = Refusal(
            Reason.INCOMPLETE,
            f"Booking invoice {invoice.id} has no name of the booker, so that it cannot be created in Finago.",
            "Enter the booker's name in Qondor, delete the invoice and issue it again.",
        )
        return CompanyDecision(key=key, refusal=refusal)
    if found is not None and name and not same_text(name, found.name):
        warning = (
            f"Invoice {invoice.id}: its booker has the e-mail address of company {found.id} in Finago but another "
            "name; the company is left as it is, and the order carries the booker's name and address."
        )
        return CompanyDecision(
            key=key, company_id=found.id, before=found, other_bill_to=True, warnings=(*fitting.warnings, warning)
        )
    address = postal_address(invoice.address, fitting)
    if found is None:
        draft = _new_consumer(name, _email(invoice), address, fitting)
        return CompanyDecision(key=key, draft=draft, warnings=fitting.warnings)
    changes = _consumer_changes(found, _email(invoice), address)
    return CompanyDecision(key=key, company_id=found.id, draft=changes, before=found, warnings=fitting.warnings)


def _found_consumer(
    invoice: QondorInvoice, link: CompanyId | None, companies: Mapping[CompanyId, Company]
) -> Company | Refusal | None:
    linked = companies.get(link) if link is not None else None
    if linked is not None and linked.type != CONSUMER:
        linked = None
    # A link to a company that is gone from Finago, or is no person's any more, is no link.
    wanted = email_key(invoice.email)
    if linked is not None and (linked.unreadable or wanted in email_keys(linked.emails.all())):
        return linked
    hits = [
        company
        for company in companies.values()
        if company.type == CONSUMER and wanted in email_keys(company.emails.all())
    ]
    if len(hits) > 1:
        return Refusal(
            Reason.SEVERAL_COMPANIES,
            f"Invoice {invoice.id}: several consumers in Finago have its booker's e-mail address: companies "
            f"{listed(sorted(company.id for company in hits))}.",
            "Leave the address with one of them in Finago; the invoice then goes by itself.",
        )
    if hits:
        return hits[0]
    # Under their own name it is theirs, the address only changed; under another one somebody else has it by now.
    return linked if linked is not None and same_text(invoice.customer_name, linked.name) else None


def _new_consumer(name: str, email: str, address: PostalAddress | None, fitting: Fitting) -> CompanyDraft:
    return CompanyDraft(
        name=name,
        first_name=fitting.fit(name.split()[0], LONGEST_FIRST_NAME, "the booker's first name"),
        type=CONSUMER,
        emails=_everywhere(email),
        invoice_address=address,
        post_address=address,
        country=address.country if address is not None else None,
    )


def _consumer_changes(company: Company, email: str, address: PostalAddress | None) -> CompanyDraft | None:
    """Only the members that differ; None when the company stands as the booker does."""
    wanted = email_key(email)
    held = (company.emails.primary, company.emails.work, company.emails.home, company.emails.invoice)
    country = address.country if address is not None else None
    draft = CompanyDraft(
        id=company.id,
        emails=_everywhere(email) if any(wanted not in email_keys([one]) for one in held) else None,
        invoice_address=address if _differs(address, company.invoice_address) else None,
        post_address=address if _differs(address, company.post_address) else None,
        country=country if country and country != company.country.strip().upper() else None,
    )
    return None if draft == CompanyDraft(id=company.id) else draft


def _email(invoice: QondorInvoice) -> str:
    address = usable_email(invoice.email)
    assert address is not None
    return address


def _everywhere(email: str) -> EmailAddresses:
    return EmailAddresses(primary=email, work=email, home=email, invoice=email)


def _differs(address: PostalAddress | None, held: PostalAddress) -> bool:
    """True when a member that Qondor has is another one in Finago; what Qondor lacks is left as it is."""
    if address is None:
        return False
    return (
        changed(address.street, one_line(held.street)) is not None
        or changed(address.postal_code, one_line(held.postal_code)) is not None
        or changed(address.city, one_line(held.city)) is not None
        or changed(address.country, one_line(held.country).upper()) is not None
    )
