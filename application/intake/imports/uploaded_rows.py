"""Papers that came over HTTP, as they lie: each sealed under a key of its own, for its time (ADR 49)."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from application.access import Actor, Role
from application.eventstore.database import Database, Transaction
from application.eventstore.keyring import KeyDestroyed, Keyring, KeysMissing, alive
from application.eventstore.log import UNREADABLE
from application.eventstore.seal import Tampered, packed, seal, unseal
from application.intake.batches import (
    COMMITTING,
    COMPLETE,
    CUT,
    PREVIEWED,
    READING,
    RECEIVING,
    UNCOMMITTED,
    Upload,
)
from application.intake.imports.outcome import Outcome, decoded, encoded
from application.intake.imports.uploaded_paper import Asked, PaperRow
from domain.event import Channel

# How long a paper lies here that nobody commits, and behind a commit, to have its refused lines back.
KEPT = timedelta(days=7)
# Whoever works on a paper says so again before this is over; who does not is gone.
LEASE = timedelta(seconds=60)
MOST_TRIES = 5
_ANSWERED_WITHIN = 10.0
# The version of a paper that is not here any more.
_FORGOTTEN = 0
_EMPTY = "UPDATE paper SET version = 0, sealed = :nothing, outcome = NULL WHERE import_id = :id"
# What somebody said yes to is recorded to its end, or given up, before it is put away.
_PUT_AWAY = (
    "UPDATE paper SET version = 0 WHERE import_id = :id AND (committed IS NULL"
    " OR (tries >= :most AND (claimed_until IS NULL OR claimed_until <= :now))"
    " OR import_id IN (SELECT batch_id FROM batch WHERE state = :complete OR undone_at IS NOT NULL))"
)
_FORGET_AT_ONCE = 3
_BEGIN = (
    "INSERT INTO batch (batch_id, org, actor, principal, upload, state, lines, begun_at, seen_at, source,"
    " file_sha256) VALUES (:id, :org, :actor, :principal, :upload, :state, 0, :now, :now, :source, :sha256)"
    " ON CONFLICT (batch_id) DO NOTHING"
)


class PaperRows:
    """Keeps, opens, claims and forgets them."""

    def __init__(self, *, database: Database, keyring: Keyring, now: Callable[[], datetime]) -> None:
        self._database = database
        self._keyring = keyring
        self._now = now

    def keep(
        self,
        import_id: UUID,
        data: bytes,
        *,
        asked: Asked,
        source: str,
        file_sha256: str,
        actor: Actor,
        busy: bool,
    ) -> bool:
        """Keep a paper that waits to be looked at, or is at work; False where there is one of this id."""
        key, now = self._keyring.key_for(import_id), self._now()
        sealed = seal(key, data, aad=_place(import_id, "paper"), nonce=self._keyring.nonce())
        times = {"sent_at": now, "expires_at": now + KEPT, "claimed_until": now + LEASE if busy else None}
        row = {"import_id": import_id, "version": 1, "tries": int(busy), "sealed": sealed} | times
        row |= asdict(asked) | {"mapped": list(asked.mapped)} | _told(actor)
        with self._database.transaction() as tx:
            fresh = tx.run(
                _BEGIN,
                id=import_id,
                org=asked.org,
                actor=actor.name,
                principal=actor.principal,
                upload=uuid4(),
                state=READING,
                now=now,
                source=source,
                sha256=file_sha256,
            )
            if fresh:
                tx.upsert(table="paper", key=("import_id",), rows=[row])
        return bool(fresh)

    def is_gone(self, import_id: UUID) -> bool:
        """Return whether there was one of this id, which is forgotten."""
        return self._keyring.destroyed_at(import_id) is not None

    def find(self, import_id: UUID) -> PaperRow | None:
        """Return a paper that is still here."""
        row = self._database.one(f"SELECT {_PLAIN} FROM paper WHERE import_id = :id", id=import_id)  # noqa: S608
        gone = row is None or row["version"] == _FORGOTTEN or row["expires_at"] <= self._now()
        return None if row is None or gone else _row(row)

    def forgotten(self, import_id: UUID) -> str | None:
        """Return the organisation of a paper that was forgotten before its time; None of any other."""
        row = self._database.one(
            "SELECT org FROM paper WHERE import_id = :id AND version = :forgotten",
            id=import_id,
            forgotten=_FORGOTTEN,
        )
        return None if row is None else str(row["org"])

    def data(self, import_id: UUID) -> bytes:
        """Open the file itself. Raises `Tampered`, `KeyDestroyed` and `KeysMissing`."""
        return self._opened(import_id, "paper", column="sealed")

    def outcome(self, import_id: UUID) -> Outcome | None:
        """Open what is known of it; None as long as nobody has looked at it, or where it doesn't open."""
        try:
            return self._outcome(import_id)
        except (Tampered, KeyDestroyed):
            return None

    def _outcome(self, import_id: UUID) -> Outcome | None:
        row = self._database.one("SELECT outcome FROM paper WHERE import_id = :id", id=import_id)
        if row is None or row["outcome"] is None:
            return None
        return decoded(self._opened(import_id, "outcome", column="outcome"))

    def due(self) -> bool:
        """Return whether one waits, or its time is up."""
        row = self._database.one(
            "SELECT import_id FROM paper WHERE expires_at <= :now LIMIT 1", now=self._now()
        )
        return row is not None or bool(self._waiting(self._now()))

    def _waiting(self, now: datetime) -> list[dict[str, Any]]:
        return self._database.all(
            "SELECT import_id FROM paper JOIN batch ON batch_id = import_id"
            " WHERE (state IN :waiting OR (state IN :broken_off AND committed IS NOT NULL))"
            " AND (claimed_until IS NULL OR claimed_until <= :now) AND expires_at > :now AND tries < :most"
            " AND undone_at IS NULL AND version <> :forgotten ORDER BY sent_at LIMIT 5",
            forgotten=_FORGOTTEN,
            waiting=(READING, COMMITTING),
            broken_off=(RECEIVING, CUT),
            now=now,
            most=MOST_TRIES,
        )

    def claim(self) -> PaperRow | None:
        """Take the next one that is to be looked at or recorded, and at which nobody is at work."""
        now = self._now()
        for found in self._waiting(now):
            with self._database.transaction() as tx:
                mine = tx.run(
                    "UPDATE paper SET claimed_until = :until, tries = tries + 1"
                    " WHERE import_id = :id AND (claimed_until IS NULL OR claimed_until <= :now)",
                    until=now + LEASE,
                    id=found["import_id"],
                    now=now,
                )
            if mine:
                return self.find(found["import_id"])
        return None

    def renew(self, import_id: UUID) -> None:
        """Say that somebody is still at work on it."""
        with self._database.transaction() as tx:
            tx.run(
                "UPDATE paper SET claimed_until = :until WHERE import_id = :id",
                until=self._now() + LEASE,
                id=import_id,
            )

    def leave(self, import_id: UUID) -> None:
        """Leave a paper that was at work to whoever takes it next, as if nobody had tried."""
        with self._database.transaction() as tx:
            tx.run("UPDATE paper SET claimed_until = NULL, tries = 0 WHERE import_id = :id", id=import_id)

    def commit(self, row: PaperRow, *, actor: Actor, busy: bool) -> bool:
        """Note that somebody said yes to what was seen of it; False where it is something else by now."""
        now = self._now()
        with self._database.transaction() as tx:
            mine = tx.run(
                "UPDATE paper SET committed = :version, tries = :tries, claimed_until = :claimed,"
                " expires_at = :expires_at, actor = :actor, role = :role, scope = :scope, channel = :channel,"
                " principal = :principal, api_key = :api_key"
                " WHERE import_id = :id AND version = :version AND committed IS NULL",
                version=row.version,
                tries=int(busy),
                claimed=now + LEASE if busy else None,
                expires_at=now + KEPT,
                id=row.import_id,
                **_told(actor),
            )
            if mine:
                _set_state(tx, row.import_id, COMMITTING, now=now)
        return bool(mine)

    def answering(self) -> AbstractContextManager[bool]:
        """Let nobody else answer about a paper for the block."""
        return self._database.advisory("paper answers", wait_seconds=_ANSWERED_WITHIN)

    def look_again(self, row: PaperRow, *, busy: bool, also: Callable[[Transaction], object]) -> bool:
        """Let a previewed paper be looked at once more, with what is to be written `also`.

        False where it is something else by now, or somebody looks at it already.
        """
        now = self._now()
        with self._database.transaction() as tx:
            mine = tx.run(
                "UPDATE batch SET state = :reading, seen_at = :now WHERE batch_id = :id"
                " AND state = :previewed"
                " AND EXISTS (SELECT 1 FROM paper WHERE import_id = :id AND version = :version)",
                reading=READING,
                previewed=PREVIEWED,
                now=now,
                id=row.import_id,
                version=row.version,
            )
            if mine:
                tx.run(
                    "UPDATE paper SET tries = :tries, claimed_until = :claimed WHERE import_id = :id",
                    tries=int(busy),
                    claimed=now + LEASE if busy else None,
                    id=row.import_id,
                )
                also(tx)
        return bool(mine)

    def begin_look(self, import_id: UUID) -> Upload:
        """Begin to look at a paper, once more or for the first time: lines of before are gone."""
        upload_id = uuid4()
        with self._database.transaction() as tx:
            tx.run(
                "DELETE FROM batch_line WHERE upload IN (SELECT upload FROM batch WHERE batch_id = :id)",
                id=import_id,
            )
            tx.run(
                "UPDATE batch SET upload = :upload, lines = 0, seen_at = :now WHERE batch_id = :id",
                upload=upload_id,
                now=self._now(),
                id=import_id,
            )
        return Upload(batch_id=import_id, upload_id=upload_id)

    def looked(self, row: PaperRow, outcome: Outcome, *, state: str) -> None:
        """Keep what a look has found: the next version, to which nobody has said yes yet."""
        with self._database.transaction() as tx:
            tx.run(
                "UPDATE paper SET version = version + 1, committed = NULL, tries = 0, claimed_until = NULL,"
                " outcome = :outcome WHERE import_id = :id AND version = :version",
                outcome=self._sealed(row.import_id, outcome),
                id=row.import_id,
                version=row.version,
            )
            _set_state(tx, row.import_id, state, now=self._now())

    def recorded(self, row: PaperRow, outcome: Outcome) -> None:
        """Keep what came of it."""
        with self._database.transaction() as tx:
            tx.run(
                "UPDATE paper SET outcome = :outcome, claimed_until = NULL WHERE import_id = :id",
                outcome=self._sealed(row.import_id, outcome),
                id=row.import_id,
            )

    def put_away(self, import_id: UUID) -> bool:
        """Let nobody begin with a paper any more; False where its commit is not at its end."""
        with self._database.transaction() as tx:
            done = tx.run(_PUT_AWAY, id=import_id, most=MOST_TRIES, now=self._now(), complete=COMPLETE)
        return bool(done)

    def forget(self, import_id: UUID, *, kept: bool = False) -> None:
        """Destroy the key of a paper, and then take it away; what was recorded of it stays.

        With `kept` a row without what the paper said tells whose it was, until its time is up.
        """
        self._keyring.destroy(import_id)
        with self._database.transaction() as tx:
            if kept:
                tx.run(_EMPTY, id=import_id, nothing=b"")
            else:
                tx.run("DELETE FROM paper WHERE import_id = :id", id=import_id)
            tx.run(
                "DELETE FROM batch_line WHERE upload IN"
                " (SELECT upload FROM batch WHERE batch_id = :id AND state IN :uncommitted)",
                id=import_id,
                uncommitted=UNCOMMITTED,
            )
            tx.run(
                "DELETE FROM batch WHERE batch_id = :id AND state IN :uncommitted",
                id=import_id,
                uncommitted=UNCOMMITTED,
            )

    def forget_expired(self) -> int:
        """Forget those whose time is up, a few at a time, and return how many."""
        rows = self._database.all(
            "SELECT import_id FROM paper WHERE expires_at <= :now ORDER BY expires_at LIMIT :limit",
            now=self._now(),
            limit=_FORGET_AT_ONCE,
        )
        for row in rows:
            self.forget(row["import_id"])
        return len(rows)

    def unreadable(self) -> Sequence[tuple[UUID, str]]:
        """Return the papers that don't open, and why."""
        ids = [
            row["import_id"]
            for row in self._database.all(
                "SELECT import_id FROM paper WHERE version <> :forgotten ORDER BY import_id",
                forgotten=_FORGOTTEN,
            )
        ]
        return [(import_id, fault) for import_id in ids if (fault := self._fault(import_id)) is not None]

    def _fault(self, import_id: UUID) -> str | None:
        try:
            self.data(import_id)
            self._outcome(import_id)
        except UNREADABLE as error:
            return type(error).__name__
        except KeyDestroyed:
            # It was forgotten, or a restore has closed it: the row goes when its time is up.
            return None
        return None

    def _sealed(self, import_id: UUID, outcome: Outcome) -> bytes:
        key = self._keyring.key_for(import_id)
        return seal(key, encoded(outcome), aad=_place(import_id, "outcome"), nonce=self._keyring.nonce())

    def _opened(self, import_id: UUID, what: str, *, column: str) -> bytes:
        row = self._database.one(f"SELECT {column} AS sealed FROM paper WHERE import_id = :id", id=import_id)  # noqa: S608
        assert row is not None
        known = self._keyring.known([import_id])
        if import_id not in known:
            raise KeysMissing(streams=[import_id])
        return unseal(alive(known)[import_id], row["sealed"], aad=_place(import_id, what))


_PLAIN = (
    "import_id, kind, org, enrolled_on, changed_on, mapped, version, committed, tries, sent_at, expires_at,"
    " actor, role, scope, channel, principal, api_key"
)


def _set_state(tx: Transaction, import_id: UUID, state: str, *, now: datetime) -> None:
    tx.run(
        "UPDATE batch SET state = :state, seen_at = :now WHERE batch_id = :id",
        state=state,
        now=now,
        id=import_id,
    )


def _place(import_id: UUID, what: str) -> bytes:
    return packed("paper", import_id, what)


def _told(actor: Actor) -> dict[str, Any]:
    """Return the columns that say who answers for a paper."""
    return {
        "actor": actor.name,
        "role": actor.role.value,
        "scope": actor.org,
        "channel": actor.channel.value,
        "principal": actor.principal,
        "api_key": actor.key,
    }


def _row(row: Mapping[str, Any]) -> PaperRow:
    plain = ("import_id", "version", "committed", "tries", "sent_at", "expires_at")
    return PaperRow(
        **{name: row[name] for name in plain},
        asked=Asked(
            kind=row["kind"],
            org=row["org"],
            enrolled_on=row["enrolled_on"],
            changed_on=row["changed_on"],
            mapped=tuple(row["mapped"]),
        ),
        actor=Actor(
            name=row["actor"],
            role=Role(row["role"]),
            org=row["scope"],
            channel=Channel(row["channel"]),
            principal=row["principal"],
            key=row["api_key"],
        ),
    )
