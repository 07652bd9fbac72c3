"""The session: one login for all runs, kept sealed, renewed when refused, and no storm after a wrong password."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from qondor_finago_pipelines.records.credentials import FinagoCredential
from qondor_finago_pipelines.records.errors import ContractBroken, LoginRefused, SystemUnreachable
from qondor_finago_pipelines.systems.finago.client import FinagoClient
from qondor_finago_pipelines.systems.finago.session import Seal, credential_key
from tests.systems.scripted import (
    IDENTITY_ID,
    PASSWORD,
    SESSION_FAULT,
    SESSION_ID,
    USERNAME,
    Answer,
    Pauses,
    ScriptedServer,
    SessionsInMemory,
    fault,
    soap,
)

DEPARTMENTS = soap("GetDepartmentList", "")


def login(session_id: str) -> Answer:
    return soap("Login", f"<LoginResult>{session_id}</LoginResult>")


def identity(identity_id: str, client_id: int = 7) -> Answer:
    return soap(
        "GetIdentity",
        f"<GetIdentityResult><Id>{identity_id}</Id><Client><Id>{client_id}</Id><Name>Nordlys</Name></Client>"
        "<IsCurrent>true</IsCurrent><IsDefault>false</IsDefault><IsProtected>false</IsProtected></GetIdentityResult>",
    )


@pytest.fixture(autouse=True)
def script(server: ScriptedServer) -> None:
    server.script("Login", login("first"), login("second"), login("third"))
    server.script("GetDepartmentList", DEPARTMENTS)


def cookies(server: ScriptedServer, operation: str = "GetDepartmentList") -> list[str]:
    return [request.headers["Cookie"].partition("=")[2] for request in server.requests_for(operation)]


class TestASession:
    def test_is_kept_and_shared_by_all_runs(
        self, new_finago: Callable[..., FinagoClient], server: ScriptedServer
    ) -> None:
        new_finago().departments()
        new_finago().departments()
        assert server.operations == ["Login", "GetDepartmentList", "GetDepartmentList"]
        assert cookies(server) == ["first", "first"]

    def test_is_stored_sealed(
        self,
        new_finago: Callable[..., FinagoClient],
        sessions: SessionsInMemory,
        credential: FinagoCredential,
        server: ScriptedServer,
    ) -> None:
        server.script("Login", login(SESSION_ID))
        new_finago().departments()
        ((key, kept),) = sessions.kept.items()
        assert kept.ciphertext is not None
        assert SESSION_ID.encode() not in kept.ciphertext
        assert Seal(credential).open(kept.ciphertext) == SESSION_ID
        assert Seal(replace(credential, password="another")).open(kept.ciphertext) is None
        assert not {USERNAME, PASSWORD} & {key, str(kept)}

    def test_that_is_refused_is_renewed_once(
        self, new_finago: Callable[..., FinagoClient], server: ScriptedServer, sessions: SessionsInMemory
    ) -> None:
        finago = new_finago()
        finago.departments()
        server.script("GetDepartmentList", SESSION_FAULT, DEPARTMENTS)
        finago.departments()
        assert cookies(server) == ["first", "first", "second"]
        assert next(iter(sessions.kept.values())).version == 2

    @pytest.mark.parametrize(
        "text",
        [
            "Server was unable to process request. ---&gt; Session is not authenticated",
            "---&gt; System.Exception ---&gt; SESSION IS NOT AUTHENTICATED.",
            "Client is not authenticated on this identity",
        ],
    )
    @pytest.mark.parametrize("status", [200, 500])
    def test_is_refused_in_these_words(
        self, new_finago: Callable[..., FinagoClient], server: ScriptedServer, text: str, status: int
    ) -> None:
        server.script("GetDepartmentList", fault(text, status), DEPARTMENTS)
        new_finago().departments()
        assert cookies(server) == ["first", "second"]

    def test_that_was_just_opened_and_is_refused_ends_the_run(
        self, new_finago: Callable[..., FinagoClient], server: ScriptedServer, sessions: SessionsInMemory
    ) -> None:
        server.script("GetDepartmentList", SESSION_FAULT)
        with pytest.raises(LoginRefused, match="office 102") as refused:
            new_finago().departments()
        assert refused.value.remedy
        assert server.operations == ["Login", "GetDepartmentList", "Login", "GetDepartmentList"]
        assert next(iter(sessions.kept.values())).ciphertext is None

    def test_renewed_by_another_run_is_taken_over(
        self, new_finago: Callable[..., FinagoClient], server: ScriptedServer
    ) -> None:
        one, other = new_finago(), new_finago()
        one.departments()
        other.departments()
        server.script("GetDepartmentList", SESSION_FAULT, DEPARTMENTS)
        one.departments()
        server.script("GetDepartmentList", SESSION_FAULT, DEPARTMENTS)
        other.departments()
        assert len(server.requests_for("Login")) == 2
        assert cookies(server)[-1] == "second"

    def test_sealed_with_an_old_password_is_replaced(
        self, new_finago: Callable[..., FinagoClient], server: ScriptedServer, credential: FinagoCredential
    ) -> None:
        new_finago().departments()
        new_finago(credential=replace(credential, password="changed")).departments()
        assert cookies(server) == ["first", "second"]


class TestOneLoginAtATime:
    def test_the_others_wait_for_its_session(
        self,
        new_finago: Callable[..., FinagoClient],
        server: ScriptedServer,
        sessions: SessionsInMemory,
        credential: FinagoCredential,
    ) -> None:
        key = credential_key(credential)
        assert sessions.claim_login(key, holder="somebody else", lasts=timedelta(minutes=1))
        waited: list[float] = []

        def somebody_logs_in(seconds: float) -> None:
            waited.append(seconds)
            if len(waited) == 3:
                sessions.store(key, Seal(credential).close("theirs"), expected_version=0)
                sessions.release_login(key, "somebody else")

        new_finago(pause=somebody_logs_in).departments()
        assert waited == [0.5, 0.5, 0.5]
        assert server.operations == ["GetDepartmentList"]
        assert cookies(server) == ["theirs"]

    def test_a_session_stored_right_before_the_claim_is_taken(
        self,
        new_finago: Callable[..., FinagoClient],
        server: ScriptedServer,
        credential: FinagoCredential,
    ) -> None:
        class Overtaken(SessionsInMemory):
            def claim_login(self, credential_key: str, *, holder: str, lasts: timedelta) -> bool:
                self.store(credential_key, Seal(credential).close("theirs"), expected_version=0)
                return super().claim_login(credential_key, holder=holder, lasts=lasts)

        store = Overtaken()
        new_finago(sessions=store).departments()
        assert server.operations == ["GetDepartmentList"]
        assert cookies(server) == ["theirs"]
        assert [kept.holder for kept in store.kept.values()] == [None]

    def test_a_session_stored_during_our_login_is_the_one_that_all_share(
        self,
        new_finago: Callable[..., FinagoClient],
        server: ScriptedServer,
        credential: FinagoCredential,
    ) -> None:
        """Our claim lapsed, since the login took so long."""

        class Overtaken(SessionsInMemory):
            def store(self, credential_key: str, ciphertext: bytes, *, expected_version: int) -> bool:
                super().store(credential_key, Seal(credential).close("theirs"), expected_version=expected_version)
                return super().store(credential_key, ciphertext, expected_version=expected_version)

        new_finago(sessions=Overtaken()).departments()
        assert server.operations == ["Login", "GetDepartmentList"]
        assert cookies(server) == ["theirs"]

    def test_they_do_not_wait_for_ever(
        self,
        new_finago: Callable[..., FinagoClient],
        sessions: SessionsInMemory,
        credential: FinagoCredential,
        pauses: Pauses,
    ) -> None:
        sessions.claim_login(credential_key(credential), holder="somebody else", lasts=timedelta(minutes=1))
        with pytest.raises(SystemUnreachable, match="another process has been logging in for 5 seconds"):
            new_finago(timeout_seconds=5).departments()
        assert sum(pauses) == 5

    def test_the_claim_ends_with_the_login_whatever_comes_of_it(
        self, new_finago: Callable[..., FinagoClient], server: ScriptedServer, sessions: SessionsInMemory
    ) -> None:
        server.script("Login", Answer(hang_up=True))
        with pytest.raises(SystemUnreachable):
            new_finago(timeout_seconds=5).departments()
        (kept,) = sessions.kept.values()
        assert kept.holder is None
        assert kept.lasts == timedelta(seconds=10), "twice the time-out: a login that hangs blocks nobody for long"

    def test_many_runs_that_start_together_log_in_once(
        self, new_finago: Callable[..., FinagoClient], server: ScriptedServer
    ) -> None:
        patience = threading.Event()
        runs = [
            threading.Thread(target=new_finago(pause=lambda _: patience.wait(0.01) or None).departments)
            for _ in range(8)
        ]
        for run in runs:
            run.start()
        for run in runs:
            run.join()
        assert len(server.requests_for("Login")) == 1
        assert set(cookies(server)) == {"first"}


class TestAWrongPassword:
    @pytest.fixture(autouse=True)
    def refuse(self, server: ScriptedServer) -> None:
        server.script("Login", soap("Login", "<LoginResult />"))

    def test_is_an_empty_answer_and_a_clear_error(self, new_finago: Callable[..., FinagoClient]) -> None:
        with pytest.raises(LoginRefused, match="office 102: username or password is wrong") as refused:
            new_finago().departments()
        assert "password" in refused.value.remedy

    def test_is_not_tried_again(self, new_finago: Callable[..., FinagoClient], server: ScriptedServer) -> None:
        for _ in range(3):
            with pytest.raises(LoginRefused):
                new_finago().departments()
        assert server.operations == ["Login"]

    @pytest.mark.parametrize("changed", ["password", "username"])
    def test_is_tried_again_when_it_changes(
        self,
        new_finago: Callable[..., FinagoClient],
        server: ScriptedServer,
        credential: FinagoCredential,
        changed: str,
    ) -> None:
        with pytest.raises(LoginRefused):
            new_finago().departments()
        server.script("Login", login("first"))
        new_finago(credential=replace(credential, **{changed: "right"})).departments()
        assert cookies(server) == ["first"]

    def test_in_the_middle_of_a_run_stops_the_next_one_too(
        self, new_finago: Callable[..., FinagoClient], server: ScriptedServer
    ) -> None:
        server.script("Login", login("first"), soap("Login", ""))
        finago = new_finago()
        finago.departments()
        server.script("GetDepartmentList", SESSION_FAULT)
        for client in (finago, new_finago()):
            with pytest.raises(LoginRefused, match="username or password is wrong"):
                client.departments()
        assert len(server.requests_for("Login")) == 2


@pytest.mark.parametrize(
    "text",
    [
        "Server was unable to process request. ---&gt; Your application id is not registered. Please visit http://x",
        "Provided IdentityId is blocked, use GetIdentitiesWithCredential",
        "The provided IdentityId is blocked",
        "Something else about this login",
    ],
)
def test_an_application_or_identity_that_may_not_come_in_is_named_and_tried_once_a_run(
    new_finago: Callable[..., FinagoClient], server: ScriptedServer, text: str
) -> None:
    server.script("Login", fault(text), login("later"))
    with pytest.raises(LoginRefused) as refused:
        new_finago().departments()
    assert text.rpartition("; ")[2][:20] in str(refused.value)
    assert server.operations == ["Login"]
    new_finago().departments()
    assert cookies(server) == ["later"], "it can be put right in Finago, without a change here"


class TestTheIdentity:
    def test_tells_whose_books_these_are(self, new_finago: Callable[..., FinagoClient], server: ScriptedServer) -> None:
        server.script("GetIdentity", identity(IDENTITY_ID.upper(), 4242))
        assert new_finago().client_id() == 4242
        assert server.operations == ["Login", "GetIdentity"]

    def test_that_somebody_switched_is_had_back_by_a_new_login(
        self, new_finago: Callable[..., FinagoClient], server: ScriptedServer
    ) -> None:
        server.script("GetIdentity", identity("33333333-3333-3333-3333-333333333333", 1), identity(IDENTITY_ID, 7))
        assert new_finago().client_id() == 7
        assert server.operations == ["Login", "GetIdentity", "Login", "GetIdentity"]

    def test_that_stays_wrong_is_refused_and_never_switched(
        self, new_finago: Callable[..., FinagoClient], server: ScriptedServer
    ) -> None:
        server.script("GetIdentity", identity("33333333-3333-3333-3333-333333333333"))
        with pytest.raises(LoginRefused, match="not of the identity that the settings name"):
            new_finago().client_id()
        assert set(server.operations) == {"Login", "GetIdentity"}

    def test_may_be_any_when_none_is_given(
        self, new_finago: Callable[..., FinagoClient], server: ScriptedServer, credential: FinagoCredential
    ) -> None:
        server.script("GetIdentity", identity("33333333-3333-3333-3333-333333333333", 9))
        assert new_finago(credential=replace(credential, identity_id=None)).client_id() == 9

    @pytest.mark.parametrize("content", ["", "<GetIdentityResult><Id>x</Id></GetIdentityResult>"])
    def test_without_a_client_breaks_the_contract(
        self, new_finago: Callable[..., FinagoClient], server: ScriptedServer, content: str
    ) -> None:
        server.script("GetIdentity", soap("GetIdentity", content))
        with pytest.raises(ContractBroken):
            new_finago().client_id()


class TestTheNameOfACredentialSet:
    def test_is_that_of_application_user_and_identity(
        self, credential: FinagoCredential, new_finago: Callable[..., FinagoClient]
    ) -> None:
        key = credential_key(credential)
        assert new_finago().credential_key == key
        assert credential_key(replace(credential, password="another")) == key
        others = [
            replace(credential, identity_id=None),
            replace(credential, username="x"),
            replace(credential, application_id="y"),
        ]
        assert len({key, *map(credential_key, others)}) == 4

    def test_changes_its_settings_hash_with_the_password(self, credential: FinagoCredential) -> None:
        assert Seal(credential).settings_hash == Seal(credential).settings_hash
        assert Seal(credential).settings_hash != Seal(replace(credential, password="another")).settings_hash
