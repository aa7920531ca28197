"""What downstream systems may follow of the log: care actions of children, and the life of their alerts.

Activities are not followed: what each means for a child is an event in that child's file, and their lists
name children of many schools, and those who were absent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from application.access import ALLOWED, Action, Actor, require
from application.eventstore.database import Database
from application.eventstore.log import EventLog
from application.eventstore.recorder import CareStoredEvent
from domain.alert import (
    AlertAcknowledged,
    AlertCarried,
    AlertEscalated,
    AlertRaised,
    AlertReopened,
    AlertResolved,
    AlertSnoozed,
)
from domain.catalogue import care_actions_by_type
from domain.event import Details, Event
from domain.fields import fields_of
from domain.org import within
from domain.wire import to_wire

# Who was told by which channel is the watch's own affair, and is left out.
ALERTS: tuple[type[Details], ...] = (
    AlertRaised,
    AlertEscalated,
    AlertReopened,
    AlertCarried,
    AlertAcknowledged,
    AlertSnoozed,
    AlertResolved,
)
AT_ONCE = 500
MOST_SCANNED = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An event as somebody may see it; `details` are those that this reader reads.

    `withheld` says that the child belongs to an organisation out of the reader's scope by now.
    """

    event: Event
    child_id: UUID
    details: Mapping[str, Any]
    withheld: bool


class Changes:
    """Follows the log for one reader at a time."""

    def __init__(self, *, log: EventLog, database: Database) -> None:
        self._log = log
        self._database = database

    def after(self, position: int, *, actor: Actor, limit: int) -> tuple[list[Change], int]:
        """Give what was recorded after a position in the actor's organisation, and how far it was read.

        `limit` events at most, and none where many others lie between: then reading on goes on from there.
        Nothing is passed over that a slow writer may still commit. Raises `Forbidden`.
        """
        require(actor, Action.READ, org=actor.org)

        def wanted(stored: CareStoredEvent) -> bool:
            return stored.topic in followed() and within(stored.org, actor.org)

        found: list[Event] = []
        for _ in range(0, MOST_SCANNED, AT_ONCE):
            events, reached = self._log.scan(position, limit=AT_ONCE, wanted=wanted)
            found += events
            if len(found) >= limit:
                found = found[:limit]
                return self._seen(found, actor=actor), found[-1].position or position
            if reached == position:
                break
            position = reached
        return self._seen(found, actor=actor), position

    def _seen(self, events: list[Event], *, actor: Actor) -> list[Change]:
        alerts = tuple({e.originator_id for e in events if e.type not in care_actions_by_type()})
        rows = self._database.tuples(
            "SELECT alert_id, child_id FROM alert_status WHERE alert_id IN :alerts", alerts=alerts
        )
        child_of_alert = dict(rows)
        children = {e.event_id: child_of_alert.get(e.originator_id, e.originator_id) for e in events}
        orgs = dict(
            self._database.tuples(
                "SELECT child_id, org FROM child_status WHERE child_id IN :children",
                children=tuple(set(children.values())),
            )
        )
        changes = []
        for event in events:
            child_id = children[event.event_id]
            withheld = not within(orgs.get(child_id, ""), actor.org)
            details = {} if withheld else _details(event, actor=actor)
            changes.append(Change(event=event, child_id=child_id, details=details, withheld=withheld))
        return changes


@cache
def followed() -> frozenset[str]:
    """Give the types of events that may be followed."""
    return frozenset(care_actions_by_type()) | {details.TYPE for details in ALERTS}


def _details(event: Event, *, actor: Actor) -> dict[str, Any]:
    """Leave out what nobody can read any more, and of an alert what only those read who answer alerts."""
    is_alert = event.type not in care_actions_by_type()
    hidden = event.erased or (is_alert and Action.WATCH not in ALLOWED[actor.role])
    personal = {f.name for f in fields_of(type(event.details)) if f.spec.personal} if hidden else set()
    return {name: value for name, value in to_wire(event.details).items() if name not in personal}
