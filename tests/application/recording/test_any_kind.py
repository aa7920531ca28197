"""Recording on streams of a kind that nobody will ever need, as on those of children."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import date
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from application.access import SYSTEM, Actor, Role
from application.recording.daily_limit import MOST_A_DAY, DailyLimit, TooManyEvents
from application.recording.deriving import Deriving
from application.recording.outcome import Decided, Outcome, Recorded
from application.recording.recording import Recording
from application.system import System
from domain.event import Channel, Details, NewEvent, Occurred
from domain.ledger.event_corrected import EventCorrected
from domain.ledger.event_voided import EventVoided
from domain.ledger.facts import fold
from domain.org import org_id
from domain.refusal import Refused
from domain.status import stream_status_of
from tests.support.actions import CLASS, Desk
from tests.support.builders import event
from tests.support.kinds import recording_of
from tests.support.lanterns import KIND, Colour, Lantern, LanternHung, LanternLit, LanternSnuffed

DAY = date(2026, 3, 5)
HUNG = LanternHung(colour=Colour.RED, place="门口")


@pytest.fixture
def lanterns(system: System, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recording[Lantern]]:
    """A recording of lanterns, as long as the catalogue knows of them."""
    with recording_of(KIND, system=system, monkeypatch=monkeypatch) as lanterns:
        yield lanterns


def new_event(details: Details, *, event_id: UUID | None = None) -> NewEvent:
    return NewEvent(
        event_id=event_id or uuid4(), occurred=Occurred.on(DAY), details=details, recorded_by="看灯人"
    )


def hung(lanterns: Recording[Lantern]) -> UUID:
    lantern = uuid4()
    assert words(said(lanterns, lantern, new_event(HUNG))) == ["new"]
    return lantern


def said(
    lanterns: Recording[Lantern], lantern: UUID, *new_events: NewEvent, based_on: int | None = None
) -> list[Outcome]:
    return list(
        lanterns.record_many(
            actor=SYSTEM,
            stream_id=lantern,
            new_events=[replace(each, based_on=based_on, org=CLASS) for each in new_events],
        )
    )


def words(outcomes: list[Outcome]) -> list[str]:
    return [o.reason.code if isinstance(o, Refused) else "new" if o.new else "known" for o in outcomes]


def state(system: System, lantern: UUID) -> Lantern:
    return fold(Lantern, lantern, system.log.stream(lantern))


def test_the_same_again_is_nothing_new_and_other_words_under_its_id_are_refused(
    system: System, lanterns: Recording[Lantern]
) -> None:
    lantern, lit = hung(lanterns), uuid4()
    other = hung(lanterns)

    assert words(said(lanterns, lantern, new_event(LanternLit(wick=3), event_id=lit))) == ["new"]
    assert words(said(lanterns, lantern, new_event(LanternLit(wick=3), event_id=lit))) == ["known"]
    assert words(said(lanterns, lantern, new_event(LanternLit(wick=4), event_id=lit))) == ["event_id_reused"]
    assert words(said(lanterns, other, new_event(LanternLit(wick=3), event_id=lit))) == ["event_id_reused"]
    assert [event.metadata.kind for event in system.log.stream(lantern)] == ["lantern", "lantern"]
    assert lanterns.versions([lantern, other]) == {lantern: 2, other: 1}


def test_a_lantern_is_corrected_and_voided_on_the_version_that_was_seen(
    system: System, lanterns: Recording[Lantern]
) -> None:
    lantern, lit = hung(lanterns), uuid4()
    said(lanterns, lantern, new_event(LanternLit(wick=3), event_id=lit))
    fields = {"details": {"wick": 5}}
    corrected = new_event(EventCorrected(target=lit, fields=fields, reason="看错", approved_by="李主任"))
    voided = new_event(EventVoided(target=lit, reason="记错", approved_by="李主任"))

    assert words(said(lanterns, lantern, corrected)) == ["version_required"]
    assert words(said(lanterns, lantern, corrected, based_on=1)) == ["stale"]
    assert words(said(lanterns, lantern, corrected, based_on=2)) == ["new"]
    assert [details.wick for _, details in state(system, lantern).of(LanternLit)] == [5]
    assert words(said(lanterns, lantern, voided, based_on=3)) == ["new"]
    assert not state(system, lantern).shining


def test_an_erased_lantern_holds_up_no_other(system: System, lanterns: Recording[Lantern]) -> None:
    ids = [hung(lanterns) for _ in range(4)]
    system.keyring.destroy(ids[1])

    done = lanterns.record_streams({each: [new_event(LanternSnuffed())] for each in ids}, actor=SYSTEM)

    assert [words(list(done[each])) for each in ids] == [["new"], ["erased"], ["new"], ["new"]]


def test_a_stream_grows_no_further_in_a_day_whatever_its_kind(lanterns: Recording[Lantern]) -> None:
    lit = event(LanternLit(wick=2), "2026-03-05")
    assert lit.recorded_at is not None
    actor = Actor(name="看灯人", role=Role.CLIENT, channel=Channel.API)
    limit = DailyLimit([lit] * MOST_A_DAY, subject=KIND.label, actor=actor, now=lit.recorded_at)

    with pytest.raises(TooManyEvents) as refused:
        limit.refuse("lantern_lit")

    why = refused.value.reason
    assert why.zh == "该灯笼今日经接口登记的条目已达上限（2,000 条）"
    assert why.en == "As many entries as one day may have (2,000) were recorded of this lantern today."


def test_an_id_of_another_kind_opens_no_lantern(system: System, lanterns: Recording[Lantern]) -> None:
    system.organisations.ensure(CLASS, actor=SYSTEM)

    assert words(said(lanterns, org_id(CLASS), new_event(HUNG))) == ["id_in_use"]


def test_no_event_of_a_child_is_voided_as_that_of_a_lantern(
    system: System, desk: Desk, lanterns: Recording[Lantern]
) -> None:
    child = desk.enrol()
    (enrolled,) = system.log.stream(child)
    voiding = EventVoided(target=enrolled.event_id, reason="记错", approved_by="李主任")

    (lit,) = said(lanterns, child, new_event(LanternLit(wick=2)), based_on=1)
    (voided,) = said(lanterns, child, new_event(voiding), based_on=1)

    assert isinstance(lit, Refused)
    assert isinstance(voided, Refused)
    assert system.log.stream(child) == (enrolled,)


def test_eight_writers_of_one_lantern_all_get_through(system: System, lanterns: Recording[Lantern]) -> None:
    lantern = hung(lanterns)

    def write(_writer: int) -> list[Outcome]:
        return [o for _ in range(3) for o in said(lanterns, lantern, new_event(LanternLit(wick=2)))]

    with ThreadPoolExecutor(max_workers=8) as writers:
        outcomes = [o for each in writers.map(write, range(8)) for o in each]

    assert words(outcomes) == ["new"] * 24
    assert sorted(o.version for o in outcomes if isinstance(o, Recorded)) == list(range(2, 26))
    assert lanterns.versions([lantern]) == {lantern: 25}
    wanted = asdict(stream_status_of(KIND, fold(Lantern, lantern, system.log.stream(lantern))))
    assert system.database.one("SELECT * FROM stream WHERE stream_id = :id", id=lantern) == wanted


class Lighting:
    """Proposes to light a lantern, and notes how often it was asked."""

    def __init__(self, *, first: Callable[[], object] = lambda: None) -> None:
        self.versions: list[int] = []
        self._first = first

    def derive(self, lantern: Lantern) -> list[NewEvent]:
        self.versions.append(lantern.version)
        if len(self.versions) == 1:
            self._first()
        return [replace(new_event(LanternLit(wick=2)), line=7)]


def test_what_is_proposed_upon_the_state_is_recorded_with_its_line(
    system: System, lanterns: Recording[Lantern]
) -> None:
    ids = [hung(lanterns) for _ in range(4)]
    system.keyring.destroy(ids[1])
    derivers = {each: Lighting() for each in ids}

    decided = Deriving(recording=lanterns, actor=SYSTEM).record(derivers)

    outcomes = {each: done.outcomes for each, done in decided.items() if isinstance(done, Decided)}
    assert [words(list(outcomes[each])) for each in ids] == [["new"], ["erased"], ["new"], ["new"]]
    assert [event.metadata.line for event in system.log.stream(ids[0])] == [None, 7]
    third = decided[ids[2]]
    assert isinstance(third, Decided)
    assert third.state.shining


def test_who_is_overtaken_is_asked_again_upon_what_is_there_then(
    system: System, lanterns: Recording[Lantern]
) -> None:
    first, second = hung(lanterns), hung(lanterns)
    quicker = Lighting(first=lambda: said(lanterns, first, new_event(LanternSnuffed())))

    decided = Deriving(recording=lanterns, actor=SYSTEM).record({first: quicker, second: Lighting()})

    assert quicker.versions == [1, 2]
    assert isinstance(decided[first], Decided)
    assert [event.type for event in system.log.stream(first)] == [
        "lantern_hung",
        "lantern_snuffed",
        "lantern_lit",
    ]
