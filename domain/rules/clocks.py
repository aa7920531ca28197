"""The two clocks of every question: what is true of day X, as we knew it at moment Y."""

from dataclasses import dataclass
from datetime import date, datetime

from domain.days import end_of_day, local_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """The day asked about and the moment of knowledge; `clipped` where a later moment was asked for."""

    as_of: date
    as_known_at: datetime
    clipped: bool = False


def clocks(
    *,
    now: datetime,
    as_of: date | None = None,
    as_known_at: datetime | date | None = None,
) -> Clocks:
    """Resolve what was asked: as known now unless said otherwise, of the day of that knowledge.

    A day of knowledge means its end. Nothing later than `now` can be known.
    """
    moment, clipped = now, False
    if isinstance(as_known_at, datetime):
        moment, clipped = min(as_known_at, now), as_known_at > now
    elif as_known_at is not None:
        # The last day there is has no end that a datetime could hold: compare days first.
        clipped = as_known_at > local_day(now) or end_of_day(as_known_at) > now
        moment = now if clipped else end_of_day(as_known_at)
    return Clocks(as_of=local_day(moment) if as_of is None else as_of, as_known_at=moment, clipped=clipped)
