"""Deciding on a stream: one loop, whatever the kind."""

import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from application.access import SYSTEM
from application.eventstore.recorder import VersionConflict
from application.reasons import ID_IN_USE
from application.streams import ATTEMPTS, Busy, Kept, Streams, until_settled
from application.system import System
from domain.ids import own_id
from domain.org import org_id
from domain.refusal import Conflict, Invalid
from domain.streams.carers.carer import Carer, CarerRegistered, fold_carer
from domain.streams.carers.kind import KIND

TREE = Path(__file__).parents[2]
KEPT = Kept(kind=KIND, fold=fold_carer)
ORG = "县/镇/小学"


def named(name: str) -> Callable[[Carer], CarerRegistered | None]:
    said = CarerRegistered(name=name)
    return lambda carer: None if carer.registered == said else said


def decide(system: System, carer: UUID, decision: Callable[[Carer], CarerRegistered | None]) -> int:
    streams = Streams(log=system.log, now=system.now)
    done = streams.decide(KEPT, carer, decision, actor=SYSTEM, org=lambda _carer: ORG)
    assert streams.load(KEPT, carer).version == done.state.version
    return len(done.events)


def test_a_decision_is_appended_and_the_same_again_is_nothing_new(system: System) -> None:
    carer = uuid4()

    assert decide(system, carer, named("卢老师")) == 1
    assert decide(system, carer, named("卢老师")) == 0
    assert decide(system, carer, named("陆老师")) == 1

    events = system.log.stream(carer)
    assert [event.originator_version for event in events] == [1, 2]
    assert [event.event_id for event in events] == [own_id(carer, "1"), own_id(carer, "2")]
    assert {event.org for event in events} == {ORG}
    assert {event.metadata.kind for event in events} == {"carer"}


def test_who_was_overtaken_decides_once_more_on_what_is_there_by_then(system: System) -> None:
    carer, seen = uuid4(), []

    def overtaken(state: Carer) -> CarerRegistered:
        seen.append(state.version)
        if len(seen) == 1:
            decide(system, carer, named("先来"))
        return CarerRegistered(name="后到")

    assert decide(system, carer, overtaken) == 1
    assert seen == [0, 1]
    assert [event.details.name for event in system.log.stream(carer)] == ["先来", "后到"]


def test_details_out_of_bounds_are_refused_and_nothing_is_written(system: System) -> None:
    carer = uuid4()

    with pytest.raises(Invalid):
        decide(system, carer, lambda _: CarerRegistered(name="名" * 51))

    assert system.log.stream(carer) == ()


def test_an_id_of_another_kind_is_refused(system: System) -> None:
    system.organisations.ensure(ORG, actor=SYSTEM)

    with pytest.raises(Conflict) as refused:
        decide(system, org_id(ORG), named("卢老师"))

    assert refused.value.reason is ID_IN_USE


def test_who_is_always_overtaken_is_told_so() -> None:
    attempts = []

    def attempt() -> None:
        attempts.append(1)
        raise VersionConflict(originator_id=UUID(int=1), version=1)

    with pytest.raises(Busy):
        until_settled(attempt)

    assert len(attempts) == ATTEMPTS


def test_the_loop_is_written_once() -> None:
    sources = [p for room in ("application", "workers", "api", "cli") for p in (TREE / room).rglob("*.py")]

    loops = [p.name for p in sources if re.search(r"range\(ATTEMPTS\)", p.read_text(encoding="utf-8"))]

    assert loops == ["streams.py"]


def test_nobody_else_goes_on_after_a_conflict() -> None:
    """Recording looks which ids were taken, and has the loop begin again."""
    sources = [p for room in ("application", "workers", "api", "cli") for p in (TREE / room).rglob("*.py")]
    catching = {
        p.relative_to(TREE).as_posix()
        for p in sources
        if re.search(r"except .*(VersionConflict|EventIdTaken)", p.read_text(encoding="utf-8"))
    }

    store = {path for path in catching if path.startswith("application/eventstore/")}
    assert catching - store == {
        "application/streams.py",
        "application/recording/recording.py",
    }
