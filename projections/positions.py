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
)


class CatchUpTimeout(Exception):
    """Another process has been feeding the read models, or writing one event, for too long."""


class HeldUp(CatchUpTimeout):
    """A transaction that may own the next event has been open somewhere on the server for too long."""

    def __init__(self, position: int) -> None:
        super().__init__(f"position {position}")


class Overtaken(Exception):
    """Somebody else has moved this follower on: nothing of the batch was kept."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} was moved on by another process")


def position_of(database: Database, name: str) -> int:
    """Give the last position that a follower has worked off; 0 when none."""
    row = database.one("SELECT position FROM tracking_position WHERE name = :name", name=name)
    return int(row["position"]) if row else 0


def advance(tx: Transaction, *, name: str, start: int, end: int, now: datetime) -> None:
    """Move a follower from `start` to `end`. Raises Overtaken where it is not at `start` any more."""
    moved = tx.run(
        "INSERT INTO tracking_position (name, position, moved_at) VALUES (:name, :end, :now) "
        "ON CONFLICT (name) DO UPDATE SET position = excluded.position, moved_at = excluded.moved_at "
        "WHERE tracking_position.position = :start",
        name=name,
        start=start,
        end=end,
        now=now,
    )
    if moved != 1:
        raise Overtaken(name)


def rewind(tx: Transaction, *, name: str) -> None:
    """Let a follower begin anew."""
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

    Raises HeldUp after `WAIT_SECONDS`.
    """
    return _awaited(lambda: log.after(position, limit=limit), position)


def awaited_places(log: Log, position: int, *, limit: int) -> Sequence[Place]:
    """Read the same without decoding it."""
    return _awaited(lambda: log.places(position, limit=limit), position)


def _awaited(read: Callable[[], Sequence[T]], position: int) -> Sequence[T]:
    give_up = time.monotonic() + WAIT_SECONDS
    while not (found := read()):
        if time.monotonic() > give_up:
            raise HeldUp(position)
        time.sleep(GAP_SECONDS)
    return found
