"""The keys under which personal fields are sealed, in a database of their own.

A key is committed before the first event under it, so no event is ever sealed with a key that a crash has
taken. A destroyed key stays destroyed: its row remains, without the key. So a stream that has events and no
row has lost its key by a fault: its key is missing, which is told, and never taken for erasure (ADR 25).
"""

import hmac
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Lock, local
from time import monotonic
from typing import Protocol
from uuid import UUID

from application.eventstore.database import Clock, Database, DatabaseUnavailable, Prepared, Transaction
from application.eventstore.seal import KEY_BYTES, NONCE_BYTES, commitment_of, packed
from application.eventstore.values import blob
from application.reasons import ERASED, KEYS_MISSING, SECRET_MISSING
from domain.refusal import Conflict, Fault, Reason, Refused

RandomBytes = Callable[[int], bytes]
_KNOWN = "SELECT stream_id, key FROM stream_key WHERE stream_id"
# The most frequent question.
_KNOWN_OF_ONE = Prepared(f"{_KNOWN} = :id")
# A key that was read ahead is for the question that follows at once.
AHEAD_SECONDS = 1.0


class KeyDestroyed(Conflict):
    """The key of a stream was destroyed: nothing personal is ever written to it again."""

    def __init__(self, *, stream_id: UUID) -> None:
        super().__init__(Fault(reason=ERASED))
        self.stream_id = stream_id


class KeysMissing(Refused):
    """Streams have events and no key that opens them: a fault, which ends when the key is back."""

    def __init__(self, *, streams: Iterable[UUID] = (), reason: Reason = KEYS_MISSING) -> None:
        super().__init__(Fault(reason=reason))
        self.streams = frozenset(streams)


class SecretMissing(KeysMissing):
    """A secret that was there is gone, or is another one: no digest is made until it is back."""

    def __init__(self, name: str, *, fault: str) -> None:
        super().__init__(reason=SECRET_MISSING)
        self.name = name
        self.fault = fault


def alive(known: Mapping[UUID, bytes | None]) -> dict[UUID, bytes]:
    """Return the keys of streams none of which was destroyed. Raises KeyDestroyed."""
    for stream_id, key in known.items():
        if key is None:
            raise KeyDestroyed(stream_id=stream_id)
    return {stream_id: key for stream_id, key in known.items() if key is not None}


class Witness(Protocol):
    """Remembers, outside of the keys database, which secrets there are, by the commitment to each."""

    def commitment_to(self, name: str) -> bytes | None:
        """Return the commitment to a secret that was seen; None for one that never was."""

    def note(self, name: str, commitment: bytes) -> None:
        """Remember a secret; the first one stays."""


class Keyring:
    """Keys by stream, and secrets by name. Keys are not cached: a destroyed one is gone at once.

    One that came with another question (`foresee`) answers the next for it in the same thread, once.
    """

    def __init__(
        self,
        *,
        db: Database,
        clock: Clock,
        random_bytes: RandomBytes,
        ledger: UUID | None = None,
        witness: Witness | None = None,
    ) -> None:
        """Keep keys in a migrated database that holds no events. `random_bytes` makes the keys.

        With a `ledger` nothing is made in the database of another one; with a `witness` no secret is made
        anew that was lost.
        """
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._ledger = ledger
        self._witness = witness
        self._ahead = local()
        self._secrets: dict[str, bytes] = {}
        self._generation = db.generation
        self._guard = Lock()

    def key_for(self, stream_id: UUID) -> bytes:
        """The key of a stream, made and committed now if it had none. Raises KeyDestroyed."""
        return self.keys_for([stream_id])[stream_id]

    def keys_for(self, stream_ids: Sequence[UUID]) -> dict[UUID, bytes]:
        """The keys of many streams; those that had none get one, all in one commit. Raises KeyDestroyed.

        Who asks has seen to it that those without a key have no event either. Raises KeysMissing where this
        is the database of another ledger by now; DatabaseUnavailable where a server took over that has not
        got them.
        """
        rows = self.known(stream_ids)
        if missing := [stream_id for stream_id in dict.fromkeys(stream_ids) if stream_id not in rows]:
            now = self._clock()
            with self._db.transaction() as tx:
                self._refuse_another(tx)
                tx.many(
                    "INSERT INTO stream_key (stream_id, key, created_at) VALUES (:stream_id, :key, :now) "
                    "ON CONFLICT (stream_id) DO NOTHING",
                    # In one order everywhere: two that make the same keys would wait for each other.
                    [
                        {"stream_id": stream_id, "key": self._random_bytes(KEY_BYTES), "now": now}
                        for stream_id in sorted(missing)
                    ],
                )
            rows |= self.known(missing)
            if not rows.keys() >= set(missing):
                raise DatabaseUnavailable("a key that was made is lost: another server answers by now")
        return alive(rows)

    def existing(self, stream_ids: Sequence[UUID]) -> dict[UUID, bytes]:
        """The keys of those streams that have one now; no key is made."""
        return {stream_id: key for stream_id, key in self.known(stream_ids).items() if key is not None}

    def known(self, stream_ids: Sequence[UUID]) -> dict[UUID, bytes | None]:
        """The key that each stream is written with, None where it was destroyed; no row, no entry."""
        if len(stream_ids) == 1:
            asked, told, until = vars(self._ahead).pop("known", (None, None, 0.0))
            if told is not None and asked == stream_ids[0] and monotonic() < until:
                return dict(told)
            return dict(self._db.tuples(_KNOWN_OF_ONE, id=stream_ids[0]))
        return dict(self._db.tuples(f"{_KNOWN} IN :ids", ids=tuple(stream_ids)))

    def foresee(self, stream_id: UUID | None, known: Mapping[UUID, bytes | None]) -> None:
        """Take what `known` would say of a stream as read just now by this thread; None takes it back."""
        self._ahead.known = (stream_id, known, monotonic() + AHEAD_SECONDS)

    def further(self, stream_ids: Sequence[UUID]) -> Mapping[tuple[UUID, bytes], bytes | None]:
        """The other keys of streams, by the commitment to each; None where one was destroyed."""
        rows = self._db.tuples(
            "SELECT stream_id, commitment, key FROM further_stream_key WHERE stream_id IN :ids",
            ids=tuple(stream_ids),
        )
        return {(stream_id, blob(commitment)): key for stream_id, commitment, key in rows}

    def destroyed_at(self, stream_id: UUID) -> datetime | None:
        """When the key of a stream was destroyed (UTC), or None if it was not."""
        row = self._db.one("SELECT destroyed_at FROM stream_key WHERE stream_id = :id", id=stream_id)
        return row["destroyed_at"] if row else None

    def destroyed(self, *, seconds_ago: float = 0.0) -> list[UUID]:
        """The streams whose keys were destroyed, at least so long ago, in order."""
        rows = self._db.tuples(
            "SELECT stream_id FROM stream_key WHERE destroyed_at <= :before ORDER BY stream_id",
            before=self._clock() - timedelta(seconds=seconds_ago),
        )
        return [stream_id for (stream_id,) in rows]

    def destroyed_among(self, stream_ids: Collection[UUID]) -> frozenset[UUID]:
        """Return those of some streams whose keys were destroyed."""
        rows = (
            self._db.tuples(
                "SELECT stream_id FROM stream_key WHERE stream_id IN :ids AND key IS NULL",
                ids=tuple(stream_ids),
            )
            if stream_ids
            else []
        )
        return frozenset(stream_id for (stream_id,) in rows)

    def destroy(self, stream_id: UUID) -> None:
        """Destroy every key of a stream for ever, also one that was never made. Twice is once.

        No copy stays in a SQLite file; DatabaseUnavailable says that one may still be in its log: ask again.
        Backups, and what PostgreSQL has not yet vacuumed, are beyond this.
        """
        self.foresee(None, {})
        with self._db.transaction() as tx:
            tx.run(
                "INSERT INTO stream_key (stream_id, key, created_at, destroyed_at) "
                "VALUES (:id, NULL, :now, :now) ON CONFLICT (stream_id) DO UPDATE "
                "SET key = NULL, destroyed_at = excluded.destroyed_at WHERE stream_key.destroyed_at IS NULL",
                id=stream_id,
                now=(now := self._clock()),
            )
            tx.run(
                "UPDATE further_stream_key SET key = NULL, destroyed_at = :now "
                "WHERE stream_id = :id AND destroyed_at IS NULL",
                id=stream_id,
                now=now,
            )
        self._db.forget()

    def nonce(self) -> bytes:
        """Random bytes for one seal, from the source that makes the keys."""
        return self._random_bytes(NONCE_BYTES)

    def secret(self, name: str) -> bytes:
        """The 32 secret bytes of a name, made once and the same for ever; ask outside of transactions.

        Raises SecretMissing where they were lost.
        """
        with self._guard:
            if self._db.generation != self._generation:
                # It may be another database that answers now.
                self._secrets, self._generation = {}, self._db.generation
            if name not in self._secrets:
                self._secrets[name] = self._load_secret(name)
            return self._secrets[name]

    def lost(self, names: Iterable[str]) -> Iterator[SecretMissing]:
        """Go through those of some secrets that are missing, or not what they were."""
        for name in names:
            try:
                self.secret(name)
            except SecretMissing as missing:
                yield missing

    def digest(self, name: str, *parts: UUID | str | bytes | int) -> bytes:
        """32 bytes that follow from the parts and the secret of a name, and tell nothing about the parts.

        For blind indexes and derived ids: the same for ever, so parts and their types must not change.
        """
        return hmac.digest(self.secret(name), packed(*parts), "sha256")

    def refuse_another_ledger(self) -> None:
        """Raise KeysMissing where the database is that of another ledger by now, or of none."""
        with self._db.reading() as tx:
            self._refuse_another(tx)

    def _refuse_another(self, tx: Transaction) -> None:
        if self._ledger is None:
            return
        if tx.tuples("SELECT ledger_id FROM ledger") != [(self._ledger,)]:
            raise KeysMissing

    def _load_secret(self, name: str) -> bytes:
        # The witness is asked first: a secret that it has seen was there before, whoever makes it meanwhile.
        seen = None if self._witness is None else self._witness.commitment_to(name)
        found = self._db.one("SELECT value FROM secret WHERE name = :name", name=name)
        value = None if found is None else blob(found["value"])
        if self._witness is None:
            return value or self._new_secret(name)
        if seen is None:
            value = value or self._new_secret(name)
            self._witness.note(name, commitment_of(value))
        elif value is None:
            raise SecretMissing(name, fault="missing")
        elif len(value) != KEY_BYTES or commitment_of(value) != seen:
            raise SecretMissing(name, fault="changed")
        return value

    def _new_secret(self, name: str) -> bytes:
        with self._db.transaction() as tx:
            self._refuse_another(tx)
            tx.run(
                "INSERT INTO secret (name, value) VALUES (:name, :value) ON CONFLICT (name) DO NOTHING",
                name=name,
                value=self._random_bytes(KEY_BYTES),
            )
            ((value,),) = tx.tuples("SELECT value FROM secret WHERE name = :name", name=name)
        return bytes(value)
