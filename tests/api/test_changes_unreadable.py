"""What followers of the log are told of events that can't be read."""

from uuid import UUID, uuid4

import pytest

from application.access import Role
from tests.api.support import CANARY, OTHER, ApiWorld, followed_to_its_end, visit
from tests.support.tampering import lift_the_guard, put_back, rename_type, tamper


def test_an_event_that_cannot_be_read_is_told_as_such_and_holds_nobody_up(world: ApiWorld) -> None:
    child, carer = world.enrol(name=CANARY), world.carer()
    for day in range(1, 8):
        path = f"/v1/children/{child}/events/{uuid4()}"
        world.caller.put(path, visit(carer, f"2026-06-{day:02}", record=CANARY))
    stream = world.system.log.stream(UUID(child))
    third = stream[2]
    assert third.position is not None
    bytes_before = tamper(world.system.database, third.position)

    told = followed_to_its_end(world.caller)

    assert [e["id"] for e in told] == [str(e.event_id) for e in stream]
    assert [e["data"]["unreadable"] for e in told if e["id"] != told[2]["id"]] == [None] * 7
    assert told[2] == {
        **told[3],
        "id": str(third.event_id),
        "time": told[2]["time"],
        "data": {
            "stream_id": child,
            "version": 3,
            "position": third.position,
            "occurred_on": "2026-06-02",
            "occurred_at": None,
            "precision": "day",
            "written_on": None,
            "noted_at": None,
            "recorded_by": None,
            "late_reason": None,
            "actor": "",
            "principal": None,
            "key": None,
            "channel": "",
            "org": third.org,
            "details": {},
            "erased": False,
            "withheld": False,
            "unreadable": "unreadable_event",
        },
    }
    assert followed_to_its_end(world.as_(Role.CLIENT, org=OTHER)) == []
    put_back(world.system.database, third.position, bytes_before)
    assert followed_to_its_end(world.caller)[2]["data"]["details"]["record"] == CANARY


def enrolled(world: ApiWorld) -> tuple[str, int]:
    """Enrol a child; give it, and where its enrolment lies."""
    child = world.enrol()
    (event,) = world.system.log.stream(UUID(child))
    assert event.position is not None
    return child, event.position


def test_an_event_of_a_type_that_is_not_known_is_told_as_unreadable(small_world: ApiWorld) -> None:
    child, position = enrolled(small_world)
    rename_type(small_world.system.database, position, "child_adopted")

    (told,) = followed_to_its_end(small_world.caller)

    assert (told["type"], told["subject"]) == ("careledger.child_adopted.v1", child)
    assert told["data"]["unreadable"] == "unreadable_event"


def test_an_erased_event_whose_open_bytes_were_changed_is_told_as_unreadable(small_world: ApiWorld) -> None:
    child, position = enrolled(small_world)
    small_world.system.keyring.destroy(UUID(child))
    lift_the_guard(small_world.system.database)
    put_back(small_world.system.database, position, b"\x01\x00\x00\x00\x02{!rest")

    (told,) = followed_to_its_end(small_world.caller)

    assert told["data"]["unreadable"] == "unreadable_event"


def test_where_much_cannot_be_read_nothing_is_passed_over(
    small_world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.reports.changes.MOST_UNREADABLE", 2)
    positions = [enrolled(small_world)[1] for _ in range(3)]
    bytes_before = [tamper(small_world.system.database, position) for position in positions]

    answered = small_world.caller.get("/v1/changes", limit=1)

    assert (answered.status_code, answered.json["code"]) == (503, "log_unreadable")
    put_back(small_world.system.database, positions[2], bytes_before[2])
    told = followed_to_its_end(small_world.caller)
    assert [e["data"]["unreadable"] for e in told] == ["unreadable_event", "unreadable_event", None]


def test_what_another_program_wrote_into_the_log_holds_nobody_up(small_world: ApiWorld) -> None:
    first, first_at = enrolled(small_world)
    _, at = enrolled(small_world)
    last, _ = enrolled(small_world)
    tamper(small_world.system.database, first_at)
    lift_the_guard(small_world.system.database)
    with small_world.system.database.transaction() as tx:
        tx.run("UPDATE events SET event_id = NULL WHERE notification_id = :at", at=at)

    told = followed_to_its_end(small_world.caller)
    assert [e["subject"] for e in told] == [first, last]
    assert [e["data"]["unreadable"] for e in told] == ["unreadable_event", None]


def test_where_the_keys_cannot_be_asked_for_nothing_is_told_as_unreadable(world: ApiWorld) -> None:
    child, _ = enrolled(world)
    keys = world.system.keys_database
    with keys.transaction() as tx:
        tx.run("ALTER TABLE stream_key RENAME TO out_of_reach")

    answered = world.caller.get("/v1/changes")

    assert answered.status_code == 500
    with keys.transaction() as tx:
        tx.run("ALTER TABLE out_of_reach RENAME TO stream_key")
    assert [e["subject"] for e in followed_to_its_end(world.caller)] == [child]
