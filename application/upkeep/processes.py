"""Which processes serve a store, and which types of event each of them can read.

While an upgrade rolls over many machines, old and new programs run side by side. An event of a type that one
of them does not know could not be read there, so it is taken only when every process that lives knows it. A
type that was taken once is noted, and a program that does not know it does not start any more.
"""

import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from application.eventstore.database import Database, DatabaseError, Transaction
from application.eventstore.migrations.migrate import SchemaTooNew
from application.program import VERSION
from domain.refusal import Fault, Reason, Refused

DDL = (
    """
    CREATE TABLE process (
        instance uuid PRIMARY KEY,
        kind text NOT NULL,
        program text NOT NULL,
        types jsonb NOT NULL,
        started_at timestamptz NOT NULL,
        seen_at timestamptz NOT NULL
    )
    """,
    "CREATE TABLE event_type_taken (type text PRIMARY KEY, noted_at timestamptz NOT NULL)",
)
BEAT_SECONDS = 15.0
# Who has not been seen for so long is gone; who ends in good order says so.
GONE_AFTER = timedelta(seconds=60)
# How old what is known of the others may be.
KEPT_SECONDS = 2.0
TYPE_NOT_YET_KNOWN = Reason(
    code="type_not_yet_known",
    zh="升级尚在进行，仍有旧版本进程不认识这一类型",
    en="An upgrade is under way, and a process of an older version does not know this type yet.",
)


class TypeNotYetKnown(Refused):
    """An event of a type that a living process could not read. The same may be sent again later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A living process: what it is, of which version, and which of our types it does not know."""

    instance: UUID
    kind: str
    program: str
    started_at: datetime
    seen_at: datetime
    unknown: tuple[str, ...]


class Processes:
    """The processes that serve one store, as one of them sees them."""

    def __init__(
        self,
        *,
        database: Database,
        now: Callable[[], datetime],
        types: Collection[str],
        program: str = VERSION,
    ) -> None:
        self._database = database
        self._now = now
        self._types = frozenset(types)
        self._program = program
        self._guard = threading.Lock()
        self._read_at = -KEPT_SECONDS
        self._unknown: frozenset[str] = frozenset()
        self._taken: frozenset[str] = frozenset()

    def refuse_newer_log(self) -> None:
        """Raise SchemaTooNew where an event was taken of a type that this program does not know."""
        if strange := sorted(self._noted() - self._types):
            raise SchemaTooNew(f"the log holds types of event that this program does not know: {strange}")

    def refuse(self, types: Collection[str]) -> None:
        """Raise TypeNotYetKnown for a type that a living process does not know; note one that is new."""
        self._look()
        if self._unknown.intersection(types):
            raise TypeNotYetKnown(Fault(reason=TYPE_NOT_YET_KNOWN, pointer="/type"))
        if new := set(types) - self._taken:
            self._note(new)

    def living(self) -> list[Process]:
        """Return the processes that live, the first started first."""
        rows = self._database.all(
            "SELECT instance, kind, program, types, started_at, seen_at FROM process WHERE seen_at > :since "
            "ORDER BY started_at, instance",
            since=self._now() - GONE_AFTER,
        )
        return [Process(unknown=tuple(sorted(self._types - set(row.pop("types")))), **row) for row in rows]

    def join(self, kind: str) -> "Membership":
        """Be among them from now on, by a thread of its own; `kind` says what this process does."""
        return Membership(self._database, kind=kind, program=self._program, types=self._types)

    def _look(self) -> None:
        """See who lives, unless that was a moment ago."""
        with self._guard:
            if time.monotonic() - self._read_at < KEPT_SECONDS:
                return
            self._unknown = frozenset(name for process in self.living() for name in process.unknown)
            self._taken = self._taken or self._noted()
            self._read_at = time.monotonic()

    def _noted(self) -> frozenset[str]:
        return frozenset(name for (name,) in self._database.tuples("SELECT type FROM event_type_taken"))

    def _note(self, types: Collection[str]) -> None:
        """Remember, before the event is there, that the log may hold these from now on."""
        if self._database.writing:
            # It is noted by the next event of the type.
            return
        with self._database.transaction() as tx:
            note_taken(tx, types, now=self._now())
        with self._guard:
            self._taken |= frozenset(types)


class Membership:
    """One process among the others, until it leaves or is not seen any more."""

    def __init__(self, database: Database, *, kind: str, program: str, types: Collection[str]) -> None:
        self._database = database
        self._row = {
            "instance": uuid4(),
            "kind": kind,
            "program": program,
            "types": sorted(types),
            "started_at": database.now(),
        }
        self._over = threading.Event()
        self._beat()
        threading.Thread(target=self._go_on, name="process", daemon=True).start()

    def leave(self) -> None:
        """Tell the others that this process ends in good order. Twice is once."""
        self._over.set()
        with suppress(DatabaseError), self._database.transaction() as tx:
            tx.run("DELETE FROM process WHERE instance = :instance", instance=self._row["instance"])

    def _go_on(self) -> None:
        while not self._over.wait(BEAT_SECONDS):
            self._beat()

    def _beat(self) -> None:
        # Where the database is out of reach, so is everybody's work; the next beat comes.
        with suppress(DatabaseError, RuntimeError), self._database.transaction() as tx:
            now = self._database.now()
            tx.upsert(table="process", key=("instance",), rows=[{**self._row, "seen_at": now}])
            tx.run("DELETE FROM process WHERE seen_at <= :before", before=now - 10 * GONE_AFTER)


def note_all_taken(database: Database, types: Collection[str]) -> None:
    """Note all types that this program knows in a store in which none was noted so far."""
    if database.one("SELECT type FROM event_type_taken LIMIT 1") is None:
        with database.transaction() as tx:
            note_taken(tx, types, now=database.now())


def note_taken(tx: Transaction, types: Collection[str], *, now: datetime) -> None:
    """Note types of which the log may hold events; those that are noted stay as they are."""
    tx.many(
        "INSERT INTO event_type_taken (type, noted_at) VALUES (:type, :now) ON CONFLICT (type) DO NOTHING",
        [{"type": name, "now": now} for name in sorted(types)],
    )
