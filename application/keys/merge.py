"""Uniting two databases of keys of one ledger, so that every event reads whose key is in either (ADR 25).

A stream that has a key in each keeps its own to write with; the other is kept beside it, and the commitment
in a seal says which of them opens it. What was destroyed in either stays destroyed, and an API key that was
revoked in either stays revoked. Where the rows of one differ, the one stands that agrees with its events.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from application.eventstore.database import Database, Transaction
from application.eventstore.engines import open_database
from application.eventstore.migrations.migrate import assert_migrated, has_table, migrate, version_of
from application.eventstore.migrations.tables import KEYS
from application.eventstore.seal import commitment_of
from application.keys import ledger
from application.keys.ledger import SecretsSeen, WrongKeys
from application.keys.rows import rows_taken_over
from application.reasons import KEYS_OF_ANOTHER_LEDGER
from application.settings import Settings
from domain.refusal import Reason, invalid

NO_KEYS_THERE = Reason(
    code="no_keys_there",
    zh="那里没有密钥库",
    en="There is no keys database.",
)
_AT_ONCE = 500
# Decides by their events on the API keys whose rows differ from those of another database, `new` ones among
# them; returns the ids of those that were changed, and of those that nothing decides on.
Settled = Callable[[Database, Collection[str]], tuple[Sequence[str], Sequence[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What came of it, in keys: new ones, further ones of streams that had one, destroyed ones, and secrets.

    `secrets_differ` names the secrets of which each side has its own: those of this side stay. Of API keys
    `api_keys_added` came from there, `api_keys_revoked` had been revoked there, `api_keys_changed` may now do
    what their events say; `api_keys_differ` names those whose rows differ and that no event decides on: the
    rows of this side stay.
    """

    added: int
    further: int
    destroyed: int
    secrets: int
    secrets_differ: tuple[str, ...]
    api_keys_added: int = 0
    api_keys_revoked: int = 0
    api_keys_changed: int = 0
    api_keys_differ: tuple[str, ...] = ()


class _Kept(NamedTuple):
    """A key, or one that was destroyed; `commitment` is None for the one that a stream is written with."""

    stream_id: UUID
    commitment: bytes | None
    key: bytes | None
    created_at: datetime
    destroyed_at: datetime | None


def merge_keys(settings: Settings, other: str, *, settled: Settled) -> Merged:
    """Take the keys of another database over, a URL or a file of SQLite; nothing is changed there.

    Twice is once, and the servers may go on meanwhile. Raises WrongKeys where either database is that of
    another ledger, Invalid where there is none, and what opening a database raises.
    """
    url = _url_of(other)
    with ExitStack() as opened:
        own = opened.enter_context(closing(open_database(settings.keys_url, pool_size=1)))
        log = opened.enter_context(closing(open_database(settings.database_url, pool_size=1)))
        theirs = opened.enter_context(closing(open_database(url, pool_size=1)))
        if not version_of(theirs, KEYS):
            raise invalid(NO_KEYS_THERE)
        migrate(own, part=KEYS)
        assert_migrated(log)
        ledger_id = _of_one_ledger(log, own=own, theirs=theirs)
        added = further = destroyed = 0
        for rows in _chunks(theirs):
            with own.transaction() as tx:
                fresh, more, gone = _taken_over(tx, rows)
            added, further, destroyed = added + fresh, further + more, destroyed + gone
        if destroyed:
            own.forget()
        secrets, differ = _secrets_taken_over(own, theirs, seen=SecretsSeen(database=log))
        new, revoked = rows_taken_over(own, theirs)
        ledger.note(own, ledger_id)
        changed, left = settled(theirs, new)
    return Merged(
        added=added,
        further=further,
        destroyed=destroyed,
        secrets=secrets,
        secrets_differ=tuple(differ),
        api_keys_added=len(new),
        api_keys_revoked=len(revoked),
        api_keys_changed=len(changed),
        api_keys_differ=tuple(left),
    )


def _url_of(other: str) -> str:
    """Return the URL of a database. Raises Invalid for a file that is not there: opening it would make it."""
    if other.startswith(("postgresql://", "postgres://")):
        return other
    path = Path(other.removeprefix("sqlite:///")).absolute()
    if not path.is_file():
        raise invalid(NO_KEYS_THERE)
    return f"sqlite:///{path}"


def _of_one_ledger(log: Database, *, own: Database, theirs: Database) -> UUID:
    known = ledger.id_in(log)
    if known is None:
        # It was not migrated since ids of ledgers came.
        ledger.bind(log, own)
        known = ledger.id_in(log)
    assert known is not None
    for keys in (own, theirs):
        named = ledger.id_in(keys)
        is_other = named is None and keys is theirs and not ledger.fits(log, keys)
        if is_other or named not in (None, known):
            raise WrongKeys(reason=KEYS_OF_ANOTHER_LEDGER)
    return known


def _chunks(keys: Database) -> Iterator[Sequence[_Kept]]:
    """Go through the keys stream by stream: of each the one that it is written with, then the others."""
    last = UUID(int=0)
    while rows := keys.tuples(
        "SELECT stream_id, key, created_at, destroyed_at FROM stream_key WHERE stream_id > :last "
        "ORDER BY stream_id LIMIT :most",
        last=last,
        most=_AT_ONCE,
    ):
        yield [_Kept(stream_id, None, *rest) for stream_id, *rest in rows]
        last = rows[-1][0]
    if has_table(keys, "further_stream_key"):
        yield [
            _Kept(stream_id, bytes(commitment), *rest)
            for stream_id, commitment, *rest in keys.tuples(
                "SELECT stream_id, commitment, key, created_at, destroyed_at FROM further_stream_key "
                "ORDER BY stream_id, commitment"
            )
        ]


def _taken_over(tx: Transaction, rows: Sequence[_Kept]) -> tuple[int, int, int]:
    """Take some keys over; give how many are new, further ones, and destroyed."""
    ids = tuple({row.stream_id for row in rows})
    before = _own(tx, ids)
    tx.many(
        "INSERT INTO stream_key (stream_id, key, created_at, destroyed_at) "
        "VALUES (:stream_id, :key, :created_at, :destroyed_at) ON CONFLICT (stream_id) DO NOTHING",
        [_values(row) for row in rows if row.stream_id not in before],
    )
    own = _own(tx, ids)
    gone = [row for row in rows if row.key is None and _is_alive(row, own)]
    for row in gone:
        _destroy(tx, row)
    own |= {row.stream_id: None for row in gone}
    others = [
        row for row in rows if row.key is not None and own.get(row.stream_id, b"") not in (None, row.key)
    ]
    further = 0
    for row in others:
        further += tx.run(
            "INSERT INTO further_stream_key (stream_id, commitment, key, created_at) "
            "VALUES (:stream_id, :commitment, :key, :created_at) "
            "ON CONFLICT (stream_id, commitment) DO NOTHING",
            **{name: value for name, value in _values(row).items() if name != "destroyed_at"},
            commitment=commitment_of(row.key or b""),
        )
    return len(own.keys() - before.keys()), further, len(gone)


def _own(tx: Transaction, ids: tuple[UUID, ...]) -> dict[UUID, bytes | None]:
    return dict(tx.tuples("SELECT stream_id, key FROM stream_key WHERE stream_id IN :ids", ids=ids))


def _is_alive(row: _Kept, own: Mapping[UUID, bytes | None]) -> bool:
    """Return whether a key is here that was destroyed there; a stream that was destroyed lost every key."""
    key = own.get(row.stream_id)
    return key is not None and row.commitment in (None, commitment_of(key))


def _destroy(tx: Transaction, row: _Kept) -> None:
    for table in ("stream_key", "further_stream_key"):
        tx.run(
            f"UPDATE {table} SET key = NULL, destroyed_at = :at "  # noqa: S608  one of two
            "WHERE stream_id = :id AND destroyed_at IS NULL",
            id=row.stream_id,
            at=row.destroyed_at,
        )


def _values(row: _Kept) -> dict[str, Any]:
    return {name: value for name, value in row._asdict().items() if name != "commitment"}


def _secrets_taken_over(own: Database, theirs: Database, *, seen: SecretsSeen) -> tuple[int, list[str]]:
    """Take over the secrets that are missing here, and those that are not the ones that the log knows."""
    wanted = "SELECT name, value FROM secret ORDER BY name"
    here = {name: bytes(value) for name, value in own.tuples(wanted)}
    taken, differ = 0, []
    for name, raw in theirs.tuples(wanted):
        value, known = bytes(raw), seen.commitment_to(name)
        if here.get(name) == value:
            continue
        if known == commitment_of(value) or (known is None and name not in here):
            with own.transaction() as tx:
                tx.upsert(table="secret", key=("name",), rows=[{"name": name, "value": value}])
            taken += 1
        else:
            differ.append(name)
    return taken, differ
