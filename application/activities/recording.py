"""Recording activities: what their streams have beyond those of any kind."""

from collections.abc import Callable, Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from application.access import Actor
from application.activities.lists import Lists
from application.activities.session import ActivitySession
from application.carers.registry import Carers
from application.children.care_record import CareRecord
from application.eventstore.database import Database
from application.eventstore.log import EventLog
from application.eventstore.recorder import Row
from application.organisations.registry import Organisations
from application.recording.outcome import Provenance
from application.recording.recording import Recording
from application.recording.session import Scope, Session
from domain.event import Event
from domain.status import activity_status_of
from domain.streams.activities.activity import Activity
from domain.streams.activities.kind import KIND


class ActivityRecording(Recording[Activity]):
    """Records what is said of activities."""

    def __init__(
        self,
        *,
        log: EventLog,
        database: Database,
        record: CareRecord,
        carers: Carers,
        organisations: Organisations,
        now: Callable[[], datetime],
        refuse_types: Callable[[Collection[str]], None],
    ) -> None:
        super().__init__(
            KIND,
            log=log,
            database=database,
            carers=carers,
            organisations=organisations,
            now=now,
            refuse_types=refuse_types,
        )
        self._lists = Lists(database=database, record=record)

    def session(
        self,
        stream_id: UUID,
        stream: Sequence[Event],
        *,
        scope: Scope,
        actor: Actor,
        provenance: Provenance,
        reused: AbstractSet[UUID] = frozenset(),
    ) -> ActivitySession:
        """Return the session in which new events of an activity are decided."""
        return ActivitySession(
            stream_id=stream_id,
            stream=stream,
            lists=self._lists,
            scope=scope,
            now=self._now(),
            actor=actor,
            provenance=provenance,
            reused=reused,
        )

    def rows(self, session: Session[Activity]) -> Sequence[Row]:
        """Return the status of an activity, and what is to be done for whom because of it."""
        values = asdict(activity_status_of(session.state))
        status = Row(table="activity_status", key={"activity_id": values.pop("activity_id")}, values=values)
        return [status, *self.waiting_rows(session)]
