"""What Qondor says when it refuses: ProblemDetails, as ASP.NET writes them."""

from __future__ import annotations

from collections.abc import Collection

from ...records.exact_json import read_json
from ..quoting import quotable
from .members import Members


def problem_of(body: bytes, secrets: Collection[str], *names: str) -> str:
    """What these members say, or title, detail and errors, shortened and scrubbed; no other body is quoted."""
    try:
        problem = read_json(body)
    except ValueError:
        return ""
    if not isinstance(problem, dict):
        return ""
    members = Members(problem)
    said = [text for text in map(members.raw, names or ("title", "detail")) if isinstance(text, str)]
    errors = members.raw("errors")
    for member, texts in errors.items() if isinstance(errors, dict) else ():
        messages = [text for text in texts if isinstance(text, str)] if isinstance(texts, list) else []
        said.append(f"{member}: {' '.join(messages)}")
    return quotable(" ".join(said), secrets)
