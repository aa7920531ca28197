"""Keys are made once, found by everyone, and destroyed for ever."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier
from uuid import UUID, uuid4

import pytest

from application.eventstore.database import Database, DatabaseUnavailable
from application.eventstore.engines import open_database
from application.eventstore.keyring import KeyDestroyed, Keyring, KeysMissing
from application.eventstore.migrations.migrate import migrate
from application.eventstore.migrations.tables import KEYS

CHILD = UUID("0d4f0c3e-58a3-4a7d-9f0e-6a1f7d9c2b11")
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
ASKS = """
import os, sys
from uuid import UUID
from application.eventstore.database import utc_now
from application.eventstore.engines import open_database
from application.eventstore.keyring import Keyring
db = open_database(sys.argv[1])
ring = Keyring(db=db, clock=utc_now, random_bytes=os.urandom)
sys.stdin.readline()
print(ring.key_for(UUID(sys.argv[2])).hex(), ring.secret("names").hex())
db.close()
"""


def keyring_over(db: Database) -> Keyring:
    return Keyring(db=db, clock=lambda: NOON, random_bytes=os.urandom)


@pytest.fixture
def keys(database_url: str) -> Iterator[Database]:
    db = open_database(database_url)
    migrate(db, part=KEYS)
    yield db
    db.close()


@pytest.fixture
def ring(keys: Database) -> Keyring:
    return keyring_over(keys)


class FailsOver(Keyring):
    """When a key has been made, a server takes over that has not got it."""

    def known(self, stream_ids: Sequence[UUID]) -> dict[UUID, bytes | None]:
        with self._db.transaction() as tx:
            tx.run("DELETE FROM stream_key")
        return super().known(stream_ids)


def test_a_key_that_was_lost_as_soon_as_it_was_made_is_told(keys: Database) -> None:
    with pytest.raises(DatabaseUnavailable):
        FailsOver(db=keys, clock=lambda: NOON, random_bytes=os.urandom).key_for(CHILD)


def test_a_key_is_made_once_and_committed_before_it_is_used(keys: Database, ring: Keyring) -> None:
    key = ring.key_for(CHILD)

    assert len(key) == 32
    assert keyring_over(keys).key_for(CHILD) == key
    assert ring.existing([CHILD, uuid4()]) == {CHILD: key}
    assert ring.key_for(uuid4()) != key


def test_asking_which_keys_exist_makes_none(ring: Keyring) -> None:
    assert ring.existing([CHILD]) == {}
    assert ring.existing([]) == {}
    assert ring.destroyed_at(CHILD) is None


def test_many_streams_get_their_keys_together(ring: Keyring) -> None:
    streams = [uuid4() for _ in range(1_000)]
    first = ring.key_for(streams[0])

    keys = ring.keys_for([*streams, streams[0]])

    assert keys.keys() == set(streams)
    assert keys[streams[0]] == first
    assert len(set(keys.values())) == 1_000


def test_threads_that_ask_at_once_get_one_key(keys: Database) -> None:
    ready = Barrier(8)

    def ask(_: int) -> tuple[bytes, bytes]:
        ring = keyring_over(keys)
        ready.wait()
        return ring.key_for(CHILD), ring.secret("names")

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(ask, range(8)))) == 1


def test_processes_that_ask_at_once_get_one_key(keys: Database, database_url: str) -> None:
    command = [sys.executable, "-c", ASKS, database_url, str(CHILD)]
    asking = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]

    answers = {process.communicate("go\n", timeout=60)[0] for process in asking}

    assert answers == {
        f"{keyring_over(keys).key_for(CHILD).hex()} {keyring_over(keys).secret('names').hex()}\n"
    }


def test_a_destroyed_key_stays_destroyed(keys: Database, ring: Keyring) -> None:
    ring.key_for(CHILD)

    ring.destroy(CHILD)
    ring.destroy(CHILD)

    assert ring.existing([CHILD]) == {}
    assert ring.destroyed_at(CHILD) == NOON
    assert keys.all("SELECT key, destroyed_at FROM stream_key") == [{"key": None, "destroyed_at": NOON}]
    with pytest.raises(KeyDestroyed) as refused:
        ring.key_for(CHILD)
    assert refused.value.stream_id == CHILD


def test_a_key_destroyed_elsewhere_is_gone_at_once(keys: Database, ring: Keyring) -> None:
    ring.key_for(CHILD)

    keyring_over(keys).destroy(CHILD)

    with pytest.raises(KeyDestroyed):
        ring.key_for(CHILD)


def test_a_key_that_was_never_made_can_be_destroyed_and_then_never_is(ring: Keyring) -> None:
    ring.destroy(CHILD)

    with pytest.raises(KeyDestroyed):
        ring.keys_for([uuid4(), CHILD])


def test_a_destroyed_key_is_in_no_file_of_sqlite(tmp_path: Path) -> None:
    db = open_database(f"sqlite:///{tmp_path}/keys.db")
    migrate(db, part=KEYS)
    ring = keyring_over(db)
    keys = ring.keys_for([uuid4() for _ in range(200)])
    kept, destroyed = list(keys)[::10], [stream for place, stream in enumerate(keys) if place % 10]

    for stream in destroyed:
        ring.destroy(stream)

    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    db.close()
    assert not any(keys[stream] in written for stream in destroyed)
    assert all(keys[stream] in written for stream in kept)


def test_a_digest_follows_from_the_secret_and_the_parts(ring: Keyring, keys: Database) -> None:
    digest = ring.digest("student_no", "cuncaoxin", "20230101")

    assert len(digest) == 32
    assert keyring_over(keys).digest("student_no", "cuncaoxin", "20230101") == digest
    assert ring.digest("name", "cuncaoxin", "20230101") != digest


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ab", "c"), ("a", "bc")),
        (("a", "b"), ("asb",)),
        (("a",), ("a", "")),
        (("1",), (1,)),
        (("a",), (b"a",)),
        ((CHILD,), (CHILD.bytes,)),
        ((), ("",)),
    ],
)
def test_no_two_rows_of_parts_have_one_digest(
    ring: Keyring, one: tuple[str | int | bytes | UUID, ...], other: tuple[str | int | bytes | UUID, ...]
) -> None:
    assert ring.digest("x", *one) != ring.digest("x", *other)


def test_a_seeded_source_makes_the_same_keys_and_nonces(tmp_path: Path) -> None:
    worlds = []
    for name in ("one", "two"):
        db = open_database(f"sqlite:///{tmp_path}/{name}.db")
        migrate(db, part=KEYS)
        ring = Keyring(db=db, clock=lambda: NOON, random_bytes=lambda size: b"\x07" * size)
        worlds.append((ring.key_for(CHILD), ring.nonce(), ring.digest("x", "y")))
        db.close()

    assert worlds[0] == worlds[1]
    assert len(worlds[0][1]) == 12


class Notes:
    """A witness that remembers, and beside which somebody else does something before it is asked."""

    def __init__(self) -> None:
        self.seen: dict[str, bytes] = {}
        self.first: Callable[[], object] = lambda: None

    def commitment_to(self, name: str) -> bytes | None:
        self.first()
        return self.seen.get(name)

    def note(self, name: str, commitment: bytes) -> None:
        self.seen.setdefault(name, commitment)


def test_a_secret_that_somebody_else_makes_meanwhile_is_not_taken_for_lost(keys: Database) -> None:
    # Given two processes that need the same secret first, and one that makes and notes it while the other
    # looks.
    notes = Notes()
    mine, theirs = (
        Keyring(db=keys, clock=lambda: NOON, random_bytes=os.urandom, witness=notes) for _ in range(2)
    )
    made: list[bytes] = []

    def beside() -> None:
        notes.first = lambda: None
        made.append(theirs.secret("names"))

    notes.first = beside

    # Then both have the same one.
    assert mine.secret("names") == made[0]


def test_a_secret_that_was_seen_and_is_gone_is_lost(keys: Database) -> None:
    notes = Notes()
    keyring_over_notes = Keyring(db=keys, clock=lambda: NOON, random_bytes=os.urandom, witness=notes)
    keyring_over_notes.secret("names")
    with keys.transaction() as tx:
        tx.run("DELETE FROM secret")
    with pytest.raises(KeysMissing):
        Keyring(db=keys, clock=lambda: NOON, random_bytes=os.urandom, witness=notes).secret("names")
