"""What the watch says of itself, for /readyz, /metrics and the canary; cheap enough to be asked often."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from domain.canary import CANARY_ID
from domain.days import local_day
from domain.org import Step
from projections import dead_letters, keyless
from projections.compliance import FOLLOWER as RELAY
from projections.database import Database, Log
from projections.following import standing_still
from projections.heartbeat import LOOPS, silent_loops

# A channel that fails is tried for minutes and others are told beside it: by then somebody must have been.
UNTOLD_TOO_LONG = timedelta(minutes=15)
# More than the longest call, and more than what a dead worker was at waits for another.
SENDING_TOO_LONG = timedelta(minutes=5)
_WAITING = ("pending", "sending", "unknown")
_COUNTED = (*_WAITING, "failed")


def checks(database: Database, log: Log, *, now: datetime) -> Mapping[str, bool]:
    """Tell of each part of the watch, by its code word, whether it is well."""
    silent = silent_loops(database, now=now)
    return {
        **{loop: loop not in silent for loop in LOOPS},
        "followers": not standing_still(database, log, now=now),
        # What the relay could not work off may be a child whom nobody watches.
        "dead_letters": RELAY not in dead_letters.waiting(database),
        "critical_told": untold_since(database, now=now) is None,
        "channels": not _hanging(database, now=now),
        "keys_present": not keyless.any_missing(database),
    }


def _hanging(database: Database, *, now: datetime) -> bool:
    """Tell whether a call is on its way that will not end any more: its thread is lost to its channel."""
    row = database.one(
        "SELECT 1 AS one FROM delivery WHERE state = 'sending' AND updated_at <= :before LIMIT 1",
        before=now - SENDING_TOO_LONG,
    )
    return row is not None


def untold_since(database: Database, *, now: datetime) -> datetime | None:
    """Give since when the oldest open critical alert has waited in vain for anybody to be told; None where
    none has waited for too long."""
    # CROSS: few alerts are critical and open, and each has few notices; the other way round is every notice.
    row = database.one(
        "SELECT delivery.created_at FROM alert_status CROSS JOIN delivery "
        "WHERE alert_status.open = :open AND alert_status.step = :step "
        "AND (snoozed_until IS NULL OR snoozed_until < :today) "
        "AND delivery.alert_id = alert_status.alert_id AND delivery.step = :step "
        "AND delivery.created_at <= :before AND NOT EXISTS (SELECT 1 FROM delivery AS told "
        "WHERE told.alert_id = alert_status.alert_id AND told.step = :step AND told.state = 'accepted' "
        # Who was told before it was reopened knows of that ring only.
        "AND (told.cause = delivery.cause OR told.created_at >= delivery.created_at)) "
        "ORDER BY delivery.created_at LIMIT 1",
        open=True,
        step=Step.CRITICAL.value,
        today=local_day(now),
        before=now - UNTOLD_TOO_LONG,
    )
    return row["created_at"] if row else _unplanned_since(database, now=now)


def _unplanned_since(database: Database, *, now: datetime) -> datetime | None:
    """Give since when the oldest critical alert is open for which there is nobody to tell; None for none.

    What became critical in a snooze is planned in the morning after.
    """
    row = database.one(
        "SELECT raised_at FROM alert_status WHERE open = :open AND step = :step "
        "AND (snoozed_until IS NULL OR snoozed_until < :yesterday) AND raised_at <= :before "
        "AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.alert_id = alert_status.alert_id "
        "AND delivery.step = :step) ORDER BY raised_at LIMIT 1",
        open=True,
        step=Step.CRITICAL.value,
        yesterday=local_day(now) - timedelta(days=1),
        before=now - UNTOLD_TOO_LONG,
    )
    return row["raised_at"] if row else None


def unaccepted(database: Database) -> Mapping[str, int]:
    """Count the notices in each state but `accepted`: of those there are ever more."""
    rows = database.all(
        "SELECT state, count(*) AS notices FROM delivery WHERE state IN :states GROUP BY state",
        states=_COUNTED,
    )
    return dict.fromkeys(_COUNTED, 0) | {row["state"]: row["notices"] for row in rows}


def canary_told_at(database: Database) -> datetime | None:
    """Give when the outside monitor last took a canary; None for never, or more than a day ago."""
    row = database.one(
        "SELECT updated_at FROM delivery WHERE alert_id = :id AND state = 'accepted' "
        "ORDER BY updated_at DESC LIMIT 1",
        id=CANARY_ID,
    )
    return row["updated_at"] if row else None


def oldest_unsent(database: Database) -> Mapping[str, datetime]:
    """Give by step since when the oldest notice waits that no channel has accepted yet."""
    rows = {
        step.value: database.one(
            "SELECT created_at FROM delivery WHERE state IN :states AND step = :step "
            "ORDER BY created_at LIMIT 1",
            states=_WAITING,
            step=step.value,
        )
        for step in Step
    }
    return {step: row["created_at"] for step, row in rows.items() if row}
