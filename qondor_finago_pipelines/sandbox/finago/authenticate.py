"""Authenticate: login, sessions and identities (contract/finago.md 3)."""

from __future__ import annotations

import secrets
import string
from typing import Any

from lxml import etree

from ..world.finago import Identity, Session, User
from .call import SoapCall
from .soap import RequestFailed

_ALPHABET = string.ascii_lowercase + string.digits


def new_session_id() -> str:
    """24 lower-case characters, as ASP.NET makes them."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(24))


def login(call: SoapCall) -> etree._Element:
    """The session id, or an empty text for a wrong user name or password."""
    finago = call.world.finago
    credential = call.argument("credential")
    known = {id.lower() for id in finago.application_ids}
    if str(credential.get("ApplicationId", "")).lower() not in known:
        raise RequestFailed(
            "Your application id is not registered. Please visit http://developer.24sevenoffice.com to register."
        )
    finago.logins += 1
    user = finago.users.get(credential.get("Username", ""))
    if user is None or user.password != credential.get("Password"):
        return call.answer("")
    identity = _identity(user, credential.get("IdentityId"))
    session = Session(new_session_id(), user, identity, call.world.now())
    finago.sessions[session.id] = session
    return call.answer(session.id)


def _identity(user: User, wanted: str | None) -> Identity:
    if wanted is None:
        found = next((identity for identity in user.identities if identity.is_default), None)
    else:
        found = next((identity for identity in user.identities if identity.id.lower() == wanted.lower()), None)
    if found is None or found.is_blocked:
        raise RequestFailed(
            "Provided IdentityId is blocked. Please use GetIdentitiesWithCredential to find your identities and "
            "reauthenticate with a valid IdentityId."
        )
    return found


def has_session(call: SoapCall) -> etree._Element:
    """Whether the cookie still stands for a session; never a fault."""
    return call.answer(call.session is not None)


def get_identity(call: SoapCall) -> etree._Element:
    """Who the session is, and at which client."""
    session = _needed(call)
    return call.answer(_as_read(call, session, session.identity))


def get_identities(call: SoapCall) -> etree._Element:
    """Every identity that the user has, at whichever client."""
    session = _needed(call)
    return call.answer([_as_read(call, session, identity) for identity in session.user.identities])


def set_identity_by_id(call: SoapCall) -> etree._Element:
    """The session becomes that of another identity of the user; false where the user has none of this id."""
    session, wanted = _needed(call), str(call.value("identityId") or "").lower()
    found = next((each for each in session.user.identities if each.id.lower() == wanted), None)
    if found is not None and not found.is_blocked:
        session.identity = found
    return call.answer(session.identity is found)


def _needed(call: SoapCall) -> Session:
    if call.session is None:
        raise RequestFailed("Session is not authenticated")
    return call.session


def _as_read(call: SoapCall, session: Session, identity: Identity) -> dict[str, Any]:
    return {
        "Id": identity.id,
        "User": {"Id": identity.id, "Name": session.user.name, "ContactId": 1, "EmployeeId": 1},
        "Client": {"Id": identity.client_id, "Name": call.world.finago.books[identity.client_id].name},
        "IsCurrent": identity is session.identity,
        "IsDefault": identity.is_default,
        "IsProtected": False,
        "Servers": [],
    }
