"""Generated stories of one child, for laws: legal or not, for the fold judges whatever was recorded."""

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace as restated

from domain.care_actions.call_made import CallOutcome
from domain.choices import CarerKind, Met, Party, VisitOutcome
from domain.event import Event
from tests.support.builders import (
    CARER,
    ORG,
    OTHER_CARER,
    call,
    corrected,
    enrolled,
    exited,
    handed_over,
    paired,
    readmitted,
    record_filed,
    stream,
    talk,
    took_part,
    transfer_accepted,
    transfer_proposed,
    unpaired,
    visit,
    voided,
)

FIRST = date(2026, 2, 20)
DAYS = 75
SCHOOL = ORG.rpartition("/")[0]
OTHER_ORG = "county/township/other school/class"

days = st.integers(0, DAYS).map(lambda n: FIRST + timedelta(days=n))
_BOTH = ((FIRST, CARER, CarerKind.PROXY_PARENT), (FIRST, CARER, CarerKind.CARE_COUNSELLOR))

# Most of what happens lies close together, so that it meets in one period and sometimes on one day.
busy_days = st.one_of(st.sampled_from([FIRST + timedelta(days=n) for n in (11, 12, 14, 17, 39, 40)]), days)
starts = st.one_of(st.just(FIRST), st.just(FIRST), days)
carers = st.sampled_from([(CARER,), (CARER,), (OTHER_CARER,), (CARER, OTHER_CARER)])
_one_carer = st.sampled_from([CARER, OTHER_CARER])
kinds = st.sampled_from([CarerKind.CARE_COUNSELLOR, CarerKind.PROXY_PARENT])
times = st.sampled_from([None, None, "08:00", "19:30", "00:00"])
records = st.sampled_from(["Found all well.", "Found all well.", None])


@st.composite
def stories(draw: st.DrawFn, *, corrections: bool = True) -> tuple[Event, ...]:
    """The facts of one child in any order, and what was corrected and voided afterwards."""
    born = draw(st.sampled_from([*["2016-05-20"] * 6, "2008-04-01", "2008-02-29"]))
    begin = draw(st.sampled_from([*[FIRST] * 5, _after(12), _after(30)]))
    enrolment = enrolled(str(begin), birth_date=born, known=str(FIRST))
    turns = draw(st.one_of(st.just([]), st.just([]), st.lists(days, max_size=3, unique=True).map(sorted)))
    life = [(readmitted if n % 2 else exited)(str(day)) for n, day in enumerate(turns)]
    pairings = [
        paired(str(max(day, enrolment.occurred.day)), carer=carer, kind=kind, name=str(n))
        for n, (day, carer, kind) in enumerate(
            [
                *draw(st.sampled_from([_BOTH, _BOTH, _BOTH[:1], ()])),
                *draw(st.lists(st.tuples(starts, st.sampled_from([CARER, OTHER_CARER]), kinds), max_size=2)),
            ]
        )
    ]
    handovers = [
        handed_over(
            str(max(draw(days), enrolment.occurred.day)), p, carer=draw(_one_carer), kind=p.details.kind
        )
        for p in pairings
        if draw(st.sampled_from([False, False, True]))
    ]
    pairings += handovers
    ends = [
        unpaired(str(draw(days)), p) for p in pairings if draw(st.sampled_from([False, False, False, True]))
    ]
    transfers = _transfers(draw)
    actions = [
        _action(draw, name=str(n), day=str(day))
        for n, day in enumerate(draw(st.lists(busy_days, min_size=2, max_size=10)))
    ]
    filings = _about(draw, actions, lambda target, n: record_filed(str(draw(days)), target, name=str(n)))
    facts = [*life, *transfers, *pairings, *ends, *actions, *filings]
    changes: list[Event] = []
    if corrections:
        changes = _about(draw, facts, lambda target, n: _correction(draw, target, name=str(n)))
        changes += _about(draw, [*facts, *changes], lambda t, n: voided(str(draw(days)), t, name=str(n)))
    told = [_heard(draw, event) for event in (*draw(st.permutations(facts)), *changes)]
    # As in the store: nothing before the enrolment, and the later position was never recorded earlier.
    return stream(enrolment, *sorted(told, key=_when))


def _transfers(draw: st.DrawFn) -> list[Event]:
    """Moves to another school, or to another class of the same, and perhaps back."""
    told: list[Event] = []
    for n, day in enumerate(draw(st.one_of(st.just([]), st.just([]), st.lists(days, max_size=2)))):
        org = draw(st.sampled_from([OTHER_ORG, f"{SCHOOL}/another class", ORG]))
        proposal = transfer_proposed(str(day), to=org, name=str(n))
        told.append(proposal)
        if draw(st.sampled_from([True, True, False])):
            told.append(transfer_accepted(str(day), proposal, org=org))
    return told


def _after(number: int) -> date:
    return FIRST + timedelta(days=number)


def _action(draw: st.DrawFn, *, name: str, day: str) -> Event:
    said: dict[str, Any] = {"name": name, "carers": draw(carers), "at": draw(times)}
    match draw(st.sampled_from(["visit", "visit", "call", "talk", "took_part"])):
        case "visit":
            outcome = draw(st.sampled_from([VisitOutcome.MET, VisitOutcome.MET, VisitOutcome.NOBODY_HOME]))
            met = draw(st.sampled_from([(), (Met.CHILD,), (Met.GUARDIAN, Met.PARENT)]))
            return visit(day, outcome=outcome, met=met, record=draw(records), **said)
        case "call":
            return call(
                day,
                caller=draw(st.sampled_from([Party.CARER, Party.CARER, Party.CHILD])),
                called=draw(st.sampled_from([Party.MOTHER, Party.MOTHER, Party.FATHER, Party.GUARDIAN])),
                outcome=draw(
                    st.sampled_from([CallOutcome.CONNECTED, CallOutcome.CONNECTED, CallOutcome.NO_ANSWER])
                ),
                minutes=draw(st.integers(0, 3)),
                **said,
            )
        case "took_part":
            return took_part(day, **said)
        case _:
            return talk(day, record=draw(records), **said)


def _about(draw: st.DrawFn, targets: list[Event], make: Any) -> list[Event]:
    if not targets:
        return []
    return [make(t, n) for n, t in enumerate(draw(st.lists(st.sampled_from(targets), max_size=3)))]


def _correction(draw: st.DrawFn, target: Event, *, name: str) -> Event:
    fields: dict[str, Any] = {"occurred_on": str(draw(days))}
    details = {
        "home_visit_made": [{"outcome": "refused"}, {"outcome": "met"}, {"record": None}, {"met": ["child"]}],
        "call_made": [{"called": "father"}, {"minutes": 0}, {"carers": [str(OTHER_CARER)]}],
        "talk_held": [{"record": "Told of the exam."}, {"record": None}],
        "care_handed_over": [{"carer": str(CARER)}],
        "pairing_started": [{"kind": "proxy_parent"}, {"carer": str(OTHER_CARER)}],
    }.get(target.type)
    if details and draw(st.booleans()):
        fields = {"details": draw(st.sampled_from(details))}
    return corrected(str(draw(days)), target, fields=fields, name=name)


def _when(event: Event) -> datetime:
    assert event.recorded_at is not None
    return event.recorded_at


def _heard(draw: st.DrawFn, event: Event) -> Event:
    delay = draw(st.sampled_from([0, 0, 0, 1, 6, 40]))
    recorded = _when(event) + timedelta(days=delay)
    # Noted before it was recorded, or by a clock that runs ahead.
    noted = draw(st.sampled_from([None, None, None, -3, 0, 2]))
    return restated(
        event, recorded_at=recorded, noted_at=None if noted is None else recorded + timedelta(hours=noted)
    )
