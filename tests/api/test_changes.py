"""The changes that a system downstream follows: all of them, once, in order, and no more than it may see."""

import base64
import hashlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from api.concurrency import uploads_of, waiters_of
from application.access import SYSTEM, Role
from application.eventstore.database import Database
from application.eventstore.incarnation import begin_incarnation
from application.reports.changes import followed
from domain.catalogue import event_types, kind_of_type
from tests.api.support import CANARY, JSON, OTHER, SCHOOL, ApiWorld, followed_to_its_end, visit
from tests.support.tampering import lift_the_guard


def test_everything_is_told_once_in_the_order_of_the_log(world: ApiWorld) -> None:
    child, carer = world.enrol(), world.carer()
    for day in range(1, 8):
        path = f"/v1/children/{child}/events/{uuid4()}"
        world.caller.put(path, visit(carer, f"2026-06-{day:02}", record=CANARY))

    told = followed_to_its_end(world.caller)

    stream = world.system.log.stream(UUID(child))
    assert [e["id"] for e in told] == [str(e.event_id) for e in stream]
    assert told[1] == {
        "specversion": "1.0",
        "id": str(stream[1].event_id),
        "source": "/careledger",
        "type": "careledger.home_visit_made.v1",
        "subject": child,
        "time": told[1]["time"],
        "datacontenttype": "application/json",
        "dataschema": "urn:careledger:event:home_visit_made:1",
        "data": {
            "stream_id": child,
            "version": 2,
            "position": stream[1].position,
            "occurred_on": "2026-06-01",
            "occurred_at": None,
            "precision": "day",
            "written_on": None,
            "recorded_by": "office",
            "late_reason": None,
            "actor": "office",
            "principal": str(stream[1].metadata.principal),
            "key": stream[1].metadata.key,
            "channel": "api",
            "org": stream[1].org,
            "details": {
                "carers": [carer],
                "outcome": "met",
                "record": CANARY,
                "kind": "regular",
                "met": [],
            },
            "erased": False,
            "withheld": False,
            "noted_at": None,
            "unreadable": None,
        },
    }
    (office,) = world.system.api_keys.listed()
    told_by = told[1]["data"]["principal"], told[1]["data"]["key"]
    assert told_by == (str(office.principal_id), office.key_id)
    assert datetime.fromisoformat(told[1]["time"]) == stream[1].recorded_at


def test_the_formats_of_the_feed(small_world: ApiWorld) -> None:
    child = small_world.enrol()

    whole = small_world.caller.get("/v1/changes")
    batch = small_world.caller.get("/v1/changes", headers={"Accept": "application/cloudevents-batch+json"})
    lines = small_world.caller.get("/v1/changes", headers={"Accept": "application/x-ndjson"})
    picture = small_world.caller.get("/v1/changes", headers={"Accept": "image/png"})

    assert whole.headers["Content-Type"] == "application/json"
    assert batch.headers["Content-Type"] == "application/cloudevents-batch+json"
    assert batch.headers["Cache-Control"] == "private, no-store"
    assert [e["subject"] for e in batch.json] == [child]
    assert batch.json == whole.json["items"]
    assert batch.headers["Link"] == f'</v1/changes?since={whole.json["next"]}>; rel="next"'
    assert lines.text.count("\n") == 1
    assert lines.headers["Link"] == batch.headers["Link"]
    assert (picture.status_code, picture.json["code"]) == (406, "not_acceptable")


def test_one_sees_what_happened_in_ones_organisation(small_world: ApiWorld) -> None:
    here, there = small_world.enrol(), small_world.enrol(org=OTHER)
    clerk = small_world.as_(Role.CLIENT, org=SCHOOL)

    assert {e["subject"] for e in followed_to_its_end(clerk)} == {here}
    assert {e["subject"] for e in followed_to_its_end(small_world.caller)} == {here, there}


def test_what_a_child_left_behind_is_told_without_what_was_said(small_world: ApiWorld) -> None:
    child, carer = small_world.enrol(), small_world.carer()
    small_world.caller.put(f"/v1/children/{child}/events/{uuid4()}", visit(carer, record=CANARY))
    transfer(small_world, child)

    told = followed_to_its_end(small_world.as_(Role.CLIENT, org=SCHOOL))
    there = followed_to_its_end(small_world.as_(Role.CLIENT, org=OTHER))

    assert [e["type"] for e in told] == [
        "careledger.child_enrolled.v1",
        "careledger.home_visit_made.v1",
        "careledger.transfer_proposed.v1",
        "careledger.transfer_accepted.v1",
    ]
    assert [e["data"]["withheld"] for e in told] == [True] * 4
    assert [e["data"]["details"] for e in told[:3]] == [{}] * 3
    assert CANARY not in repr(told)
    assert [(e["type"], e["data"]["withheld"]) for e in there] == [("careledger.transfer_accepted.v1", False)]


def test_of_an_alert_that_goes_with_its_child_the_new_school_is_told(small_world: ApiWorld) -> None:
    child = small_world.enrol()
    small_world.system.alerts.watch(UUID(child), actor=SYSTEM)
    transfer(small_world, child)
    small_world.system.alerts.watch(UUID(child), actor=SYSTEM)

    told = followed_to_its_end(small_world.as_(Role.CLIENT, org=OTHER))

    assert [(e["type"], e["subject"]) for e in told] == [
        ("careledger.transfer_accepted.v1", child),
        ("careledger.alert_carried.v1", child),
    ]
    (case,) = small_world.caller.get("/v1/alerts").json["items"]
    assert told[1]["data"]["details"]["step"] == case["step"]


def transfer(world: ApiWorld, child: str) -> None:
    """Let a child go to the other school."""
    world.system.organisations.ensure(OTHER, actor=SYSTEM)
    proposed = world.desk.propose(UUID(child), OTHER, "2026-06-25")
    world.desk.accept(UUID(child), proposed.event_id, "2026-06-27")


def test_an_erased_child_is_told_with_what_stays_open(small_world: ApiWorld) -> None:
    child, carer = small_world.enrol(name=CANARY), small_world.carer()
    small_world.caller.put(f"/v1/children/{child}/events/{uuid4()}", visit(carer, record=CANARY))
    small_world.system.keyring.destroy(UUID(child))

    told = followed_to_its_end(small_world.caller)

    assert [e["data"]["erased"] for e in told] == [True, True]
    assert told[1]["data"]["details"] == {
        "carers": [carer],
        "outcome": "met",
        "kind": "regular",
        "met": [],
    }
    assert told[1]["data"]["recorded_by"] is None
    assert CANARY not in repr(told)


def test_alerts_are_told_and_their_words_to_those_who_answer_them(small_world: ApiWorld) -> None:
    child = small_world.enrol()
    small_world.system.alerts.watch(UUID(child), actor=SYSTEM)
    (case,) = small_world.caller.get("/v1/alerts").json["items"]
    small_world.caller.post(f"/v1/alerts/{case['alert_id']}/acknowledge", {"by": CANARY, "note": CANARY})

    told = followed_to_its_end(small_world.as_(Role.WATCHER))
    without = followed_to_its_end(small_world.as_(Role.AUDITOR))

    assert [e["type"] for e in told] == [
        "careledger.child_enrolled.v1",
        "careledger.alert_raised.v1",
        "careledger.alert_acknowledged.v1",
    ]
    assert {e["subject"] for e in told} == {child}
    assert told[2]["data"]["details"] == {"by": CANARY, "note": CANARY}
    assert without[2]["data"]["details"] == {}
    assert [e["id"] for e in without] == [e["id"] for e in told]


def test_other_streams_are_not_followed(small_world: ApiWorld) -> None:
    small_world.desk.carer(CANARY)
    small_world.enrol()

    told = followed_to_its_end(small_world.caller)

    assert [e["type"] for e in told] == ["careledger.child_enrolled.v1"]
    assert followed() < set(event_types())
    others = {"activity", "carer", "organisation"}
    assert not others & {kind_of_type(type_).name for type_ in followed()}


def test_of_an_activity_each_child_has_an_event_of_its_own(small_world: ApiWorld) -> None:
    child, absent = small_world.enrol(), small_world.enrol()
    small_world.caller.put(
        f"/v1/activities/{uuid4()}",
        {
            "org": SCHOOL,
            "occurred_on": "2026-06-20",
            "kind": "lecture",
            "topic": "防溺水",
            "participants": [{"child_id": child}],
            "absent": [{"child_id": absent, "reason": CANARY}],
        },
    )

    told = followed_to_its_end(small_world.caller)

    assert [(e["type"], e["subject"]) for e in told] == [
        ("careledger.child_enrolled.v1", child),
        ("careledger.child_enrolled.v1", absent),
        ("careledger.participation_recorded.v1", child),
    ]
    assert CANARY not in repr(told)


def test_a_cursor_belongs_to_its_scope(small_world: ApiWorld) -> None:
    small_world.enrol()
    cursor = small_world.caller.get("/v1/changes", headers=JSON).json["next"]
    clerk = small_world.as_(Role.CLIENT, org=SCHOOL)

    for since in (cursor, "x", "W10", "WyJ4Il0", "é", ""):
        answered = clerk.get("/v1/changes", since=since)
        assert (answered.status_code, answered.json["code"]) == (422, "bad_cursor")
    assert small_world.caller.get("/v1/changes", since=cursor).status_code == 200
    for wait in ("31", "-1", "x"):
        assert small_world.caller.get("/v1/changes", wait=wait).status_code == 422


def test_much_that_is_not_ours_is_passed_over_in_steps(
    small_world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(6):
        small_world.enrol(org=OTHER)
    mine = small_world.enrol()
    monkeypatch.setattr("application.reports.changes.AT_ONCE", 2)
    monkeypatch.setattr("application.reports.changes.MOST_SCANNED", 4)
    clerk = small_world.as_(Role.CLIENT, org=SCHOOL)

    first = clerk.get("/v1/changes", headers=JSON).json

    assert first["items"] == []
    assert [e["subject"] for e in followed_to_its_end(clerk)] == [mine]


def test_whoever_waits_is_told_as_soon_as_there_is_something(small_world: ApiWorld) -> None:
    cursor = small_world.caller.get("/v1/changes", headers=JSON).json["next"]
    answers: list[Any] = []
    waiting = threading.Thread(
        target=lambda: answers.append(
            small_world.caller.get("/v1/changes", since=cursor, wait=20, headers=JSON)
        )
    )

    began = time.monotonic()
    waiting.start()
    child = small_world.enrol()
    waiting.join(timeout=15)

    assert [e["subject"] for e in answers[0].json["items"]] == [child]
    assert time.monotonic() - began < 10


def test_who_finds_no_place_to_wait_is_answered_at_once(small_world: ApiWorld) -> None:
    cursor = small_world.caller.get("/v1/changes", headers=JSON).json["next"]
    places = waiters_of(small_world.system.settings.web_threads)
    assert places == 1
    waiting = threading.Thread(target=lambda: small_world.caller.get("/v1/changes", since=cursor, wait=2))
    waiting.start()
    time.sleep(0.3)

    answered = small_world.caller.get("/v1/changes", since=cursor, wait=20, headers=JSON)
    first_is_still_waiting = waiting.is_alive()
    waiting.join()

    assert answered.json == {"items": [], "next": cursor}
    assert first_is_still_waiting


def test_a_thread_is_left_for_all_others() -> None:
    for threads in range(1, 65):
        assert uploads_of(threads) >= 1
        assert uploads_of(threads) + waiters_of(threads) < max(threads, 2)


def test_nothing_is_passed_over_that_a_slow_writer_may_still_commit(
    world: ApiWorld, request: pytest.FixtureRequest
) -> None:
    if world.system.database.dialect == "sqlite":
        pytest.skip("on SQLite one writes at a time")
    first = world.enrol()
    with psycopg.connect(world.system.settings.database_url) as slow:
        slow.execute("SELECT pg_current_xact_id()")
        slow.execute("SELECT nextval(pg_get_serial_sequence('events', 'notification_id'))")
        second = world.enrol()
        meanwhile = followed_to_its_end(world.caller)
        slow.rollback()
    afterwards = followed_to_its_end(world.caller)

    assert {e["subject"] for e in meanwhile} == {first}
    assert [e["subject"] for e in afterwards] == [first, second]


def test_the_time_of_an_event_is_given_in_utc(small_world: ApiWorld) -> None:
    small_world.enrol()

    (event,) = small_world.caller.get("/v1/changes").json["items"]

    assert datetime.fromisoformat(event["time"]).utcoffset() == UTC.utcoffset(None)


def test_the_side_that_gave_a_child_away_is_told_that_it_left_and_no_more(small_world: ApiWorld) -> None:
    child, carer = small_world.enrol(), small_world.carer()
    small_world.system.organisations.ensure(f"{OTHER}/{CANARY}", actor=SYSTEM)
    taker = small_world.as_(Role.CLIENT, org=OTHER, name=CANARY)
    proposed = small_world.desk.propose(UUID(child), OTHER, "2026-06-25").event_id
    acceptance = {
        "type": "transfer_accepted",
        "occurred_on": "2026-06-27",
        "written_on": "2026-06-28",
        "org": f"{OTHER}/{CANARY}",
        "recorded_by": CANARY,
        "details": {"transfer": str(proposed), "accepted_by": f"主任{CANARY}", "note": CANARY},
    }
    path = f"/v1/children/{child}/events"
    assert taker.put(f"{path}/{uuid4()}", acceptance, If_Match='"2"').status_code == 201
    taker.put(f"{path}/{uuid4()}", visit(carer, "2026-06-28", record=CANARY))

    told = followed_to_its_end(small_world.as_(Role.CLIENT, org=SCHOOL))

    assert [e["type"].split(".")[1] for e in told] == [
        "child_enrolled",
        "transfer_proposed",
        "transfer_accepted",
    ]
    assert told[2]["subject"] == child
    assert told[2]["data"] == {
        "stream_id": child,
        "version": 3,
        "position": told[2]["data"]["position"],
        "occurred_on": "2026-06-27",
        "occurred_at": None,
        "precision": "day",
        "written_on": None,
        "recorded_by": None,
        "late_reason": None,
        "actor": "",
        "principal": None,
        "key": None,
        "channel": "api",
        "org": told[1]["data"]["org"],
        "details": {"transfer": str(proposed)},
        "erased": False,
        "withheld": True,
        "noted_at": None,
        "unreadable": None,
    }
    assert CANARY not in repr(told)
    assert followed_to_its_end(small_world.as_(Role.CLIENT, org="county/township/third")) == []
    (whole,) = [e for e in followed_to_its_end(small_world.caller) if e["id"] == told[2]["id"]]
    assert whole["data"]["details"]["note"] == CANARY
    assert whole["data"]["withheld"] is False


def test_a_cursor_names_what_the_key_reaches_and_not_its_role(small_world: ApiWorld) -> None:
    small_world.enrol()
    cursor = small_world.caller.get("/v1/changes", headers=JSON).json["next"]

    for role in (Role.CLIENT, Role.AUDITOR):
        assert small_world.as_(role, org="").get("/v1/changes", since=cursor).status_code == 200


def cursors(world: ApiWorld) -> list[str]:
    """The cursors of now, one a page."""
    pages = [world.caller.get("/v1/changes", limit=str(events), headers=JSON) for events in range(1, 4)]
    return [page.json["next"] for page in pages]


def test_a_log_that_was_restored_refuses_the_cursors_of_before(world: ApiWorld) -> None:
    for _ in range(4):
        world.enrol()
    before, old = cursors(world), cursor_of_before(world, position=3)
    assert world.caller.get("/v1/changes", since=old).status_code == 200

    begin_incarnation(world.system.database, cause="restore")

    for since in (*before, old):
        answered = world.caller.get("/v1/changes", since=since)
        assert (answered.status_code, answered.json["code"]) == (410, "log_replaced")
    assert all(world.caller.get("/v1/changes", since=s).status_code == 200 for s in cursors(world))
    assert len(followed_to_its_end(world.caller)) == 4


@pytest.mark.parametrize("again", [True, False])
def test_what_is_behind_a_cursor_that_was_lost_is_never_answered_as_nothing_new(
    world: ApiWorld, again: bool
) -> None:
    for _ in range(4):
        world.enrol()
    end = world.caller.get("/v1/changes", headers=JSON).json["next"]
    head, _ = world.system.log.head()
    old = cursor_of_before(world, position=head)
    lose_all_behind(world.system.database, head - 2)
    if again:
        for _ in range(4):
            world.enrol()

    refused = world.caller.get("/v1/changes", since=end)
    of_before = world.caller.get("/v1/changes", since=old)

    assert (refused.status_code, refused.json["code"]) == (410, "log_replaced")
    # A cursor of 0.1 names no event: what was recorded at its position since can't be told from it.
    assert of_before.status_code == (200 if again else 410)


def test_whoever_waits_is_told_that_the_log_was_replaced(small_world: ApiWorld) -> None:
    cursor = small_world.caller.get("/v1/changes", headers=JSON).json["next"]
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(small_world.caller.get, "/v1/changes", since=cursor, wait=20)
        begin_incarnation(small_world.system.database, cause="restore")

        assert waiting.result(timeout=15).status_code == 410


def cursor_of_before(world: ApiWorld, *, position: int) -> str:
    """A cursor as version 0.1 gave it to the office."""
    scope = hashlib.sha256(repr(("", "manager")).encode()).hexdigest()[:16]
    return base64.urlsafe_b64encode(f'["{scope}",{position}]'.encode()).decode().rstrip("=")


def lose_all_behind(database: Database, position: int) -> None:
    """Take away the end of the log, as a failover to a server that is behind does."""
    lift_the_guard(database)
    with database.transaction() as tx:
        if database.dialect == "sqlite":
            tx.run("DROP TRIGGER events_are_not_removed")
        else:
            tx.run(f"ALTER SEQUENCE events_notification_id_seq RESTART WITH {position + 1}")
        tx.run("DELETE FROM child_status")
        tx.run("DELETE FROM events WHERE notification_id > :position", position=position)
