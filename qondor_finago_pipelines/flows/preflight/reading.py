"""Reads what a check judges of one office: the lists of set-up first, then records, then what settles assumptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import pyarrow as pa

from ...records.costs_and_sales.vouchers import EntrySearch
from ...records.customers_and_projects.projects import QondorProject
from ...records.days import oslo_day
from ...records.errors import CallsBlocked, LoginRefused, SettingsError, SystemUnreachable
from ...records.identifiers import ClientId, OfficeId, QondorInvoiceId
from ...records.invoices.invoices import QondorInvoice, QueueEntry
from ...records.preflight import Readings, SetUp, Unread
from ...rules.invoices.products import categories_to_read
from ...rules.linking import customer_key, read_reference
from ...rules.preflight.records import customers_of, references_of
from ...settings import Addresses, OfficeSettings, SyncSettings
from ...store import Store
from ...systems.finago.client import FinagoClient
from ...systems.qondor import QondorClient
from ..run.metering import FINAGO, QONDOR
from ..run.sessions import StoredSessions
from .asking import Asking, CheckMeter, Shared, unread_of

MOST_DETAILS = 3
"""Invoices of the queue that are read one by one, where its list does not hold them whole; credit notes first."""

LONGEST_CALL_SECONDS = 20.0
"""A person waits for the answer."""

DAYS_OF_ORDERS = timedelta(days=30)

ORDERS_READ = 1000

DAYS_OF_LEDGER = timedelta(days=365)

LEDGER_COLUMNS = [
    *("type_id", "number", "day", "amount", "vat_code"),
    *("is_hidden", "currency", "currency_rate", "currency_unit"),
]
"""What the probes look at: no comment and no name."""

T = TypeVar("T")


class OfficeReader:
    """Both systems as one office sees them. Part of the credentials may be missing: the rest is asked all the same."""

    def __init__(
        self,
        office: OfficeSettings,
        known_offices: frozenset[OfficeId],
        *,
        addresses: Addresses,
        environ: Mapping[str, str],
        sync: SyncSettings,
        store: Store,
        shared: Shared,
        meter: CheckMeter,
    ) -> None:
        self.office_id = OfficeId(office.id)
        self.set_up = set_up_of(office, known_offices)
        self._office = office
        self._store = store
        self._asking = Asking(meter, shared)
        self._meter = meter
        timeout = min(sync.call_timeout_seconds, LONGEST_CALL_SECONDS)
        self._qondor: QondorClient | None = None
        self._finago: FinagoClient | None = None
        try:
            key = addresses.qondor_subscription_key(environ)
        except SettingsError as unset:
            self._asking.close(QONDOR, replace(unread_of(unset), refused=True))
        else:
            self._qondor = QondorClient(
                addresses.qondor_base_url,
                key,
                gate=meter,
                timeout_seconds=timeout,
                pause=meter.sleep,
                clock=store.now,
            )
        try:
            credential = office.finago.resolve(environ)
        except SettingsError as unset:
            self._asking.close(FINAGO, replace(unread_of(unset), refused=True))
        else:
            self._finago = FinagoClient(
                api_url=addresses.finago_api_url,
                webservices_url=addresses.finago_webservices_url,
                credential=credential,
                office_id=self.office_id,
                sessions=StoredSessions(store),
                gate=meter,
                timeout_seconds=timeout,
                transactions_timeout_seconds=timeout,
                pause=meter.sleep,
                clock=store.now,
            )
        self._is_of_identity = True

    @property
    def calls(self) -> Mapping[str, int]:
        return self._meter.calls_by_system()

    def known_client(self) -> ClientId | None:
        """Where the store has this office's books so far."""
        with self._store.read() as transaction:
            return transaction.clients.client_of_office(self.office_id)

    def client(self) -> ClientId | Unread:
        """Whose books the login opens."""

        def ask() -> ClientId:
            try:
                return self._open(self._finago).client_id()
            except LoginRefused as refused:
                # The login went through; what it opened is not what the settings name.
                self._is_of_identity = refused.operation != "GetIdentity"
                raise

        return self._asking.ask(FINAGO, ask)

    def projects_of(self, office: OfficeId) -> Sequence[QondorProject] | Unread:
        """The projects of an office of the same Finago client."""
        return self._qondor_list(lambda qondor: qondor.projects(office))

    def read(self, client: ClientId | Unread) -> Readings:
        """Everything else, in the order of what it is worth. `client` is what `client()` answered."""
        read = Readings(
            client=client,
            known_client=self.known_client(),
            is_session_of_identity=self._is_of_identity,
            queue=self._shared_list("queue", lambda qondor: qondor.unprocessed_invoices()),
        )
        every = self._shared_list("global customers", lambda qondor: qondor.customers(None))
        own = self._qondor_list(lambda qondor: qondor.customers(self.office_id))
        customers = (
            every
            if isinstance(every, Unread)
            else own
            if isinstance(own, Unread)
            else tuple({each.id: each for each in (*every, *own)}.values())
        )
        misc = self.set_up.misc_product_id
        read = replace(
            read,
            customers=customers,
            projects=self._qondor_list(lambda qondor: qondor.projects(self.office_id)),
            departments=self._finago_list(lambda finago: finago.departments()),
            payment_methods=self._finago_list(lambda finago: finago.payment_methods()),
            categories=self._finago_list(lambda finago: finago.categories()),
            misc_products=self._finago_list(lambda finago: finago.products_by_id([misc])),
            statuses=self._finago_list(lambda finago: finago.project_statuses()),
            types=self._finago_list(lambda finago: finago.project_types()),
            currencies=self._finago_list(lambda finago: finago.currencies()),
            home_currency=self._finago_list(lambda finago: finago.home_currency()),
        )
        read = self._with_products(self._with_details(self._with_companies(read)))
        return self._with_what_settles_assumptions(read)

    def _with_companies(self, read: Readings) -> Readings:
        mine = customers_of(self.set_up, read)
        references = references_of(list(mine.values()))
        client = read.client if not isinstance(read.client, Unread) else read.known_client
        read = replace(read, companies=self._finago_list(lambda finago: finago.companies(references)))
        if client is None:
            return read
        empty = {customer_key(each.id) for each in mine.values() if read_reference(each.external_reference).is_empty}
        with self._store.read() as transaction:
            # Where a Reference had stood and is empty now, a person has undone the link.
            undone = transaction.companies.seen_in_qondor(client) & empty
            links = transaction.companies.of_client(client)
            return replace(
                read,
                links={key: company for key, company in links.items() if key not in undone},
                foreign_customers=frozenset(
                    each.id
                    for each in mine.values()
                    if each.office_id is None
                    and transaction.companies.linked_elsewhere(
                        client, customer_key(each.id), reference_is_empty=customer_key(each.id) in empty
                    )
                ),
            )

    def _with_details(self, read: Readings) -> Readings:
        if isinstance(read.queue, Unread):
            return read
        own = [entry for entry in read.queue.entries if entry.office_id == self.office_id]
        details = {entry.id: entry.detail for entry in own if entry.detail is not None}
        others = sorted((entry for entry in own if entry.detail is None), key=_worth_reading)
        for entry in others[:MOST_DETAILS]:
            detail = self._detail(entry.id)
            if not isinstance(detail, Unread):
                details[entry.id] = detail
        return replace(read, details=details, unread_details=len(own) - len(details))

    def _detail(self, invoice: QondorInvoiceId) -> QondorInvoice | Unread:
        return self._qondor_list(lambda qondor: qondor.invoice(invoice))

    def _with_products(self, read: Readings) -> Readings:
        if isinstance(read.categories, Unread):
            return read
        needed = categories_to_read(read.details.values(), read.categories, self.set_up.misc_product_category_id)
        products = {
            category: self._finago_list(partial(FinagoClient.products, category_id=category))
            for category in sorted(needed)
        }
        return replace(read, products=products)

    def _with_what_settles_assumptions(self, read: Readings) -> Readings:
        years = self._finago_list(lambda finago: finago.fiscal_years())
        since = self._store.now() - DAYS_OF_ORDERS
        ids = self._finago_list(lambda finago: finago.orders_registered_after(since))
        if not isinstance(ids, Unread):
            ids = tuple(sorted(ids)[-ORDERS_READ:])
        known = ids if not isinstance(ids, Unread) else ()
        orders = self._finago_list(lambda finago: finago.orders(known))
        codes = self._finago_list(lambda finago: finago.vat_codes())
        changed = self._much_of_finago(lambda finago: [order.id for order in finago.orders_changed_after(since)])
        postings = self._much_of_finago(self._postings)
        return replace(
            read,
            fiscal_years=years,
            vat_codes=codes,
            changed_order_ids=changed,
            postings=postings,
            order_ids=ids,
            orders=orders,
            clock_differences=self._meter.clock_differences(),
            unknown_elements=self._finago.unknown_elements if self._finago else (),
            days_like_utc={
                QONDOR: self._qondor.days_like_utc.total() if self._qondor else 0,
                FINAGO: self._finago.days_like_utc if self._finago else 0,
            },
        )

    def _postings(self, finago: FinagoClient) -> pa.Table:
        """Every line of the general ledger of the last year, in one call."""
        today = oslo_day(self._store.now())
        search = EntrySearch(first_day=today - DAYS_OF_LEDGER, last_day=today)
        with TemporaryDirectory(prefix="check-") as folder:
            file = Path(folder) / "lines.arrow"
            finago.transactions(search, file)
            with pa.OSFile(str(file)) as source:
                return pa.ipc.open_file(source).read_all().select(LEDGER_COLUMNS)

    def _much_of_finago(self, read: Callable[[FinagoClient], T]) -> T | Unread:
        """A large answer that does not come in time says nothing of the system: the other offices still ask it."""

        def ask(finago: FinagoClient) -> T | Unread:
            try:
                return read(finago)
            except CallsBlocked:
                raise
            except SystemUnreachable as error:
                return unread_of(error)

        return self._finago_list(ask)

    def _qondor_list(self, read: Callable[[QondorClient], T]) -> T | Unread:
        return self._asking.ask(QONDOR, lambda: read(self._open(self._qondor)))

    def _finago_list(self, read: Callable[[FinagoClient], T]) -> T | Unread:
        return self._asking.ask(FINAGO, lambda: read(self._open(self._finago)))

    def _shared_list(self, what: str, read: Callable[[QondorClient], T]) -> T | Unread:
        return self._asking.ask_once(QONDOR, what, lambda: read(self._open(self._qondor)))

    @staticmethod
    def _open(client: T | None) -> T:
        """A client that could not be made is never asked: its system is closed from the start."""
        assert client is not None
        return client


def _worth_reading(entry: QueueEntry) -> tuple[bool, int]:
    return not entry.is_credit, entry.id


def set_up_of(office: OfficeSettings, known: frozenset[OfficeId]) -> SetUp:
    """What the settings say of an office's Finago client."""
    return SetUp(
        office=OfficeId(office.id),
        known_offices=known,
        department_id=office.department_id,
        online_payment_method_id=office.online_payment_method_id,
        misc_product_id=office.misc_product_id,
        misc_product_category_id=office.misc_product_category_id,
        foreign_lines=office.costs_and_sales.foreign_lines,
    )
