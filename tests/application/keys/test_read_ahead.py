"""The key of the stream that a request is about comes with the row of its API key, for one question."""

from datetime import datetime
from uuid import UUID

import pytest

from application.access import SYSTEM, Role
from application.eventstore import keyring
from application.system import System
from tests.support.actions import Desk

NOBODY = UUID(int=404)


@pytest.fixture
def text(system: System) -> str:
    return system.api_keys.create(actor=SYSTEM, name="school", role=Role.MANAGER)[1]


def destroy_elsewhere(system: System, child: UUID) -> None:
    with system.keys_database.transaction() as tx:
        now: datetime = system.now()
        tx.run(
            "UPDATE stream_key SET key = NULL, destroyed_at = :now WHERE stream_id = :id", id=child, now=now
        )


def test_it_answers_once_and_the_next_question_is_asked(desk: Desk, system: System, text: str) -> None:
    # given a request about a child, whose key another process destroys when the request has begun
    child = desk.enrol()
    key = system.keyring.known([child])[child]
    system.api_keys.authenticate(text, about=child)
    destroy_elsewhere(system, child)

    # then the request has the key that it began with, and whoever asks again has none
    assert system.keyring.known([child]) == {child: key}
    assert system.keyring.known([child]) == {child: None}


def test_it_says_that_there_is_none(system: System, text: str) -> None:
    system.api_keys.authenticate(text, about=NOBODY)

    assert system.keyring.known([NOBODY]) == {}


def test_a_destroyed_key_comes_as_destroyed(desk: Desk, system: System, text: str) -> None:
    child = desk.enrol()
    destroy_elsewhere(system, child)

    system.api_keys.authenticate(text, about=child)

    assert system.keyring.known([child]) == {child: None}


def test_it_answers_for_no_other_stream(desk: Desk, system: System, text: str) -> None:
    child, other = desk.enrol(), desk.enrol()
    system.api_keys.authenticate(text, about=other)

    assert list(system.keyring.known([child])) == [child]


@pytest.mark.parametrize("next_is", ["another request", "its destruction", "a second later"])
def test_it_holds_for_this_request_alone(
    desk: Desk, system: System, text: str, next_is: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a request that never asked for the key that was read ahead
    child = desk.enrol()
    system.api_keys.authenticate(text, about=child)

    # when the next one of the thread begins, or the child is erased, or its time is over
    match next_is:
        case "another request":
            system.api_keys.authenticate(text)
            destroy_elsewhere(system, child)
        case "its destruction":
            system.keyring.destroy(child)
        case _:
            destroy_elsewhere(system, child)
            late = keyring.monotonic() + keyring.AHEAD_SECONDS
            monkeypatch.setattr(keyring, "monotonic", lambda: late)

    # then it is asked for
    assert system.keyring.known([child]) == {child: None}
