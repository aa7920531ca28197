"""What downstream systems may follow of the log: care actions of children, and the life of their alerts.

Activities are not followed: what each means for a child is an event in that child's file, and their lists
name children of many schools, and those who were absent.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, cast
from uuid import UUID

from application.access import Action, Actor, require
from application.eventstore.database import Database, DatabaseError
from application.eventstore.incarnation import incarnation_of
from application.eventstore.keyring import Keyring, KeysMissing
from application.eventstore.log import EventLog
from application.eventstore.mapper import stream_of
from application.eventstore.recorder import CareStoredEvent, ForeignEvent
from application.reasons import KEYS_MISSING
from application.reports.change import Change, Unread, change_of
from domain.catalogue import event_types, read_by_few, submitted_types, types_with
from domain.effects import Effect
from domain.event import Details, Event
from domain.org import within
from domain.refusal import Fault, Reason, Refused, refuses
from domain.streams.alerts.case import (
    AlertAcknowledged,
    AlertCarried,
    AlertEscalated,
    AlertRaised,
    AlertReopened,
    AlertResolved,
    AlertSnoozed,
)

# Who was notified by which channel is the watch's own affair, and is left out.
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
# Of more streams than this at once the events can't all be bad: the fault is elsewhere, say with the keys.
MOST_UNREADABLE = 20
# No event is to blame for these, be it the database of the keys that refuses, and none is passed over.
_TROUBLE = (DatabaseError, OSError, MemoryError)
LOG_UNREADABLE = Reason(
    code="log_unreadable",
    zh="许多记录无法读取，变更订阅暂停",
    en="Many events can't be read. The feed is stopped until that is fixed.",
)

LOG_REPLACED = Reason(
    code="log_replaced",
    zh="账本已由备份还原或切换到落后的服务器，游标之后的内容无法保证无缺",
    en="The log was restored, or its server replaced by one that was behind: what follows the cursor can't "
    "be told without gaps.",
)

log = logging.getLogger(__name__)


class LogUnreadable(Refused):
    """So much can't be read that nothing may be passed over."""


class LogReplaced(Refused):
    """The log in which a follower came so far is not the one that is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far a follower has come, in which incarnation of the log, and past which event.

    `passed` is a keyed digest of that event's id, None at the beginning; both are None in a cursor of version
    0.1, which holds until the log is restored for the first time.
    """

    position: int
    incarnation: UUID | None = None
    passed: bytes | None = None


BEGINNING = Cursor(position=0)


class Changes:
    """Follows the log for one reader at a time."""

    def __init__(self, *, log: EventLog, database: Database, keyring: Keyring) -> None:
        self._log = log
        self._database = database
        self._keyring = keyring

    @refuses(LOG_REPLACED, LOG_UNREADABLE)
    def after(self, cursor: Cursor, *, actor: Actor, limit: int) -> tuple[list[Change], Cursor]:
        """Return what was recorded after a cursor in the actor's organisation, and the cursor behind it.

        `limit` events at most, and none where many others lie between: then reading on goes on from there.
        Nothing is passed over that a slow writer may still commit. Raises `Forbidden`, `LogReplaced`, and
        `LogUnreadable` where too much can't be read.
        """
        require(actor, Action.READ, org=actor.org)
        found, reached = self._after(cursor.position, actor=actor, limit=limit)
        # Looked at last: what was read before is of no use if the log is another one by now.
        return found, self._held(cursor, reached)

    def _held(self, cursor: Cursor, reached: int) -> Cursor:
        """Hold a cursor against the log that is there, and return the one behind what was read."""
        here = incarnation_of(self._database)
        rows = self._database.tuples(
            "SELECT notification_id, event_id FROM events WHERE notification_id IN :places",
            places=(cursor.position, reached),
        )
        digests = {position: self._digest(event_id) for position, event_id in rows}
        ours = (
            cursor.incarnation in {None, here.incarnation}
            and (cursor.passed is None or cursor.passed == digests.get(cursor.position))
            and all(place == 0 or place in digests for place in (cursor.position, reached))
            and (cursor.incarnation is not None or cursor.position == 0 or here.cause == "migrate")
        )
        if not ours:
            raise LogReplaced(Fault(reason=LOG_REPLACED, pointer="/since"))
        return Cursor(position=reached, incarnation=here.incarnation, passed=digests.get(reached))

    def _digest(self, event_id: UUID | None) -> bytes:
        return self._keyring.digest("cursor", event_id or b"")[:8]

    def _after(self, position: int, *, actor: Actor, limit: int) -> tuple[list[Change], int]:
        found: list[Change] = []
        for _ in range(0, MOST_SCANNED, AT_ONCE):
            events, reached = self._scanned(position, actor=actor, limit=AT_ONCE)
            found += self._seen(events, actor=actor, most=limit - len(found))
            if len(found) == limit:
                return found, found[-1].position or position
            if reached == position:
                break
            position = reached
        return found, position

    def _scanned(self, position: int, *, actor: Actor, limit: int) -> tuple[Sequence[Event | Unread], int]:
        """Read on over `limit` events: those of the actor's, what can't be read as it is stored."""
        noted: list[CareStoredEvent] = []
        reached = position

        def wanted(stored: CareStoredEvent) -> bool:
            nonlocal reached
            reached = stored.position or reached
            ours = _may_be_followed(stored.topic) and within(stored.org, actor.org)
            if ours or stored.topic in _departures():
                noted.append(stored)
                return True
            return False

        try:
            return self._log.scan(position, limit=limit, wanted=wanted)
        except ForeignEvent as foreign:
            # Written by another program, it is no event of anybody's file.
            places = self._log.places(position, limit=limit)
            before = sum(place.position < foreign.position for place in places)
            if before:
                return self._scanned(position, actor=actor, limit=before)
            log.error("event at position %d is of another program", foreign.position)  # noqa: TRY400
            return (), foreign.position
        except _TROUBLE:
            raise
        except Exception:  # whatever is wrong with an event: it is found, and told as unreadable
            if not noted:
                # The rows themselves can't be read: nothing was unsealed yet.
                raise
            return self._opened(noted, after=position, limit=limit, bad=set()), reached

    def _opened(
        self, stored: Sequence[CareStoredEvent], *, after: int, limit: int, bad: set[UUID]
    ) -> list[Event | Unread]:
        """Unseal events in halves until those are found that can't be read; these are given as they are."""
        positions = {event.position for event in stored}
        try:
            return list(self._log.scan(after, limit=limit, wanted=lambda s: s.position in positions)[0])
        except _TROUBLE:
            raise
        except Exception as error:  # noqa: BLE001  as above
            if len(stored) > 1:
                halves = stored[: len(stored) // 2], stored[len(stored) // 2 :]
                return [x for half in halves for x in self._opened(half, after=after, limit=limit, bad=bad)]
            (event,) = stored
            log.error("could not read event %s: %s", event.event_id, type(error).__name__)  # noqa: TRY400
            bad.add(stream_of(event))
            if len(bad) > MOST_UNREADABLE:
                raise LogUnreadable(Fault(reason=LOG_UNREADABLE)) from None
            return [Unread.because(error, event)]

    def _seen(self, events: Sequence[Event | Unread], *, actor: Actor, most: int) -> list[Change]:
        """Return the first `most` of these as the actor may see them."""
        streams = {event.originator_id for event in events}
        others = {event.originator_id for event in events if event.type not in submitted_types()}
        child_of_alert = dict(
            self._database.tuples(
                "SELECT alert_id, child_id FROM alert_status WHERE alert_id IN :others", others=tuple(others)
            )
        )
        children = {stream: child_of_alert.get(stream, stream) for stream in streams}
        rows = self._database.tuples(
            "SELECT child_id, org, village, '' FROM child_status WHERE child_id IN :children"
            " UNION ALL SELECT stream_id, org, NULL, kind FROM stream WHERE stream_id IN :children",
            children=tuple(set(children.values())),
        )
        orgs = {stream_id: org for stream_id, org, *_ in rows}
        villages = {stream_id: village for stream_id, _, village, _ in rows if village is not None}
        # Nobody follows what few may read.
        untold = {stream_id for stream_id, *_, kind in rows if kind in read_by_few()}
        # A child whose enrolment is void belongs to nobody else: it is told of as before.
        orgs |= self._last_orgs([child_id for child_id, org in orgs.items() if not org])
        changes: list[Change] = []
        for event in events:
            if len(changes) == most:
                break
            child_id = children[event.originator_id]
            if child_id in untold:
                continue
            places = (orgs.get(child_id, ""), *filter(None, (villages.get(child_id),)))
            withheld = not any(within(place, actor.org) for place in places)
            if not within(event.org, actor.org):
                changes += self._departed(event, actor=actor)
            else:
                changes.append(change_of(event, child_id=child_id, withheld=withheld, actor=actor))
        return changes

    def _last_orgs(self, streams: Sequence[UUID]) -> dict[UUID, str]:
        """Return the last organisation that the events of each stream name, where any does."""
        rows = self._database.tuples(
            "SELECT originator_id, org FROM events WHERE originator_id IN :streams AND org <> ''"
            " ORDER BY originator_version",
            streams=tuple(set(streams)),
        )
        return dict(rows)

    def _departed(self, event: Event | Unread, *, actor: Actor) -> list[Change]:
        """Tell the side that gave a child away that it left, and nothing of what the other side wrote."""
        if event.type not in _departures():
            return []
        try:
            proposed = self._proposal(event)
        except _TROUBLE:
            raise
        except Exception as error:  # noqa: BLE001  its own place in the log says that it can't be read
            log.error("could not read event %s: %s", event.event_id, type(error).__name__)  # noqa: TRY400
            return []
        if proposed is None or not within(proposed.org, actor.org):
            return []
        child_id = proposed.originator_id
        change = replace(change_of(event, child_id=child_id, withheld=True, actor=actor), org=proposed.org)
        if change.unreadable is not None:
            return [change]
        details = {"transfer": str(proposed.event_id)}
        return [replace(change, actor="", principal=None, key=None, written_on=None, details=details)]

    def _proposal(self, event: Event | Unread) -> Event | None:
        """Find the proposal of a transfer that was accepted.

        Where keys are missing, by what is not sealed: otherwise the departure of a child would never be told.
        """
        if isinstance(event, Unread):
            accepted = self._log.outline(event.stored.event_id) if event.code == KEYS_MISSING.code else None
        else:
            accepted = event
        if accepted is None or accepted.type not in _departures():
            return None
        transfer = cast("Any", accepted.details).transfer
        try:
            return self._log.event(transfer)
        except KeysMissing:
            return self._log.outline(transfer)


def _departures() -> tuple[str, ...]:
    """Return the types by which a child leaves the side that it was with."""
    return types_with(Effect.PLACES, Effect.ANSWERS_TRANSFER)


@cache
def followed() -> frozenset[str]:
    """Return the types of events that may be followed."""
    return frozenset(submitted_types()) | {details.TYPE for details in ALERTS}


def _may_be_followed(type_: str) -> bool:
    """Return whether a type is followed; one that is not known may be, and is told as unreadable."""
    return type_ in followed() or type_ not in event_types()
