"""What the tests of the store put into it: records that are whole, each in a transaction of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from qondor_finago_pipelines.records.costs_and_sales.actuals import ActualKind, ActualReference
from qondor_finago_pipelines.records.costs_and_sales.vouchers import VoucherKey
from qondor_finago_pipelines.records.identifiers import (
    ClientId,
    FinagoProjectId,
    OfficeId,
    OrderId,
    QondorInvoiceId,
    QondorProjectId,
)
from qondor_finago_pipelines.records.links import Intent, Kind, OrderLink
from qondor_finago_pipelines.records.operations.results import RecordState
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.store import LoadedActual, Store, StoredOutcome

OSLO, BERGEN = OfficeId(102), OfficeId(103)
CLIENT, OTHER_CLIENT = ClientId(7), ClientId(8)
TODAY = date(2026, 11, 20)
VOUCHER = VoucherKey(2026, 3, 20418)


def order_link(invoice_id: int, order_id: int | None = None, **changes: Any) -> OrderLink:
    link = OrderLink(
        client_id=CLIENT,
        office_id=OSLO,
        invoice_id=QondorInvoiceId(invoice_id),
        order_id=OrderId(order_id or 50000 + invoice_id),
        total=Decimal("12500.00"),
        currency="NOK",
        order_date=TODAY,
        line_count=1,
        to_be_invoiced=False,
        exact=False,
        factored=False,
        is_card=False,
        is_credit=False,
    )
    return replace(link, **changes)


def loaded_actual(
    key: VoucherKey = VOUCHER, *, kind: ActualKind = ActualKind.COST, finago: int = 12345
) -> LoadedActual:
    return LoadedActual(
        reference=ActualReference(kind=kind, office_id=OSLO, voucher=key, finago_project_id=FinagoProjectId(finago)),
        client_id=CLIENT,
        qondor_id=31,
        project_id=QondorProjectId(555),
        posting_day=date(2026, 11, 16),
        amount_excluding_vat=Decimal("8000.10"),
        vat=Decimal("2000.03"),
        currency="NOK",
        is_paid=False,
        paid_date=None,
        content_hash="abc",
        verified=True,
    )


def put_outcome(
    store: Store, key: str, state: RecordState, reason: Reason | None = None, **members: Any
) -> StoredOutcome:
    given: dict[str, Any] = {
        "office_id": OSLO,
        "flow": "invoices",
        "message": "Invoice 9001 has no project.",
        "remedy": "Choose one in Qondor.",
        "run_id": "run",
        **members,
    }
    with store.write() as transaction:
        return transaction.outcomes.put(key=key, state=state, reason=reason, **given)


def open_intent(store: Store, key: str = "9001", kind: Kind = Kind.ORDER, **members: Any) -> Intent:
    given: dict[str, Any] = {"client_id": CLIENT, "office_id": OSLO, "payload_hash": "abc", "expected": {}, **members}
    with store.write() as transaction:
        return transaction.intents.open(key=key, kind=kind, **given)


def start_run(store: Store, run_id: str, **members: Any) -> None:
    given: dict[str, Any] = {"office_id": OSLO, "flow": "invoices", "day": TODAY, "trigger": "schedule", **members}
    with store.write() as transaction:
        transaction.runs.start(run_id=run_id, **given)


def finish_run(store: Store, run_id: str, *, complete: bool) -> None:
    with store.write() as transaction:
        transaction.runs.finish(run_id, result={"created": 1}, complete=complete)


def run(store: Store, run_id: str, *, complete: bool | None = True, **members: Any) -> None:
    """A run that begins and ends now; `complete` None: its process died."""
    start_run(store, run_id, **members)
    if complete is not None:
        finish_run(store, run_id, complete=complete)


def report(store: Store, cause: str, record: str | None = None, **members: Any) -> bool:
    given: dict[str, Any] = {"office_id": OSLO, "flow": "invoices", "message": f"{cause} {record}", **members}
    with store.write() as transaction:
        return transaction.alerts.report(cause=cause, record=record, **given)


def resolve(store: Store, *keep: tuple[str, str | None], office_id: OfficeId = OSLO, because: str | None = None) -> int:
    with store.write() as transaction:
        return transaction.alerts.resolve(office_id=office_id, flow="invoices", keep=keep, because=because)
