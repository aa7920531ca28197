"""The worker with a fault planted on purpose: `python -m tests.faults.planted_worker FAULT POINT VISIT`.

Each fault writes down that something is done before it is done. What looks for lost alerts must find it.
"""

import sys
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from domain.streams.alerts.case import AlertCase
from domain.streams.organisations.unit import RecipientRegistered
from projections.outbox.deliveries import Delivery
from projections.positions import advance
from tests.faults.mortal_worker import fated
from workers import composition, relay
from workers.channel import Accepted, Outcome
from workers.outcomes import Outcomes
from workers.routing import recipient_of
from workers.sender import Sender


class HastyRelay(relay.Relay):
    """Moves on in the log first, and sets what has to happen afterwards."""

    def __init__(self, **uses: Any) -> None:
        super().__init__(**uses)

        def fed(start: int, size: int) -> int:
            events = uses["log"].after(start, limit=size)
            if events:
                write, end = self._work(events), events[-1].position or start
                with self._database.transaction() as tx:
                    advance(tx, name=relay.NAME, start=start, end=end, now=self._now())
                self._at("planted.position")
                with self._database.transaction() as tx:
                    write(tx)
            return len(events)

        self._feed._feed = fed  # type: ignore[method-assign]


def plant_position() -> None:
    """Record a position before its effect."""
    composition.Relay = HastyRelay  # type: ignore[misc,attr-defined]


def plant_accepted() -> None:
    """Record a notice as accepted before it is sent."""
    call, write_down = Sender._called, Outcomes.write_down
    sending: list[Sender] = []

    def called(sender: Sender, _told: Sequence[Delivery], _recipient: RecipientRegistered | None) -> Outcome:
        sending[:] = [sender]
        return Accepted(provider_id=None)

    def written_down(
        outcomes: Outcomes, told: Sequence[Delivery], outcome: Outcome, cases: Mapping[UUID, AlertCase]
    ) -> None:
        write_down(outcomes, told, outcome, cases)
        (sender,) = sending
        sender.at("planted.accepted")
        call(sender, told, recipient_of(sender.organisations, told[0]))

    Sender._called = called  # type: ignore[method-assign, assignment]
    Outcomes.write_down = written_down  # type: ignore[method-assign, assignment]


FAULTS = {"position": plant_position, "accepted": plant_accepted, "none": lambda: None}

if __name__ == "__main__":
    FAULTS[sys.argv[1]]()
    sys.exit(fated(sys.argv[2], int(sys.argv[3])))
