"""Tables of keyed digests under which children lie: how their rows are written, compared and forgotten.

Of what the digests are made is a matter of whoever finds by them.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from application.eventstore.database import Database, Transaction
from application.eventstore.keyring import Keyring
from application.eventstore.recorder import Row
from application.eventstore.values import blob
from domain.event import Event

AT_ONCE = 200
# How often keys that were destroyed, and children without digests, are looked for.
LOOKS_SECONDS = 60.0
# What is left that long after an erasure is a finding.
_GRACE_SECONDS = 3 * LOOKS_SECONDS
# What is found is compared with the file itself, so that a digest need only tell apart.
BYTES = 8
FIRST = UUID(int=0)


def ddl_of(table: str) -> tuple[str, ...]:
    """Return the statements that make a table of digests."""
    return (
        f"""
    CREATE TABLE {table} (
        child_id uuid NOT NULL,
        digest bytea NOT NULL,
        PRIMARY KEY (child_id, digest)
    )
    """,
        f"CREATE INDEX {table}_digest ON {table} (digest, child_id)",
    )


def still_at(tx: Transaction, child_id: UUID, *, version: int) -> bool:
    """Hold the file of a child as it is until the end of the transaction; False where it is longer by now."""
    return bool(
        tx.run(
            "UPDATE child_status SET version = version WHERE child_id = :child_id AND version = :version",
            child_id=child_id,
            version=version,
        )
    )


class Digests(Protocol):
    """Digests of children that follow from their files."""

    def wrong(self, children: Mapping[UUID, Sequence[Event]], /) -> Iterable[UUID]:
        """Go through those of some children whose digests are not what their files say."""

    def renew(self, ids: Sequence[UUID], /) -> None:
        """Make the digests of some children anew."""


def mend(kept: Iterable[Digests], streams: Mapping[UUID, Sequence[Event]]) -> None:
    """Make those digests anew that are not what some files say.

    A program that knows nothing of a table of digests leaves them as they were.
    """
    for digests in kept:
        if wrong := list(digests.wrong(streams)):
            digests.renew(wrong)


class DigestRows:
    """The rows of one table of digests."""

    def __init__(self, table: str, *, database: Database, keyring: Keyring) -> None:
        self.table = table
        self._database = database
        self._keyring = keyring
        self._delete = f"DELETE FROM {table} WHERE child_id = :child_id"  # noqa: S608  a constant
        self._insert = f"INSERT INTO {table} (child_id, digest) VALUES (:child_id, :digest)"  # noqa: S608

    def changed(self, child_id: UUID, *, kept: Iterable[bytes], gone: Iterable[bytes]) -> list[Row]:
        """Return the rows to write beside an event: digests that a child has from now on, and no more."""
        return [
            *(self._row(child_id, digest, gone=False) for digest in sorted(kept)),
            *(self._row(child_id, digest, gone=True) for digest in sorted(gone)),
        ]

    def put(self, tx: Transaction, child_id: UUID, digests: Collection[bytes]) -> None:
        """Give a child these digests and no others."""
        tx.run(self._delete, child_id=child_id)
        tx.many(self._insert, [{"child_id": child_id, "digest": digest} for digest in sorted(digests)])

    def of(self, ids: Collection[UUID]) -> Mapping[UUID, set[bytes]]:
        """Return the digests of those of some children who have any."""
        found: dict[UUID, set[bytes]] = {}
        rows = self._database.tuples(
            f"SELECT child_id, digest FROM {self.table} WHERE child_id IN :ids",  # noqa: S608  a constant
            ids=tuple(ids),
        )
        for child_id, digest in rows:
            found.setdefault(child_id, set()).add(blob(digest))
        return found

    def wrong(self, wanted: Mapping[UUID, Collection[bytes]]) -> Iterator[UUID]:
        """Go through those children who have other digests than they should."""
        found = self.of(wanted)
        for child_id, digests in wanted.items():
            if found.get(child_id, set()) != digests:
                yield child_id

    def left_over(self, children: Iterable[UUID]) -> list[UUID]:
        """Return those who have digests and are none of some children, or were erased a while ago.

        The worker takes away what an erasure leaves, within a minute.
        """
        known = {*children} - {*self._keyring.destroyed(seconds_ago=_GRACE_SECONDS)}
        rows = self._database.tuples(f"SELECT DISTINCT child_id FROM {self.table}")  # noqa: S608  a constant
        return sorted(child_id for (child_id,) in rows if child_id not in known)

    def forget(self, tx: Transaction, ids: Iterable[UUID]) -> None:
        """Take away every digest of some children."""
        for child_id in sorted(ids):
            tx.run(self._delete, child_id=child_id)

    def erased(self) -> Iterator[tuple[UUID, ...]]:
        """Go through the children whose keys were destroyed, so many at once."""
        erased = self._keyring.destroyed()
        for start in range(0, len(erased), AT_ONCE):
            yield tuple(erased[start : start + AT_ONCE])

    def children(self, *, after: UUID) -> list[UUID]:
        """Return some children behind an id, in order."""
        rows = self._database.tuples(
            "SELECT child_id FROM child_status WHERE child_id > :after ORDER BY child_id LIMIT :limit",
            after=after,
            limit=AT_ONCE,
        )
        return [child_id for (child_id,) in rows]

    def _row(self, child_id: UUID, digest: bytes, *, gone: bool) -> Row:
        return Row(table=self.table, key={"child_id": child_id, "digest": digest}, gone=gone)
