"""Offers children to be judged anew, few at once: a backlog stays in the database, not in the broker."""

from collections.abc import Callable

from application.system import System
from projections import recomputing
from workers.bells import Bells, BrokerUnavailable

NAME = "recomputes"
# So many are in the broker's hands at most, and more follow when half of them are done.
MOST_OFFERED = 1_000


class Recomputes:
    """Rings for children who have to be judged anew. Of many of one database, one works at a time."""

    def __init__(self, *, system: System, bells: Bells, at: Callable[[str], None]) -> None:
        """`at` is told the name of each point between two effects, for those who want to crash there."""
        self._system = system
        self._bells = bells
        self._at = at

    def step(self) -> int:
        """Offer as many children as there is room for; give how many. Raises BrokerUnavailable."""
        database = self._system.database
        if not recomputing.unoffered(database, now=self._system.now()):
            return 0
        with database.advisory(NAME) as mine:
            return self._offer() if mine else 0

    def _offer(self) -> int:
        now, database = self._system.now(), self._system.database
        room = MOST_OFFERED - recomputing.offered(database, now=now, most=MOST_OFFERED)
        if room < MOST_OFFERED // 2:
            return 0
        with database.transaction() as tx:
            children = recomputing.offer(tx, now=now, limit=room)
        self._at("recomputes.offered")
        for number, child_id in enumerate(children):
            try:
                self._bells.recompute(child_id)
            except BrokerUnavailable:
                with database.transaction() as tx:
                    recomputing.take_back(tx, children[number:], offered_at=now)
                raise
        self._at("recomputes.rung")
        return len(children)
