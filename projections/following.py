"""How the followers of the log stand: how far behind they are, since when, and whether they get on.

A loop that beats and moves nothing is seen here: a follower that is behind and has not moved for
`STILL_AFTER` stands still.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from projections.compliance import FOLLOWER as RELAY
from projections.database import Database, Log
from projections.outbox.heartbeat import Heartbeat
from projections.runner import LOCK as RUNNER
from projections.runner import MODELS

STILL_AFTER = timedelta(seconds=60)
# Which followers a loop of the worker keeps at the end of the log.
FED_BY = {RUNNER: tuple(model.name for model in MODELS), RELAY: (RELAY,)}
FOLLOWERS = tuple(name for fed in FED_BY.values() for name in fed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """A follower of the log at a moment.

    `pending` is how many positions it is behind, `oldest_at` when the first event that it has not worked off
    was recorded, and `lag_seconds` how long ago that is; None and 0 where it is at the end. `moved_at` is
    when it last moved on (None: never). It is `still` when it has had work, and has not moved, for longer
    than `STILL_AFTER`.
    """

    name: str
    position: int
    pending: int
    oldest_at: datetime | None
    lag_seconds: int
    moved_at: datetime | None
    still: bool


def followers(database: Database, log: Log, *, now: datetime) -> tuple[Following, ...]:
    """Return how every follower of the log stands: each read model, and the relay."""
    head, _ = log.head()
    rows = database.all("SELECT name, position, moved_at FROM tracking_position")
    known = {row["name"]: (int(row["position"]), row["moved_at"]) for row in rows}
    return tuple(_following(log, name, *known.get(name, (0, None)), head=head, now=now) for name in FOLLOWERS)


def standing_still(database: Database, log: Log, *, now: datetime) -> tuple[str, ...]:
    """Name the followers that are behind and have not moved for too long, whatever their loops beat."""
    return tuple(follower.name for follower in followers(database, log, now=now) if follower.still)


def heartbeat_of(database: Database, log: Log, *, loop: str, now: datetime) -> Heartbeat:
    """Return the heartbeat of a loop that feeds followers: as far behind as the last of them."""
    fed = [f for f in followers(database, log, now=now) if f.name in FED_BY[loop]]
    return Heartbeat(
        loop=loop,
        completed_at=now,
        lag_seconds=max(f.lag_seconds for f in fed),
        pending=max(f.pending for f in fed),
    )


def _following(
    log: Log, name: str, position: int, moved_at: datetime | None, *, head: int, now: datetime
) -> Following:
    oldest_at = log.recorded_after(position) if position < head else None
    idle_since = max(filter(None, (oldest_at, moved_at)), default=now)
    return Following(
        name=name,
        position=position,
        pending=max(0, head - position),
        oldest_at=oldest_at,
        lag_seconds=0 if oldest_at is None else max(0, int((now - oldest_at).total_seconds())),
        moved_at=moved_at,
        still=oldest_at is not None and now - idle_since > STILL_AFTER,
    )
