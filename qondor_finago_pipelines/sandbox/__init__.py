"""Local stand-ins for Qondor, Finago and Slack over real HTTP, strict where the systems are strict (decisions 10).

Nothing in the package but the command line imports this room, and it imports nothing of the package. What Finago's
types are it takes from the WSDLs; what becomes of a record is its own code, so that client and stand-in cannot agree by
mistake.
"""

from .faults import Fault, FaultKind
from .server import Sandbox, serve
from .world import World, line

__all__ = ["Fault", "FaultKind", "Sandbox", "World", "line", "serve"]
