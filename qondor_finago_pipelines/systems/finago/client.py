"""The calls to Finago that the flows make, one method each. Wire to records, and back; nothing is decided here."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from ...records.costs_and_sales.vouchers import FiscalYear, LedgerSearch, VatCode
from ...records.credentials import FinagoCredential
from ...records.customers_and_projects.customers import Company, CompanyDraft, SavedCompany
from ...records.customers_and_projects.projects import FinagoProject, NamedId, ProjectDraft
from ...records.errors import ContractBroken, LoginRefused, WriteUncertain
from ...records.identifiers import ClientId, CompanyId, FinagoProjectId, InvoiceNumber, OfficeId, OrderId
from ...records.invoices.orders import Currency, FinagoOrder, Order, Product, ProductCategory, SavedOrder
from ..http import CONTRACT_REMEDY, UNCERTAIN_REMEDY, CallGate, Effect, Http, utc_now
from . import companies, ledger_lines, lists, orders, projects, wire
from .calls import SYSTEM, Caller
from .session import Session, SessionStore

ACCOUNT = "account"
AUTHENTICATE = "authenticate"
CLIENT = "client"
COMPANY = "company"
INVOICE = "invoice"
PRODUCT = "product"
PROJECT = "project"
TRANSACTION = "transaction"

TRANSACTIONS_TIMEOUT_SECONDS = 300.0
"""How long a whole reply of ledger lines may take (decisions 2)."""

DIRECTORY_READINGS = 2
"""How often the list of companies is read when its pages do not add up: somebody may be working in it."""

T = TypeVar("T")


class FinagoClient:
    """Finago as one credential set sees it: the books of one client.

    Reads raise SystemUnreachable, CallsBlocked, LoginRefused, ContractBroken or RequestRefused. The four writes
    (`save_…` and `invoice_order`) raise WriteDidNotLand, WriteUncertain or LoginRefused: of these only WriteUncertain
    leaves open whether anything was done. The gate's own errors pass through either.
    """

    def __init__(
        self,
        *,
        api_url: str,
        webservices_url: str,
        credential: FinagoCredential,
        office_id: OfficeId,
        sessions: SessionStore,
        gate: CallGate,
        timeout_seconds: float,
        transactions_timeout_seconds: float = TRANSACTIONS_TIMEOUT_SECONDS,
        wsdl_folder: Path | None = None,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._office_id = office_id
        self._identity_id = credential.identity_id
        self._caller = Caller(
            Http(
                SYSTEM,
                gate=gate,
                timeout_seconds=timeout_seconds,
                stream_timeout_seconds=transactions_timeout_seconds,
                pause=pause,
                clock=clock,
            ),
            api_url=api_url,
            webservices_url=webservices_url,
            secrets=(credential.password, credential.username, credential.application_id, credential.identity_id),
            wsdl_folder=wsdl_folder,
        )
        self._session = Session(
            self._caller, credential, sessions, office_id=office_id, timeout_seconds=timeout_seconds
        )
        self._call = self._session.call

    @property
    def credential_key(self) -> str:
        """The name under which the ledger knows this credential set."""
        return self._session.credential_key

    def redact(self, *texts: str | None) -> None:
        """Keeps somebody's name or address out of every error that repeats what Finago says."""
        self._caller.secrets.update(text.strip() for text in texts if text and text.strip())

    def warnings(self) -> tuple[str, ...]:
        """What was odd in the replies so far: elements that the interface does not describe, values that are none."""
        return self._caller.warnings()

    @property
    def unknown_elements(self) -> tuple[str, ...]:
        """Operation and element of what came so far and is not described."""
        return tuple(sorted(self._caller.unknown_elements))

    @property
    def days_like_utc(self) -> int:
        """How many days came so far at 22:00 or 23:00 without a zone."""
        return self._caller.days_like_utc.total()

    # who we are

    def client_id(self) -> ClientId:
        """Whose books these are. Raises LoginRefused when the session is not of the identity asked for."""
        identity_id, client_id = self._current_identity()
        if not self._is_ours(identity_id):
            # Somebody switched the identity of the session that we share: one of our own is not switched.
            self._session.forget()
            identity_id, client_id = self._current_identity()
        if not self._is_ours(identity_id):
            raise LoginRefused(
                SYSTEM,
                "GetIdentity",
                f"office {self._office_id}: the login is not of the identity that the settings name.",
                remedy="Check identity_id of this office: it must be an identity of this user in the right client.",
            )
        return client_id

    def _current_identity(self) -> tuple[str, ClientId]:
        def parse(result: Any) -> tuple[str, ClientId]:
            identity = wire.needed(result, "GetIdentityResult")
            client = wire.needed(identity.Client, "Identity.Client")
            return wire.text(identity.Id), ClientId(wire.needed(client.Id, "Client.Id"))

        return self._call(AUTHENTICATE, "GetIdentity", {}, parse)

    def _is_ours(self, identity_id: str) -> bool:
        return self._identity_id is None or identity_id.strip().lower() == self._identity_id.strip().lower()

    # companies

    def companies(self, ids: Collection[CompanyId]) -> dict[CompanyId, Company]:
        """The companies with these ids, 1,000 a call; ids that Finago does not know are left out."""

        def ask(asked: Collection[CompanyId]) -> Iterator[Company]:
            for batch in wire.batches_of_ids(asked):
                request = {"searchParams": {"CompanyIds": batch}, "returnProperties": wire.strings(companies.RETURNED)}
                yield from self._call(COMPANY, "GetCompanies", request, companies.companies_of)

        return wire.by_id(ids, ask)

    def company_directory(self) -> dict[CompanyId, Company]:
        """Every active company of the client. Raises ContractBroken when fewer come than the list promises.

        Those that are listed without an id that can be read stand together as one, under 0, of which nothing is known.
        """
        why = ""
        for _ in range(DIRECTORY_READINGS):
            ids, listed, nameless, promised = self._active_company_ids()
            why = f"the pages hold {listed + nameless} companies, {promised} are promised."
            if listed + nameless < promised:
                continue
            found = self.companies(ids)
            if len(found) == len(ids):
                return found | ({companies.NAMELESS.id: companies.NAMELESS} if nameless else {})
            why = f"{len(ids)} companies are listed, {len(found)} of them are shown."
        raise ContractBroken(
            SYSTEM,
            "GetCompanySyncList",
            f"office {self._office_id}: {why}",
            remedy=CONTRACT_REMEDY,
        )

    def _active_company_ids(self) -> tuple[frozenset[CompanyId], int, int, int]:
        """The ids in use on all pages; how many are listed, how many more cannot be read, how many there should be."""
        ids: set[CompanyId] = set()
        listed: set[CompanyId] = set()
        number = nameless = 0
        while True:
            number += 1
            request = {"syncSearchParameters": {"Page": number, "Active": True}}
            page = self._call(COMPANY, "GetCompanySyncList", request, companies.sync_page_of)
            ids |= page.in_use
            listed |= page.listed
            nameless += page.nameless
            if number >= page.pages or not (page.listed or page.nameless):
                return frozenset(ids), len(listed), nameless, page.companies_in_all

    def save_companies(
        self, drafts: Sequence[CompanyDraft], is_not_there: Callable[[], bool] | None = None
    ) -> tuple[SavedCompany, ...]:
        """Creates the drafts without an id and changes the others. The items of the answer, in its own order.

        `is_not_there` is asked before a call that was turned away for its session is repeated; so it is below.
        """
        request = {"companies": {"Company": [companies.draft_members(draft) for draft in drafts]}}
        return self._call(
            COMPANY,
            "SaveCompanies",
            request,
            lambda result: companies.saved_companies_of(result, self._caller.secrets),
            effect=Effect.ONCE,
            is_not_there=is_not_there,
        )

    # projects

    def projects(self, ids: Collection[FinagoProjectId]) -> dict[FinagoProjectId, FinagoProject]:
        """The projects with these ids; those that are not among the active ones are asked of the deactivated ones."""
        found = self._projects("GetProjectsDetailed", "Ps", ids, deactivated=False)
        missing = set(ids) - found.keys()
        found |= self._projects("GetDeactivatedProjects", "ps", missing, deactivated=True)
        return {project_id: found[project_id] for project_id in ids if project_id in found}

    def project_statuses(self) -> tuple[NamedId, ...]:
        return self._call(PROJECT, "GetProjectStatuses", {}, projects.statuses_of)

    def project_types(self) -> tuple[NamedId, ...]:
        return self._call(PROJECT, "GetProjectTypes", {}, projects.types_of)

    def save_project(self, draft: ProjectDraft) -> FinagoProjectId:
        """Creates or changes one project; gives the id that Finago answers with, which should be the draft's."""
        request = {"project": projects.draft_members(draft)}
        # A fault is SaveProject's only way to say no, and the id is ours: what was saved all the same is found by it.
        return self._call(PROJECT, "SaveProject", request, projects.saved_project_of, effect=Effect.UNDER_OUR_ID)

    # what orders refer to

    def categories(self) -> tuple[ProductCategory, ...]:
        request = {"returnProperties": wire.strings(lists.CATEGORY_RETURNED)}
        return self._call(PRODUCT, "GetCategories", request, lists.categories_of)

    def products(self, category_id: int) -> tuple[Product, ...]:
        """The products of one category, active or not."""
        request = {
            "searchParams": {"CategoryId": category_id},
            "returnProperties": wire.strings(lists.PRODUCT_RETURNED),
        }
        found = self._call(PRODUCT, "GetProducts", request, lists.products_of)
        return tuple(product for product in found if product.category_id in (category_id, None))

    def products_by_id(self, ids: Collection[int]) -> tuple[Product, ...]:
        """The products with these ids; ids that Finago does not know are left out."""
        found: list[Product] = []
        for batch in wire.batches_of_ids(ids):
            request = {
                "searchParams": {"ProductIds": batch},
                "returnProperties": wire.strings(lists.PRODUCT_RETURNED),
            }
            found += self._call(PRODUCT, "GetProducts", request, lists.products_of)
        return tuple(product for product in found if product.id in ids)

    def departments(self) -> tuple[NamedId, ...]:
        return self._call(CLIENT, "GetDepartmentList", {}, lists.departments_of)

    def payment_methods(self) -> tuple[NamedId, ...]:
        return self._call(INVOICE, "GetPaymentMethods", {}, lists.payment_methods_of)

    def currencies(self) -> tuple[Currency, ...]:
        return self._call(CLIENT, "GetCurrencyList", {}, lists.currencies_of)

    # orders

    def orders(self, ids: Collection[OrderId], *, with_rows: bool = False) -> dict[OrderId, FinagoOrder]:
        """The orders with these ids, 1,000 a call; ids that Finago does not return are left out."""
        return wire.by_id(ids, partial(self._orders, "OrderIds", with_rows=with_rows))

    def orders_of_customers(self, customer_ids: Collection[CompanyId], changed_after: datetime) -> list[FinagoOrder]:
        """Every order of these companies that was changed after an instant, 1,000 companies a call."""
        return self._orders("CustomerIds", customer_ids, ChangedAfter=wire.utc_moment(changed_after))

    def orders_changed_after(self, instant: datetime) -> list[FinagoOrder]:
        """Every order that was registered or changed after an instant: the way of looking that is proven in use."""
        return self._found_orders({"ChangedAfter": wire.utc_moment(instant)}, orders.RETURNED)

    def orders_by_number(self, numbers: Collection[InvoiceNumber]) -> dict[InvoiceNumber, FinagoOrder]:
        """The invoiced orders with these invoice numbers, without rows, 1,000 a call."""
        return wire.by_id(numbers, partial(self._orders, "InvoiceIds"), lambda order: order.invoice_number)

    def orders_registered_after(self, instant: datetime) -> tuple[OrderId, ...]:
        """The ids of all orders registered after an instant, in whatever state."""
        request = {"syncParams": {"RegisteredAfter": wire.utc_moment(instant)}}
        return self._call(INVOICE, "GetOrderSyncList", request, orders.order_ids_of)

    def save_orders(
        self, batch: Sequence[Order], is_not_there: Callable[[], bool] | None = None
    ) -> tuple[SavedOrder, ...]:
        """Creates orders: the first step. The items of the answer, in its own order; each stands for itself."""
        request = {"invoices": {"InvoiceOrder": [orders.first_step_members(order) for order in batch]}}
        return self._call(
            INVOICE, "SaveInvoices", request, self._saved_orders_of, effect=Effect.ONCE, is_not_there=is_not_there
        )

    def invoice_order(
        self, order_id: OrderId, order: Order, is_not_there: Callable[[], bool] | None = None
    ) -> SavedOrder:
        """Makes a saved order a real invoice: the second step. Raises WriteUncertain when the answer lacks it."""
        request = {"invoices": {"InvoiceOrder": [orders.second_step_members(order_id, order)]}}
        answered = self._call(
            INVOICE, "SaveInvoices", request, self._saved_orders_of, effect=Effect.ONCE, is_not_there=is_not_there
        )
        for saved in answered:
            if saved.order_id == order_id or (saved.order_id is None and saved.reference == str(order.reference)):
                return saved
        raise WriteUncertain(
            SYSTEM,
            "SaveInvoices",
            f"the answer does not hold order {order_id}.",
            remedy=UNCERTAIN_REMEDY,
        )

    def _saved_orders_of(self, result: Any) -> tuple[SavedOrder, ...]:
        return orders.saved_orders_of(result, self._caller.secrets)

    # the general ledger

    def transactions(self, search: LedgerSearch, into: Path) -> int:
        """Writes every line that the search finds into an Arrow file (`records.posting_table`); gives their number.

        The file is complete, or the call raised: TookTooLong where less must be asked for, and else as every read.
        """
        return self._call(
            TRANSACTION,
            "GetTransactions",
            {"searchParams": ledger_lines.search_members(search)},
            lambda batches: ledger_lines.write_lines(batches, into),
            in_batches=True,
        )

    def fiscal_years(self) -> tuple[FiscalYear, ...]:
        return self._call(TRANSACTION, "GetFiscalYears", {}, ledger_lines.fiscal_years_of)

    def vat_codes(self) -> tuple[VatCode, ...]:
        return self._call(ACCOUNT, "GetTaxCodeList", {}, ledger_lines.vat_codes_of)

    def home_currency(self) -> str:
        """The currency in which the client keeps its books, as an ISO code."""
        return self._call(CLIENT, "GetClientInformation", {}, ledger_lines.home_currency_of)

    def _projects(
        self, operation: str, parameter: str, ids: Collection[FinagoProjectId], *, deactivated: bool
    ) -> dict[FinagoProjectId, FinagoProject]:
        def parse(result: Any) -> list[FinagoProject]:
            return projects.projects_of(result, deactivated=deactivated)

        def ask(asked: Collection[FinagoProjectId]) -> Iterator[FinagoProject]:
            for batch in wire.batches_of_ids(asked):
                yield from self._call(PROJECT, operation, {parameter: {"ProjectIds": batch}}, parse)

        return wire.by_id(ids, ask)

    def _orders(
        self, parameter: str, ids: Collection[int], *, with_rows: bool = False, **search: datetime
    ) -> list[FinagoOrder]:
        returned = orders.WITH_ROWS if with_rows else orders.RETURNED
        return [
            order
            for batch in wire.batches_of_ids(ids)
            for order in self._found_orders({parameter: batch, **search}, returned)
        ]

    def _found_orders(self, search: Mapping[str, Any], returned: Sequence[str]) -> list[FinagoOrder]:
        request = {
            "searchParams": search,
            "invoiceReturnProperties": wire.strings(returned),
            "rowReturnProperties": wire.strings(orders.ROW_RETURNED),
        }
        return self._call(INVOICE, "GetInvoices", request, orders.orders_of)
