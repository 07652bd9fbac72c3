"""One transaction of the store, with a member for each thing that it remembers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from . import schema
from .costs_and_sales.actuals import Actuals
from .costs_and_sales.readings import Readings
from .costs_and_sales.unloaded import Unloaded
from .costs_and_sales.vouchers import Vouchers
from .customers_and_projects.companies import Companies
from .customers_and_projects.projects import Projects
from .invoices.adoption import Adoption
from .invoices.confirmations import Confirmations
from .invoices.open_work import OpenWorks
from .invoices.orders import Orders
from .operations.alerts import Alerts
from .operations.events import Events
from .operations.open_items import OpenItems
from .operations.outcomes import Outcomes
from .operations.pruning import Pruning
from .operations.runs import Runs
from .operations.watched_flows import WatchedFlows
from .run.clients import Clients
from .run.intents import Intents
from .run.sessions import Sessions


class Transaction:
    """What `Store.read()` and `Store.write()` give. It ends with their block; a member used later raises.

    `now` is its one instant, which all that it writes bears.
    """

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self.now = now
        self.clients = Clients(connection, now)
        self.sessions = Sessions(connection, now)
        self.companies = Companies(connection, now)
        self.projects = Projects(connection, now)
        self.orders = Orders(connection, now)
        self.intents = Intents(connection, now)
        self.open_work = OpenWorks(connection, now)
        self.events = Events(connection, now)
        self.outcomes = Outcomes(connection, now)
        self.alerts = Alerts(connection, now)
        self.runs = Runs(connection, now)
        self.watched_flows = WatchedFlows(connection, now)
        self.adoption = Adoption(connection, now)
        self.confirmations = Confirmations(connection, now)
        self.vouchers = Vouchers(connection, now)
        self.actuals = Actuals(connection, now)
        self.unloaded = Unloaded(connection, now)
        self.readings = Readings(connection, now)
        self.pruning = Pruning(connection, now)
        self.open_items = OpenItems(connection, now)

    def installation_id(self) -> str:
        """This store's own name: a random UUID, made with the store and never changed."""
        made: str = self._connection.execute(select(schema.installation.c.installation_id)).scalar_one()
        return made
