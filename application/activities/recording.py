"""Recording activities: what their streams have beyond those of any kind."""

from collections.abc import Sequence
from dataclasses import asdict

from application.activities.lists import Lists
from application.activities.session import ActivitySession
from application.children.care_record import CareRecord
from application.eventstore.recorder import Row
from application.recording.recording import Collaborators, Recording
from application.recording.session import Opened, Session
from domain.status import activity_status_of
from domain.streams.activities.activity import Activity
from domain.streams.activities.kind import KIND


class ActivityRecording(Recording[Activity]):
    """Records what is said of activities."""

    def __init__(self, collaborators: Collaborators, *, record: CareRecord) -> None:
        super().__init__(KIND, collaborators)
        self._lists = Lists(database=collaborators.database, record=record)

    def session(self, opened: Opened) -> ActivitySession:
        """Return the session in which new events of an activity are decided."""
        return ActivitySession(opened, lists=self._lists)

    def rows(self, session: Session[Activity]) -> Sequence[Row]:
        """Return the status of an activity, and what is to be done for whom because of it."""
        values = asdict(activity_status_of(session.state))
        status = Row(table="activity_status", key={"activity_id": values.pop("activity_id")}, values=values)
        return [status, *self.waiting_rows(session)]
