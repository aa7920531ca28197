"""What a stream has to itself: the numbers of its entries that no other stream of its kind may bear."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from application.eventstore.recorder import Row
from application.lookups import Lookups
from application.recording.session import Session
from domain.event import Event
from domain.ledger.event_type import Alone, declared
from domain.ledger.facts import Facts
from domain.ledger.kind import StreamKind
from domain.normal import normal_number
from domain.org import school_of
from domain.refusal import Fault

# The series, the normal form of the word, and the organisation within which it is one stream's; "" is all.
Held = tuple[str, str, str]


def held(kind: StreamKind[Any], state: Facts) -> frozenset[Held]:
    """Return what a stream has to itself by its standing entries."""
    if not kind.has_to_itself:
        return frozenset()
    facts = state.of_any(*kind.has_to_itself)
    return frozenset(held for fact in facts for _, _, held in _said(fact.event))


def _said(event: Event) -> Iterator[tuple[str, Alone, Held]]:
    """Go through what an entry says that no other stream may say, by JSON pointers."""
    for pointer, alone in declared(type(event.details)).alone(event.details).items():
        org = school_of(event.org) if alone.within_org else ""
        yield pointer, alone, (alone.series, normal_number(alone.word), org)


def rows(session: Session[Any], lookups: Lookups) -> Iterator[Row]:
    """Make the rows of what a session gives up, and of what it takes."""
    old, new = held(session.kind, session.loaded), held(session.kind, session.state)
    stream = session.state.stream_id
    for series, word, org in sorted(old - new):
        yield lookups.release(kind=series, word=word, county=org, stream=stream)
    for series, word, org in sorted(new - old):
        yield lookups.claim(kind=series, word=word, county=org, stream=stream)


def taken(session: Session[Any], lookups: Lookups) -> Fault | None:
    """Return why a session is refused of which another stream has something; None where none has."""
    stream: UUID = session.state.stream_id
    for event in session.events:
        for pointer, alone, (series, word, org) in _said(event):
            claim = lookups.claim(kind=series, word=word, county=org, stream=stream)
            if lookups.holder(claim) not in (None, stream):
                return Fault(reason=alone.reason, pointer=pointer)
    return None
