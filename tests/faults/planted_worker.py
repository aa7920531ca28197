"""The worker with a fault planted on purpose: `python -m tests.faults.planted_worker FAULT POINT VISIT`.

Each fault writes down that something is done before it is done. What looks for lost alerts must find it.
"""

import sys
from collections.abc import Mapping, Sequence
from uuid import UUID

from domain.alert import AlertCase
from domain.event import Event
from domain.org import RecipientRegistered
from projections.deliveries import Delivery
from projections.positions import advance
from tests.faults.mortal_worker import fated
from workers import delivering, relay, works
from workers.channel import Accepted, Outcome
from workers.desk import Desk
from workers.routing import recipient_of


class HastyRelay(relay.Relay):
    """Moves on in the log first, and sets what has to happen afterwards."""

    def _relay(self, events: Sequence[Event], *, start: int) -> None:
        end = events[-1].position or start
        plan = self._planned(events, end=end)
        with self._system.database.transaction() as tx:
            advance(tx, name=relay.NAME, start=start, end=end)
        self._at("planted.position")
        with self._system.database.transaction() as tx:
            relay._write(tx, plan)


def plant_position() -> None:
    """Record a position before its effect."""
    works.Relay = HastyRelay  # type: ignore[misc,attr-defined]


def plant_accepted() -> None:
    """Record a notice as accepted before it is sent."""
    call, write_down = delivering._called, delivering._write_down

    def called(_desk: Desk, _told: Sequence[Delivery], _recipient: RecipientRegistered | None) -> Outcome:
        return Accepted(provider_id=None)

    def written_down(
        desk: Desk, told: Sequence[Delivery], outcome: Outcome, cases: Mapping[UUID, AlertCase]
    ) -> None:
        write_down(desk, told, outcome, cases)
        desk.at("planted.accepted")
        call(desk, told, recipient_of(desk.system.organisations, told[0]))

    delivering._called, delivering._write_down = called, written_down


FAULTS = {"position": plant_position, "accepted": plant_accepted, "none": lambda: None}

if __name__ == "__main__":
    FAULTS[sys.argv[1]]()
    sys.exit(fated(sys.argv[2], int(sys.argv[3])))
