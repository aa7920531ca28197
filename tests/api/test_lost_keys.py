"""A keys database that is old, empty, or another's: nothing is taken for erased, and all comes back."""

import json
from contextlib import closing
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from application.access import SYSTEM, Role
from application.eventstore.engines import open_database
from application.eventstore.keyring import KeysMissing
from application.eventstore.migrations.migrate import migrate
from application.eventstore.migrations.tables import KEYS
from application.keys.api_keys import Unauthenticated
from application.keys.ledger import WrongKeys
from application.settings import Settings
from application.system import merge_keys, migrate_system, open_system
from domain.event import Event
from domain.org import org_id
from domain.rules.rule_files import presets
from projections.outbox import keyless
from projections.tables import DDL
from tests.api.support import CLASS, OTHER, SCHOOL, ApiWorld, api_world, enrolment, followed_to_its_end, visit
from tests.api.test_activities import lecture
from tests.api.test_changes import transfer
from tests.support.keys import Rows, keys_in, lose_keys, put_keys
from workers.keys import KeyWatch


def everything(world: ApiWorld) -> list[Event]:
    """Read every event there is."""
    return list(world.system.log.after(0, limit=10_000))


def answered(world: ApiWorld, child: str, carer: str) -> list[tuple[int, str | None]]:
    """Ask for a child and write to it; give the statuses and codes."""
    put = world.caller.put(f"/v1/children/{child}/events/{uuid4()}", visit(carer, "2026-06-02"))
    got = [world.caller.get(f"/v1/children/{child}"), world.caller.get(f"/v1/children/{child}/history"), put]
    return [(each.status_code, each.json.get("code")) for each in got]


GONE = [(503, "keys_missing")] * 3


def test_a_missing_key_is_no_erasure_and_nothing_is_written_until_it_is_back(world: ApiWorld) -> None:
    child, carer = world.enrol(), world.carer()
    before, events = keys_in(world.system.keys_database), everything(world)
    lose_keys(world.system.keys_database, UUID(child))

    assert answered(world, child, carer) == GONE
    refused = world.caller.get(f"/v1/children/{child}")
    assert refused.headers["Retry-After"] == "60"
    # No key was made for it, neither by these nor below them.
    with pytest.raises(KeysMissing):
        world.system.log.append([next(e for e in events if e.originator_id == UUID(child))])
    assert world.system.keyring.known([UUID(child)]) == {}
    # Others are enrolled and written to all the same.
    other = world.enrol()
    assert [status for status, _ in answered(world, other, carer)] == [200, 200, 201]
    made = keys_in(world.system.keys_database)["stream_key"]

    put_keys(world.system.keys_database, {**before, "stream_key": made})
    assert answered(world, child, carer) == GONE
    with world.system.keys_database.transaction() as tx:
        row = next(r for r in before["stream_key"] if r["stream_id"] == UUID(child))
        tx.upsert(table="stream_key", key=("stream_id",), rows=[row])
    assert [status for status, _ in answered(world, child, carer)] == [200, 200, 201]
    assert everything(world)[: len(events)] == events


def test_a_stream_that_came_to_have_two_keys_opens_whole(world: ApiWorld) -> None:
    child, carer = world.enrol(), world.carer()
    keys = world.system.keys_database
    before = keys_in(keys)
    # What an older version did: a second key for the events that came after the first was lost.
    lose_keys(keys, UUID(child))
    world.system.keyring.key_for(UUID(child))
    second = keys_in(keys)
    put_keys(keys, before)
    events = everything(world)
    put_keys(keys, second)
    assert answered(world, child, carer) == GONE

    elsewhere = _copy(before, world.system.settings.data_dir / "right.db")
    merged = [merge_keys(world.system.settings, elsewhere) for _ in range(2)]

    assert [(m.added, m.further, m.destroyed, m.secrets) for m in merged] == [(0, 1, 0, 0), (0, 0, 0, 0)]
    assert [status for status, _ in answered(world, child, carer)] == [200, 200, 201]
    assert everything(world)[: len(events)] == events
    # Both are destroyed together, and nothing of either is left.
    world.system.keyring.destroy(UUID(child))
    assert all(e.erased for e in world.system.log.stream(UUID(child)))
    assert not any(row["key"] for row in keys_in(keys)["further_stream_key"])
    assert merge_keys(world.system.settings, elsewhere).further == 0
    assert all(e.erased for e in world.system.log.stream(UUID(child)))


def test_api_keys_that_only_the_other_holds_come_with_it(world: ApiWorld) -> None:
    settings, keys = world.system.settings, world.system.api_keys
    late, text = keys.create(actor=SYSTEM, name="late", role=Role.CLIENT)
    gone, revoked = keys.create(actor=SYSTEM, name="gone", role=Role.CLIENT)
    tables = ("principal", "api_key")
    alive = {name: world.system.keys_database.all(f"SELECT * FROM {name}") for name in tables}
    keys.revoke(gone.key_id, actor=SYSTEM)
    right = _copy(keys_in(world.system.keys_database), settings.data_dir / "right.db")
    with closing(open_database(f"sqlite:///{right}")) as elsewhere, elsewhere.transaction() as tx:
        tx.upsert(table="principal", key=("principal_id",), rows=alive["principal"])
        rows = world.system.keys_database.all("SELECT * FROM api_key")
        tx.upsert(table="api_key", key=("key_id",), rows=rows)
    # An hour old: the one is not known yet, the other not revoked.
    with world.system.keys_database.transaction() as tx:
        tx.run("DELETE FROM api_key WHERE key_id = :late", late=late.key_id)
        tx.upsert(
            table="api_key", key=("key_id",), rows=[r for r in alive["api_key"] if r["key_id"] == gone.key_id]
        )
    assert {found.fault for found in keys.findings()} == {"missing", "differs"}

    merge_keys(settings, str(right))

    assert keys.authenticate(text).key == late.key_id
    with pytest.raises(Unauthenticated):
        keys.authenticate(revoked)
    assert list(keys.findings()) == []


@pytest.mark.parametrize("fault", ["old", "empty", "exchanged", "old, then exchanged"])
def test_after_the_right_rows_are_back_every_acknowledged_event_reads(
    fault: str, world: ApiWorld, tmp_path: Path
) -> None:
    keys, carer = world.system.keys_database, world.carer()
    known = [world.enrol() for _ in range(3)]
    old = keys_in(keys)
    young = [world.enrol() for _ in range(3)]
    for child in (*known, *young):
        assert _writes(world, child, carer)
    right, foreign, events = keys_in(keys), _of_another_ledger(tmp_path / "other"), everything(world)

    made: list[str] = []
    if fault.startswith("old"):
        put_keys(keys, old)
        assert [_writes(world, child, carer) for child in (*known, *young)] == [True] * 3 + [False] * 3
        assert [answered(world, child, carer) for child in young] == [GONE] * 3
        # Life goes on beside it, so that each of the two databases has keys that the other lacks.
        made = [world.enrol() for _ in range(2)]
        assert _told(world, young) == {("keys_missing", False)}
        assert _told(world, [*known, *made]) == {(None, False)}
    if fault != "old":
        between = keys_in(keys)
        put_keys(keys, {} if fault == "empty" else foreign)
        assert [answered(world, child, carer) for child in (*known, *young)] == [GONE] * 6
        refused = world.caller.put(f"/v1/children/{(new := uuid4())}", enrolment(new))
        assert (refused.status_code, refused.json["code"]) == (503, "keys_missing")
        with pytest.raises(WrongKeys) as wrong:
            open_system(world.system.settings)
        assert wrong.value.reason.code == ("keys_empty" if fault == "empty" else "keys_of_another_ledger")
        with pytest.raises(WrongKeys):
            migrate_system(world.system.settings, ddl=DDL)
        if fault != "empty":
            with pytest.raises(WrongKeys):
                merge_keys(world.system.settings, _copy(right, tmp_path / "right.db"))
            put_keys(keys, between)
    acknowledged = everything_stored(world)
    merge_keys(world.system.settings, _copy(right, tmp_path / "right.db"))

    assert everything(world)[: len(events)] == events
    assert [event.event_id for event in everything(world)] == acknowledged
    assert all(_writes(world, child, carer) for child in (*known, *young, *made))
    assert _told(world, [*known, *young, *made]) == {(None, False)}
    open_system(world.system.settings).close()


def test_keys_that_say_of_no_ledger_are_told_by_what_they_open(world: ApiWorld, tmp_path: Path) -> None:
    world.enrol()
    keys = world.system.keys_database
    right, foreign = keys_in(keys), _of_another_ledger(tmp_path / "other")
    settings = world.system.settings

    # A backup that version 0.1 made, put back: the same unit of the same name is in the other ledger too.
    put_keys(keys, {**right, "ledger": []})
    assert migrate_system(settings, ddl=DDL)
    assert keys_in(keys)["ledger"][0]["ledger_id"] == right["ledger"][0]["ledger_id"]
    put_keys(keys, {**foreign, "ledger": []})
    with pytest.raises(WrongKeys) as wrong:
        migrate_system(settings, ddl=DDL)

    assert wrong.value.reason.code == "keys_of_another_ledger"
    put_keys(keys, {**right, "ledger": []})
    with world.system.database.transaction() as tx:
        tx.run("DELETE FROM ledger")
    assert migrate_system(settings, ddl=DDL)
    assert len(keys_in(keys)["ledger"]) == 1
    open_system(settings).close()


def test_a_secret_that_was_lost_is_not_made_anew(world: ApiWorld) -> None:
    world.enrol()
    keys, settings = world.system.keys_database, world.system.settings
    right = keys_in(keys)
    put_keys(keys, {**right, "secret": []})

    with closing(open_system(settings)) as system, pytest.raises(KeysMissing):
        system.keyring.secret("lookup")

    assert keys_in(keys)["secret"] == []
    put_keys(keys, right)
    with closing(open_system(settings)) as system:
        assert len(system.keyring.secret("lookup")) == 32


def test_a_carer_whose_key_was_destroyed_is_not_registered_again(world: ApiWorld) -> None:
    carer = world.carer()
    world.system.keyring.destroy(UUID(carer))

    put = world.caller.put(f"/v1/carers/{carer}", {"org": SCHOOL, "name": "卢老师"}, if_match="*")

    assert (put.status_code, put.json["code"]) == (409, "erased")


def test_what_a_child_left_behind_is_told_though_its_key_is_missing(small_world: ApiWorld) -> None:
    child = small_world.enrol()
    transfer(small_world, child)
    clerk, other = (small_world.as_(Role.CLIENT, org=org) for org in (SCHOOL, OTHER))
    told = [[e["id"] for e in followed_to_its_end(caller)] for caller in (clerk, other)]

    lose_keys(small_world.system.keys_database, UUID(child))

    # The side that gave it away hears that it left, in the same place, and no more than that.
    now = [followed_to_its_end(caller) for caller in (clerk, other)]
    assert [[e["id"] for e in events] for events in now] == told
    assert {e["data"]["unreadable"] for events in now for e in events} == {"keys_missing"}
    assert {e["data"]["org"] for e in now[0]} == {CLASS}
    assert not any(e["data"]["erased"] or e["data"]["details"] for events in now for e in events)


def test_beyond_twenty_files_without_keys_nothing_is_passed_over(small_world: ApiWorld) -> None:
    children = [small_world.enrol() for _ in range(21)]
    lose_keys(small_world.system.keys_database, *map(UUID, children))

    refused = small_world.caller.get("/v1/changes", limit=1)

    assert (refused.status_code, refused.json["code"]) == (503, "log_unreadable")
    assert refused.headers["Retry-After"] == "60"


def test_a_child_or_a_carer_without_its_key_holds_up_no_other_in_a_batch(world: ApiWorld) -> None:
    lost, child, carer, gone = world.enrol(), world.enrol(), world.carer(), world.carer("张老师")
    lose_keys(world.system.keys_database, UUID(lost), UUID(gone))
    pairing = {"type": "pairing_started", "occurred_on": "2026-06-01"}
    items = [
        visit(carer) | {"child_id": lost},
        visit(carer) | {"child_id": child},
        pairing | {"child_id": child, "details": {"carer": gone, "kind": "care_counsellor"}},
        pairing | {"child_id": child, "details": {"carer": carer, "kind": "care_counsellor"}},
    ]
    named = [item | {"event_id": str(uuid4())} for item in items]

    at_once = world.caller.put(f"/v1/event-batches/{uuid4()}", {"items": named}).json["items"]
    lines = world.caller.send(
        "PUT",
        f"/v1/event-batches/{uuid4()}",
        body=b"".join(json.dumps(item).encode() + b"\n" for item in named),
        headers={"Content-Type": "application/x-ndjson"},
    )

    assert [item["status"] for item in at_once] == [503, 201, 503, 201]
    assert {item["problem"]["code"] for item in at_once if item["status"] == 503} == {"keys_missing"}
    shown = world.caller.get(lines.json["links"]["refused"].split("?")[0]).json["items"]
    assert [line["status"] for line in shown] == [503, 200, 503, 200]


def test_a_participant_without_its_key_is_written_when_it_is_back(small_world: ApiWorld) -> None:
    child, other = small_world.enrol(), small_world.enrol()
    keys = small_world.system.keys_database
    right = keys_in(keys)
    lose_keys(keys, UUID(child))
    path = f"/v1/activities/{uuid4()}"
    assert small_world.caller.put(path, lecture(child, other)).status_code == 201
    shown = small_world.caller.get(path).json["participants"]
    assert [(p["state"], p["code"]) for p in shown] == [("quarantined", "keys_missing"), ("recorded", None)]

    with keys.transaction() as tx:
        tx.upsert(table="stream_key", key=("stream_id",), rows=right["stream_key"])
    small_world.caller.post(f"{path}/retry")

    assert [p["state"] for p in small_world.caller.get(path).json["participants"]] == ["recorded"] * 2


def test_the_watch_counts_files_without_their_keys(world: ApiWorld) -> None:
    children = [world.enrol() for _ in range(3)]
    keys = world.system.keys_database
    looking = KeyWatch(database=world.system.database, log=world.system.log, now=world.system.now)
    right = keys_in(keys)
    lose_keys(keys, *map(UUID, children[:2]))
    assert _counted(world) == 0

    looking.step()
    assert _counted(world) == 2
    assert not _present(world)
    # The service goes on: what people record would be lost on top.
    assert world.caller.get("/readyz").status_code == 200
    put_keys(keys, right)
    world.clock.forward(seconds=15)
    looking.step()

    assert _counted(world) == 0
    assert _present(world)


def _present(world: ApiWorld) -> bool:
    checks = world.caller.get("/readyz").json["watch"]["checks"]
    return next(check["ok"] for check in checks if check["name"] == "keys_present")


def _counted(world: ApiWorld) -> int:
    return keyless.count(world.system.database)


def _writes(world: ApiWorld, child: str, carer: str) -> bool:
    put = world.caller.put(f"/v1/children/{child}/events/{uuid4()}", visit(carer, "2026-06-03"))
    assert put.status_code in {201, 503}, put.json
    return put.status_code == 201


def _told(world: ApiWorld, children: list[str]) -> set[tuple[str | None, bool]]:
    """Follow the changes; give what is said of events of these children: unreadable, erased."""
    told = [e["data"] for e in followed_to_its_end(world.caller, limit=50) if e["subject"] in children]
    assert told
    return {(data["unreadable"], data["erased"]) for data in told}


def everything_stored(world: ApiWorld) -> list[UUID]:
    rows = world.system.database.tuples("SELECT event_id FROM events ORDER BY notification_id")
    return [event_id for (event_id,) in rows]


def _copy(rows: Rows, file: Path) -> str:
    """Write keys into a file of their own, as a backup of the keys is one."""
    with closing(open_database(f"sqlite:///{file}")) as copy:
        migrate(copy, part=KEYS)
        put_keys(copy, rows)
    return str(file)


def _of_another_ledger(folder: Path) -> Rows:
    """The keys of another ledger, which has a unit of the same name and a child."""
    folder.mkdir()
    urls = {"database_url": f"sqlite:///{folder}/care.db", "keys_url": f"sqlite:///{folder}/keys.db"}
    # Copies of the migrated files would be of the same ledger.
    migrate_system(Settings(data_dir=folder, **urls), ddl=DDL)
    with api_world(folder, **urls) as other:
        other.enrol()
        return keys_in(other.system.keys_database)


def test_an_organisation_without_its_key_takes_no_answer_away(world: ApiWorld) -> None:
    child, organisations = world.enrol(), world.system.organisations
    organisations.governance.bind_rule(
        CLASS, rule=presets()["C39", 1], effective_from=date(2026, 3, 1), actor=SYSTEM
    )
    lose_keys(world.system.keys_database, org_id(CLASS))
    asked: list[tuple[str, dict[str, str]]] = [
        ("/v1/compliance", {"org": CLASS, "rule": "C39", "period": "2026-05"}),
        (f"/v1/children/{child}/compliance", {"period": "2026-05"}),
        ("/v1/rule-bindings", {"org": SCHOOL}),
        ("/v1/recipients", {"org": SCHOOL}),
        ("/v1/compliance", {"org": CLASS}),
        ("/v1/watch", {"org": CLASS}),
        ("/v1/alerts", {"org": CLASS}),
        ("/v1/transfers", {"org": CLASS}),
        (f"/v1/children/{child}", {}),
    ]

    answers = [world.caller.get(path, **params) for path, params in asked]

    assert [answer.status_code for answer in answers] == [200] * len(asked)
    codes = [{note["code"] for note in answer.json.get("notes", ())} for answer in answers]
    assert ["organisation_unread" in each for each in codes] == [True] * 4 + [False] * 5
    assert answers[0].json["bound"] == 1
    assert [item["rule_id"] for item in answers[1].json["items"]] == ["C39"]
    assert [item["org"] for item in answers[2].json["items"]] == [CLASS]
