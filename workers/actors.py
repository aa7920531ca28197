"""What the actors do: plain functions of ids, safe to run twice. The truth is in the database."""

import logging
from contextlib import suppress
from uuid import UUID

from application.eventstore.database import DatabaseUnavailable
from projections.outbox import recomputing
from projections.outbox.recomputing import Pending
from projections.rebuild import judge
from workers.desk import Desk

log = logging.getLogger(__name__)


def recompute(child_id: UUID, *, desk: Desk) -> None:
    """Judge a child's periods anew as far as that is asked for.

    An attempt counts from before its beginning; of those that fail or kill the process, the last makes a
    dead letter. What fails is said here, by ids: the broker would print what the error quotes.
    """
    database = desk.system.database
    try:
        begun = recomputing.begin(database, child_id)
        if begun is not None:
            _attempt(*begun, desk=desk)
    except DatabaseUnavailable:
        log.warning("recompute of child %s: the database is not there, it is offered again", child_id)
        with suppress(DatabaseUnavailable), database.transaction() as tx:
            recomputing.uncount(tx, child_id)


def _attempt(wanted: Pending, attempt: int, *, desk: Desk) -> None:
    """Raises DatabaseUnavailable."""
    database, child_id = desk.system.database, wanted.child_id
    desk.at("recompute.begun")
    try:
        settled = judge(
            database=database,
            log=desk.system.log,
            wanted=wanted,
            governing=lambda child: desk.system.organisations.governance.governing(child.orgs),
            calendar=desk.calendar,
            now=desk.system.now(),
            at=desk.at,
        )
        if not settled:
            # Something new was recorded meanwhile: the attempt was a good one, and the next is a first one.
            with database.transaction() as tx:
                recomputing.retry(tx, child_id)
    except DatabaseUnavailable:
        raise
    except Exception as error:  # noqa: BLE001  one child's file must not keep the others from being judged
        reason = type(error).__name__
        log.error("recompute of child %s: %s, attempt %d", child_id, reason, attempt)  # noqa: TRY400  ids only
        if attempt >= recomputing.MOST_ATTEMPTS:
            with database.transaction() as tx:
                recomputing.give_up(tx, child_id, reason=reason, now=desk.system.now())
