"""Events of one child, ready to fold, in as few words as a story needs.

Days are written "2026-03-05". An event's id follows from what it is, whose, and when; `name` tells two
alike apart. `known` is the day (at 20:00 in Shanghai) or the aware moment at which it was recorded; for want
of it the day on which it happened. Everything else is passed on to the details of the type.

    story = stream(enrolled("2026-03-01"), paired("2026-03-01"), visit("2026-03-05"))
"""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID, uuid5

from msgspec.structs import replace as restated

from domain.care_actions.call_made import CallMade, CallOutcome
from domain.care_actions.care_handed_over import CareHandedOver
from domain.care_actions.child_enrolled import ChildEnrolled
from domain.care_actions.child_exited import ChildExited, ExitReason
from domain.care_actions.child_readmitted import ChildReadmitted
from domain.care_actions.home_visit_made import HomeVisitMade
from domain.care_actions.pairing_ended import PairingEnded
from domain.care_actions.pairing_started import PairingStarted
from domain.care_actions.participation_recorded import ParticipationRecorded
from domain.care_actions.record_filed import RecordFiled
from domain.care_actions.talk_held import TalkHeld, TalkMode
from domain.care_actions.transfer_accepted import TransferAccepted
from domain.care_actions.transfer_proposed import TransferProposed
from domain.choices import ActivityKind, CarerKind, Met, Party, Sex, VisitOutcome
from domain.days import SHANGHAI, start_of_day
from domain.event import Channel, Details, Event, Metadata, Occurred
from domain.ledger.event_corrected import EventCorrected
from domain.ledger.event_voided import EventVoided

_NAMES = UUID("6f1c1f1e-5d0b-5a57-9c55-5a1d5e0c9a01")


def an_id(name: str) -> UUID:
    """The id of whatever bears this name: a child, a carer, an event."""
    return uuid5(_NAMES, name)


CHILD = an_id("the child")
CARER = an_id("the carer")
OTHER_CARER = an_id("another carer")
ORG = "county/township/school/class"


def stream(*events: Event) -> tuple[Event, ...]:
    """The events as the store has them: in the order given, with versions and positions."""
    return tuple(restated(e, originator_version=n, position=n) for n, e in enumerate(events, start=1))


def event(
    details: Details,
    day: str,
    *,
    child: UUID = CHILD,
    at: str | None = None,
    name: str = "",
    known: str | datetime | None = None,
    written_on: str | None = None,
    noted_at: datetime | None = None,
    org: str = ORG,
) -> Event:
    """Any event. `at` is the Shanghai time of day, "09:30", where that is known."""
    happened = date.fromisoformat(day)
    moment = at and datetime.combine(happened, time.fromisoformat(at), SHANGHAI)
    if not isinstance(known, datetime):
        known = start_of_day(date.fromisoformat(known or day), hour=20)
    return Event(
        originator_id=child,
        originator_version=0,
        event_id=an_id(f"{details.TYPE} {child} {day} {at} {name}"),
        occurred=Occurred.moment(moment) if moment else Occurred.on(happened),
        details=details,
        recorded_by="Teacher Li",
        org=org,
        metadata=Metadata(actor="teacher-li", role="class_teacher", channel=Channel.API),
        written_on=date.fromisoformat(written_on) if written_on else None,
        noted_at=noted_at,
        recorded_at=known,
    )


def enrolled(day: str, *, birth_date: str = "2016-05-20", **envelope: Any) -> Event:
    """The child's file is opened."""
    details = ChildEnrolled(
        name="Xiaoming", student_no="T1", sex=Sex.MALE, birth_date=date.fromisoformat(birth_date)
    )
    return event(details, day, **envelope)


def exited(day: str, **envelope: Any) -> Event:
    """The last day of care."""
    return event(ChildExited(reason=ExitReason.MOVED), day, **envelope)


def readmitted(day: str, **envelope: Any) -> Event:
    """The first day of renewed care."""
    return event(ChildReadmitted(), day, **envelope)


def paired(
    day: str, *, carer: UUID = CARER, kind: CarerKind = CarerKind.CARE_COUNSELLOR, **envelope: Any
) -> Event:
    """A carer takes the child on."""
    return event(PairingStarted(carer=carer, kind=kind), day, **envelope)


def unpaired(day: str, pairing: Event, **envelope: Any) -> Event:
    """The first day without that pairing."""
    return event(PairingEnded(pairing=pairing.event_id), day, **envelope)


def handed_over(
    day: str,
    pairing: Event,
    *,
    carer: UUID = OTHER_CARER,
    kind: CarerKind = CarerKind.CARE_COUNSELLOR,
    **envelope: Any,
) -> Event:
    """From that day on another carer, in the place of the one of that pairing."""
    details = CareHandedOver(pairing=pairing.event_id, carer=carer, kind=kind, accepted_by="Teacher Meng")
    return event(details, day, **envelope)


def transfer_proposed(day: str, *, to: str = "county/township/other school", **envelope: Any) -> Event:
    """Another organisation is to take the child over."""
    return event(TransferProposed(to=to), day, **envelope)


def transfer_accepted(day: str, proposal: Event, **envelope: Any) -> Event:
    """It does; `org` is where the child belongs from that day on."""
    details = TransferAccepted(transfer=proposal.event_id, accepted_by="Director Zhao")
    return event(details, day, **({"name": str(proposal.event_id)} | envelope))


def visit(
    day: str,
    *,
    carers: tuple[UUID, ...] = (CARER,),
    outcome: VisitOutcome = VisitOutcome.MET,
    met: tuple[Met, ...] = (Met.CHILD,),
    record: str | None = "Did homework together.",
    **envelope: Any,
) -> Event:
    """A home visit by the carer, somebody met, with its record."""
    return event(HomeVisitMade(carers=carers, outcome=outcome, met=met, record=record), day, **envelope)


def call(
    day: str,
    *,
    carers: tuple[UUID, ...] = (CARER,),
    caller: Party = Party.CARER,
    called: Party = Party.MOTHER,
    outcome: CallOutcome = CallOutcome.CONNECTED,
    minutes: int = 5,
    **envelope: Any,
) -> Event:
    """Five minutes on the telephone from the carer to the mother."""
    details = CallMade(caller=caller, called=called, outcome=outcome, minutes=minutes, carers=carers)
    return event(details, day, **envelope)


def talk(
    day: str,
    *,
    carers: tuple[UUID, ...] = (CARER,),
    record: str | None = "Misses the mother.",
    mode: TalkMode = TalkMode.FACE_TO_FACE,
    **envelope: Any,
) -> Event:
    """A talk with its record."""
    return event(TalkHeld(carers=carers, mode=mode, record=record), day, **envelope)


def took_part(day: str, *, carers: tuple[UUID, ...] = (), **envelope: Any) -> Event:
    """The child was at a lecture, one of a crowd."""
    activity = an_id(f"lecture {day} {envelope.get('name')}")
    return event(
        ParticipationRecorded(activity=activity, kind=ActivityKind.LECTURE, topic="Drowning"), day, **envelope
    )


def record_filed(day: str, target: Event, **envelope: Any) -> Event:
    """What was said at an earlier action, written down on `day`."""
    details = RecordFiled(target=target.event_id, record="Found all well.")
    return event(details, day, **({"name": str(target.event_id)} | envelope))


def corrected(day: str, target: Event, *, fields: dict[str, Any], **envelope: Any) -> Event:
    """An earlier entry was wrong; `fields` as on the wire: `{"occurred_on": "2026-03-07"}`."""
    details = EventCorrected(
        target=target.event_id, fields=fields, reason="Misread.", approved_by="Principal Wang"
    )
    return event(details, day, **({"name": str(target.event_id)} | envelope))


def voided(day: str, target: Event, **envelope: Any) -> Event:
    """An earlier entry never was."""
    details = EventVoided(target=target.event_id, reason="Another child.", approved_by="Principal Wang")
    return event(details, day, **({"name": str(target.event_id)} | envelope))
