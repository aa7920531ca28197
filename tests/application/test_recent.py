"""What was read of a stream a moment ago is not opened again, and is never taken for the truth."""

import dataclasses
from contextlib import closing
from uuid import UUID

import pytest
from msgspec.structs import replace

from application.eventstore.recent import SECONDS, Read, Recent
from application.eventstore.seal import Tampered, commitment_of
from application.system import System, open_system
from domain.child import Child
from tests.support.actions import Desk


def kept(system: System, child: UUID) -> Read | None:
    return system.log._recent.of(child, generation=system.database.generation)


def some_read(system: System, child: UUID) -> Read:
    found = kept(system, child)
    assert found is not None
    return found


def test_what_was_opened_stays_and_what_another_process_adds_is_put_to_it(desk: Desk, system: System) -> None:
    # given a child that was loaded, and a visit that another process records
    child, carer = desk.enrol(), desk.carer()
    desk.visit(child, carer, "2026-03-05")
    before = system.log.load(child)[0]
    with closing(open_system(system.settings, clock=system.now)) as other:
        Desk(other).visit(child, carer, "2026-03-06")

    # when it is loaded for the next save, and one is recorded
    events = system.log.load(child)[0]
    outcome = desk.visit(child, carer, "2026-03-07")

    # then nothing is opened twice, and it is the stream
    assert [id(event) for event in events[: len(before)]] == [id(event) for event in before]
    assert events == system.log.stream(child)[:-1]
    assert outcome.version == len(events) + 1 == 4
    assert some_read(system, child).folded[Child].version == 3


def test_a_destroyed_key_has_it_forgotten(desk: Desk, system: System) -> None:
    child = desk.enrol()
    system.log.load(child)
    system.keyring.destroy(child)

    ((event,), keys) = system.log.load(child)

    assert event.erased
    assert not keys.of
    assert kept(system, child) is None


def test_another_key_opens_nothing_that_was_kept(desk: Desk, system: System) -> None:
    child = desk.enrol()
    system.log.load(child)
    read = some_read(system, child)
    system.log._recent.keep(child, replace(read, key=bytes(32), folded={Child: "of another key"}))

    assert system.log.load(child)[0] == read.events
    assert some_read(system, child).key == read.key
    assert not some_read(system, child).folded


def test_an_event_that_was_changed_is_noticed(desk: Desk, system: System) -> None:
    # given a child as it was read, whose last event has other words in the store by now
    child = desk.enrol()
    system.log.load(child)
    read = some_read(system, child)
    changed = dataclasses.replace(read.last, org="county/elsewhere")
    system.log._recent.keep(child, replace(read, last=changed))

    # when it is loaded, then it is read from its beginning
    events, _ = system.log.load(child)

    assert events == read.events
    assert events[0] is not read.events[0]


def test_a_changed_event_is_refused(desk: Desk, system: System) -> None:
    child, carer = desk.enrol(), desk.carer()
    desk.visit(child, carer, "2026-03-05")
    system.log.load(child)
    recorder = system.log._recorder
    stored = recorder.stream([child])
    read = some_read(system, child)

    class Altered(type(recorder)):  # type: ignore[misc]
        def stream_meanwhile(self, *args: object, **bounds: object) -> object:
            found, done = super().stream_meanwhile(*args, **bounds)
            return [dataclasses.replace(each, org="county/elsewhere") for each in found], done

    system.log._recorder = Altered(db=system.database)

    assert stored[-1] == read.last
    with pytest.raises(Tampered):
        system.log.load(child)


def test_another_life_of_the_server_begins_with_nothing(desk: Desk, system: System) -> None:
    child = desk.enrol()
    system.log.load(child)

    assert kept(system, child) is not None
    assert system.log._recent.of(child, generation=system.database.generation + 1) is None


def test_so_much_is_kept_and_for_so_long(desk: Desk, system: System) -> None:
    # given a shelf for three events, and children of one event and of two
    now = 0.0
    recent = Recent(most_events=3, clock=lambda: now)
    child = desk.enrol()
    system.log.load(child)
    one = some_read(system, child)
    two = replace(one, events=one.events * 2)

    # when more is kept than it holds, then what was kept first is gone
    recent.keep(UUID(int=1), two)
    recent.keep(UUID(int=2), one)
    assert recent.of(UUID(int=1), generation=one.generation) is two
    recent.keep(UUID(int=3), one)
    assert recent.of(UUID(int=1), generation=one.generation) is None
    assert recent.of(UUID(int=2), generation=one.generation) is one

    # when its time is over, then all of it is gone, whoever asks for anything
    now = SECONDS
    assert recent.of(UUID(int=9), generation=one.generation) is None
    assert not recent._kept
    assert recent._events == 0


def test_what_further_keys_have_opened_is_not_kept(desk: Desk, system: System) -> None:
    # given a child whose stream is written with another key than it was begun with
    child, keys = desk.enrol(), system.keys_database
    began = system.keyring.key_for(child)
    with keys.transaction() as tx:
        tx.run("UPDATE stream_key SET key = :key WHERE stream_id = :id", key=bytes(range(32)), id=child)
        tx.run(
            "INSERT INTO further_stream_key (stream_id, commitment, key, created_at)"
            " VALUES (:id, :commitment, :key, :now)",
            id=child,
            commitment=commitment_of(began),
            key=began,
            now=system.now(),
        )

    # when it is loaded for a save
    events, _ = system.log.load(child)

    # then it is read, and asked for anew the next time
    assert events == system.log.stream(child)
    assert kept(system, child) is None
