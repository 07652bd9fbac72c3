"""The whole invented world: Qondor, Finago and Slack, the fault script, the call log and the clock."""

from __future__ import annotations

from .finago_builders import FinagoBuilders
from .qondor_builders import QondorBuilders


class World(QondorBuilders, FinagoBuilders):
    """The state of all stand-ins of one sandbox, and the builders that fill it in the words of who works there."""
