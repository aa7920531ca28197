"""What the watch says of itself for /readyz, /metrics and the canary, at one cost however much there is."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from domain.streams.canary.ring import CANARY_ID
from projections.compliance import FOLLOWER as RELAY
from projections.database import Database, Log
from projections.following import standing_still
from projections.outbox import dead_letters, keyless, summary
from projections.outbox.heartbeat import LOOPS, silent_loops

# More than the longest call, and more than what a dead worker was at waits for another.
SENDING_TOO_LONG = timedelta(minutes=5)


def checks(database: Database, log: Log, *, now: datetime) -> Mapping[str, bool]:
    """Return of each part of the watch, by its code word, whether it is well."""
    silent = silent_loops(database, now=now)
    return {
        **{loop: loop not in silent for loop in LOOPS},
        "followers": not standing_still(database, log, now=now),
        # What the relay could not work off may be a child whom nobody watches.
        "dead_letters": not dead_letters.is_waiting(database, follower=RELAY),
        "critical_told": _critical_told(database, now=now),
        "channels": not _hanging(database, now=now),
        "keys_present": not keyless.any_missing(database),
    }


def _critical_told(database: Database, *, now: datetime) -> bool:
    """Return whether none is untold for too long; without a sweep for a minute that is not known."""
    kept = summary.kept(database)
    return kept is not None and kept.is_fresh(now) and kept.untold_since is None


def _hanging(database: Database, *, now: datetime) -> bool:
    """Return whether a call is on its way that will not end any more: its thread is lost to its channel."""
    row = database.one(
        "SELECT 1 AS one FROM delivery WHERE state = 'sending' AND updated_at <= :before LIMIT 1",
        before=now - SENDING_TOO_LONG,
    )
    return row is not None


def canary_told_at(database: Database) -> datetime | None:
    """Return when the outside monitor last took a canary; None for never, or more than a day ago."""
    row = database.one(
        "SELECT updated_at FROM delivery WHERE alert_id = :id AND step = 'canary' AND state = 'accepted' "
        "ORDER BY updated_at DESC LIMIT 1",
        id=CANARY_ID,
    )
    return row["updated_at"] if row else None
