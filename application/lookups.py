"""Finding a stream by a word that must not lie in the clear: through a keyed digest of it."""

from collections.abc import Collection, Mapping
from itertools import chain, repeat
from uuid import UUID

from application.eventstore.database import Database
from application.eventstore.keyring import Keyring
from application.eventstore.recorder import Row

# A list of bytes is no parameter that both engines know: each of them has its own name.
AT_ONCE = 100
_NAME = "digest_{}".format


class Lookups:
    """Words by which children and carers are found."""

    def __init__(self, *, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    def find(self, *, kind: str, word: str) -> tuple[UUID, ...]:
        """Find the streams that a word of this kind stands for, in order of id.

        A word that is kept for one stream stands for that one; others may have borne it before.
        """
        return self.find_many(kind=kind, words=(word,))[word]

    def find_many(self, *, kind: str, words: Collection[str]) -> Mapping[str, tuple[UUID, ...]]:
        """Find the streams of many words of one kind, as `find` does for each."""
        digests = {word: self._digest(kind, word) for word in words}
        wanted = list(dict.fromkeys(digests.values()))
        found: dict[bytes, list[UUID]] = {digest: [] for digest in wanted}
        for start in range(0, len(wanted), AT_ONCE):
            some = wanted[start : start + AT_ONCE]
            size = 1 if len(some) == 1 else AT_ONCE
            # The last again and again, so that there are two texts, whatever the number.
            asked = dict(zip(map(_NAME, range(size)), chain(some, repeat(some[-1])), strict=False))
            for digest, stream_id in self._database.tuples(_find(size), kind=kind, **asked):
                found[digest].append(stream_id)
        return {word: tuple(found[digest]) for word, digest in digests.items()}

    def row(self, *, kind: str, word: str, stream: UUID) -> Row:
        """Make the row by which `stream` is found."""
        return Row(
            table="lookup", key={"kind": kind, "digest": self._digest(kind, word), "stream_id": stream}
        )

    def claim(self, *, kind: str, word: str, stream: UUID) -> Row:
        """Make the row that keeps a word for `stream` alone: a save that breaks it raises RowTaken."""
        return Row(
            table="claim",
            key={"kind": kind, "digest": self._digest(kind, word)},
            values={"stream_id": stream},
            unique=True,
        )

    def release(self, *, kind: str, word: str, stream: UUID) -> Row:
        """Make the row that gives a word back that was kept for `stream`."""
        return Row(
            table="claim",
            key={"kind": kind, "digest": self._digest(kind, word), "stream_id": stream},
            gone=True,
        )

    def _digest(self, kind: str, word: str) -> bytes:
        word = word.strip()
        # The check character of an identity number is written x or X.
        return self._keyring.digest("lookup", kind, word.upper() if kind == "id_number" else word)


def _find(size: int) -> str:
    digests = ", ".join(f":{_NAME(number)}" for number in range(size))
    return (
        f"SELECT digest, stream_id FROM claim WHERE kind = :kind AND digest IN ({digests})"  # noqa: S608  names
        f" UNION SELECT digest, stream_id FROM lookup WHERE kind = :kind AND digest IN ({digests})"
        " AND NOT EXISTS"
        " (SELECT 1 FROM claim WHERE claim.kind = lookup.kind AND claim.digest = lookup.digest)"
        " ORDER BY digest, stream_id"
    )
