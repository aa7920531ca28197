"""Undoing a batch that came over HTTP: by its id, as an import, and nothing that others recorded."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest

from application.access import SYSTEM, Role
from application.intake.batches import CARE_LOG, NDJSON, Batches
from application.intake.undo import AT_WORK, UndoResult, undo_batch
from application.system import open_system
from domain.child import Child, fold
from domain.refusal import Conflict, Unknown
from tests.api.support import CLASS, OTHER, SCHOOL, ApiWorld, Caller, followed_to_its_end
from tests.api.test_uploads import enrolling, lines, send, visiting

Item = dict[str, Any]


def undo(world: ApiWorld, batch: UUID) -> UndoResult:
    return undo_batch(batch, approved_by="王校长", registers=world.system.registers, actor=SYSTEM)


def put(world: ApiWorld, *items: Item, batch: UUID) -> None:
    answered = world.caller.put(f"/v1/event-batches/{batch}", {"items": list(items)})
    assert answered.status_code == 207, answered.json


def child_of(world: ApiWorld, child: object) -> Child:
    return fold(UUID(str(child)), world.system.log.stream(UUID(str(child))))


def deciding(child: object, type_: str, version: int, **details: object) -> Item:
    return {
        "type": type_,
        "occurred_on": "2026-06-25",
        "event_id": str(uuid4()),
        "child_id": str(child),
        "based_on": version,
        "details": {"reason": "误录", "approved_by": "王校长", **details},
    }


@pytest.mark.parametrize("how", ["json", "lines"])
def test_what_a_batch_recorded_is_voided_and_nothing_else(world: ApiWorld, how: str) -> None:
    known, new, carer, batch = UUID(world.enrol()), uuid4(), world.carer(), uuid4()
    put(world, visiting(known, carer, "2026-06-01"), batch=uuid4())
    items = [enrolling(new), visiting(new, carer), visiting(known, carer)]
    if how == "json":
        put(world, *items, batch=batch)
    else:
        assert send(world.caller, lines(*items), batch=batch).json["counts"]["recorded"] == 3

    undone, again = undo(world, batch), undo(world, batch)

    assert (undone.import_id, undone.voided, undone.already_void, undone.kept) == (batch, 3, 0, ())
    assert (again.voided, again.already_void) == (0, 3)
    assert child_of(world, new).enrolment is None
    assert [fact.day.day for fact in child_of(world, known).facts if fact.type == "home_visit_made"] == [1]
    assert world.system.batches.find(batch).undone_at == world.clock.now


def test_who_followed_what_is_undone_is_told_so_and_nobody_else(world: ApiWorld) -> None:
    child, batch = uuid4(), uuid4()
    put(world, enrolling(child), batch=batch)
    world.system.alerts.watch(child, actor=SYSTEM)
    undo(world, batch)
    world.system.alerts.watch(child, actor=SYSTEM)

    told = [followed_to_its_end(world.as_(Role.CLIENT, org=org)) for org in (SCHOOL, "county")]
    elsewhere = [followed_to_its_end(world.as_(Role.CLIENT, org=org)) for org in (OTHER, "another county")]

    kinds = ["child_enrolled", "alert_raised", "event_voided", "alert_resolved"]
    for events in told:
        assert [event["type"].split(".")[1] for event in events] == kinds
        assert [(event["subject"], event["data"]["withheld"]) for event in events] == [
            (str(child), False)
        ] * 4
        assert events[2]["data"]["details"]["target"] == events[0]["id"]
        assert {event["data"]["org"] for event in events} == {events[0]["data"]["org"]} != {""}
    assert elsewhere == [[], []]


def test_as_known_before_its_undo_a_child_is_there(world: ApiWorld) -> None:
    child, batch = uuid4(), uuid4()
    put(world, enrolling(child), enrolling(uuid4()), batch=batch)
    then = world.clock.now.isoformat()
    world.clock.forward(hours=1)
    undo(world, batch)
    world.clock.forward(hours=1)
    one = f"/v1/children/{child}"
    paths = (one, f"{one}/history", f"{one}/compliance")
    keys = {org: world.as_(Role.AUDITOR, org=org, name=org) for org in (SCHOOL, "county", OTHER)}

    before = {
        org: [key.get(path, as_known_at=then).status_code for path in paths] for org, key in keys.items()
    }
    now = [keys[SCHOOL].get(path).status_code for path in paths]
    states = {org: _states(key, as_known_at=then) for org, key in keys.items()}

    assert before == {SCHOOL: [200] * 3, "county": [200] * 3, OTHER: [404] * 3}
    assert now == [404] * 3
    read = keys[SCHOOL].get(one, as_known_at=then).json
    assert (read["org"], read["in_care"]) == (CLASS, True)
    history = keys[SCHOOL].get(f"{one}/history", as_known_at=then).json["items"]
    assert [(entry["type"], entry["voided_by"]) for entry in history] == [("child_enrolled", None)]
    assert read in states[SCHOOL] == states["county"]
    assert (len(states[SCHOOL]), states[OTHER], _states(world.caller)) == (2, [], [])


def _states(caller: Caller, **params: str) -> list[Item]:
    """Read the states of all children, by pages of one."""
    found, cursor = list[Item](), dict[str, str]()
    while True:
        page = caller.get("/v1/children/states", limit="1", **params, **cursor).json
        found += page["items"]
        if not page["next"]:
            return found
        cursor = {"cursor": page["next"]}


def test_a_child_that_others_wrote_of_is_left_alone(world: ApiWorld) -> None:
    first, second, carer, batch = uuid4(), uuid4(), world.carer(), uuid4()
    put(world, enrolling(first), enrolling(second), visiting(second, carer), batch=batch)
    put(world, visiting(first, carer), batch=uuid4())

    undone = undo(world, batch)

    assert (undone.voided, undone.kept) == (2, (first,))
    assert child_of(world, first).enrolment is not None


def test_a_voiding_of_what_others_recorded_is_not_taken_back(world: ApiWorld) -> None:
    child, carer, batch = UUID(world.enrol()), world.carer(), uuid4()
    visit, own = visiting(child, carer, "2026-06-01"), visiting(child, carer, "2026-06-02")
    put(world, visit, batch=uuid4())
    put(world, own, deciding(child, "event_voided", 3, target=visit["event_id"]), batch=batch)

    undone = undo(world, batch)

    assert (undone.voided, undone.kept) == (0, (child,))
    assert [str(fact.event_id) for fact in child_of(world, child).void] == [visit["event_id"]]


def test_what_a_batch_corrected_and_voided_itself_goes_with_it(world: ApiWorld) -> None:
    child, carer, batch = UUID(world.enrol()), world.carer(), uuid4()
    before = visiting(child, carer, "2026-06-01")
    put(world, before, batch=uuid4())
    own = visiting(child, carer, "2026-06-02")
    corrected = deciding(
        child, "event_corrected", 3, target=before["event_id"], fields={"occurred_on": "2026-05-31"}
    )
    put(world, own, corrected, deciding(child, "event_voided", 4, target=own["event_id"]), batch=batch)
    assert child_of(world, child).fact(UUID(before["event_id"])).day.isoformat() == "2026-05-31"  # type: ignore[union-attr]

    undone = undo(world, batch)

    assert (undone.voided, undone.already_void, undone.kept) == (1, 1, ())
    assert child_of(world, child).fact(UUID(before["event_id"])).day.isoformat() == "2026-06-01"  # type: ignore[union-attr]


def test_a_batch_that_is_sent_again_after_its_undo_stays_void_and_stands_anew(world: ApiWorld) -> None:
    child, carer, batch = UUID(world.enrol()), world.carer(), uuid4()
    items = [visiting(child, carer)]
    put(world, *items, batch=batch)
    undo(world, batch)

    items.append(visiting(child, carer, "2026-06-22"))
    put(world, *items, batch=batch)

    assert world.caller.get(f"/v1/event-batches/{batch}").json["counts"] == {
        "recorded": 1,
        "already_recorded": 1,
        "quarantined": 0,
        "refused": 0,
    }
    assert world.system.batches.find(batch).undone_at is None
    assert undo(world, batch).voided == 1


def test_another_who_used_the_same_id_loses_nothing(world: ApiWorld) -> None:
    child, carer, batch = UUID(world.enrol()), world.carer(), uuid4()
    put(world, visiting(child, carer), batch=batch)
    other = world.as_(Role.CLIENT, org=SCHOOL, name="other")
    single = visiting(child, carer, "2026-06-21")
    event = single.pop("event_id")
    del single["child_id"]
    answered = other.put(f"/v1/children/{child}/events/{event}", single, X_Request_ID=str(batch))
    assert answered.status_code == 201, answered.json

    assert undo(world, batch).voided == 1
    assert child_of(world, child).fact(UUID(event)) is not None


def test_a_batch_that_is_kept_no_longer_is_not_known(world: ApiWorld) -> None:
    with pytest.raises(Unknown):
        undo(world, uuid4())


def test_nobody_sends_lines_under_the_id_of_an_import(world: ApiWorld) -> None:
    upload = world.system.batches.begin_paper(
        source="roster", org=SCHOOL, file_sha256="0" * 64, actor=world.desk.actor
    )
    name = world.desk.actor.name
    namesake = world.as_(Role.CLIENT, org=SCHOOL, name="namesake" if name == "careledger" else name)

    for caller in (world.caller, namesake):
        answered = send(caller, lines({"x": 1}), batch=upload.batch_id)
        assert (answered.status_code, answered.json["code"]) == (409, "batch_of_another")


def test_what_a_client_said_of_a_batch_without_sending_it_in_there_stands(world: ApiWorld) -> None:
    child, carer, batch = UUID(world.enrol()), world.carer(), uuid4()
    apart = visiting(child, carer, "2026-06-01")
    del apart["child_id"]
    answered = world.caller.put(
        f"/v1/children/{child}/events/{apart.pop('event_id')}", apart, X_Request_Id=str(batch)
    )
    assert answered.status_code == 201, answered.json
    put(world, visiting(child, carer, "2026-06-02"), batch=batch)

    undone = undo(world, batch)

    assert (undone.voided, undone.kept) == (1, ())
    assert [fact.day.day for fact in child_of(world, child).facts if fact.type == "home_visit_made"] == [1]


def test_a_batch_that_is_still_at_work_is_not_undone(world: ApiWorld) -> None:
    batches, batch = world.system.batches, uuid4()
    upload = batches.begin(batch, actor=SYSTEM, source=NDJSON)

    with pytest.raises(Conflict) as refused:
        undo(world, batch)
    batches.end(upload, state="cut")

    assert refused.value.reason is AT_WORK
    assert undo(world, batch).voided == 0


def test_of_two_imports_of_one_file_that_begin_at_once_one_goes_on_with_the_other(world: ApiWorld) -> None:
    other, together = open_system(world.system.settings), Barrier(2)

    def begin(batches: Batches, sha256: str) -> UUID:
        together.wait()
        return batches.begin_paper(source=CARE_LOG, org=SCHOOL, file_sha256=sha256, actor=SYSTEM).batch_id

    with ThreadPoolExecutor(2) as threads:
        for number in range(20):
            begun = threads.map(begin, (world.system.batches, other.batches), [str(number)] * 2)
            assert len(set(begun)) == 1
    other.close()
