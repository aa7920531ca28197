"""The usual way from a stream into files of children: an entry names them, and each gets one of its own."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar, cast
from uuid import UUID

from domain.event import Details, Event, NewEvent
from domain.ids import own_id
from domain.ledger.event_voided import EventVoided
from domain.ledger.fact import Fact
from domain.ledger.facts import BY_VERSION, Facts
from domain.ledger.kind import Addressee, FanOut
from domain.reasons import CHILD_TWICE
from domain.refusal import Fault

D = TypeVar("D", bound=Details)
F = TypeVar("F", bound=Facts)


def into_files(
    cause: type[Details] | tuple[type[Details], ...],
    *,
    children: Callable[[Any], Sequence[UUID]],
    entry: Callable[[F, Event, UUID], Details],
) -> FanOut[F]:
    """Return how each child that an entry of type `cause` names gets an entry of its own.

    `children` gives those whom its details name, `entry` what the file of one says. What `cause` says is
    never corrected; where it is voided, the entries of the children are.
    """

    def addressees(state: F) -> Sequence[Addressee]:
        named = sorted((f for f in state.entries if isinstance(f.details, cause)), key=BY_VERSION)
        each = [(fact.event, child) for fact in named for child in children(fact.details)]
        return [
            Addressee(number=number, cause=event, child_id=child, student_no=None, scope=event.org)
            for number, (event, child) in enumerate(each)
        ]

    def new_events(state: F, to: Addressee, child: UUID) -> Sequence[NewEvent]:
        first = NewEvent(
            event_id=own_id(to.cause.event_id, str(child)),
            occurred=to.cause.occurred,
            details=entry(state, to.cause, child),
            recorded_by=to.cause.recorded_by,
            written_on=to.cause.written_on,
            source_event_id=to.cause.event_id,
        )
        voiding = next((fact for fact in state.entries if _voids(fact, to.cause)), None)
        return [first] if voiding is None else [first, _voided(voiding, first, child)]

    def withdrawn(state: F, to: Addressee) -> bool:
        return any(fact.event.event_id == to.cause.event_id for fact in state.void)

    return FanOut(addressees=addressees, new_events=new_events, withdrawn=withdrawn)


def recorded_before(state: Facts, cause: Event, wanted: type[D]) -> D:
    """Return what the last entry of a type said when `cause` was recorded, though it may be void by now.

    What a file says must not change with what becomes of such an entry: it is said once, and asked for again.
    """
    facts = [fact for fact in state.entries if isinstance(fact.details, wanted)]
    before = [fact for fact in facts if fact.event.originator_version < cause.originator_version]
    said: Any = max(before, key=BY_VERSION).event.details
    return cast("D", said)


def named_twice(children: Iterable[UUID], before: Iterable[UUID] = ()) -> Iterator[Fault]:
    """Find the rows of children who stand in an earlier one, or among those named `before`."""
    seen = set(before)
    for number, child in enumerate(children):
        if child in seen:
            yield Fault(reason=CHILD_TWICE, pointer=f"/details/children/{number}/child")
        seen.add(child)


def _voids(fact: Fact, cause: Event) -> bool:
    return isinstance(fact.details, EventVoided) and fact.details.target == cause.event_id


def _voided(voiding: Fact, first: NewEvent, child: UUID) -> NewEvent:
    said: EventVoided = voiding.details
    return NewEvent(
        event_id=own_id(voiding.event_id, str(child)),
        occurred=voiding.occurred,
        details=EventVoided(target=first.event_id, reason=said.reason, approved_by=said.approved_by),
        recorded_by=voiding.event.recorded_by,
    )
