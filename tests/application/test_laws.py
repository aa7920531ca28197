"""Laws that hold for any story that the ledger lets people tell."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from application.access import SYSTEM
from application.intake.submission import Submission
from application.recording.outcome import NOWHERE, Recorded
from application.system import System
from domain.catalogue import shown_of_a_child
from domain.child import Child, fold
from domain.event import Event
from domain.ledger.facts import evolve
from domain.refusal import Refused
from domain.status import status_of
from tests.support.actions import SCHOOL, Desk
from tests.support.status_rows import without_searched
from tests.support.systems import fresh_system

FIRST = date(2026, 3, 1)
ELSEWHERE = (f"{SCHOOL}/grade 4/class 1", "county/township/other school/class 1")
DAYS = st.integers(-5, 125).map(lambda n: FIRST + timedelta(days=n))
SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


@dataclass(frozen=True)
class Step:
    """Something somebody tries: `pick` chooses among carers and earlier entries."""

    what: str
    day: date
    pick: int


FACTS = st.builds(
    Step,
    st.sampled_from(["visit", "missed", "call", "talk", "gift", "parent", "guardian", "profile"]),
    DAYS,
    st.integers(0, 9),
)
STORY = st.lists(
    st.one_of(
        FACTS,
        st.builds(
            Step,
            st.sampled_from(
                [
                    "pair",
                    "pair",
                    "unpair",
                    "hand over",
                    "file",
                    "correct",
                    "amend",
                    "void",
                    "exit",
                    "readmit",
                    "profile",
                    "propose",
                    "propose",
                    "accept",
                    "accept",
                    "decline",
                    "withdraw",
                ]
            ),
            DAYS,
            st.integers(0, 9),
        ),
    ),
    max_size=14,
)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder: Path = tmp_path_factory.mktemp("laws")
    with fresh_system(folder) as system:
        yield system


@pytest.fixture(scope="module")
def another_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder: Path = tmp_path_factory.mktemp("another")
    with fresh_system(folder) as system:
        yield system


@pytest.fixture(scope="module")
def carers(system: System, another_system: System) -> list[UUID]:
    carers = {"卢老师": uuid4(), "孟老师": uuid4()}
    for desk in (Desk(system), Desk(another_system)):
        for name, carer in carers.items():
            desk.carer(name, carer=carer, capacity=1000)
        for org in ELSEWHERE:
            desk.system.organisations.ensure(org, actor=SYSTEM)
    return list(carers.values())


def words(
    step: Step, carers: list[UUID], ids: list[UUID], *, transfer: UUID
) -> tuple[str, dict[str, object]]:
    carer, target = str(carers[step.pick % 2]), str(ids[step.pick % len(ids)])
    return {
        "visit": ("home_visit_made", {"carers": [carer], "outcome": "met", "record": "x" * (step.pick % 2)}),
        "missed": ("home_visit_made", {"carers": [carer], "outcome": "nobody_home"}),
        "call": (
            "call_made",
            {"caller": "carer", "called": "father", "outcome": "connected", "minutes": step.pick % 3},
        ),
        "talk": ("talk_held", {"carers": [carer], "record": "想家" if step.pick % 2 else None}),
        "gift": (
            "gift_received",
            {
                "donor": "热心人",
                "kind": "goods",
                "lines": [{"item": "书", "quantity": 1, "unit_value_fen": 100}],
            },
        ),
        "parent": ("parent_work_recorded", {"parent": "father", "away": step.pick % 2 == 0}),
        "guardian": ("guardian_designated", {"name": f"监护人{step.pick}"}),
        "profile": ("profile_changed", {"address": f"{step.pick}组"}),
        "pair": ("pairing_started", {"carer": carer, "kind": "care_counsellor"}),
        "hand over": (
            "care_handed_over",
            {"pairing": target, "carer": carer, "kind": "care_counsellor", "accepted_by": "孟老师"},
        ),
        "unpair": ("pairing_ended", {"pairing": target}),
        "file": ("record_filed", {"target": target, "record": "补记"}),
        "correct": (
            "event_corrected",
            {
                "target": target,
                "fields": {"occurred_on": (FIRST + timedelta(days=step.pick)).isoformat()},
                "reason": "笔误",
                "approved_by": "王校长",
            },
        ),
        "amend": (
            "event_corrected",
            {
                "target": str(ids[-1 - step.pick % len(ids)]),
                "fields": {"details": amended(step, carer, target)},
                "reason": "笔误",
                "approved_by": "王校长",
            },
        ),
        "void": ("event_voided", {"target": target, "reason": "误录", "approved_by": "王校长"}),
        "exit": ("child_exited", {"reason": "moved"}),
        "readmit": ("child_readmitted", {}),
        "propose": ("transfer_proposed", {"to": ELSEWHERE[step.pick % 2]}),
        "accept": ("transfer_accepted", {"transfer": str(transfer), "accepted_by": "赵主任"}),
        "decline": ("transfer_declined", {"transfer": str(transfer), "reason": "学位已满"}),
        "withdraw": ("transfer_withdrawn", {"transfer": str(transfer), "reason": "不再转学"}),
    }[step.what]


def amended(step: Step, carer: str, target: str) -> dict[str, object]:
    """What a correction says instead; most of it fits one type of entry alone."""
    return [
        {"carer": carer},
        {"carers": [carer]},
        {"kind": "party_member"},
        {"pairing": target},
        {"target": target},
        {"outcome": "nobody_home"},
        {"record": None},
        {"birth_date": "2008-04-01"},
        {"address": "新址"},
        {"minutes": 0},
    ][step.pick]


def told(
    desk: Desk, story: list[Step], carers: list[UUID], *, child: UUID, noted: Sequence[datetime] = ()
) -> list[Submission]:
    """Tell a story, each step `noted` when that is said, and give what was accepted of it."""
    ids, accepted = [desk.child(child).enrolment.event_id], []
    for number, step in enumerate(story):
        open_ones = (t.event_id for t in desk.child(child).transfers if t.open)
        type_, details = words(step, carers, ids, transfer=next(open_ones, ids[-1]))
        submission = Submission(
            event_id=uuid4(),
            type=type_,
            child_id=child,
            occurred_on=step.day,
            details=details,
            based_on=desk.child(child).version,
            noted_at=noted[number] if noted else None,
        )
        try:
            desk.system.submissions.submit(submission, actor=desk.actor, provenance=NOWHERE)
        except Refused:
            continue
        accepted.append(submission)
        ids.append(submission.event_id)
    return accepted


@settings(deadline=None, suppress_health_check=SLOW)
@given(story=STORY)
def test_replay_of_any_legal_story_equals_the_live_state(
    system: System, carers: list[UUID], story: list[Step]
) -> None:
    desk = Desk(system)
    child = desk.enrol()
    told(desk, story, carers, child=child)

    replayed = desk.child(child)
    live = system.database.one("SELECT * FROM child_status WHERE child_id = :child", child=child)

    assert live is not None
    assert without_searched([live]) == [structs.asdict(status_of(replayed))]
    slots = {
        (c, slot.pairing, slot.start, slot.end)
        for c in carers
        for slot in system.carers.load(c).slots.values()
        if slot.child == child
    }
    assert slots == {(p.carer, p.event_id, p.start, p.end) for p in replayed.pairings}


VIEWS = (
    "enrolment",
    "profile",
    "moves",
    "org",
    "orgs",
    "transfers",
    "spans",
    "pairings",
    "ended_pairings",
    "anchor",
    "last_contact",
    "entries",
)


@settings(deadline=None, suppress_health_check=SLOW)
@given(story=STORY)
def test_one_event_after_the_other_gives_what_a_fold_of_all_gives(
    system: System, carers: list[UUID], story: list[Step]
) -> None:
    desk = Desk(system)
    child = desk.enrol()
    told(desk, story, carers, child=child)

    assert_the_same_step_by_step(child, system.log.stream(child))


# From carer to carer, from class to class, from school to school, and out.
HAND_TO_HAND = [
    Step(what, FIRST + timedelta(days=day), pick)
    for day, (what, pick) in enumerate(
        [
            ("pair", 0),
            ("hand over", 1),
            ("propose", 0),
            ("decline", 0),
            ("propose", 0),
            ("withdraw", 0),
            ("propose", 0),
            ("accept", 0),
            ("visit", 1),
            ("propose", 1),
            ("accept", 1),
            ("pair", 0),
            ("propose", 0),
            ("exit", 0),
            ("readmit", 0),
        ]
    )
]


def test_a_child_that_goes_from_hand_to_hand_is_the_same_step_by_step(
    system: System, carers: list[UUID]
) -> None:
    desk = Desk(system)
    child = desk.enrol()

    assert len(told(desk, HAND_TO_HAND, carers, child=child)) == len(HAND_TO_HAND)
    assert_the_same_step_by_step(child, system.log.stream(child))


def assert_the_same_step_by_step(child_id: UUID, stream: Sequence[Event]) -> None:
    """Evolve a child through its stream, and compare it with the fold of all until then at each event."""
    child = Child(stream_id=child_id)
    for number, event in enumerate(stream, start=1):
        # Views that nobody has looked at are not carried over.
        assert all(hasattr(child, name) for name in VIEWS)
        child, whole = evolve(child, event), fold(child_id, stream[:number])
        assert child == whole
        assert {name: getattr(child, name) for name in VIEWS} == {
            name: getattr(whole, name) for name in VIEWS
        }
        assert [child.fact(e.event_id) for e in stream] == [whole.fact(e.event_id) for e in stream]


@settings(deadline=None, suppress_health_check=SLOW)
@given(story=STORY)
def test_everything_twice_is_once(system: System, carers: list[UUID], story: list[Step]) -> None:
    desk = Desk(system)
    child = desk.enrol()
    accepted = told(desk, story, carers, child=child)
    before, head = desk.child(child), system.log.head()

    again = system.submissions.submit_many(accepted, actor=desk.actor, provenance=NOWHERE)

    assert all(isinstance(o, Recorded) and not o.new for o in again)
    assert system.log.head() == head
    assert desk.child(child) == before


# Many lie on one day.
SAME_DAYS = st.builds(Step, FACTS.map(lambda s: s.what), st.just(FIRST), st.integers(0, 9))
NOTED = [datetime(2026, 6, 1, 8, n, tzinfo=UTC) for n in range(12)]


@settings(deadline=None, suppress_health_check=SLOW)
@given(
    facts=st.lists(st.one_of(FACTS, SAME_DAYS), max_size=12),
    noted=st.permutations(NOTED),
    seed=st.integers(0, 2**16),
)
def test_what_differs_in_when_it_was_noted_may_arrive_in_any_order(  # noqa: PLR0917  fixtures
    system: System,
    another_system: System,
    carers: list[UUID],
    facts: list[Step],
    noted: list[datetime],
    seed: int,
) -> None:
    here, there, child = Desk(system), Desk(another_system), uuid4()
    here.enrol(child=child)
    sent = told(here, facts, carers, child=child, noted=noted)
    assert_any_order_is_the_same(here, there, child=child, sent=sent, seed=seed)


@settings(deadline=None, suppress_health_check=SLOW)
@given(facts=st.lists(FACTS, max_size=12, unique_by=lambda step: step.day), seed=st.integers(0, 2**16))
def test_what_differs_in_when_it_happened_may_arrive_in_any_order(
    system: System, another_system: System, carers: list[UUID], facts: list[Step], seed: int
) -> None:
    here, there, child = Desk(system), Desk(another_system), uuid4()
    here.enrol(child=child)
    # The enrolment is of the first day.
    sent = told(here, [f for f in facts if f.day != FIRST], carers, child=child)
    assert_any_order_is_the_same(here, there, child=child, sent=sent, seed=seed)


@settings(deadline=None, suppress_health_check=SLOW)
@given(facts=st.lists(SAME_DAYS, max_size=8))
def test_what_differs_in_neither_stands_as_it_came_to_be_known(
    system: System, carers: list[UUID], facts: list[Step]
) -> None:
    desk = Desk(system)
    child = desk.enrol(day=FIRST.isoformat())
    sent = told(desk, facts, carers, child=child)

    assert [f.event_id for f in desk.child(child).facts][1:] == [s.event_id for s in sent]


def assert_any_order_is_the_same(
    here: Desk, there: Desk, *, child: UUID, sent: Sequence[Submission], seed: int
) -> None:
    """Send the same in another order, and compare what is true then."""
    there.enrol(child=child, enrolment_id=here.child(child).enrolment.event_id)

    shuffled = random.Random(seed).sample(sent, len(sent))
    there.system.submissions.submit_many(shuffled, actor=there.actor, provenance=NOWHERE)

    assert what_is_true(there.child(child)) == what_is_true(here.child(child))


def what_is_true(child: Child) -> list[object]:
    facts = [(f.event_id, f.occurred, f.details, f.has_record, f.is_contact) for f in child.facts]
    return [
        facts,
        child.profile,
        *(list(each.holding(child)) for each in shown_of_a_child()),
        child.anchor,
        child.spans,
        child.days_silent(FIRST),
    ]
