"""What the actors do: plain functions of ids, safe to run twice. The truth is in the database."""

from uuid import UUID

from projections.rebuild import judge
from workers.desk import Desk


def recompute(child_id: UUID, *, desk: Desk) -> None:
    """Judge a child's periods anew as far as that is asked for."""
    judge(
        database=desk.system.database,
        log=desk.system.log,
        child_id=child_id,
        bindings=lambda child: desk.system.organisations.bindings([child.org]) if child.org else (),
        calendar=desk.calendar,
        now=desk.system.now(),
        at=desk.at,
    )
