"""Made-up children, and what is recorded of them."""

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID, uuid4

from msgspec import structs

from application.access import SYSTEM
from application.eventstore.log import Keys
from application.eventstore.recorder import Row
from application.intake.submission import Submission
from application.recording.outcome import NOWHERE
from application.system import System
from domain.child import fold
from domain.event import Event, Metadata
from domain.status import status_of
from domain.streams.carers.carer import CarerRegistered

ORG = "county/township/school"
CLASS = f"{ORG}/3/4"
DAY = date(2026, 3, 5)
RECORD = "奶奶在家，作业已完成，情绪稳定；与母亲每周通话两次。" * 3
HOME_VISIT = "home_visit_made"


def carer_of(system: System) -> UUID:
    """Register a carer, and make the class known."""
    carer = uuid4()
    details = CarerRegistered(name="陆老师", staff_no=carer.hex)
    system.carers.register(actor=SYSTEM, carer_id=carer, org=ORG, details=details)
    system.organisations.ensure(CLASS, actor=SYSTEM)
    return carer


def enrolment(child: UUID) -> Submission:
    """Return what enrols a child."""
    return Submission(
        event_id=uuid4(),
        type="child_enrolled",
        child_id=child,
        org=CLASS,
        occurred_on=date(2026, 3, 1),
        details={"name": "林小雨", "student_no": child.hex, "sex": "female", "birth_date": "2016-05-20"},
    )


def visit(child: UUID, carer: UUID) -> Submission:
    """Return what records a home visit."""
    details = {
        "carers": [str(carer)],
        "outcome": "met",
        "met": ["child", "guardian"],
        "minutes": 40,
        "place": "柳树村三组",
        "record": RECORD,
    }
    return Submission(event_id=uuid4(), type=HOME_VISIT, child_id=child, occurred_on=DAY, details=details)


def enrolled(system: System, count: int) -> list[UUID]:
    """Enrol children."""
    children = [uuid4() for _ in range(count)]
    system.submissions.submit_many([enrolment(c) for c in children], actor=SYSTEM, provenance=NOWHERE)
    return children


def visited(system: System, child: UUID, carer: UUID, *, visits: int, at_once: int = 100) -> None:
    """Record many visits to a child, past the decisions: what is measured is how they are read."""
    stream = list(system.log.stream(child))
    for start in range(0, visits, at_once):
        more = [
            a_visit(child, carer, version=len(stream) + 1 + n) for n in range(min(at_once, visits - start))
        ]
        stream += more
        system.log.append(more, rows=[status_row(child, stream)])


def a_visit(child: UUID, carer: UUID, *, version: int) -> Event:
    """Return a visit that has been decided."""
    new_event = visit(child, carer).new_event(recorded_by=SYSTEM.name)
    return Event(
        originator_id=child,
        originator_version=version,
        event_id=new_event.event_id,
        occurred=new_event.occurred,
        details=new_event.details,
        recorded_by=new_event.recorded_by,
        org=CLASS,
        metadata=Metadata(actor=SYSTEM.name, role=SYSTEM.role.value, channel=SYSTEM.channel),
    )


def status_row(child: UUID, stream: Sequence[Event]) -> Row:
    """Return the row that a save writes beside the event."""
    values = structs.asdict(status_of(fold(child, stream)))
    return Row(table="child_status", key={"child_id": values.pop("child_id")}, values=values)


def next_saves(
    system: System, children: Sequence[UUID], carer: UUID, *, ahead: int = 1
) -> Iterator[tuple[Event, Row, Keys]]:
    """Return for each child its next visits, round by round, ready to be saved.

    Beside each the row and the key: whoever saves has loaded the child before, and with it its key.
    """
    loaded = {child: system.log.load(child) for child in children}
    streams = {child: list(stream) for child, (stream, _) in loaded.items()}
    for _ in range(ahead):
        for child, stream in streams.items():
            stream.append(event := a_visit(child, carer, version=len(stream) + 1))
            yield event, status_row(child, stream), loaded[child][1]
