"""What the watch sums up over many rows, kept in one row by the sweep: to ask it costs the same however many.

An answer to a probe must not go through every open alert: a probe that is slow is asked again while it is
still at work, and then holds up what people record.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from domain.days import local_day
from domain.org import Step
from projections.database import Database, Transaction

DDL = (
    """
    CREATE TABLE watch_summary (
        one bigint PRIMARY KEY,
        looked_at timestamptz NOT NULL,
        untold_since timestamptz,
        said jsonb NOT NULL
    )
    """,
)
# A channel that fails is tried for minutes and others are told beside it: by then somebody must have been.
UNTOLD_TOO_LONG = timedelta(minutes=15)
# How often it is summed up, unless a critical alert is untold: that it was told is seen at once.
KEPT_FOR = timedelta(seconds=2)
# What is older says nothing any more: the sweep stands still.
STALE_AFTER = timedelta(seconds=60)
_WAITING = ("pending", "sending", "unknown")
_COUNTED = (*_WAITING, "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What was found at `looked_at` (UTC).

    `untold_since` is since when the oldest open critical alert has waited in vain for anybody to be told;
    None where none has waited for too long. `unaccepted` counts the notices in each state but `accepted`,
    `oldest_unsent` says by step since when the oldest notice waits that no channel has accepted.
    """

    looked_at: datetime
    untold_since: datetime | None
    unaccepted: Mapping[str, int]
    oldest_unsent: Mapping[str, datetime]

    def is_fresh(self, now: datetime) -> bool:
        """Return whether it still says something, also where the clock was set back since."""
        return abs(now - self.looked_at) <= STALE_AFTER


NOTHING_YET = Summary(
    looked_at=datetime.min.replace(tzinfo=UTC),
    untold_since=None,
    unaccepted=dict.fromkeys(_COUNTED, 0),
    oldest_unsent={},
)


def is_due(database: Database, *, now: datetime) -> bool:
    """Return whether it is time to sum up."""
    summary = kept(database)
    return summary is None or summary.untold_since is not None or abs(now - summary.looked_at) >= KEPT_FOR


def sum_up(database: Database, *, now: datetime) -> Summary:
    """Go through what is open and what waits. It costs as much as that is."""
    return Summary(
        looked_at=now,
        untold_since=_untold_since(database, now=now),
        unaccepted=_unaccepted(database),
        oldest_unsent=_oldest_unsent(database),
    )


def keep(tx: Transaction, summary: Summary) -> None:
    """Put a summary in the place of the one before."""
    said = {
        "unaccepted": dict(summary.unaccepted),
        "oldest_unsent": {step: since.isoformat() for step, since in summary.oldest_unsent.items()},
    }
    row = {"one": 1, "looked_at": summary.looked_at, "untold_since": summary.untold_since, "said": said}
    tx.upsert(table="watch_summary", key=("one",), rows=[row])


def kept(database: Database) -> Summary | None:
    """Return the last summary; None before the first summing up."""
    row = database.one("SELECT looked_at, untold_since, said FROM watch_summary WHERE one = 1")
    if row is None:
        return None
    since = {step: datetime.fromisoformat(text) for step, text in row["said"]["oldest_unsent"].items()}
    return Summary(
        looked_at=row["looked_at"],
        untold_since=row["untold_since"],
        unaccepted=row["said"]["unaccepted"],
        oldest_unsent=since,
    )


def _untold_since(database: Database, *, now: datetime) -> datetime | None:
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
    """Return since when the oldest critical alert is open for which there is nobody to tell; None for none.

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


def _unaccepted(database: Database) -> Mapping[str, int]:
    """Count the notices in each state but `accepted`: of those there are ever more."""
    rows = database.all(
        "SELECT state, count(*) AS notices FROM delivery WHERE state IN :states GROUP BY state",
        states=_COUNTED,
    )
    return dict.fromkeys(_COUNTED, 0) | {row["state"]: row["notices"] for row in rows}


def _oldest_unsent(database: Database) -> Mapping[str, datetime]:
    rows = database.all(
        'SELECT step, min(created_at) AS "since [timestamptz]" FROM delivery '
        "WHERE state IN :states AND step IN :steps GROUP BY step",
        states=_WAITING,
        steps=tuple(step.value for step in Step),
    )
    return {row["step"]: row["since"] for row in rows}
