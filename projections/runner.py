"""Feeds the read models: reads the log by position and hands each model its events, batch by batch."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.event import Event
from projections import timeline
from projections.database import Database, Log, Transaction
from projections.heartbeat import Heartbeat, beat
from projections.positions import GAP_SECONDS, advance, position_of, rewind

LOCK = "runner"
WAIT_SECONDS = 30.0


class CatchUpTimeout(Exception):
    """Another process has been feeding the read models, or writing one event, for too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadModel:
    """A read model: its name, its tables and what makes them, and how a batch of events changes their rows.

    `ddl` becomes part of the migration step; a statement that has been released is never edited. `write` may
    be given events that it has seen before, and then changes nothing.
    """

    name: str
    ddl: tuple[str, ...]
    tables: tuple[str, ...]
    write: Callable[[Transaction, Sequence[Event]], None]


# A new read model is its file and its line here.
MODELS: tuple[ReadModel, ...] = (
    ReadModel(name="timeline", ddl=timeline.DDL, tables=("timeline",), write=timeline.write),
)


def lag_of(database: Database, log: Log, name: str) -> int:
    """Give how many positions a follower of the log is behind it.

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
        self._now = now
        self._models = tuple(models)
        self._batch = batch

    def lag(self) -> Mapping[str, int]:
        """Give for each read model how many positions it is behind the log."""
        return {model.name: lag_of(self._database, self._log, model.name) for model in self._models}

    def step(self) -> int:
        """Feed one batch and give how many events it held; 0 where there is nothing to do here."""
        if not self._behind(self._log.head()[0]):
            return 0
        with self._database.advisory(LOCK) as mine:
            return self._feed() if mine else 0

    def catch_up(self, *, progress: Callable[[int], None] | None = None) -> None:
        """Bring every read model to where the log ends now, or wait for who is doing so.

        `progress` is told how many events were read. Raises CatchUpTimeout.
        """
        head, _ = self._log.head()
        give_up = time.monotonic() + WAIT_SECONDS
        while self._behind(head):
            with self._database.advisory(LOCK, wait_seconds=WAIT_SECONDS) as mine:
                if not mine:
                    raise CatchUpTimeout("another process has been feeding the read models for too long")
                done = self._feed()
            if done:
                give_up = time.monotonic() + WAIT_SECONDS
            elif time.monotonic() > give_up:
                raise CatchUpTimeout("a writer has not finished for too long")
            else:
                # The next event stands behind one that a slow writer has not committed yet.
                time.sleep(GAP_SECONDS)
            if progress is not None:
                progress(done)

    def empty(self) -> None:
        """Empty every read model, so that it is filled anew from the first event on."""
        with self._database.advisory(LOCK, wait_seconds=WAIT_SECONDS) as mine:
            if not mine:
                raise CatchUpTimeout("another process has been feeding the read models for too long")
            with self._database.transaction() as tx:
                for model in self._models:
                    for table in model.tables:
                        tx.run(f"DELETE FROM {table}")  # noqa: S608  names from this program
                    rewind(tx, name=model.name)

    def _positions(self) -> dict[str, int]:
        return {model.name: position_of(self._database, model.name) for model in self._models}

    def _behind(self, head: int) -> bool:
        return any(position < head for position in self._positions().values())

    def _feed(self) -> int:
        positions = self._positions()
        events = self._log.after(min(positions.values()), limit=self._batch)
        for model in self._models:
            start = positions[model.name]
            fresh = [event for event in events if (event.position or 0) > start]
            if fresh:
                with self._database.transaction() as tx:
                    model.write(tx, fresh)
                    advance(
                        tx, name=model.name, start=start, end=fresh[-1].position or start, now=self._now()
                    )
                    beat(tx, Heartbeat(loop=LOCK, completed_at=self._now()))
        return len(events)
