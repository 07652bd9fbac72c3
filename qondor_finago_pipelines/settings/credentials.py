"""Where credentials are found: names of environment variables, read inside the flow of their office."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, PrivateAttr, StrictStr, model_validator

from ..records.credentials import FinagoCredential
from ..records.errors import SettingsError
from .fields import Section, mistake_in_key


class Secret(Section):
    """The name of an environment variable; the value is only ever read by `resolve`."""

    env: Annotated[StrictStr, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]

    @model_validator(mode="before")
    @classmethod
    def _names_a_variable(cls, value: Any) -> Any:
        if not isinstance(value, (Mapping, Secret)):
            # The value may be a password: it never reaches the message.
            raise mistake_in_key(
                "must name an environment variable.", "Write {env: NAME}, and put the value into NAME."
            )
        return value


class FinagoSettings(Section):
    """Where an office's Finago credentials are found."""

    application_id: Secret
    username: Secret
    password: Secret
    identity_id: Secret | None = None
    _where: str = PrivateAttr(default="")

    def resolve(self, environ: Mapping[str, str]) -> FinagoCredential:
        """The credentials themselves. Raises SettingsError when a variable is not set, which stops this office only."""
        found = {
            key: self._value(key, secret, environ)
            for key, secret in (
                ("application_id", self.application_id),
                ("username", self.username),
                ("password", self.password),
            )
        }
        identity = self._value("identity_id", self.identity_id, environ) if self.identity_id else None
        return FinagoCredential(**found, identity_id=identity)

    def _value(self, key: str, secret: Secret, environ: Mapping[str, str]) -> str:
        value = environ.get(secret.env, "").strip()
        if not value:
            raise SettingsError(
                f"{self._where}, finago.{key} names the environment variable {secret.env}, which is not set.",
                remedy=f"Set {secret.env} where the sync runs, and start it again.",
            )
        return value
