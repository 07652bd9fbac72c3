"""Secrets, names and addresses planted everywhere, and every way of failing: none of them is ever shown."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from qondor_finago_pipelines.records.errors import SyncError
from qondor_finago_pipelines.records.identifiers import CustomerId, OfficeId, OrderId, QondorInvoiceId
from qondor_finago_pipelines.systems.finago.client import FinagoClient
from qondor_finago_pipelines.systems.qondor import QondorClient
from qondor_finago_pipelines.systems.quoting import LONGEST_QUOTE, quotable
from tests.systems.finago.test_requests import ORDER
from tests.systems.scripted import (
    APPLICATION_ID,
    IDENTITY_ID,
    PASSWORD,
    SESSION_ID,
    SUBSCRIPTION_KEY,
    USERNAME,
    Answer,
    ScriptedServer,
    as_json,
    envelope,
    fault,
    page,
    problem,
    soap,
)

SECRETS = (PASSWORD, USERNAME, APPLICATION_ID, IDENTITY_ID, SESSION_ID, SUBSCRIPTION_KEY)
PERSON = "Kari Canary"
EMAIL = "kari@canary.example"
PERSONAL = f"{PERSON} {EMAIL}"
ALL = f"{' '.join(SECRETS)} {PERSONAL}"
XML = {"Content-Type": "text/xml", "Set-Cookie": f"ASP.NET_SessionId={SESSION_ID}"}

FINAGO_ANSWERS = {
    "a page": page(ALL),
    "an error page": page(ALL, 500),
    "too many": page(ALL, 429),
    "not now": page(ALL, 503),
    "cut off": Answer(200, envelope(f"<a>{ALL}</a>"), XML, cut_at=300),
    "broken XML": Answer(200, envelope(f"<a>{ALL}</a>")[:-20], XML),
    "a wrong value": soap("GetOrderSyncList", f"<GetOrderSyncListResult><int>{ALL}</int></GetOrderSyncListResult>"),
    "another answer": soap("Other", ALL),
    "hang up": Answer(hang_up=True),
}


def shown(error: BaseException, caplog: pytest.LogCaptureFixture) -> str:
    """Everything that a log, an event store or a person may get to see of an error."""
    return "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error)) + caplog.text


@pytest.fixture(autouse=True)
def log_everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


@pytest.mark.parametrize("answer", FINAGO_ANSWERS.values(), ids=FINAGO_ANSWERS)
@pytest.mark.parametrize(
    ("operation", "call"),
    [
        ("GetInvoices", lambda finago: finago.orders([OrderId(1)])),
        ("SaveInvoices", lambda finago: finago.save_orders([ORDER])),
        ("Login", lambda finago: finago.departments()),
    ],
)
def test_a_failure_of_finago_shows_nothing(
    finago: FinagoClient,
    server: ScriptedServer,
    caplog: pytest.LogCaptureFixture,
    operation: str,
    call: Callable[[FinagoClient], Any],
    answer: Answer,
) -> None:
    server.script(operation, answer)
    with pytest.raises(SyncError) as failure:
        call(finago)
    text = shown(failure.value, caplog)
    assert not [secret for secret in (*SECRETS, PERSON, EMAIL) if secret.lower() in text.lower()]


@pytest.mark.parametrize("operation", ["GetInvoices", "SaveInvoices", "Login"])
def test_a_fault_is_quoted_without_secrets_and_addresses(
    finago: FinagoClient, server: ScriptedServer, caplog: pytest.LogCaptureFixture, operation: str
) -> None:
    # A session is only a secret once it is ours: while we log in there is none.
    known = SECRETS[:4] if operation == "Login" else SECRETS[:5]
    said = f"{' '.join(known)} {EMAIL} is not what was expected {'x' * 500}"
    server.script(operation, fault(f"Server was unable to process request. ---&gt; {said}"))
    with pytest.raises(SyncError) as failure:
        finago.save_orders([ORDER]) if operation == "SaveInvoices" else finago.orders([OrderId(1)])
    text = shown(failure.value, caplog)
    assert not [secret for secret in (*SECRETS, EMAIL) if secret.lower() in text.lower()]
    assert "is not what was expected" in str(failure.value)
    assert "x" * LONGEST_QUOTE not in text


@pytest.mark.parametrize(
    "answer",
    [
        page(ALL),
        page(ALL, 400),
        page(ALL, 401),
        page(ALL, 500),
        page(ALL, 429),
        as_json({"a": ALL}),
        as_json(f'["{ALL}'.encode()),
        Answer(400, ALL.encode(), {"Content-Type": "text/plain"}),
        problem(400, f"{SUBSCRIPTION_KEY} {EMAIL}", {"Email": [f"{EMAIL} is wrong"]}),
    ],
    ids=["page", "400 page", "401", "500", "429", "object", "cut", "plain 400", "problem"],
)
@pytest.mark.parametrize(
    "call",
    [
        lambda qondor: qondor.unprocessed_invoices(),
        lambda qondor: qondor.customers(OfficeId(102)),
        lambda qondor: qondor.set_as_processed(QondorInvoiceId(9001), OrderId(5001)),
    ],
    ids=["queue", "customers", "write-back"],
)
def test_a_failure_of_qondor_shows_nothing(
    qondor: QondorClient,
    server: ScriptedServer,
    caplog: pytest.LogCaptureFixture,
    call: Callable[[QondorClient], Any],
    answer: Answer,
) -> None:
    for operation in ("GetAllUnprocessedInvoices", "GetAll", "SetAsProcessed", "9001"):
        server.script(operation, answer)
    if answer.status == 200 and answer.headers["Content-Type"].startswith("application/json"):
        server.script("SetAsProcessed", page(ALL))
    with pytest.raises(SyncError) as failure:
        call(qondor)
    text = shown(failure.value, caplog)
    assert not [secret for secret in (SUBSCRIPTION_KEY, PERSON, EMAIL) if secret.lower() in text.lower()]


def test_a_customer_that_cannot_be_read_is_named_by_its_id_alone(
    qondor: QondorClient, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.script("77", as_json({"id": 77, "name": [PERSON], "isActive": EMAIL}))
    unreadable = " ".join(qondor.customer(CustomerId(77)).customer.unreadable)
    assert unreadable == "isActive is neither true nor false name is not a text"
    assert PERSON not in caplog.text + unreadable
    assert EMAIL not in caplog.text + unreadable


def test_the_clients_show_nothing_of_their_credentials(finago: FinagoClient, qondor: QondorClient) -> None:
    assert not [secret for secret in SECRETS if secret in repr(finago) + repr(qondor) + str(finago) + str(qondor)]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("Customer 5 is gone", "Customer 5 is gone"),
        ("<kari.n+x@mail.example>: (ola@x.no), a@b", "<(e-mail address)>: ((e-mail address)), (e-mail address)"),
        ("two\n\n lines\t", "two lines"),
        ("KEY-1 and key-12", "(secret) and (secret)"),
        (None, ""),
    ],
)
def test_a_quote_is_one_line_without_addresses_and_secrets(text: str | None, quoted: str) -> None:
    assert quotable(text, ["key-1", "key-12", None, ""]) == quoted


def test_a_quote_ends_after_200_characters() -> None:
    assert len(quotable("x" * 1000)) == LONGEST_QUOTE == 200
