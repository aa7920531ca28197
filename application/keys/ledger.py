"""Which ledger this is: one id beside the events and beside the keys, written by the migration step.

No log is opened with the keys of another ledger, nor with an empty keys database: every file would read as
lost, and keys made meanwhile would have to be united with the right ones (ADR 25).
"""

from uuid import UUID, uuid4

from application.eventstore.database import Database
from application.eventstore.keyring import KeysMissing
from application.eventstore.mapper import commitment_of_seal
from application.eventstore.migrations.migrate import NotMigrated, has_table
from application.eventstore.seal import commitment_of
from application.eventstore.values import blob
from application.reasons import KEYS_EMPTY, KEYS_OF_ANOTHER_LEDGER

DDL = (
    """
    CREATE TABLE ledger
    (one bigint PRIMARY KEY CHECK (one = 1), ledger_id uuid NOT NULL, noted_at timestamptz NOT NULL)
    """,
    "CREATE TABLE secret_seen (name text PRIMARY KEY, commitment bytea NOT NULL)",
)
# So many events, the oldest, are looked at to tell whether keys without an id of a ledger are those of a log.
_LOOKED_AT = 100


class WrongKeys(KeysMissing):
    """The keys database is not the one that belongs to the log."""


class SecretsSeen:
    """Remembers beside the events which secrets the keys hold."""

    def __init__(self, *, database: Database) -> None:
        self._database = database

    def commitment_to(self, name: str) -> bytes | None:
        """Return the commitment to a secret that was seen; None for one that never was."""
        row = self._database.one("SELECT commitment FROM secret_seen WHERE name = :name", name=name)
        return None if row is None else blob(row["commitment"])

    def names(self) -> list[str]:
        """Name every secret that was seen."""
        return [name for (name,) in self._database.tuples("SELECT name FROM secret_seen ORDER BY name")]

    def note(self, name: str, commitment: bytes) -> None:
        """Remember a secret; the first one stays. In a transaction that is left to the next process."""
        if self._database.writing:
            return
        with self._database.transaction() as tx:
            tx.run(
                "INSERT INTO secret_seen (name, commitment) VALUES (:name, :commitment) "
                "ON CONFLICT (name) DO NOTHING",
                name=name,
                commitment=commitment,
            )


def bind(database: Database, keys: Database) -> None:
    """Give two migrated databases the id of their ledger, where they have none yet. Raises WrongKeys.

    A store of version 0.1 has none in either; one of the two may also come from a backup of that time, and
    gets the id of the other when it opens what lies there.
    """
    of_events, of_keys = id_in(database), id_in(keys)
    if None not in (of_events, of_keys):
        refuse_wrong_keys(database, keys)
        _note_secrets(database, keys)
        return
    _refuse_empty(database, keys)
    if _has_events(database) and not fits(database, keys):
        raise WrongKeys(reason=KEYS_OF_ANOTHER_LEDGER)
    # The process that came first has named it.
    ledger = note(database, of_events or of_keys or uuid4())
    if note(keys, ledger) != ledger:
        raise WrongKeys(reason=KEYS_OF_ANOTHER_LEDGER)
    _note_secrets(database, keys)


def refuse_wrong_keys(database: Database, keys: Database) -> UUID:
    """Return the id of the ledger. Raises WrongKeys, and NotMigrated where an id is missing."""
    if not has_table(database, "ledger"):
        raise NotMigrated("the tables are older than this program: run the migration step first")
    of_events, of_keys = id_in(database), id_in(keys)
    if of_events is not None and of_keys is not None and of_events != of_keys:
        raise WrongKeys(reason=KEYS_OF_ANOTHER_LEDGER)
    _refuse_empty(database, keys)
    if of_events is None or of_keys is None:
        raise NotMigrated("the ledger has no id yet: run the migration step first")
    return of_events


def fits(database: Database, keys: Database) -> bool:
    """Return whether keys open any of the oldest events of a log."""
    rows = database.tuples(
        "SELECT originator_id, state FROM events ORDER BY notification_id LIMIT :most", most=_LOOKED_AT
    )
    known = dict(
        keys.tuples(
            "SELECT stream_id, key FROM stream_key WHERE stream_id IN :ids",
            ids=tuple({stream_id for stream_id, _ in rows}),
        )
    )
    return any(
        stream_id in known
        and ((key := known[stream_id]) is None or commitment_of(key) == commitment_of_seal(state))
        for stream_id, state in rows
    )


def id_in(database: Database) -> UUID | None:
    """Return the id of the ledger that one of the two databases belongs to; None where it has none yet."""
    row = database.one("SELECT ledger_id FROM ledger") if has_table(database, "ledger") else None
    return None if row is None else row["ledger_id"]


def note(database: Database, ledger: UUID) -> UUID:
    """Write the id of the ledger, where there is none yet; give the one that is there."""
    with database.transaction() as tx:
        tx.run(
            "INSERT INTO ledger (one, ledger_id, noted_at) VALUES (1, :ledger, :now) "
            "ON CONFLICT (one) DO NOTHING",
            ledger=ledger,
            now=database.now(),
        )
        ((there,),) = tx.tuples("SELECT ledger_id FROM ledger")
    return UUID(str(there))


def _note_secrets(database: Database, keys: Database) -> None:
    seen = SecretsSeen(database=database)
    for name, value in keys.tuples("SELECT name, value FROM secret ORDER BY name"):
        seen.note(name, commitment_of(bytes(value)))


def _refuse_empty(database: Database, keys: Database) -> None:
    if keys.one("SELECT 1 AS one FROM stream_key LIMIT 1") is None and _has_events(database):
        raise WrongKeys(reason=KEYS_EMPTY)


def _has_events(database: Database) -> bool:
    return database.one("SELECT 1 AS one FROM events LIMIT 1") is not None
