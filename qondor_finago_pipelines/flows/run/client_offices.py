"""Which offices keep their books in one Finago client, known before any of them writes (decisions 2, Scope).

Two offices of one client that do not know of each other would both take a project id or a company that both claim. So
whoever runs first asks for the client of every other open office: once, since the store keeps it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta

from ...records.errors import SettingsError, SyncError
from ...records.identifiers import ClientId, OfficeId
from ...settings import OfficeSettings, Settings
from ...store import Store
from ...systems.finago.client import FinagoClient
from .run_record import RunRecord

ASKED_AGAIN_AFTER = timedelta(hours=1)
"""Logins are throttled: an office whose login fails is not tried by every run of every other one."""


def client_of(store: Store, office_id: OfficeId, finago: FinagoClient) -> ClientId:
    """The Finago client of an office's credential set, asked once and remembered. Raises what a login raises."""
    key = finago.credential_key
    with store.read() as transaction:
        known = transaction.clients.client_of_credential(key)
    client_id = known if known is not None else finago.client_id()
    with store.write() as transaction:
        transaction.clients.remember_credential(key, client_id)
        transaction.clients.remember_office(office_id, client_id)
    return client_id


def learn_other_clients(
    store: Store, settings: Settings, record: RunRecord, connect: Callable[[OfficeSettings], FinagoClient]
) -> frozenset[OfficeId]:
    """Learns the client of every other open office; gives those of which it cannot be learned, each with a warning.

    `connect` raises SettingsError where the environment lacks a part of an office's credential.
    """
    others = {OfficeId(office.id): office for office in settings.offices if not office.closed}
    others.pop(record.office, None)
    with store.read() as transaction:
        missing = others.keys() - transaction.clients.clients_of_offices(others).keys()
    unknown: set[OfficeId] = set()
    for office_id in sorted(missing):
        why = _why_not_learned(store, others[office_id], record, connect)
        if why is not None:
            unknown.add(office_id)
            record.warn(
                f"Office {office_id}: in which Finago client it keeps its books cannot be learned ({why}). Until then "
                "a project of another office that comes to the id of one of its projects waits."
            )
    return frozenset(unknown)


def _why_not_learned(
    store: Store, office: OfficeSettings, record: RunRecord, connect: Callable[[OfficeSettings], FinagoClient]
) -> str | None:
    office_id = OfficeId(office.id)
    with store.read() as transaction:
        asked = transaction.clients.asked_in_vain(office_id)
    if asked is not None and store.now() - asked < ASKED_AGAIN_AFTER:
        return "its login failed within the last hour"
    try:
        client_of(store, office_id, connect(office))
    except SettingsError as error:
        return error.message.rstrip(".")
    except SyncError as error:
        with store.write() as transaction:
            transaction.clients.remember_asked_in_vain(office_id, record.run_id)
        return error.message.rstrip(".")
    return None


def offices_by_client(store: Store, settings: Settings) -> dict[ClientId, tuple[OfficeId, ...]]:
    """The offices of the settings by the client that they keep their books in, as far as that is known."""
    offices = [OfficeId(office.id) for office in settings.offices]
    with store.read() as transaction:
        clients = transaction.clients.clients_of_offices(offices)
    found: defaultdict[ClientId, list[OfficeId]] = defaultdict(list)
    for office_id, client_id in sorted(clients.items()):
        found[client_id].append(office_id)
    return {client_id: tuple(found[client_id]) for client_id in sorted(found)}
