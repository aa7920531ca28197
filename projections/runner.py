"""Feeds the read models: reads the log by position and hands each model its events, batch by batch."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol
from uuid import UUID

from domain.event import Event
from projections import pairings, positions, timeline
from projections.database import Database, Log, Transaction
from projections.feeding import Feed
from projections.positions import GAP_SECONDS, CatchUpTimeout, HeldUp, position_of

LOCK = "runner"
LOCK_SECONDS = 30.0
# A lock is a connection of its own: taken again for each batch it costs more than reading the batch.
TURN_SECONDS = 1.0


Differing = Callable[[Database, Sequence[Event]], Iterable[tuple[UUID, tuple[str, ...]]]]


class Write(Protocol):
    """How a batch of events changes a model's rows."""

    def __call__(self, tx: Transaction, events: Sequence[Event], /, *, shadow: str = "") -> None:
        """Write into the tables whose names end in `beside`; events seen before change nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadModel:
    """A read model: its name, its tables and what makes them, and how a batch of events changes their rows.

    `ddl` becomes part of the migration step; a statement that has been released is never edited. `write` may
    be given any event again, and in any order, and must come to the same rows. `differing` and `left_over`
    compare the rows with the log; `remove_left_over` takes those away of which it holds no event.
    """

    name: str
    ddl: tuple[str, ...]
    tables: tuple[str, ...]
    write: Write
    differing: Differing = lambda _database, _events: ()
    left_over: Callable[[Database], Sequence[UUID]] = lambda _database: ()
    remove_left_over: Callable[[Transaction], object] = lambda _tx: None


# A new read model is its file and its line here.
MODELS: tuple[ReadModel, ...] = (
    ReadModel(
        name="timeline",
        ddl=timeline.DDL,
        tables=("timeline",),
        write=timeline.write,
        differing=timeline.differing,
        left_over=timeline.left_over,
        remove_left_over=timeline.remove_left_over,
    ),
    ReadModel(
        name="pairings",
        ddl=pairings.DDL,
        tables=("pairing",),
        write=pairings.write,
        differing=pairings.differing,
        left_over=pairings.left_over,
        remove_left_over=pairings.remove_left_over,
    ),
)


def lag_of(database: Database, log: Log, name: str) -> int:
    """Return how many positions a follower of the log is behind it.

    Ask before reading its rows: then they are at least as fresh as the answer says.
    """
    head, _ = log.head()
    return max(0, head - position_of(database, name))


class Runner:
    """Keeps read models at the end of the log. Of many runners of one database, one works at a time."""

    def __init__(
        self,
        *,
        database: Database,
        log: Log,
        now: Callable[[], datetime],
        models: Sequence[ReadModel] = MODELS,
        batch: int = 500,
    ) -> None:
        self._database = database
        self._log = log
        self._models = tuple(models)
        self._feeds = [
            Feed(
                name=model.name,
                database=database,
                log=log,
                now=now,
                work=partial(written, model),
                batch=batch,
            )
            for model in models
        ]

    def lag(self) -> Mapping[str, int]:
        """Return for each read model how many positions it is behind the log."""
        return {model.name: lag_of(self._database, self._log, model.name) for model in self._models}

    def step(self) -> int:
        """Feed each model a batch and give how many events these held; 0 where nothing is to do here."""
        if all(feed.idle() for feed in self._feeds):
            return 0
        with self._database.advisory(LOCK) as mine:
            if not mine:
                return 0
            self._start_again()
            return sum(feed.step_or_say() for feed in self._feeds)

    def catch_up(self, *, progress: Callable[[int], None] | None = None) -> None:
        """Bring every read model to where the log ends now, or wait for who is doing so.

        `progress` is told how many events were worked off. Raises CatchUpTimeout or StandsStill.
        """
        self._start_again()
        for feed in self._feeds:
            fed_to_the_end(feed, self._database, self._log, lock=LOCK, progress=progress)

    def _start_again(self) -> None:
        """Let models that were fed with another log start again, without what is not in this one."""
        for model, feed in zip(self._models, self._feeds, strict=True):
            if feed.astray():
                feed.start_again(model.remove_left_over)


def written(model: ReadModel, events: Sequence[Event], *, shadow: str = "") -> Callable[[Transaction], None]:
    """Return what writes events into a model, or into the one that is being made beside it."""

    def write(tx: Transaction) -> None:
        model.write(tx, events, shadow=shadow)

    return write


def fed_to_the_end(
    feed: Feed,
    database: Database,
    log: Log,
    *,
    lock: str,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Bring a follower to where the log ends now, under its lock. Raises CatchUpTimeout or StandsStill."""
    head, _ = log.head()
    give_up = time.monotonic() + positions.WAIT_SECONDS
    while (position := position_of(database, feed.name)) < head:
        with database.advisory(lock, wait_seconds=LOCK_SECONDS) as mine:
            if not mine:
                raise CatchUpTimeout(f"another process has been feeding {feed.name} for too long")
            done = _turn(feed, progress or _untold)
        if done:
            give_up = time.monotonic() + positions.WAIT_SECONDS
        elif time.monotonic() > give_up:
            raise HeldUp(position)
        else:
            # The next event stands behind one that a slow writer has not committed yet.
            time.sleep(GAP_SECONDS)


def _turn(feed: Feed, progress: Callable[[int], None]) -> int:
    """Feed as long as there is something, and for no longer than others may wait for their turn."""
    done, over = 0, time.monotonic() + TURN_SECONDS
    while fed := feed.step():
        progress(fed)
        done += fed
        if time.monotonic() > over:
            break
    return done


def _untold(_done: int) -> None:
    return
