"""The session with Finago: kept, shared by all runs, renewed only when it is refused (contract, Finago page 3).

Login is throttled, so a session id is kept in the store, encrypted with a key that only the password gives, and used
until Finago refuses it. One login at a time: the others wait for its result. A refused password is not tried again
until the credential changes (decisions 9). The identity is given at Login and never switched afterwards, since a
switch would hit every other run on the same session.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache, partial
from typing import Any, Protocol, TypeVar

from cryptography.fernet import Fernet, InvalidToken

from ...records.credentials import FinagoCredential
from ...records.errors import LoginRefused, RequestRefused, SystemUnreachable, WriteUncertain
from ...records.identifiers import OfficeId
from ..http import UNCERTAIN_REMEDY, Effect
from .calls import SYSTEM, Caller, SessionRefused

LOGIN_POLL_SECONDS = 0.5
"""How often is looked whether another process has finished its login."""

_CREDENTIAL_REMEDY = (
    "Check username, password and application id of this office; it is tried again as soon as one of them changes."
)

T = TypeVar("T")


class StoredSession(Protocol):
    """What a `SessionStore` remembers of one credential set."""

    @property
    def version(self) -> int: ...
    @property
    def ciphertext(self) -> bytes | None: ...
    @property
    def refused_for(self) -> str | None: ...
    @property
    def refused_message(self) -> str | None: ...


class SessionStore(Protocol):
    """Where sessions are kept between runs, shared by all processes; each method is one transaction.

    A credential set that was never stored has version 0.
    """

    def load(self, credential_key: str) -> StoredSession | None: ...

    def store(self, credential_key: str, ciphertext: bytes, *, expected_version: int) -> bool:
        """Keeps a new session if the version is still the expected one, and adds 1 to it; clears a refusal."""

    def discard(self, credential_key: str, *, expected_version: int) -> bool:
        """Forgets the session if the version is still the expected one, and adds 1 to it."""

    def refuse(self, credential_key: str, *, settings_hash: str, message: str) -> None:
        """Remembers that Finago refused the credential that hashes to this."""

    def claim_login(self, credential_key: str, *, holder: str, lasts: timedelta) -> bool:
        """True when `holder` may log in: nobody else is about to, or their claim has lapsed."""

    def release_login(self, credential_key: str, holder: str) -> None: ...


def credential_key(credential: FinagoCredential) -> str:
    """The name of a credential set (application id, username, identity) in the store; tells none of them."""
    parts = (credential.application_id, credential.username, credential.identity_id or "")
    return hashlib.sha256("\n".join(part.strip().lower() for part in parts).encode()).hexdigest()


class Seal:
    """Encrypts session ids with a key from the credential's password, and knows that password again."""

    def __init__(self, credential: FinagoCredential) -> None:
        # The salt is the credential's own name: two offices with one password have two keys.
        derived = hashlib.scrypt(
            credential.password.encode(), salt=credential_key(credential).encode(), n=2**14, r=8, p=1, dklen=64
        )
        self._fernet = Fernet(base64.urlsafe_b64encode(derived[:32]))
        self.settings_hash = derived[32:].hex()
        """Changes with any part of the credential set. As costly to guess a password from as scrypt makes it."""

    def close(self, session_id: str) -> bytes:
        return self._fernet.encrypt(session_id.encode())

    def open(self, ciphertext: bytes) -> str | None:
        """The session id; None when it was sealed with another password."""
        try:
            return self._fernet.decrypt(ciphertext).decode()
        except InvalidToken:
            return None


@lru_cache(maxsize=64)
def _seal(credential: FinagoCredential) -> Seal:
    """Deriving a key takes a tenth of a second by design: once in a process is enough."""
    return Seal(credential)


@dataclass(frozen=True)
class _Session:
    version: int
    id: str = field(repr=False)


class Session:
    """Calls under the session of one credential set. `office_id` is named in errors."""

    def __init__(
        self,
        caller: Caller,
        credential: FinagoCredential,
        store: SessionStore,
        *,
        office_id: OfficeId,
        timeout_seconds: float,
    ) -> None:
        self.credential_key = credential_key(credential)
        self._caller = caller
        self._credential = credential
        self._store = store
        self._office_id = office_id
        self._timeout_seconds = timeout_seconds
        self._holder = secrets.token_hex(8)
        self._session: _Session | None = None

    def call(
        self,
        service_name: str,
        operation: str,
        members: Mapping[str, Any],
        parse: Callable[[Any], T],
        *,
        effect: Effect = Effect.NONE,
        is_not_there: Callable[[], bool] | None = None,
        in_batches: bool = False,
    ) -> T:
        """One call, with the session renewed once when Finago refuses it; `in_batches` makes it `Caller.read_lines`.

        That holds for writes as well: a call that was turned away for its session did nothing. Since a doubled order
        is worse than one more look, `is_not_there` is asked before a creating write is repeated: False makes it
        WriteUncertain. A second refusal in a row is LoginRefused; else it raises as `Caller.call` does.
        """
        send = self._caller.read_lines if in_batches else partial(self._caller.call, effect=effect)
        session = self._session or self._other_than(None)
        try:
            return send(service_name, operation, members, parse, session_id=session.id)
        except SessionRefused:
            session = self._other_than(session)
        if is_not_there is not None and not is_not_there():
            raise WriteUncertain(
                SYSTEM,
                operation,
                "answered that the session is not valid, and yet what it was to write is there.",
                remedy=UNCERTAIN_REMEDY,
            )
        try:
            return send(service_name, operation, members, parse, session_id=session.id)
        except SessionRefused as refused:
            self.forget()
            raise LoginRefused(
                SYSTEM,
                operation,
                f"office {self._office_id}: a session just opened is refused: {refused}",
                remedy="See in Finago whether the user may use the API with this identity.",
            ) from None

    def forget(self) -> None:
        """Drops the session, here and in the store: the next call logs in anew."""
        if self._session is not None:
            self._store.discard(self.credential_key, expected_version=self._session.version)
            self._session = None

    def _other_than(self, refused: _Session | None) -> _Session:
        """A session that is not `refused`: what the store holds by now, else a new one."""
        waited = 0.0
        while True:
            version, session = self._stored()
            if session is not None and (refused is None or session.version != refused.version):
                self._session = session
                return session
            lasts = timedelta(seconds=2 * self._timeout_seconds)
            if self._store.claim_login(self.credential_key, holder=self._holder, lasts=lasts):
                try:
                    # Somebody may have logged in between the look into the store and the claim.
                    if self._stored()[0] == version:
                        self._session = self._log_in(version)
                        return self._session
                finally:
                    self._store.release_login(self.credential_key, self._holder)
            elif waited >= self._timeout_seconds:
                raise SystemUnreachable(
                    SYSTEM,
                    "Login",
                    f"office {self._office_id}: another process has been logging in for {waited:.0f} seconds.",
                    remedy="The next run tries again.",
                )
            else:
                self._caller.http.pause(LOGIN_POLL_SECONDS)
                waited += LOGIN_POLL_SECONDS

    def _stored(self) -> tuple[int, _Session | None]:
        """The version in the store and the session that it holds. Raises LoginRefused for a refused password."""
        stored = self._store.load(self.credential_key)
        if stored is None:
            return 0, None
        seal = _seal(self._credential)
        if stored.refused_for == seal.settings_hash:
            raise LoginRefused(
                SYSTEM,
                "Login",
                f"{stored.refused_message or 'refused before.'} Not tried again with the same credential.",
                remedy=_CREDENTIAL_REMEDY,
            )
        session_id = seal.open(stored.ciphertext) if stored.ciphertext is not None else None
        return stored.version, None if session_id is None else _Session(stored.version, session_id)

    def _log_in(self, version: int) -> _Session:
        credential = self._credential
        try:
            session_id = self._caller.call(
                "authenticate",
                "Login",
                {
                    "credential": {
                        "ApplicationId": credential.application_id,
                        "IdentityId": credential.identity_id,
                        "Password": credential.password,
                        "Username": credential.username,
                    }
                },
                lambda result: str(result or "").strip(),
                effect=Effect.NONE,
                session_id=None,
                repeat_unclear_faults=False,
            )
        except (LoginRefused, RequestRefused) as refused:
            raise LoginRefused(
                SYSTEM,
                "Login",
                f"office {self._office_id}: {refused.message}",
                remedy=refused.remedy or _CREDENTIAL_REMEDY,
            ) from None
        seal = _seal(credential)
        if not session_id:
            # Finago answers a wrong password with an empty result, not with a fault.
            message = f"office {self._office_id}: username or password is wrong."
            self._store.refuse(self.credential_key, settings_hash=seal.settings_hash, message=message)
            raise LoginRefused(SYSTEM, "Login", message, remedy=_CREDENTIAL_REMEDY)
        if self._store.store(self.credential_key, seal.close(session_id), expected_version=version):
            return _Session(version + 1, session_id)
        # Our claim lapsed and somebody else's login was faster: theirs is the one that all share.
        version, shared = self._stored()
        return shared or _Session(version, session_id)
