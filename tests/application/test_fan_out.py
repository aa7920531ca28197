"""A kind of stream that nobody will ever need, whose events go into the files of children by declaration."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID, uuid4

import pytest

from application.access import SYSTEM
from application.recording.outcome import Recorded
from application.recording.recording import Recording
from application.system import System
from domain.care_actions.gift_received import GiftKind, GiftLine, GiftReceived
from domain.event import Details, NewEvent, Occurred
from domain.fields import described
from domain.ids import own_id
from domain.ledger.event_type import EventType
from domain.ledger.event_voided import EVENT_TYPE as VOIDING
from domain.ledger.event_voided import EventVoided
from domain.ledger.facts import Facts, view
from domain.ledger.kind import Addressee, FanOut, StreamKind
from domain.refusal import Refused, Text
from tests.support.actions import CLASS, Desk
from tests.support.kinds import recording_of

DAY = date(2026, 3, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class KitesFlown(Details):
    """Each of these children got a kite."""

    TYPE: ClassVar[str] = "kites_flown"

    children: tuple[UUID, ...] = described("儿童", "Children", max_length=10)


@dataclass(frozen=True, kw_only=True)
class Kites(Facts):
    """An afternoon with kites."""

    @view(KitesFlown, EventVoided)
    def flown(self) -> tuple[Addressee, ...]:
        """Who got one, also where that was voided."""
        of = [fact for fact in self.entries if isinstance(fact.details, KitesFlown)]
        named = [(child, fact.event) for fact in of for child in fact.details.children]
        return tuple(
            Addressee(number=n, cause=cause, child_id=child, student_no=None, scope="")
            for n, (child, cause) in enumerate(named)
        )


def new_events(kites: Kites, to: Addressee, child: UUID) -> list[NewEvent]:
    gift = GiftReceived(
        donor="风筝", kind=GiftKind.GOODS, lines=(GiftLine(item="风筝", quantity=1, unit_value_fen=100),)
    )
    first = NewEvent(
        event_id=own_id(to.cause.event_id, str(child)),
        occurred=to.cause.occurred,
        details=gift,
        recorded_by=to.cause.recorded_by,
    )
    if not kites.void:
        return [first]
    voiding = EventVoided(target=first.event_id, reason="误记", approved_by="李主任")
    last = NewEvent(
        event_id=own_id(first.event_id, "void"),
        occurred=first.occurred,
        details=voiding,
        recorded_by=first.recorded_by,
    )
    return [first, last]


KIND = StreamKind(
    name="kites",
    plural="kites",
    label=Text(zh="风筝", en="Kites"),
    types=(EventType(details=KitesFlown, label=Text(zh="放风筝", en="Flown"), correctable=False), VOIDING),
    opens=(KitesFlown,),
    view=Kites,
    fans_out=FanOut(
        addressees=lambda kites: kites.flown,
        new_events=new_events,
        withdrawn=lambda kites, _to: bool(kites.void),
    ),
)


@pytest.fixture
def kites(system: System, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recording[Kites]]:
    with recording_of(KIND, system=system, monkeypatch=monkeypatch) as kites:
        yield kites


def say(kites: Recording[Kites], stream: UUID, details: Details, *, version: int | None = None) -> Recorded:
    new_event = NewEvent(
        event_id=uuid4(),
        occurred=Occurred.on(DAY),
        details=details,
        recorded_by="看风筝的",
        based_on=version,
        org=CLASS,
    )
    (outcome,) = kites.record_many(actor=SYSTEM, stream_id=stream, new_events=[new_event])
    assert not isinstance(outcome, Refused), outcome
    return outcome


def types(system: System, child: UUID) -> list[str]:
    return [event.type for event in system.log.stream(child)][1:]


def test_what_a_kind_declares_goes_into_each_file_once_and_is_taken_back(
    system: System, desk: Desk, kites: Recording[Kites]
) -> None:
    one, other, stream = desk.enrol(), desk.enrol(), uuid4()
    flown = say(kites, stream, KitesFlown(children=(one, other)))

    assert system.fan_outs.due() == 2
    assert [system.fan_outs.step(), system.fan_outs.step()] == [2, 0]
    assert [types(system, one), types(system, other)] == [["gift_received"]] * 2

    say(kites, stream, EventVoided(target=flown.event_id, reason="误记", approved_by="李主任"), version=1)
    system.fan_outs.of_stream(stream)

    assert [types(system, one), types(system, other)] == [["gift_received", "event_voided"]] * 2
    assert system.fan_outs.due() == 0
