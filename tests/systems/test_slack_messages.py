"""One message to one channel, and a clear error that says nothing of it."""

from __future__ import annotations

import logging

import pytest

from qondor_finago_pipelines.systems.slack import SlackMessenger, SlackUnavailable
from tests.systems.scripted import Answer, ScriptedServer, as_json, page

TOKEN = "xoxb-canary"


@pytest.mark.parametrize("ending", ["/api", "/api/"])
def test_a_message_goes_to_the_channel(server: ScriptedServer, ending: str) -> None:
    server.script("chat.postMessage", as_json({"ok": True}))
    SlackMessenger(TOKEN, "#finance", server.url + ending, 5).send("office 102: invoice 9001 held")
    (request,) = server.requests
    assert request.path == "/api/chat.postMessage"
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert b"invoice+9001" in request.body or b"invoice 9001" in request.body
    assert b"finance" in request.body


def test_what_slack_would_read_as_markup_is_shown_as_it_stands(server: ScriptedServer) -> None:
    server.script("chat.postMessage", as_json({"ok": True}))
    SlackMessenger(TOKEN, "#finance", server.url, 5).send("invoice 9001 (Rock & Roll <!channel>) held")
    assert server.requests[0].json["text"] == "invoice 9001 (Rock &amp; Roll &lt;!channel&gt;) held"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (as_json({"ok": False, "error": "channel_not_found"}), "channel_not_found"),
        (as_json({"ok": False, "error": "ratelimited"}, 429, **{"Retry-After": "1"}), "ratelimited"),
        (page("canary"), "no reason given"),
        (page("canary", 500), "no reason given"),
        (Answer(hang_up=True), "not reached"),
    ],
    ids=["no such channel", "too many", "a web page", "an error", "no answer"],
)
def test_a_message_that_is_not_taken_raises(
    server: ScriptedServer, caplog: pytest.LogCaptureFixture, answer: Answer, why: str
) -> None:
    caplog.set_level(logging.DEBUG)
    server.script("chat.postMessage", answer)
    with pytest.raises(SlackUnavailable, match=why) as unavailable:
        SlackMessenger(TOKEN, "#finance", server.url, 5).send("canary text")
    assert "canary" not in str(unavailable.value) + caplog.text
    assert len(server.requests) == 1


def test_nobody_listens(nobody_listens: str) -> None:
    with pytest.raises(SlackUnavailable):
        SlackMessenger(TOKEN, "#finance", nobody_listens, 5).send("canary text")
