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
        """Find the streams that a word of this kind stands for, in order of id."""
        rows = self._database.all(
            "SELECT stream_id FROM lookup WHERE kind = :kind AND digest = :digest ORDER BY stream_id",
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

    def _digest(self, kind: str, word: str) -> bytes:
        return self._keyring.digest("lookup", kind, word.strip())
