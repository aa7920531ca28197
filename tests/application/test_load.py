"""A stream and its key are asked for at the same time, and read as if one after the other."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

import pytest

from application.eventstore.base import CareRecorder
from application.eventstore.database import DatabaseError
from application.eventstore.keyring import KeysMissing
from application.eventstore.recorder import CareStoredEvent
from application.system import System
from tests.support.actions import Desk

T = TypeVar("T")
Load = tuple[list[CareStoredEvent], T]


def seen_late(system: System, between: Callable[[], object]) -> None:
    """Let the server see the question for a stream later than that for its key."""
    recorder = system.log._recorder
    assert isinstance(recorder, CareRecorder)

    class SeenLate(type(recorder)):  # type: ignore[misc]
        def stream_meanwhile(self, originator_id: UUID, meanwhile: Callable[[], T], **bounds: Any) -> Load[T]:
            done = meanwhile()
            system.log._recorder = recorder
            between()
            found, _ = super().stream_meanwhile(originator_id, lambda: None, **bounds)
            return found, done

    system.log._recorder = SeenLate(db=system.database)


def test_a_stream_that_began_between_the_answers_is_read(desk: Desk) -> None:
    child = UUID(int=7)
    seen_late(desk.system, lambda: desk.enrol(child=child))

    events, keys = desk.system.log.load(child)

    assert [event.erased for event in events] == [False]
    assert list(keys.of) == [child]


def test_a_key_that_was_destroyed_between_the_answers_seals_no_more(desk: Desk) -> None:
    child = desk.enrol()
    seen_late(desk.system, lambda: desk.system.keyring.destroy(child))

    desk.system.log.load(child)

    ((event,), keys) = desk.system.log.load(child)
    assert event.erased
    assert not keys.of


def test_a_key_that_is_missing_is_told(desk: Desk) -> None:
    child = desk.enrol()
    with desk.system.keys_database.transaction() as tx:
        tx.run("DELETE FROM stream_key WHERE stream_id = :id", id=child)

    with pytest.raises(KeysMissing) as told:
        desk.system.log.load(child)

    assert told.value.streams == {child}


def test_where_the_keys_can_not_be_asked_nothing_is_left_behind(desk: Desk) -> None:
    child = desk.enrol()
    keys = desk.system.keys_database
    before = desk.system.database.generation
    with keys.transaction() as tx:
        tx.run("ALTER TABLE stream_key RENAME TO elsewhere")
    for _ in range(10):
        with pytest.raises(DatabaseError):
            desk.system.log.load(child)
    with keys.transaction() as tx:
        tx.run("ALTER TABLE elsewhere RENAME TO stream_key")

    assert [event.erased for event in desk.system.log.load(child)[0]] == [False]
    assert desk.system.database.generation == before
