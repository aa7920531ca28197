"""How far the entries that follow from a stream are written into the files of children.

A row of `participation` is written in the transaction of the stream's event, by `recording.waiting`, and
worked off by `application.fan_out`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from application.basis import Basis
from application.eventstore.database import Database
from application.reasons import SETTLED
from application.recording.waiting import DISMISSED, QUARANTINED, STATES, WAITING, dismissed
from domain.refusal import Fault, Reason, Unknown, conflict, refuses

UNKNOWN_PARTICIPANT = Reason(
    code="unknown_participant", zh="这一序号下没有儿童", en="No child is named under this number."
)
NOT_QUARANTINED = Reason(
    code="not_quarantined",
    zh="该儿童档案中的条目不在待核实状态",
    en="The entry in the file of this child is not in quarantine.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """How far the entry in the file of one child is. `number` is that of its `Addressee`.

    `code` says why it was quarantined, `settled_…` when, by whom and why it was dismissed.
    """

    number: int
    state: str
    code: str | None
    settled_at: datetime | None
    settled_by: str | None
    settled_reason: str | None


class Filing:
    """Entries in files of children that follow from streams. Whether somebody may ask is for the caller."""

    def __init__(self, *, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def behind(self, stream_id: UUID, *, after: int, limit: int) -> list[Filed]:
        """Return how far the entries behind a number are, in order of number."""
        rows = self._database.all(
            "SELECT number, state, code, settled_at, settled_by, settled_reason FROM participation"
            " WHERE activity_id = :id AND number > :after ORDER BY number LIMIT :limit",
            id=stream_id,
            after=after,
            limit=limit,
        )
        return [Filed(**row) for row in rows]

    def counts(self, stream_ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, int]]:
        """Count the entries of streams by their state."""
        counts = {stream_id: dict.fromkeys(STATES, 0) for stream_id in stream_ids}
        rows = self._database.all(
            "SELECT activity_id, state, count(*) AS children FROM participation"
            " WHERE activity_id IN :ids GROUP BY activity_id, state",
            ids=tuple(stream_ids),
        )
        for row in rows:
            counts[row["activity_id"]][row["state"]] = row["children"]
        return counts

    def retry(self, stream_id: UUID) -> None:
        """Let what was put aside be tried again at once."""
        with self._database.transaction() as tx:
            tx.run(
                "UPDATE participation SET not_before = :now, state = :waiting"
                " WHERE activity_id = :id AND state = :quarantined",
                now=self._now(),
                waiting=WAITING,
                quarantined=QUARANTINED,
                id=stream_id,
            )

    @refuses(UNKNOWN_PARTICIPANT, SETTLED, NOT_QUARANTINED, Basis.refuse_other)
    def dismiss(
        self, stream_id: UUID, number: int, *, of: int, version: int, reason: str, by: str, basis: Basis
    ) -> None:
        """Say that a quarantined entry is not to be recorded, and why: it is tried no more.

        `of` is how many children the stream names, `version` its version, on which `basis` is. For the same
        reason again is nothing new. Raises `Unknown`, and `Conflict` for one that is not quarantined.
        """
        if not 0 <= number < of:
            raise Unknown(Fault(reason=UNKNOWN_PARTICIPANT))
        if self._was_dismissed(stream_id, number, reason=reason):
            return
        basis.refuse_other(version)
        with self._database.transaction() as tx:
            changed = tx.run(
                "UPDATE participation SET state = :dismissed, not_before = NULL, settled_at = :now,"
                " settled_by = :by, settled_reason = :reason"
                " WHERE activity_id = :id AND number = :number AND state = :quarantined",
                dismissed=DISMISSED,
                now=self._now(),
                by=by,
                reason=reason,
                id=stream_id,
                number=number,
                quarantined=QUARANTINED,
            )
        # Or somebody did so for the same reason meanwhile.
        if not changed and not self._was_dismissed(stream_id, number, reason=reason):
            settled = number in dismissed(self._database, stream_id)
            raise conflict(SETTLED if settled else NOT_QUARANTINED)

    def _was_dismissed(self, stream_id: UUID, number: int, *, reason: str) -> bool:
        (known,) = self.behind(stream_id, after=number - 1, limit=1) or (None,)
        return known is not None and (known.number, known.state, known.settled_reason) == (
            number,
            DISMISSED,
            reason,
        )
