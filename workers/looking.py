"""Looking at a timer that is due, so that one which can't be looked at holds no other up."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from application.eventstore.database import DatabaseUnavailable
from application.eventstore.keyring import KeysMissing
from projections.database import Database
from projections.outbox import due
from projections.outbox.due import Timer

AGAIN_AFTER_FAILURE = timedelta(minutes=5)

log = logging.getLogger(__name__)


def look(at: Callable[[Timer, datetime], None], timer: Timer, *, now: datetime, database: Database) -> None:
    """Look at a timer; where that fails, it waits a while. Raises DatabaseUnavailable."""
    try:
        at(timer, now)
    except DatabaseUnavailable:
        raise
    except KeysMissing:
        log.error("could not look at %s %s: a key is missing", timer.kind, timer.key)  # noqa: TRY400
        with database.transaction() as tx:
            due.settle(tx, timer, due_at=now + AGAIN_AFTER_FAILURE)
    except Exception:
        # One child's file must not keep the others from being watched.
        log.exception("could not look at %s %s", timer.kind, timer.key)
        with database.transaction() as tx:
            due.settle(tx, timer, due_at=now + AGAIN_AFTER_FAILURE)
