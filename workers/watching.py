"""When a child has to be looked at next: the one answer that both relay and sweep give."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from application.alerts import Alerts
from domain.child import fold
from domain.event import Channel, Event

IMPORT_SETTLES_IN = timedelta(seconds=60)


def next_due(alerts: Alerts, child_id: UUID, stream: Sequence[Event]) -> datetime | None:
    """Give when the child's silence has to be looked at next; None when never, as things stand.

    While papers of the child are still coming in by import, nothing is said of a silence that the next
    line may end.
    """
    look = alerts.next_look(fold(child_id, stream))
    imported = [e.recorded_at for e in stream if e.metadata.channel is Channel.IMPORT and e.recorded_at]
    if look is None or not imported:
        return look
    return max(look, max(imported) + IMPORT_SETTLES_IN)
