"""The two clocks of a question, held against what the store can still gain."""

from datetime import date, datetime

from application.eventstore.log import EventLog
from domain.rules.clocks import Clocks, clocks


def clocks_of(
    log: EventLog,
    *,
    now: datetime,
    as_of: date | None = None,
    as_known_at: datetime | date | None = None,
) -> Clocks:
    """Resolve the clocks of a question: what was known is answered up to what is settled, and not beyond.

    A question about the present takes what is there. One that names a moment gets the same answer again
    later: it is clipped to where no writer who is at work now can still add anything.
    """
    latest = now if as_known_at is None else log.settled()
    return clocks(now=latest, as_of=as_of, as_known_at=as_known_at)
