"""Signs of life: this process counts its beats, and notices which others have stopped counting."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from projections.outbox import presence, recipient_queues
from workers.sender import Sender

# A process whose beats have stood still for so long is gone.
EXPIRED_AFTER_SECONDS = 15.0
# Between two looks it is not known whether beats stood still: of that time no more than this counts.
LONGEST_LOOK_SECONDS = 5.0


class Presence:
    """Beats for this process."""

    def __init__(self, *, sender: Sender) -> None:
        self._sender = sender

    def step(self) -> int:
        """Beat once, and let go of recipient queues that this process holds and none of its threads is at."""
        sender = self._sender
        database = sender.database
        with database.transaction() as tx:
            presence.beat(tx, sender.instance)
        for held in recipient_queues.held_by(database, sender.instance):
            if held.queue not in sender.serving:
                with database.transaction() as tx:
                    recipient_queues.let_go(tx, held, now=sender.now())
        return 0

    def leave(self) -> None:
        """End in good order."""
        self.step()
        with self._sender.database.transaction() as tx:
            presence.leave(tx, self._sender.instance)


@dataclass(slots=True, kw_only=True)
class _Seen:
    beats: int
    still_seconds: float = 0.0


class Leases:
    """Watches the beats of all processes by a clock that only runs forward. No host's time of day decides."""

    def __init__(self, *, ticks: Callable[[], float], own: UUID) -> None:
        """`own` is the process that asks: it lives, however slow its beats are to be written."""
        self._ticks = ticks
        self._own = own
        self._looked_at = ticks()
        self._seen: dict[UUID, _Seen] = {}

    def expired(self, everybody: Mapping[UUID, int]) -> dict[UUID, int]:
        """Return those whose beats have stood still for too long, with these beats."""
        ticks = self._ticks()
        passed, self._looked_at = min(ticks - self._looked_at, LONGEST_LOOK_SECONDS), ticks
        before, self._seen = self._seen, {}
        for instance, beats in everybody.items():
            known = before.get(instance)
            still = known.still_seconds + passed if known is not None and known.beats == beats else 0.0
            if instance != self._own:
                self._seen[instance] = _Seen(beats=beats, still_seconds=still)
        return {
            i: seen.beats for i, seen in self._seen.items() if seen.still_seconds >= EXPIRED_AFTER_SECONDS
        }
