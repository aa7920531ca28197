"""What children are called, for lists of something else that is about them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from application.access import ALLOWED, Action, Actor
from application.eventstore.log import EventLog
from application.readable import readable
from domain.child import fold
from domain.org import within


def names_of(log: EventLog, child_ids: Sequence[UUID], *, actor: Actor) -> Mapping[UUID, str]:
    """Return the names of those children whom the actor may read; an erased or unreadable one has none.

    Who may see a child is decided by where it belongs now.
    """
    if Action.READ not in ALLOWED[actor.role]:
        return {}
    read = readable(log, list(dict.fromkeys(child_ids)), unreadable=lambda _child_id, _fault: None)
    children = (fold(child_id, events) for child_id, events in read if events and not events[-1].erased)
    return {c.child_id: c.profile.name for c in children if c.profile and within(c.org, actor.org)}
