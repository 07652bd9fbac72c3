"""Finago sessions kept in the store, each step a transaction of its own."""

from __future__ import annotations

from datetime import timedelta

from ...store import Store, StoredSession


class StoredSessions:
    """The `SessionStore` of `systems.finago`, on the store. It holds ciphertexts only."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def load(self, credential_key: str) -> StoredSession | None:
        with self._store.read() as transaction:
            return transaction.sessions.load(credential_key)

    def store(self, credential_key: str, ciphertext: bytes, *, expected_version: int) -> bool:
        with self._store.write() as transaction:
            return transaction.sessions.store(credential_key, ciphertext, expected_version=expected_version)

    def discard(self, credential_key: str, *, expected_version: int) -> bool:
        with self._store.write() as transaction:
            return transaction.sessions.discard(credential_key, expected_version=expected_version)

    def refuse(self, credential_key: str, *, settings_hash: str, message: str) -> None:
        with self._store.write() as transaction:
            transaction.sessions.refuse(credential_key, settings_hash=settings_hash, message=message)

    def claim_login(self, credential_key: str, *, holder: str, lasts: timedelta) -> bool:
        at = self._store.now()
        with self._store.write() as transaction:
            return transaction.sessions.claim_login(credential_key, holder=holder, at=at, until=at + lasts)

    def release_login(self, credential_key: str, holder: str) -> None:
        with self._store.write() as transaction:
            transaction.sessions.release_login(credential_key, holder)
