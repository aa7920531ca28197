"""Who may do what, where: the one place where it is decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from application.reasons import NOT_ALLOWED, NOT_FOUND
from domain.event import Channel
from domain.ledger.kind import StreamKind
from domain.org import county_of, school_of, within
from domain.refusal import Fault, Refused, Unknown


class Forbidden(Refused):
    """The actor may not do this at all; that it exists is no secret."""


class Action(StrEnum):
    """Something that an actor may want to do."""

    SUBMIT = "submit"
    READ = "read"
    REPORT = "report"
    MANAGE = "manage"
    WATCH = "watch"


class Role(StrEnum):
    """What somebody is to the ledger."""

    CLIENT = "client"
    AUDITOR = "auditor"
    WATCHER = "watcher"
    MANAGER = "manager"
    SYSTEM = "system"


ALLOWED: Mapping[Role, frozenset[Action]] = {
    Role.CLIENT: frozenset({Action.SUBMIT, Action.READ, Action.REPORT}),
    Role.AUDITOR: frozenset({Action.READ, Action.REPORT}),
    Role.WATCHER: frozenset({Action.READ, Action.REPORT, Action.WATCH}),
    Role.MANAGER: frozenset(Action),
    Role.SYSTEM: frozenset(Action),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks: an authenticated name, a role, the organisation subtree ("" is all) and the channel.

    `types` are the types of events that may be submitted, and then nothing else may be done; None is no
    such bound. `principal` and `key` are None for the ledger itself, and for who sits at its
    terminal.
    """

    name: str
    role: Role
    org: str = ""
    channel: Channel = Channel.API
    types: frozenset[str] | None = None
    principal: UUID | None = None
    key: str | None = None


# The ledger itself, and whoever sits at its terminal.
SYSTEM = Actor(name="careledger", role=Role.SYSTEM, channel=Channel.SYSTEM)


def require(actor: Actor, action: Action, *, org: str, event_type: str | None = None) -> None:
    """Refuse what the actor may not do. Whoever is bound to types may submit those, and nothing else.

    Raises `Unknown` where `org` lies outside the actor's subtree, so that nobody learns what is there;
    raises `Forbidden` where the role or the granted types do not allow it.
    """
    bound = actor.types is not None and action is not Action.SUBMIT
    if bound or action not in ALLOWED[actor.role]:
        raise Forbidden(Fault(reason=NOT_ALLOWED))
    if not within(org, actor.org):
        raise Unknown(Fault(reason=NOT_FOUND))
    if event_type is not None and actor.types is not None and event_type not in actor.types:
        raise Forbidden(Fault(reason=NOT_ALLOWED, pointer="/type"))


def may_see(kind: StreamKind[Any], state: Any, actor: Actor) -> bool:
    """Return whether a stream of a kind is there for an actor, within whose scope it lies.

    One that is not for everybody is there for those whom it names and for managers of its county; whoever is
    excluded does not see it, whatever the office. The ledger itself, and who sits at its terminal, do.
    """
    if kind.access is None or actor.role is Role.SYSTEM:
        return True
    access = kind.access(state)
    if actor.principal in access.excluded:
        return False
    of_county = actor.role is Role.MANAGER and actor.org == county_of(actor.org)
    return of_county or actor.principal in access.readers


def may_name(actor: Actor, org: str) -> bool:
    """Return whether the actor may speak of somebody of `org`: of its own school or subtree, or of above."""
    return within(org, school_of(actor.org)) or within(actor.org, org)
