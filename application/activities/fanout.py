"""Out of one activity, into the file of each child that took part: once each, however often it is tried.

The rows of `participation` say what is still to be done. The ids of the entries follow from the activity and
the child, so whoever dies in the middle is followed by somebody who finds what is there already.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from application.access import Actor, Role
from application.activities.participation import DISMISSED, QUARANTINED, RECORDED, VOIDED, WAITING
from application.children.care_record import CareRecord
from application.eventstore.database import Database, DatabaseUnavailable
from application.eventstore.keyring import KeysMissing
from application.eventstore.log import EventLog
from application.recording.outcome import Outcome, Provenance
from application.streams import Busy
from domain.event import Draft
from domain.reasons import IS_VOID, NO_SUCH_EVENT, UNKNOWN_CHILD
from domain.refusal import Fault, Refused, Unknown, at_odds
from domain.streams.activities.activity import (
    Activity,
    ActivityAmended,
    ActivityHeld,
    Listed,
    fold_activity,
)
from domain.streams.activities.following import drafts_for

NAME = "fanout"
BATCH = 50
AGAIN_AFTER_CONFLICT = timedelta(seconds=1)
# What was put aside is looked at again: the child may be enrolled by then. Each wait doubles, up to a day.
FIRST_WAIT = timedelta(minutes=15)
LONGEST_WAIT = timedelta(days=1)
# Why a participant was put aside whose own file, or whose activity, can't be read: the log says more.
FAULTY = "fault"
_DUE = "SELECT activity_id, number, version, tries, settled_at FROM participation WHERE not_before <= :now"

log = logging.getLogger(__name__)


class FanOut:
    """Writes what an activity means for each child. Any number may work at once."""

    def __init__(
        self,
        *,
        event_log: EventLog,
        database: Database,
        record: CareRecord,
        now: Callable[[], datetime],
    ) -> None:
        self._log = event_log
        self._database = database
        self._record = record
        self._now = now

    def step(self, *, at: Callable[[str], None] = lambda _: None) -> int:
        """Work off a batch of what is due, whosever it is; give how many participants were looked at.

        `at` is told the name of each point between two effects, for those who want to crash there.
        """
        if not self._due(limit=1):
            return 0
        # Two at once would do no harm, and everything twice.
        with self._database.advisory(NAME) as mine:
            return self._work(self._due(limit=BATCH), at=at) if mine else 0

    def of_activity(self, activity_id: UUID, *, most: int = BATCH) -> int:
        """Work off what is due of one activity, `most` participants; give how many were looked at."""
        return self._work(self._due(limit=most, activity_id=activity_id), at=lambda _: None)

    def due(self) -> int:
        """Count the participants that are to be looked at by now."""
        row = self._database.one(
            "SELECT count(*) AS due FROM participation WHERE not_before <= :now", now=self._now()
        )
        return int(row["due"]) if row else 0

    def _due(self, *, limit: int, activity_id: UUID | None = None) -> list[dict[str, Any]]:
        return self._database.all(
            f"{_DUE}{' AND activity_id IN :only' if activity_id else ''}"
            " ORDER BY not_before, activity_id, number LIMIT :limit",
            now=self._now(),
            only=(activity_id,) if activity_id else (),
            limit=limit,
        )

    def _work(self, rows: Sequence[Mapping[str, Any]], *, at: Callable[[str], None]) -> int:
        activities = self._readable({row["activity_id"] for row in rows})
        settled = []
        for row in rows:
            settled.append(self._settled(row, activities.get(row["activity_id"])))
            at("fanout.recorded")
        with self._database.transaction() as tx:
            for values in settled:
                # A row that was set anew meanwhile, by a voiding for one, is left to be looked at again.
                # One that was dismissed meanwhile stays so, unless it is written: then that came too late.
                tx.run(
                    "UPDATE participation SET state = :state, code = :code, tries = :tries,"
                    " not_before = :not_before"
                    " WHERE activity_id = :activity_id AND number = :number AND version = :version"
                    " AND (state <> :dismissed OR :state IN :written)",
                    **values,
                    dismissed=DISMISSED,
                    written=(RECORDED, VOIDED),
                )
        at("fanout.settled")
        return len(rows)

    def _readable(self, activity_ids: Iterable[UUID]) -> dict[UUID, Activity]:
        """Load activities. One that can't be read is left out: it must not hold up the others."""
        found = {}
        for activity_id in activity_ids:
            try:
                found[activity_id] = fold_activity(activity_id, self._log.stream(activity_id))
            except DatabaseUnavailable:
                raise
            except Exception as error:  # noqa: BLE001  its kind alone: its text may quote what was recorded
                log.error("could not read activity %s: %s", activity_id, type(error).__name__)  # noqa: TRY400
        return found

    def _settled(self, row: Mapping[str, Any], activity: Activity | None) -> dict[str, Any]:
        """Write the entries of one participant, and give what its row says from now on."""
        key = {name: row[name] for name in ("activity_id", "number", "version")}
        tries = row["tries"] + 1
        if activity is None:
            return self._put_aside(key, FAULTY, tries=tries)
        try:
            listed = activity.listed[row["number"]]
            dismissed = row["settled_at"] is not None and activity.voided is None
            if dismissed and not self._written(activity, listed):
                # That was while a correction was being saved, which had not heard of it.
                return _set(key, DISMISSED, tries=row["tries"])
            refused = self._refused(activity, listed)
        except Busy:
            return _set(key, WAITING, tries=row["tries"], not_before=self._now() + AGAIN_AFTER_CONFLICT)
        except KeysMissing as missing:
            return self._put_aside(key, missing.reason.code, tries=tries)
        except DatabaseUnavailable:
            raise
        except Exception as error:  # noqa: BLE001  one child's file must not keep the others from being written
            number, reason = row["number"], type(error).__name__
            log.error("could not write participant %d of %s: %s", number, activity.activity_id, reason)  # noqa: TRY400
            return self._put_aside(key, FAULTY, tries=tries)
        if refused is None:
            return _set(key, RECORDED if activity.voided is None else VOIDED, tries=tries)
        if refused.reason is IS_VOID or (activity.voided is not None and refused.reason is NO_SUCH_EVENT):
            return _set(key, VOIDED, tries=tries)
        code = UNKNOWN_CHILD.code if isinstance(refused, Unknown) else refused.reason.code
        return self._put_aside(key, code, tries=tries)

    def _written(self, activity: Activity, listed: Listed) -> bool:
        """Tell whether the entry of a participant is in the child's file."""
        child_id = self._child(activity, listed)
        return child_id is not None and self._written_for(child_id, activity, listed)

    def _written_for(self, child_id: UUID, activity: Activity, listed: Listed) -> bool:
        return self._log.event(drafts_for(activity, listed, child_id=child_id)[0].event_id) is not None

    def _put_aside(self, key: Mapping[str, Any], code: str, *, tries: int) -> dict[str, Any]:
        wait = min(FIRST_WAIT * 2 ** min(tries - 1, 10), LONGEST_WAIT)
        return _set(key, QUARANTINED, code=code, tries=tries, not_before=self._now() + wait)

    def _refused(self, activity: Activity, listed: Listed) -> Refused | None:
        """Record what is missing in the child's file; give what stands in the way of it.

        Where the activity is void, only its voiding matters any more.
        """
        child_id = self._child(activity, listed)
        if child_id is None:
            unknown = Unknown(Fault(reason=UNKNOWN_CHILD))
            return unknown if activity.voided is None else at_odds(NO_SUCH_EVENT)
        cause = listed.cause.details
        assert isinstance(cause, ActivityHeld | ActivityAmended)
        drafts = drafts_for(activity, listed, child_id=child_id)
        outcomes = self._recorded(drafts, listed, child_id=child_id, scope=cause.scope)
        if isinstance(outcomes[0], Unknown) and self._log.event(drafts[0].event_id) is not None:
            # The child has left the recorder's sight since: what follows is for the ledger itself to write.
            outcomes = self._recorded(drafts, listed, child_id=child_id, scope="")
        if activity.voided is None:
            return next((o for o in outcomes if isinstance(o, Refused)), None)
        last = outcomes[-1]
        if isinstance(last, Unknown):
            return at_odds(NO_SUCH_EVENT)
        return last if isinstance(last, Refused) else None

    def _recorded(
        self, drafts: Sequence[Draft], listed: Listed, *, child_id: UUID, scope: str
    ) -> Sequence[Outcome]:
        said_by = listed.cause.metadata
        return self._record.record_many(
            actor=Actor(
                name=said_by.actor,
                role=Role(said_by.role),
                org=scope,
                channel=said_by.channel,
                principal=said_by.principal,
                key=said_by.key,
            ),
            stream_id=child_id,
            drafts=drafts,
            provenance=Provenance(correlation_id=said_by.correlation_id),
            unattended=True,
        )

    def _child(self, activity: Activity, listed: Listed) -> UUID | None:
        """Tell which child a participant is, within the recorder's sight or as it was written already."""
        participant, cause = listed.participant, listed.cause.details
        if participant.child_id is not None:
            return participant.child_id
        number = participant.student_no or ""
        assert isinstance(cause, ActivityHeld | ActivityAmended)
        found = self._record.meant((number,), scope=cause.scope)[number]
        if not found:
            everywhere = self._record.find(kind="student_no", word=number, scope="")
            found = tuple(c for c in everywhere if self._written_for(c, activity, listed))
        return found[0] if len(found) == 1 else None


def _set(
    key: Mapping[str, Any],
    state: str,
    *,
    tries: int,
    code: str | None = None,
    not_before: datetime | None = None,
) -> dict[str, Any]:
    return {**key, "state": state, "code": code, "tries": tries, "not_before": not_before}
