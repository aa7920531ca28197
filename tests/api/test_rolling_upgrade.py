"""While an upgrade rolls, a type of event waits until every process that lives can read it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from application.eventstore.database import Database, utc_now
from application.upkeep import processes
from domain.catalogue import event_types
from tests.api.support import ApiWorld, codes, visit
from tests.api.test_uploads import lines, send, visiting


@pytest.fixture(autouse=True)
def seen_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "KEPT_SECONDS", 0.0)


def an_older_one(database: Database, *without: str, seen_ago: timedelta = timedelta(0)) -> None:
    """A process that lives, of a version that does not know these types yet."""
    now = utc_now()
    row = {
        "instance": uuid4(),
        "kind": "api",
        "program": "0.2.0",
        "types": sorted(set(event_types()) - set(without)),
        "started_at": now,
        "seen_at": now - seen_ago,
    }
    with database.transaction() as tx:
        tx.upsert(table="process", key=("instance",), rows=[row])


def gone(database: Database) -> None:
    with database.transaction() as tx:
        tx.run("DELETE FROM process")


def test_a_type_that_one_of_them_does_not_know_waits_and_the_others_go_on(world: ApiWorld) -> None:
    child, carer, event = world.enrol(), world.carer(), uuid4()
    talk: dict[str, Any] = {
        "type": "talk_held",
        "occurred_on": "2026-06-20",
        "details": {"carers": [carer], "record": "All well."},
    }
    path = f"/v1/children/{child}/events/{event}"
    an_older_one(world.system.database, "talk_held")

    refused = world.caller.put(path, talk)
    other = world.caller.put(f"/v1/children/{child}/events/{uuid4()}", visit(carer))
    batch = world.caller.put(
        f"/v1/event-batches/{uuid4()}",
        {"items": [visiting(child, carer), talk | {"event_id": str(event), "child_id": child}]},
    )
    gone(world.system.database)
    taken = world.caller.put(path, talk)

    assert (refused.status_code, codes(refused)) == (503, [("/type", "type_not_yet_known")])
    assert refused.headers["Retry-After"] == "30"
    assert other.status_code == 201
    assert [item["status"] for item in batch.json["items"]] == [201, 503]
    assert taken.status_code == 201


def test_every_way_in_is_held(small_world: ApiWorld) -> None:
    child, carer = small_world.enrol(), small_world.carer()
    recipient = {"org": "county", "name": "Office", "channel": "inbox"}
    an_older_one(small_world.system.database, "home_visit_made", "recipient_registered", "carer_registered")

    sent = send(small_world.caller, lines(visiting(child, carer)))
    registered = small_world.caller.put(f"/v1/recipients/{uuid4()}", recipient)
    carers = small_world.caller.put(f"/v1/carers/{uuid4()}", {"org": "county", "name": "Wang"})

    assert sent.json["counts"]["refused"] == 1
    assert [a.status_code for a in (registered, carers)] == [503, 503]
    assert small_world.caller.get(f"/v1/children/{child}").status_code == 200
