"""How far each follower of the log has come: written in the transaction of its work."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from domain.event import Event
from projections.database import Database, Log, Place, Transaction

GAP_SECONDS = 0.01
# Longer than a session of ours may sit idle inside a transaction (a minute).
WAIT_SECONDS = 90.0

T = TypeVar("T")

DDL = (
    "CREATE TABLE tracking_position (name text PRIMARY KEY, position bigint NOT NULL)",
    "ALTER TABLE tracking_position ADD COLUMN moved_at timestamptz",
    # Of the last event that was worked off; none where a version before this one moved it.
    "ALTER TABLE tracking_position ADD COLUMN event_id uuid",
)


class CatchUpTimeout(Exception):
    """Another process has been feeding the read models, or writing one event, for too long."""


class HeldUp(CatchUpTimeout):
    """A transaction that may own the next event has been open somewhere on the server for too long."""

    def __init__(self, position: int) -> None:
        super().__init__(f"position {position}")


class LogCut(CatchUpTimeout):
    """The log ends before where it ended a moment ago: its server was exchanged while it was read."""

    def __init__(self, position: int) -> None:
        super().__init__(f"position {position}")


class Overtaken(Exception):
    """Somebody else has moved this follower on: nothing of the batch was kept."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} was moved on by another process")


def position_of(database: Database, name: str) -> int:
    """Return the last position that a follower has worked off; 0 when none."""
    row = database.one("SELECT position FROM tracking_position WHERE name = :name", name=name)
    return int(row["position"]) if row else 0


class Astray(Exception):
    """The last event that a follower has worked off is not in the log: what it read was another one."""

    def __init__(self, name: str, *, position: int) -> None:
        super().__init__(f"{name} has read up to position {position} of another log than this one")


def standing_of(database: Database, name: str) -> int:
    """Return the position of a follower as `position_of`. Raises Astray."""
    row = database.one(
        "SELECT p.position, p.event_id, e.notification_id AS there, e.event_id AS holds "
        "FROM tracking_position AS p LEFT JOIN events AS e ON e.notification_id = p.position "
        "WHERE p.name = :name",
        name=name,
    )
    if row is None or not row["position"]:
        return 0
    if row["there"] is None or row["event_id"] not in {None, row["holds"]}:
        raise Astray(name, position=row["position"])
    return int(row["position"])


def advance(tx: Transaction, *, name: str, start: int, end: int, now: datetime) -> None:
    """Move a follower from `start` to `end`. Raises Overtaken where it is not at `start` any more."""
    moved = tx.run(
        "INSERT INTO tracking_position (name, position, moved_at, event_id) "
        "VALUES (:name, :end, :now, (SELECT event_id FROM events WHERE notification_id = :end)) "
        "ON CONFLICT (name) DO UPDATE SET position = excluded.position, moved_at = excluded.moved_at, "
        "event_id = excluded.event_id "
        "WHERE tracking_position.position = :start",
        name=name,
        start=start,
        end=end,
        now=now,
    )
    if moved != 1:
        raise Overtaken(name)


def rewind(tx: Transaction, *, name: str) -> None:
    """Let a follower start again."""
    tx.run("DELETE FROM tracking_position WHERE name = :name", name=name)


def everything(log: Log, *, batch: int = 1000) -> Iterator[Event]:
    """Go through the log to where it ends now. Raises HeldUp."""
    position, (head, _) = 0, log.head()
    while position < head:
        events = awaited(log, position, limit=batch)
        yield from events
        position = events[-1].position or position


def every_place(log: Log, *, batch: int = 1000) -> Iterator[Place]:
    """Go through the log to where it ends now, without decoding what may not be readable. Raises HeldUp."""
    position, (head, _) = 0, log.head()
    while position < head:
        for place in awaited_places(log, position, limit=batch):
            yield place
            position = place.position


def awaited(log: Log, position: int, *, limit: int) -> Sequence[Event]:
    """Read what the log holds behind a position that is not its end, waiting for a slow writer before it.

    Raises HeldUp after `WAIT_SECONDS`, and LogCut.
    """
    return _awaited(lambda: log.after(position, limit=limit), log, position)


def awaited_places(log: Log, position: int, *, limit: int) -> Sequence[Place]:
    """Read the same without decoding it."""
    return _awaited(lambda: log.places(position, limit=limit), log, position)


def _awaited(read: Callable[[], Sequence[T]], log: Log, position: int) -> Sequence[T]:
    give_up = time.monotonic() + WAIT_SECONDS
    while not (found := read()):
        if log.head()[0] <= position:
            raise LogCut(position)
        if time.monotonic() > give_up:
            raise HeldUp(position)
        time.sleep(GAP_SECONDS)
    return found
