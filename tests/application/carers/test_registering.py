"""Several carers are registered in one save, or none of them is."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID, uuid4

import pytest

from application.access import SYSTEM
from application.system import System, open_system
from domain.refusal import Conflict
from domain.streams.carers.carer import CarerRegistered

SCHOOL = "示例县/东岭镇/寸草心小学"
NEW = {uuid4(): CarerRegistered(name=name) for name in ("卢小佑", "孟小浩", "程小英")}


def registered(system: System) -> set[UUID]:
    """Return who of the new ones is known, by the row and by the stream."""
    known = set(system.carers.known(tuple(NEW)))
    assert known == {i for i, events in system.log.streams(tuple(NEW)).items() if events}
    return known


def test_several_are_there_as_if_each_had_been_registered(system: System) -> None:
    before, _ = system.log.head()

    done = system.carers.register_each(NEW, actor=SYSTEM, org=SCHOOL)

    assert {i: (each.version, each.first) for i, each in done.items()} == dict.fromkeys(NEW, (1, True))
    assert [event.position for event in system.log.after(before, limit=9)] == [before + n for n in (1, 2, 3)]
    assert system.carers.names(tuple(NEW), counties=("示例县",)) == {i: d.name for i, d in NEW.items()}
    assert system.carers.called_alike(org=SCHOOL, names=("卢小佑", "程小英", "无此人")) == {
        **{each.name: [i] for i, each in NEW.items() if each.name != "孟小浩"},
        "无此人": [],
    }


def test_again_is_nothing_new(system: System) -> None:
    system.carers.register_each(NEW, actor=SYSTEM, org=SCHOOL)
    head = system.log.head()

    done = system.carers.register_each(NEW, actor=SYSTEM, org=SCHOOL)

    assert {each.version for each in done.values()} == {1}
    assert system.log.head() == head


def test_where_one_is_refused_none_is_there(system: System) -> None:
    system.carers.register(actor=SYSTEM, carer_id=uuid4(), org=SCHOOL, details=CarerRegistered(name="程小英"))

    with pytest.raises(Conflict, match="carer_not_told_apart"):
        system.carers.register_each(NEW, actor=SYSTEM, org=SCHOOL)

    assert registered(system) == set()


def test_of_several_alike_who_are_registered_at_once_one_is_there(system: System) -> None:
    others, together = [open_system(system.settings) for _ in range(3)], Barrier(3)

    def register(one: System, name: str) -> str:
        together.wait()
        try:
            one.carers.register(
                actor=SYSTEM, carer_id=uuid4(), org=SCHOOL, details=CarerRegistered(name=name)
            )
        except Conflict as refused:
            return refused.reason.code
        return "registered"

    with ThreadPoolExecutor(3) as threads:
        for number in range(10):
            done = threads.map(register, others, [f"卢小{number}"] * 3)
            assert sorted(done) == ["carer_not_told_apart", "carer_not_told_apart", "registered"]
    for other in others:
        other.close()
