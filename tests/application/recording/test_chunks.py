"""Many children in one transaction: what becomes of each is what would become of it alone."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from application.eventstore.recorder import VersionConflict
from application.eventstore.seal import Tampered
from application.intake.submission import Submission
from application.recording.chunks import MOST_EVENTS, MOST_NEW_EVENTS, MOST_STREAMS, chunks, halves
from application.recording.outcome import NOWHERE, Outcome, Recorded
from domain.event import NewEvent
from domain.refusal import Refused
from tests.support.actions import CLASS, Desk
from tests.support.tampering import tamper

DAY = date(2026, 3, 5)
SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


def said(
    type_: str, child: UUID, *, day: date = DAY, event_id: UUID | None = None, **more: Any
) -> Submission:
    return Submission(event_id=event_id or uuid4(), type=type_, child_id=child, occurred_on=day, details=more)


def enrolment(child: UUID, *, number: str, event_id: UUID | None = None) -> Submission:
    words = {"name": "林小禾", "student_no": number, "sex": "female", "birth_date": "2016-05-20"}
    first = said("child_enrolled", child, day=date(2026, 3, 1), event_id=event_id, **words)
    return replace(first, org=CLASS)


def visit(child: UUID, carer: UUID, *, event_id: UUID | None = None) -> Submission:
    words: dict[str, Any] = {"carers": [str(carer)], "outcome": "met", "record": "了解学习和生活情况"}
    return said("home_visit_made", child, event_id=event_id, **words)


def pairing(child: UUID, carer: UUID, *, event_id: UUID | None = None) -> Submission:
    return said("pairing_started", child, event_id=event_id, carer=str(carer), kind="care_counsellor")


def sent(desk: Desk, *submissions: Submission) -> list[Outcome]:
    return desk.system.submissions.submit_many(submissions, actor=desk.actor, provenance=NOWHERE)


def words(outcomes: Sequence[Outcome]) -> list[str]:
    return [o.reason.code if isinstance(o, Refused) else "new" if o.new else "known" for o in outcomes]


def saves(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows by the number of streams in each save that the log is asked for."""
    counts: list[int] = []
    append = desk.system.log.append

    def counted(events: Any, **more: Any) -> Any:
        counts.append(len({event.originator_id for event in events}))
        return append(events, **more)

    monkeypatch.setattr(desk.system.log, "append", counted)
    return counts


def versions(desk: Desk, stream: UUID) -> list[int]:
    return [event.originator_version for event in desk.system.log.stream(stream)]


def test_the_children_of_a_batch_are_saved_as_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    children, carer = [desk.enrol() for _ in range(5)], desk.carer()
    counts = saves(desk, monkeypatch)

    outcomes = sent(desk, *(visit(child, carer) for child in children * 2))

    assert words(outcomes) == ["new"] * 10
    assert counts == [5]
    assert [desk.child(child).version for child in children] == [3] * 5
    stored = {e.event_id: e.position for child in children for e in desk.system.log.stream(child)}
    assert all(isinstance(o, Recorded) and o.position == stored[o.event_id] for o in outcomes)


def test_of_two_children_one_gets_the_last_place_of_a_carer(desk: Desk) -> None:
    carer, (first, second, third) = desk.carer(capacity=2), [desk.enrol() for _ in range(3)]
    desk.pair(first, carer)

    assert words(sent(desk, pairing(third, carer), pairing(second, carer))) == ["new", "capacity_exceeded"]

    assert versions(desk, carer) == [1, 2, 3]
    assert [desk.child(child).version for child in (second, third)] == [1, 2]


def test_a_place_that_one_child_gives_up_is_there_for_the_next(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    carer, (first, second) = desk.carer(capacity=1), [desk.enrol() for _ in range(2)]
    running = desk.pair(first, carer, "2026-03-01")
    counts = saves(desk, monkeypatch)

    ended = said("pairing_ended", first, pairing=str(running.event_id))

    assert words(sent(desk, ended, pairing(second, carer))) == ["new", "new"]
    assert counts == [3]
    assert versions(desk, carer) == [1, 2, 3, 4]


def test_a_carer_changed_by_somebody_else_meanwhile_is_decided_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    carer, children = desk.carer(capacity=2), [desk.enrol() for _ in range(3)]
    load = desk.system.carers.load_many

    def and_meanwhile(carer_ids: Sequence[UUID]) -> Any:
        monkeypatch.undo()
        loaded = load(carer_ids)
        desk.pair(children[2], carer)
        return loaded

    monkeypatch.setattr(desk.system.carers, "load_many", and_meanwhile)

    outcomes = sent(desk, *(pairing(child, carer) for child in children[:2]))

    assert words(outcomes) == ["new", "capacity_exceeded"]
    assert versions(desk, carer) == [1, 2, 3]


def test_a_child_written_by_somebody_else_meanwhile_leaves_the_others_recorded_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    carer, children = desk.carer(), [desk.enrol() for _ in range(5)]
    load_many = desk.system.log.load_many

    def and_meanwhile(stream_ids: Sequence[UUID]) -> Any:
        monkeypatch.undo()
        loaded = load_many(stream_ids)
        desk.visit(children[3], carer, "2026-03-04")
        return loaded

    monkeypatch.setattr(desk.system.log, "load_many", and_meanwhile)
    batch = [visit(child, carer) for child in children]

    assert words(sent(desk, *batch)) == ["new"] * 5
    assert words(sent(desk, *batch)) == ["known"] * 5

    assert [versions(desk, child) for child in children] == [[1, 2]] * 3 + [[1, 2, 3], [1, 2]]


def test_a_number_that_is_taken_holds_up_nobody_else(desk: Desk) -> None:
    desk.enrol(student_no="T1")
    children = [uuid4() for _ in range(5)]
    numbers = ["T2", "T3", "T1", "T4", "T4"]

    outcomes = sent(desk, *(enrolment(c, number=n) for c, n in zip(children, numbers, strict=True)))

    assert words(outcomes) == ["new", "new", "number_taken", "new", "number_taken"]
    assert [desk.child(child).version for child in children] == [1, 1, 0, 1, 0]


def test_an_erased_child_holds_up_nobody_else(desk: Desk) -> None:
    carer, children = desk.carer(), [desk.enrol() for _ in range(4)]
    desk.system.keyring.destroy(children[1])
    # Destroyed before it ever had one: an enrolment asks for a key that there will never be.
    desk.system.keyring.destroy(never := uuid4())

    outcomes = sent(desk, *(visit(child, carer) for child in children))
    enrolled = sent(desk, enrolment(never, number="T8"), enrolment(uuid4(), number="T9"))

    assert words(outcomes) == ["new", "erased", "new", "new"]
    assert words(enrolled) == ["erased", "new"]
    assert [desk.child(child).version for child in children] == [2, 1, 2, 2]


def test_an_id_that_two_children_use_stands_for_the_first(desk: Desk) -> None:
    carer, children, twin = desk.carer(), [desk.enrol() for _ in range(4)], uuid4()
    desk.visit(children[3], carer, "2026-03-04", event_id=(elsewhere := uuid4()))

    outcomes = sent(
        desk,
        visit(children[0], carer),
        visit(children[1], carer, event_id=twin),
        visit(children[2], carer, event_id=twin),
        visit(children[2], carer, event_id=elsewhere),
        visit(children[2], carer),
    )

    assert words(outcomes) == ["new", "new", "event_id_reused", "event_id_reused", "new"]
    assert [desk.child(child).version for child in children] == [2, 2, 2, 2]


def test_a_file_that_cannot_be_read_leaves_the_others_recorded(desk: Desk) -> None:
    carer, children = desk.carer(), [desk.enrol() for _ in range(3)]
    (enrolled,) = desk.system.log.stream(children[2])
    assert enrolled.position is not None
    tamper(desk.system.database, enrolled.position)

    with pytest.raises(Tampered):
        sent(desk, *(visit(child, carer) for child in children))

    assert [desk.child(child).version for child in children[:2]] == [2, 2]


def test_a_file_whose_key_is_another_leaves_the_others_recorded(desk: Desk) -> None:
    carer, children = desk.carer(), [desk.enrol() for _ in range(3)]
    with desk.system.keys_database.transaction() as tx:
        tx.run("UPDATE stream_key SET key = :key WHERE stream_id = :id", key=bytes(32), id=children[2])

    outcomes = sent(desk, *(visit(child, carer) for child in children))

    assert words(outcomes) == ["new", "new", "keys_missing"]
    assert [desk.child(child).version for child in children[:2]] == [2, 2]


def test_whatever_the_order_of_the_lines_streams_and_rows_are_saved_in_one_order(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    carers = sorted(desk.carer(f"卢{n}") for n in range(3))
    children = sorted(desk.enrol() for _ in range(3))
    append, streams, rows = desk.system.log.append, list[UUID](), list[UUID]()

    def watched(events: Any, **more: Any) -> Any:
        streams.extend(event.originator_id for event in events)
        rows.extend(row.key["child_id"] for row in more["rows"])
        return append(events, **more)

    monkeypatch.setattr(desk.system.log, "append", watched)

    sent(desk, *map(pairing, children[::-1], carers))

    assert streams == [*children, *carers]
    assert rows == children


def test_whatever_the_order_of_the_lines_numbers_are_claimed_in_one_order(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.enrol()
    append, claims = desk.system.log.append, list[list[bytes]]()

    def watched(events: Any, **more: Any) -> Any:
        claims.append([row.key["digest"] for row in more["rows"] if row.unique])
        return append(events, **more)

    monkeypatch.setattr(desk.system.log, "append", watched)
    numbers = [f"T{n}" for n in range(6)]

    first = sent(desk, *(enrolment(uuid4(), number=n) for n in numbers))
    sent(desk, *(enrolment(uuid4(), number=n) for n in reversed(numbers)))

    assert words(first) == ["new"] * 6
    assert claims[0] == claims[1] == sorted(claims[0])


def test_two_batches_of_the_same_children_in_opposite_orders_do_not_wait_for_each_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    carer, other, children = desk.carer(), desk.carer("陆老师"), [desk.enrol() for _ in range(12)]
    outcomes: list[Outcome] = []
    start = threading.Barrier(2)
    append, refusals = desk.system.log.append, list[Exception]()

    def watched(events: Any, **more: Any) -> Any:
        try:
            return append(events, **more)
        except Exception as error:
            refusals.append(error)
            raise

    monkeypatch.setattr(desk.system.log, "append", watched)

    def send(order: list[UUID], carers: tuple[UUID, UUID]) -> None:
        start.wait()
        for day in range(5):
            for carer_id in carers:
                lines = [replace(visit(c, carer_id), occurred_on=DAY + timedelta(days=day)) for c in order]
                outcomes.extend(sent(desk, *lines))

    threads = [
        threading.Thread(target=send, args=(children, (carer, other))),
        threading.Thread(target=send, args=(children[::-1], (other, carer))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert words(outcomes) == ["new"] * 240
    # One of two that wait for each other would be told that the database is not to be had.
    assert {type(error) for error in refusals} <= {VersionConflict}
    assert [versions(desk, child) for child in children] == [list(range(1, 22))] * 12


def test_chunks_are_bounded_and_keep_the_order() -> None:
    children = {uuid4(): [_new_event()] * (n % 7 + 1) for n in range(240)}
    lengths = dict(zip(children, [0, 10, 400, MOST_EVENTS * 2] * 60, strict=True))
    parted = list(chunks(children, versions=lengths))

    assert [child for chunk in parted for child in chunk] == list(children)
    for chunk in parted:
        assert len(chunk) <= MOST_STREAMS
        assert sum(map(len, chunk.values())) <= MOST_NEW_EVENTS
        assert sum(lengths[child] for child in chunk) <= MOST_EVENTS or len(chunk) == 1
    assert [len(chunk) for chunk in chunks(children, versions={})] == [50, 50, 50, 50, 40]
    alone = {uuid4(): [_new_event()] * 2000}
    assert list(chunks(alone, versions={})) == [alone]


def test_halves_lose_nobody() -> None:
    children = {uuid4(): [_new_event()] for _ in range(5)}
    first, second = halves(children)
    assert (len(first), len(second)) == (2, 3)
    assert [*first, *second] == list(children)


def _new_event() -> NewEvent:
    return visit(UUID(int=1), UUID(int=2), event_id=UUID(int=3)).new_event(recorded_by="刘")


@dataclass(frozen=True)
class Item:
    """A line about one of four children; `pick` chooses among carers, numbers and ids."""

    what: str
    child: int
    pick: int


WHAT = ("enrol", "enrol", "visit", "visit", "pair", "pair", "unpair", "exit", "nobody", "by number", "again")
BATCH = st.lists(
    st.builds(Item, st.sampled_from(WHAT), st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=16
)


class Town:
    """Children, carers and events of one telling: the same in every telling but for their ids."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.seed = desk, uuid4()
        self.carers = [desk.carer(f"卢{self.seed.hex}{n}", capacity=n + 1) for n in range(2)]

    def id(self, name: str) -> UUID:
        made = uuid5(self.seed, name)
        return UUID(int=made.int, version=4)

    def lines(self, batch: Sequence[Item]) -> list[Submission]:
        return [self.line(number, item) for number, item in enumerate(batch)]

    def line(self, number: int, item: Item) -> Submission:
        child, carer = self.id(f"child {item.child}"), self.carers[item.pick % 2]
        # Few ids, so that some are used again, by the same child and by others.
        event = self.id(f"event {number - item.pick if item.what == 'again' else number}")
        number_of = f"T{self.id(f'number {item.pick}').hex[:12]}"
        match item.what:
            case "enrol":
                return enrolment(child, number=number_of, event_id=event)
            case "pair":
                return pairing(child, carer, event_id=event)
            case "unpair":
                pairing_id = self.id(f"event {max(0, number - item.pick - 1)}")
                return said("pairing_ended", child, event_id=event, pairing=str(pairing_id))
            case "exit":
                exit_ = said("child_exited", child, event_id=event, reason="moved")
                return replace(exit_, based_on=item.pick)
            case "by number":
                return replace(visit(child, carer, event_id=event), child_id=None, student_no=number_of)
            case "nobody":
                return visit(child, self.id("nobody"), event_id=event)
        return visit(child, carer, event_id=event)

    def files(self) -> list[list[tuple[Any, ...]]]:
        """Return every stream without what tells one town from another."""
        known = {self.id(f"event {n}"): n for n in range(-4, 20)}
        streams = [*(self.id(f"child {n}") for n in range(4)), *self.carers]
        return [
            [
                (e.originator_version, e.type, known.get(e.event_id), e.org, e.occurred.day)
                for e in self.desk.system.log.stream(stream)
            ]
            for stream in streams
        ]

    def told(self, outcomes: Sequence[Outcome]) -> list[tuple[Any, ...]]:
        children = {self.id(f"child {n}"): n for n in range(4)}
        return [
            (type(o).__name__, [(f.reason.code, f.pointer) for f in o.faults])
            if isinstance(o, Refused)
            else (o.new, o.version, children[o.stream_id], o.late_days)
            for o in outcomes
        ]


def _one_by_one(town: Town, lines: Sequence[Submission]) -> list[Outcome]:
    """Send each line by itself: enrolments first, then child by child."""
    outcomes: dict[int, Outcome] = {}
    for enrolling in (True, False):
        numbers = [n for n, line in enumerate(lines) if (line.type == "child_enrolled") is enrolling]
        named = {n: _child_of(town, lines[n]) for n in numbers}
        first = {child: n for n, child in reversed(named.items())}
        for n in sorted(numbers, key=lambda n: (first[named[n]], n)):
            (outcomes[n],) = sent(town.desk, lines[n])
    return [outcomes[n] for n in range(len(lines))]


def _child_of(town: Town, line: Submission) -> UUID | str | None:
    if line.child_id is not None or line.student_no is None:
        return line.child_id
    found = town.desk.system.record.find(kind="student_no", word=line.student_no, scope="")
    return found[0] if found else line.student_no


@settings(deadline=None, suppress_health_check=SLOW)
@given(batch=BATCH)
def test_a_batch_does_what_its_lines_do_one_by_one(desk: Desk, batch: list[Item]) -> None:
    at_once, one_by_one = Town(desk), Town(desk)

    told = at_once.told(sent(desk, *at_once.lines(batch)))

    assert told == one_by_one.told(_one_by_one(one_by_one, one_by_one.lines(batch)))
    assert at_once.files() == one_by_one.files()


def test_the_law_is_no_empty_one(desk: Desk) -> None:
    town = Town(desk)
    batch = [Item("enrol", n, n) for n in range(4)]
    batch += [Item("pair", n, 0) for n in range(4)] + [Item("nobody", 0, 0), Item("again", 1, 2)]

    told = town.told(sent(desk, *town.lines(batch)))

    assert Counter(str(outcome[0]) for outcome in told) == {"True": 6, "Conflict": 3, "AtOdds": 1}
