"""One transaction of the ledger, with a member for each thing that it remembers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, select

from . import schema
from .actuals import Actuals
from .adoption import Adoption
from .alerts import Alerts
from .clients import Clients
from .companies import Companies
from .confirmations import Confirmations
from .events import Events
from .intents import Intents
from .open_work import OpenWorks
from .orders import Orders
from .outcomes import Outcomes
from .projects import Projects
from .pruning import Pruning
from .readings import Readings
from .runs import Runs
from .sessions import Sessions
from .standing_states import StandingStates
from .vouchers import Vouchers
from .watches import Watches


class Transaction:
    """What `Ledger.read()` and `Ledger.write()` give. It ends with their block; a member used later raises."""

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self._connection = connection
        self.clients = Clients(connection, now)
        self.sessions = Sessions(connection, now)
        self.companies = Companies(connection, now)
        self.projects = Projects(connection, now)
        self.orders = Orders(connection, now)
        self.intents = Intents(connection)
        self.open_work = OpenWorks(connection)
        self.events = Events(connection)
        self.outcomes = Outcomes(connection, self.events)
        self.alerts = Alerts(connection)
        self.runs = Runs(connection)
        self.watches = Watches(connection)
        self.adoption = Adoption(connection)
        self.confirmations = Confirmations(connection)
        self.vouchers = Vouchers(connection)
        self.actuals = Actuals(connection)
        self.readings = Readings(connection)
        self.pruning = Pruning(connection)
        self.standing_states = StandingStates(connection)

    def installation_id(self) -> str:
        """This ledger's own name: a random UUID, made with the ledger and never changed."""
        made: str = self._connection.execute(select(schema.installation.c.installation_id)).scalar_one()
        return made
