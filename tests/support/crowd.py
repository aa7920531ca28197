"""Many events on one stream, written below the API: what a broken or hostile client would leave behind."""

from uuid import UUID, uuid4

from msgspec import structs

from application.access import SYSTEM
from application.system import System
from domain.care_actions.talk_held import TalkHeld
from domain.child import fold
from domain.days import local_day
from domain.event import Channel, Details, Event, Metadata, Occurred
from domain.status import status_of
from tests.support.builders import CARER

_AT_ONCE = 2000


def crowd(system: System, child_id: UUID, *, events: int, channel: Channel = Channel.SYSTEM) -> None:
    """Append so many talks of today to a child's file, with its status row."""
    known = system.log.stream(child_id)
    said = TalkHeld(carers=(CARER,), record="All well.")
    append_many(system, known, [said] * events, channel=channel)
    row = structs.asdict(status_of(fold(child_id, system.log.stream(child_id))))
    with system.database.transaction() as tx:
        tx.upsert(table="child_status", key=("child_id",), rows=[row])


def append_many(
    system: System, known: tuple[Event, ...], said: list[Details], *, channel: Channel = Channel.SYSTEM
) -> None:
    """Append details to a stream, some thousands in one transaction, each as an event of now."""
    first, now = known[0], system.now()
    for start in range(0, len(said), _AT_ONCE):
        system.log.append(
            [
                Event(
                    originator_id=first.originator_id,
                    originator_version=len(known) + number + 1,
                    event_id=uuid4(),
                    occurred=Occurred.on(local_day(now)),
                    details=details,
                    recorded_by="Teacher Li",
                    org=first.org,
                    metadata=Metadata(actor=SYSTEM.name, role=SYSTEM.role.value, channel=channel),
                )
                for number, details in enumerate(said[start : start + _AT_ONCE], start=start)
            ]
        )
