"""How far an activity is written into the file of each participant, and what people may do about it.

A row of `participation` is written in the transaction of the activity's event, by `recording.waiting`, and
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
from domain.streams.activities.activity import Activity, Listed

UNKNOWN_PARTICIPANT = Reason(
    code="unknown_participant", zh="活动中没有这一参加儿童", en="The activity lists no such participant."
)
NOT_QUARANTINED = Reason(
    code="not_quarantined", zh="该参加儿童不在待核实状态", en="This participant is not in quarantine."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Participation:
    """How far the entry in the file of one participant is.

    `code` says why it was quarantined, `settled_…` when, by whom and why it was dismissed.
    """

    listed: Listed
    state: str
    code: str | None
    settled_at: datetime | None
    settled_by: str | None
    settled_reason: str | None


class Participations:
    """The participants of all activities. Whether somebody may ask is for the caller to decide."""

    def __init__(self, *, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def participations(self, activity: Activity, *, after: int, limit: int) -> list[Participation]:
        """Return the participants behind a number, with how far each of them is."""
        rows = self._database.all(
            "SELECT number, state, code, settled_at, settled_by, settled_reason FROM participation"
            " WHERE activity_id = :id AND number > :after ORDER BY number LIMIT :limit",
            id=activity.activity_id,
            after=after,
            limit=limit,
        )
        # Read after the activity, the rows may know of a participant who was added since.
        known = [dict(row) for row in rows if row["number"] < len(activity.listed)]
        return [Participation(listed=activity.listed[row.pop("number")], **row) for row in known]

    def counts(self, activity_ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, int]]:
        """Count the participants of activities by their state."""
        counts = {activity_id: dict.fromkeys(STATES, 0) for activity_id in activity_ids}
        rows = self._database.all(
            "SELECT activity_id, state, count(*) AS children FROM participation"
            " WHERE activity_id IN :ids GROUP BY activity_id, state",
            ids=tuple(activity_ids),
        )
        for row in rows:
            counts[row["activity_id"]][row["state"]] = row["children"]
        return counts

    def retry(self, activity_id: UUID) -> None:
        """Let what was put aside be tried again at once."""
        with self._database.transaction() as tx:
            tx.run(
                "UPDATE participation SET not_before = :now, state = :waiting"
                " WHERE activity_id = :id AND state = :quarantined",
                now=self._now(),
                waiting=WAITING,
                quarantined=QUARANTINED,
                id=activity_id,
            )

    @refuses(UNKNOWN_PARTICIPANT, SETTLED, NOT_QUARANTINED, Basis.refuse_other)
    def dismiss(self, activity: Activity, number: int, *, reason: str, by: str, basis: Basis) -> None:
        """Say that a quarantined participant is not to be recorded, and why: it is tried no more.

        For the same reason again is nothing new. Raises `Unknown`, and `Conflict` for one that is not
        quarantined. `basis` is of the activity.
        """
        if not 0 <= number < len(activity.listed):
            raise Unknown(Fault(reason=UNKNOWN_PARTICIPANT))
        if self._was_dismissed(activity, number, reason=reason):
            return
        basis.refuse_other(activity.version)
        with self._database.transaction() as tx:
            changed = tx.run(
                "UPDATE participation SET state = :dismissed, not_before = NULL, settled_at = :now,"
                " settled_by = :by, settled_reason = :reason"
                " WHERE activity_id = :id AND number = :number AND state = :quarantined",
                dismissed=DISMISSED,
                now=self._now(),
                by=by,
                reason=reason,
                id=activity.activity_id,
                number=number,
                quarantined=QUARANTINED,
            )
        # Or somebody did so for the same reason meanwhile.
        if not changed and not self._was_dismissed(activity, number, reason=reason):
            settled = number in dismissed(self._database, activity.activity_id)
            raise conflict(SETTLED if settled else NOT_QUARANTINED)

    def _was_dismissed(self, activity: Activity, number: int, *, reason: str) -> bool:
        (known,) = self.participations(activity, after=number - 1, limit=1) or (None,)
        return known is not None and (known.listed.number, known.state, known.settled_reason) == (
            number,
            DISMISSED,
            reason,
        )
