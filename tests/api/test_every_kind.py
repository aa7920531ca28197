"""Every kind of stream that is served goes the ways of the seam: batches, lines, quarantine, both clocks."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.catalogue import served_kinds
from tests.api.story import CARER, CHILD, OTHER_STREAMS, SECOND
from tests.api.support import SCHOOL, ApiWorld
from tests.api.test_timeline import catch_up

NDJSON = "application/x-ndjson"
PLURALS = [plural for plural, *_ in OTHER_STREAMS]
KINDS = {kind.plural: name for name, kind in served_kinds().items()}
# What few may read is told to those alone whom it names.
OPEN = [plural for plural in PLURALS if served_kinds()[KINDS[plural]].access is None]


def items_of(plural: str, carer: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What opens a stream of a kind, and one entry, as items of a batch."""
    opening, type_, more = next((o, t, m) for p, o, t, m in OTHER_STREAMS if p == plural)
    kind, ids = served_kinds()[KINDS[plural]], {"stream_id": str(uuid4())}
    first = {"type": kind.opens[0].TYPE, "org": SCHOOL, "occurred_on": "2026-05-06", "details": opening}
    then = {"type": type_, "occurred_on": "2026-05-07", "details": more}
    made = [{"event_id": str(uuid4()), **ids, **each} for each in (first, then)]
    text = json.dumps(made, ensure_ascii=False).replace(CARER, carer)
    told_first, told_then = json.loads(text)
    return told_first, told_then


def test_every_kind_that_is_served_is_told_of() -> None:
    assert set(PLURALS) == set(KINDS)


@pytest.mark.parametrize("plural", OPEN)
def test_a_kind_goes_every_way_of_the_seam(small_world: ApiWorld, plural: str) -> None:
    world = small_world
    for child in (CHILD, SECOND):
        world.enrol(child=UUID(child), student_no=f"T{child[-6:]}")
    first, then = items_of(plural, world.carer())
    path, kind = f"/v1/{plural}/{first['stream_id']}", KINDS[plural]

    # What comes before its opening waits, and is taken once that is there.
    sent = [world.caller.put(f"/v1/event-batches/{uuid4()}", {"items": [item]}) for item in (then, first)]
    assert [each.json["items"][0]["state"] for each in sent] == ["quarantined", "recorded"], sent[1].text
    (waiting,) = world.caller.get("/v1/quarantine").json["items"]
    assert world.caller.post(f"/v1/quarantine/{waiting['item_id']}/retry").status_code == 201
    before = world.clock().isoformat()
    world.clock.forward(hours=1)

    # The same as lines is nothing new.
    lines = "".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in (first, then)).encode()
    batch = f"/v1/event-batches/{uuid4()}"
    again = world.caller.send("PUT", batch, body=lines, headers={"Content-Type": NDJSON})
    assert again.json["counts"]["already_recorded"] == 2, again.text

    # Followers and the timeline are told of the kind.
    changes = world.caller.get("/v1/changes").json["items"]
    told = [each for each in changes if each.get("streamkind") == kind]
    assert [each["subject"] for each in told] == [first["stream_id"]] * 2
    catch_up(world)
    rows = world.caller.get("/v1/timeline", org=SCHOOL).json["items"]
    assert {r["type"] for r in rows if r.get("stream_kind") == kind} == {first["type"], then["type"]}

    # Once it is void it stands no more, but did then.
    version = world.caller.get(path).json["version"]
    body = {"target": then["event_id"], "reason": "误登", "approved_by": "王校长"}
    void = {"type": "event_voided", "occurred_on": "2026-05-08", "details": body}
    voided = world.caller.put(f"{path}/events/{uuid4()}", void, If_Match=f'"{version}"')
    assert voided.status_code == 201, voided.text
    entries = [
        [each["voided_by"] is None for each in world.caller.get(f"{path}/history", **clock).json["items"]]
        for clock in ({}, {"as_known_at": before})
    ]
    assert entries == [[True, False, True], [True, True]]
    texts = [each["text"] for each in world.caller.get(f"{path}/history").json["items"]]
    assert all(text["zh"] and text["en"] for text in texts)
    assert world.caller.get(f"{path}/history", headers={"Accept": NDJSON}).text.count("\n") == 3
