"""Tells people what the ledger says they have not been told yet: one Slack message for each office (decisions 11)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from logging import getLogger

from ..ledger import Alert, Ledger
from ..records.identifiers import OfficeId

ALERTS_A_MESSAGE = 20
"""Slack cuts long messages; what does not fit is counted, and stands in `qondor-finago rejected`."""

log = getLogger(__name__)


def deliver_alerts(ledger: Ledger, send: Callable[[str], None] | None) -> int:
    """Sends what is new, an office a message, and remembers that it was told. Gives the number of messages.

    Without Slack (`send` None) the alerts go to the log. A message that cannot be delivered is tried again by the next
    delivery and never fails a sync.
    """
    with ledger.read() as transaction:
        unsent = transaction.alerts.unsent()
    by_office: dict[OfficeId, list[Alert]] = defaultdict(list)
    for alert in unsent:
        by_office[alert.office_id].append(alert)
    delivered = 0
    for office, alerts in sorted(by_office.items()):
        text = message_for(office, alerts)
        try:
            if send is None:
                log.warning("%s", text)
            else:
                send(text)
        except Exception as error:  # Slack may be down in any way it likes: the money has been handled.
            log.warning("Slack could not be told about office %s: %s", office, type(error).__name__)
            continue
        with ledger.write() as transaction:
            transaction.alerts.mark_sent([alert.id for alert in alerts], ledger.now())
        delivered += 1
    return delivered


def message_for(office: OfficeId, alerts: list[Alert]) -> str:
    """Office, flow, and each new failure with its reason and remedy."""
    flows = ", ".join(sorted({alert.flow for alert in alerts}))
    count = "1 record needs" if len(alerts) == 1 else f"{len(alerts)} records need"
    lines = [f"Office {office}, {flows}: {count} a look."]
    lines += [f"• {alert.message}" for alert in alerts[:ALERTS_A_MESSAGE]]
    if len(alerts) > ALERTS_A_MESSAGE:
        lines.append(
            f"… and {len(alerts) - ALERTS_A_MESSAGE} more: run `qondor-finago rejected --office {office}`."
        )
    return "\n".join(lines)
