"""What the three systems know: the state behind the stand-ins, and the builders that fill it."""

from .invoice_lines import line
from .offices import APPLICATION_ID, QONDOR_KEY, SLACK_CHANNEL, SLACK_TOKEN, SandboxOffice
from .world import World

__all__ = ["APPLICATION_ID", "QONDOR_KEY", "SLACK_CHANNEL", "SLACK_TOKEN", "SandboxOffice", "World", "line"]
