"""Finding a stream by a word that must not lie in the clear: through a keyed digest of it."""

from uuid import UUID

from application.eventstore.database import Database
from application.eventstore.keyring import Keyring
from application.eventstore.recorder import Row


class Lookups:
    """Words by which children and carers are found."""

    def __init__(self, *, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    def find(self, *, kind: str, word: str) -> tuple[UUID, ...]:
        """Find the streams that a word of this kind stands for, in order of id.

        A word that is kept for one stream stands for that one; others may have borne it before.
        """
        rows = self._database.all(
            "SELECT stream_id FROM claim WHERE kind = :kind AND digest = :digest"
            " UNION SELECT stream_id FROM lookup WHERE kind = :kind AND digest = :digest AND NOT EXISTS"
            " (SELECT 1 FROM claim WHERE kind = :kind AND digest = :digest) ORDER BY stream_id",
            kind=kind,
            digest=self._digest(kind, word),
        )
        return tuple(row["stream_id"] for row in rows)

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
