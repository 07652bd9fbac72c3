"""The assumptions of docs/assumptions.md that a read can settle: does each hold, as far as this installation shows?

A probe names the one place in the code that holds its assumption, so that one that fails is a small correction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...records.invoices.invoices import InvoiceStatus, InvoiceType, PaymentType
from ...records.preflight import Finding, Readings, SetUp, Unread
from ..invoices.totals import check_sign, check_totals
from ..text import one_line
from . import finago_probes as finago
from . import ledger_probes as ledger
from . import qondor_probes as qondor
from .findings import right, unknown, wrong
from .probes import Probe, Seen


def assumption_findings(set_up: SetUp, read: Readings) -> Iterator[Finding | str]:
    """A finding for each probe that could be judged or not be asked; the bare number of one that met nothing."""
    for number, probe in PROBES.items():
        answer = probe.judge(set_up, read)
        what = f"assumption {number}"
        if isinstance(answer, Seen):
            yield number
        elif isinstance(answer, Unread):
            yield unknown(set_up.office, what, answer, probe.assumed)
        elif answer[0]:
            yield right(set_up.office, what, f"holds: {answer[1]}", probe.assumed)
        else:
            remedy = probe.remedy or f"Tell the maintainer (--save): it is held by {probe.place} alone."
            yield wrong(set_up.office, what, f"does not hold: {answer[1]}", probe.assumed, remedy)


_TOTALS = "rules/invoices/totals.py"
_QUEUE = "systems/qondor/invoices.py"

PROBES: Mapping[str, Probe] = {
    "Q7": Probe(
        "one answer holds the queue of all offices",
        "systems/qondor/client.py · QondorClient.unprocessed_invoices",
        qondor.queue_of_all_offices,
    ),
    "Q8": Probe("the list holds summaries, or whole invoices", f"{_QUEUE} · _entry_of", qondor.form_of_the_queue),
    "Q9": Probe(
        "members of an invoice are called as they are read",
        f"{_QUEUE} · invoice_of",
        qondor.of_details(qondor.every_invoice, lambda invoice: bool(invoice.unreadable)),
    ),
    "Q11": Probe(
        "invoiceType is 1, 2 or 3",
        "records/invoices/invoices.py · InvoiceType",
        qondor.of_details(qondor.every_invoice, lambda invoice: not isinstance(invoice.invoice_type, InvoiceType)),
    ),
    "Q12": Probe(
        "paymentType is 1 or 2",
        "records/invoices/invoices.py · PaymentType",
        qondor.of_details(qondor.every_invoice, lambda invoice: not isinstance(invoice.payment_type, PaymentType)),
    ),
    "Q13": Probe(
        "status 1 is what the queue holds",
        "records/invoices/invoices.py · InvoiceStatus",
        qondor.of_details(qondor.every_invoice, lambda invoice: invoice.status is not InvoiceStatus.UNPROCESSED),
    ),
    "Q14": Probe(
        "credit notes are below zero, invoices are not",
        f"{_TOTALS} · check_sign",
        qondor.of_details(
            lambda each: each.is_credit and qondor.is_complete(each), lambda each: check_sign(each) is not None
        ),
    ),
    "Q15": Probe(
        "a credit note names its original",
        "rules/invoices/originals.py · original_of",
        qondor.of_details(
            lambda each: each.is_credit,
            lambda each: each.credited_invoice_id is None and not one_line(each.credited_invoice_external_reference),
        ),
    ),
    "Q17": Probe(
        "a booking's e-mail is the booker's",
        "rules/customers_and_projects/consumers.py · decide_consumer",
        qondor.of_details(lambda each: each.is_booking, lambda each: not one_line(each.email)),
    ),
    "Q19": Probe(
        "article numbers are category numbers",
        "rules/invoices/products.py · article_of",
        qondor.articles_are_categories,
    ),
    "Q20": Probe(
        "lines come to the invoice's total",
        f"{_TOTALS} · check_totals",
        qondor.of_details(qondor.is_complete, lambda each: check_totals(each) is not None),
    ),
    "Q22": Probe(
        "a date without a zone is a day", "systems/qondor/members.py · Members.day", finago.no_day_like_utc("qondor")
    ),
    "Q24": Probe(
        "currency and currencyCode agree",
        "rules/invoices/currencies.py · choose_currency",
        qondor.of_details(lambda each: each.currency_number is not None, qondor.currencies_differ),
    ),
    "Q33": Probe(
        "GetAll gives the office's customers, and global ones",
        "systems/qondor/client.py · QondorClient.customers",
        qondor.customers_of_the_office,
    ),
    "Q37": Probe(
        "GetAll gives the office's projects",
        "systems/qondor/client.py · QondorClient.projects",
        qondor.projects_of_the_office,
    ),
    "Q38": Probe("projectNo holds SO and digits", "rules/linking.py · finago_project_id", qondor.project_numbers),
    "Q39": Probe(
        "projectCategory is the name of a type",
        "rules/customers_and_projects/projects.py · mapped_type",
        qondor.categories_are_types,
    ),
    "F5": Probe("a login leads to one client for good", "flows/run/client_offices.py · client_of", finago.same_client),
    "F6": Probe(
        "the identity of Login holds", "systems/finago/client.py · FinagoClient.client_id", finago.identity_asked_for
    ),
    "F14": Probe("a date without a zone is a day", "systems/finago/wire.py · day", finago.no_day_like_utc("finago")),
    "F18": Probe("replies hold what is described", "systems/finago/soap.py · _check", finago.only_what_is_described),
    "F32": Probe(
        "GetProjectStatuses has both statuses",
        "rules/customers_and_projects/projects.py · mapped_status",
        finago.both_statuses,
    ),
    "F53": Probe(
        "a category's No is the article number",
        "rules/invoices/products.py · Catalogue.named",
        qondor.articles_are_categories,
    ),
    "F54": Probe("ids of the settings are in the lists", "rules/invoices/set_up.py · has", finago.ids_of_the_settings),
    "F63": Probe(
        "the list has the client's own currency, at par",
        "systems/finago/lists.py · currencies_of",
        finago.home_currency_at_par,
    ),
    "F67": Probe(
        "GetOrderSyncList names every order registered since",
        "systems/finago/client.py · FinagoClient.orders_registered_after",
        finago.registered_orders_are_listed,
    ),
    "F68": Probe(
        "GetInvoices shows what GetOrderSyncList names",
        "flows/invoices/unsettled.py · orders_registered_after",
        finago.listed_orders_are_shown,
    ),
    "F70": Probe(
        "clocks differ by less than 10 minutes",
        "settings/model.py · SyncSettings.lookup_margin_seconds",
        finago.clocks_agree,
    ),
    "F78": Probe(
        "EndingDate is the first day after the year",
        "records/costs_and_sales/vouchers.py · FiscalYear",
        finago.years_end_on_the_first_day_after,
    ),
    "F79": Probe(
        "VatCode of a line is TaxNo, not TaxId",
        "systems/finago/ledger_lines.py · vat_codes_of",
        ledger.codes_are_tax_numbers,
    ),
    "F80": Probe(
        "amounts in another currency are what costs_and_sales.foreign_lines says",
        "rules/costs_and_sales/home_money.py · in_home_money",
        ledger.foreign_lines_as_set,
        "Set costs_and_sales.foreign_lines of this office to the reading that fits; where none does, to hold.",
    ),
}
"""By number in docs/assumptions.md."""
