"""What holds of the facts of every kind of stream, also of kinds that nobody has thought of yet."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.catalogue import stream_kinds
from domain.days import start_of_day
from domain.event import Channel, Details, Event, Metadata, Occurred
from domain.ledger.event_corrected import EventCorrected
from domain.ledger.event_type import declared
from domain.ledger.event_voided import EventVoided
from domain.ledger.facts import BY_VERSION, Facts, evolve, fold, views_of
from domain.ledger.kind import StreamKind
from tests.support import lanterns
from tests.support.builders import an_id
from tests.support.samples import LATER, WORDS, sample_details

FIRST = date(2026, 3, 1)
KNOWN = datetime(2026, 6, 1, tzinfo=UTC)
STREAM = an_id("a stream")
KINDS = [*stream_kinds().values(), lanterns.KIND]
LANTERNS = (
    lanterns.LanternHung(colour=lanterns.Colour.RED, place="gate"),
    lanterns.LanternHung(colour=lanterns.Colour.WHITE, place="bridge"),
    lanterns.LanternLit(wick=3),
    lanterns.LanternLit(wick=5, note="bright"),
    lanterns.LanternSnuffed(),
    lanterns.LanternSealed(),
)


def said_of(kind: StreamKind[Any]) -> list[Details]:
    """Some details of each type of a kind, those apart that speak of another entry."""
    if kind is lanterns.KIND:
        return list(LANTERNS)
    return [
        sample_details(form)
        for form in (*WORDS, *(f"{name}:later" for name in LATER))
        if (event_type := kind.by_type.get(form.partition(":")[0]))
        and event_type.files is None
        and not event_type.changes_others
    ]


class Story:
    """A stream that grows: entries, what corrects, files and voids them, some of it of entries not there."""

    def __init__(self, kind: StreamKind[Any], draw: st.DrawFn) -> None:
        self.kind = kind
        self.events: list[Event] = []
        self._draw = draw
        self._said = said_of(kind)
        self._files = [each for each in kind.types if each.files]

    def grow(self) -> None:
        """Add an event."""
        draw, whole = self._draw, self.events
        choice = draw(st.integers(0, 9)) if whole else 9
        event = draw(st.sampled_from(whole)) if whole else None
        target = event.event_id if event and draw(st.integers(0, 9)) else an_id("nobody")
        if choice == 0 and event is not None and declared(type(event.details)).correctable:
            self._add(
                EventCorrected(target=target, fields=self._fields(event), reason="wrong", approved_by="head")
            )
        elif choice == 1 and event is not None and declared(type(event.details)).voidable:
            self._add(EventVoided(target=target, reason="never was", approved_by="head"))
        elif choice == 2 and self._files:
            details = draw(st.sampled_from(self._files)).details
            words = WORDS.get(details.TYPE, {}) | {"target": target}
            self._add(details(**words))
        else:
            self._add(draw(st.sampled_from(self._said)))

    def _fields(self, event: Event) -> dict[str, Any]:
        fields: dict[str, Any] = {"occurred_on": self._day().isoformat()}
        if isinstance(event.details, lanterns.LanternLit):
            fields["details"] = {"wick": self._draw(st.integers(1, 50))}
        return fields

    def _day(self) -> date:
        return FIRST + timedelta(days=self._draw(st.integers(0, 5)))

    def _add(self, details: Details) -> None:
        number = len(self.events) + 1
        day, at_noon = self._day(), self._draw(st.booleans())
        moment = start_of_day(day, hour=12)
        known = KNOWN + timedelta(hours=number)
        event = Event(
            originator_id=STREAM,
            originator_version=number,
            event_id=uuid5(STREAM, str(number)),
            occurred=Occurred.moment(moment) if at_noon else Occurred.on(day),
            details=details,
            recorded_by="Teacher Li",
            org="county/township/school" if self._draw(st.booleans()) else "county/township/other",
            metadata=Metadata(actor="li", role="client", channel=Channel.API, kind=self.kind.name),
            recorded_at=known,
            noted_at=known - timedelta(hours=self._draw(st.integers(0, 5))),
            position=number,
        )
        self.events.append(event)


@st.composite
def stories(draw: st.DrawFn, kind: StreamKind[Any]) -> tuple[Event, ...]:
    story = Story(kind, draw)
    for _ in range(draw(st.integers(1, 12))):
        story.grow()
    return tuple(story.events)


def everything(state: Facts) -> dict[str, Any]:
    """What the views of a class give, and what can be looked up besides."""
    looked = {name: getattr(state, name) for name in views_of(type(state))}
    return looked | {"entries": state.entries, "latest": state.latest}


def replayed(kind: StreamKind[Any], events: Sequence[Event]) -> Facts:
    return fold(kind.view, STREAM, events)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@settings(deadline=None)
@given(data=st.data())
def test_a_stream_is_the_same_event_by_event_and_so_is_each_view(
    kind: StreamKind[Any], data: st.DataObject
) -> None:
    events = data.draw(stories(kind))
    state: Facts = kind.view(stream_id=STREAM)

    for number, event in enumerate(events, start=1):
        everything(state)  # what nobody has looked at is not carried over
        state, whole = evolve(state, event), replayed(kind, events[:number])
        assert state == whole
        # A view that rests on more than it says is stale here.
        assert everything(state) == everything(whole)
        assert [state.fact(e.event_id) for e in events] == [whole.fact(e.event_id) for e in events]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@settings(deadline=None)
@given(data=st.data())
def test_facts_lie_in_the_order_of_their_kind_and_void_ones_apart(
    kind: StreamKind[Any], data: st.DataObject
) -> None:
    events = data.draw(stories(kind))
    state = replayed(kind, events)

    assert [kind.view.ORDER(f) for f in state.entries] == sorted(kind.view.ORDER(f) for f in state.entries)
    assert sorted(map(BY_VERSION, state.entries)) == list(range(1, len(events) + 1))
    voided: dict[UUID, UUID] = {}
    for event in events:
        if isinstance(event.details, EventVoided):
            voided.setdefault(event.details.target, event.event_id)
    if kind.name != "activity":  # whose voiding names no target
        there = {e.event_id for e in events}
        assert {f.event_id: f.voided_by for f in state.void} == {
            t: by for t, by in voided.items() if t in there
        }
    assert all(f.voided_by is None for f in state.facts)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@settings(deadline=None)
@given(data=st.data(), days=st.integers(-1, 6))
def test_as_of_a_day_what_happened_later_is_left_out_and_nothing_else(
    kind: StreamKind[Any], data: st.DataObject, days: int
) -> None:
    events, day = data.draw(stories(kind)), FIRST + timedelta(days=days)

    whole, then = replayed(kind, events), fold(kind.view, STREAM, events, as_of=day)

    assert [f.event_id for f in then.facts] == [f.event_id for f in whole.facts if f.day <= day]
    assert [f.event_id for f in then.void] == [f.event_id for f in whole.void if f.day <= day]
    assert [f.details for f in then.facts] == [f.details for f in whole.facts if f.day <= day]
    assert (then.version, then.position) == (whole.version, whole.position)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@settings(deadline=None)
@given(data=st.data())
def test_what_was_known_then_tells_of_no_later_correction_filing_or_voiding(
    kind: StreamKind[Any], data: st.DataObject
) -> None:
    events = data.draw(stories(kind))
    moment = data.draw(st.sampled_from(events)).recorded_at
    known = [e for e in events if e.recorded_at <= moment]
    ids = {e.event_id for e in known}

    then = replayed(kind, known)

    for fact in then.entries:
        named = {*fact.corrected_by, *fact.record_filed_by, *filter(None, (fact.voided_by,))}
        assert {fact.event_id, *named} <= ids
        if not fact.corrected_by:
            assert (fact.occurred, fact.details) == (fact.event.occurred, fact.event.details)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@settings(deadline=None)
@given(data=st.data())
def test_a_correction_that_is_voided_corrects_nothing(kind: StreamKind[Any], data: st.DataObject) -> None:
    events = list(data.draw(stories(kind)))
    corrections = [e for e in events if isinstance(e.details, EventCorrected)]
    story = Story(kind, data.draw)
    story.events = events
    for each in corrections:
        story._add(EventVoided(target=each.event_id, reason="was right", approved_by="head"))

    facts = replayed(kind, events).entries

    ids = {e.event_id for e in corrections}
    assert not any(ids & set(f.corrected_by) for f in facts)


@settings(deadline=None)
@given(data=st.data(), seed=st.randoms(use_true_random=False))
def test_of_what_happened_at_different_times_the_order_of_arrival_changes_nothing(
    data: st.DataObject, seed: Any
) -> None:
    days = data.draw(st.lists(st.integers(0, 60), unique=True, min_size=2, max_size=8))
    details = [data.draw(st.sampled_from(LANTERNS)) for _ in days]
    arrived = list(zip(days, details, strict=True))
    seed.shuffle(arrived)

    def told(order: Sequence[tuple[int, Details]]) -> lanterns.Lantern:
        story = Story(lanterns.KIND, data.draw)
        for number, (day, said) in enumerate(order, start=1):
            story.events.append(_bare(number, FIRST + timedelta(days=day), said))
        return fold(lanterns.Lantern, STREAM, story.events)

    one, other = told(list(zip(days, details, strict=True))), told(arrived)

    assert [f.details for f in one.facts] == [f.details for f in other.facts]
    assert (one.colour, one.shining, one.glow) == (other.colour, other.shining, other.glow)


def _bare(number: int, day: date, details: Details) -> Event:
    return Event(
        originator_id=STREAM,
        originator_version=number,
        event_id=UUID(int=number),
        occurred=Occurred.on(day),
        details=details,
        recorded_by="Teacher Li",
        org="county",
        metadata=Metadata(actor="li", role="client", channel=Channel.API),
        recorded_at=KNOWN + timedelta(hours=number),
    )
