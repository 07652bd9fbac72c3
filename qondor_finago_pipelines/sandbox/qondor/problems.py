"""Qondor's and its gateway's ways of saying no."""

from __future__ import annotations

from ..wire import JSON, PROBLEM, Reply, render_json


class Problem(Exception):
    """A request that is answered with ProblemDetails: `errors` maps PascalCase members to what is wrong with them."""

    def __init__(self, status: int, title: str, errors: dict[str, str] | None = None) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.errors = errors or {}

    def reply(self) -> Reply:
        section = {400: "15.5.1", 404: "15.5.5", 405: "15.5.6", 500: "15.6.1"}.get(self.status, "15")
        details = {
            "type": f"https://tools.ietf.org/html/rfc9110#section-{section}",
            "title": self.title,
            "status": self.status,
            "traceId": "00-5a6e64626f7800000000000000000000-0000000000000001-00",
        }
        if self.errors:
            details["errors"] = {name: [wording] for name, wording in self.errors.items()}
        return Reply(status=self.status, content_type=PROBLEM, body=render_json(details))


def invalid(**errors: str) -> Problem:
    """A request whose content is refused."""
    return Problem(400, "One or more validation errors occurred.", errors)


def missing(what: str, id: object) -> Problem:
    """No such record, or not visible to this key."""
    return Problem(404, "Not Found", {what: f"{what} {id} was not found."})


def gateway(status: int, message: str, **headers: str) -> Reply:
    """What Azure API Management answers before the request reaches Qondor."""
    return Reply(
        status=status, content_type=JSON, headers=headers, body=render_json({"statusCode": status, "message": message})
    )
