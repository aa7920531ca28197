"""The keys under which personal fields are sealed, in a database of their own.

A key is committed before the first event under it, so no event is ever sealed with a key that a crash has
taken. A destroyed key stays destroyed: its row remains, without the key.
"""

import hmac
from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Lock
from uuid import UUID

from application.eventstore.database import Clock, Database
from application.eventstore.seal import KEY_BYTES, NONCE_BYTES, packed

RandomBytes = Callable[[int], bytes]


class KeyDestroyed(Exception):
    """The key of a stream was destroyed: nothing personal is ever written to it again."""

    def __init__(self, *, stream_id: UUID) -> None:
        super().__init__(f"the key of {stream_id} was destroyed")
        self.stream_id = stream_id


class Keyring:
    """Keys by stream, and secrets by name. Keys are not cached: a destroyed one is gone at once."""

    def __init__(self, *, db: Database, clock: Clock, random_bytes: RandomBytes) -> None:
        """Keep keys in a migrated database that holds no events. `random_bytes` makes the keys."""
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._secrets: dict[str, bytes] = {}
        self._guard = Lock()

    def key_for(self, stream_id: UUID) -> bytes:
        """The key of a stream, made and committed now if it had none. Raises KeyDestroyed."""
        return self.keys_for([stream_id])[stream_id]

    def keys_for(self, stream_ids: Sequence[UUID]) -> dict[UUID, bytes]:
        """The keys of many streams; those that had none get one, all in one commit. Raises KeyDestroyed."""
        rows = self._rows(stream_ids)
        if missing := [stream_id for stream_id in dict.fromkeys(stream_ids) if stream_id not in rows]:
            now = self._clock()
            with self._db.transaction() as tx:
                tx.many(
                    "INSERT INTO stream_key (stream_id, key, created_at) VALUES (:stream_id, :key, :now) "
                    "ON CONFLICT (stream_id) DO NOTHING",
                    # In one order everywhere: two that make the same keys would wait for each other.
                    [
                        {"stream_id": stream_id, "key": self._random_bytes(KEY_BYTES), "now": now}
                        for stream_id in sorted(missing)
                    ],
                )
            rows |= self._rows(missing)
        for stream_id, key in rows.items():
            if key is None:
                raise KeyDestroyed(stream_id=stream_id)
        return {stream_id: key for stream_id, key in rows.items() if key is not None}

    def existing(self, stream_ids: Sequence[UUID]) -> dict[UUID, bytes]:
        """The keys of those streams that have one now; no key is made."""
        return {stream_id: key for stream_id, key in self._rows(stream_ids).items() if key is not None}

    def destroyed_at(self, stream_id: UUID) -> datetime | None:
        """When the key of a stream was destroyed (UTC), or None if it was not."""
        row = self._db.one("SELECT destroyed_at FROM stream_key WHERE stream_id = :id", id=stream_id)
        return row["destroyed_at"] if row else None

    def destroy(self, stream_id: UUID) -> None:
        """Destroy the key of a stream for ever, also one that was never made. Twice is once.

        No copy stays in a SQLite file; DatabaseUnavailable says that one may still be in its log: ask again.
        Backups, and what PostgreSQL has not yet vacuumed, are beyond this.
        """
        with self._db.transaction() as tx:
            tx.run(
                "INSERT INTO stream_key (stream_id, key, created_at, destroyed_at) "
                "VALUES (:id, NULL, :now, :now) ON CONFLICT (stream_id) DO UPDATE "
                "SET key = NULL, destroyed_at = excluded.destroyed_at WHERE stream_key.destroyed_at IS NULL",
                id=stream_id,
                now=self._clock(),
            )
        self._db.forget()

    def nonce(self) -> bytes:
        """Random bytes for one seal, from the source that makes the keys."""
        return self._random_bytes(NONCE_BYTES)

    def secret(self, name: str) -> bytes:
        """The 32 secret bytes of a name, made once and the same for ever."""
        with self._guard:
            if name not in self._secrets:
                self._secrets[name] = self._load_secret(name)
            return self._secrets[name]

    def digest(self, name: str, *parts: UUID | str | bytes | int) -> bytes:
        """32 bytes that follow from the parts and the secret of a name, and tell nothing about the parts.

        For blind indexes and derived ids: the same for ever, so parts and their types must not change.
        """
        return hmac.digest(self.secret(name), packed(*parts), "sha256")

    def _rows(self, stream_ids: Sequence[UUID]) -> dict[UUID, bytes | None]:
        wanted = "SELECT stream_id, key FROM stream_key WHERE stream_id"
        if len(stream_ids) == 1:
            # The most frequent question, and one that need not be planned anew.
            return dict(self._db.tuples(f"{wanted} = :id", id=stream_ids[0]))
        return dict(self._db.tuples(f"{wanted} IN :ids", ids=tuple(stream_ids)))

    def _load_secret(self, name: str) -> bytes:
        wanted = "SELECT value FROM secret WHERE name = :name"
        if found := self._db.one(wanted, name=name):
            return bytes(found["value"])
        with self._db.transaction() as tx:
            tx.run(
                "INSERT INTO secret (name, value) VALUES (:name, :value) ON CONFLICT (name) DO NOTHING",
                name=name,
                value=self._random_bytes(KEY_BYTES),
            )
            ((value,),) = tx.tuples(wanted, name=name)
        return bytes(value)
