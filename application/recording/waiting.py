"""The children whose files must say something because of an event of another stream: one row for each.

A row is written in the transaction of the event and worked off by `application.fan_out`. The table is called
after activities, the first that fanned out; `activity_id` is the stream.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from application.eventstore.database import Database
from application.eventstore.recorder import Row
from domain.event import Event
from domain.ledger.event_type import declared
from domain.ledger.kind import FanOut

WAITING, RECORDED, QUARANTINED = "waiting", "recorded", "quarantined"
VOIDED, DISMISSED = "voided", "dismissed"
STATES = (WAITING, RECORDED, QUARANTINED, VOIDED, DISMISSED)


def waiting_rows(
    fans_out: FanOut[Any], state: Any, events: Sequence[Event], *, database: Database, now: datetime
) -> list[Row]:
    """Return the rows of the children whom new events of a stream concern, whose `state` is that after them.

    What changes or voids an entry concerns all who were named, anything else those whom it names itself.
    """
    addressees = fans_out.addressees(state)
    if any(declared(type(event.details)).changes_others for event in events):
        # Of who was dismissed nothing is corrected; a voiding takes back what may be there after all.
        left = dismissed(database, state.stream_id)
        concerned = [a for a in addressees if a.number not in left or fans_out.withdrawn(state, a)]
    else:
        new = {event.event_id for event in events}
        concerned = [each for each in addressees if each.cause.event_id in new]
    return [
        Row(
            table="participation",
            key={"activity_id": state.stream_id, "number": each.number},
            values={
                "version": state.version,
                "state": WAITING,
                "code": None,
                "tries": 0,
                "not_before": now,
            },
        )
        for each in concerned
    ]


def dismissed(database: Database, stream_id: UUID) -> frozenset[int]:
    """Return the numbers of those whom somebody has dismissed: nothing is recorded of them."""
    rows = database.tuples(
        "SELECT number FROM participation WHERE activity_id = :id AND state = :dismissed",
        id=stream_id,
        dismissed=DISMISSED,
    )
    return frozenset(number for (number,) in rows)
