"""What follows from a stream in the files of children is listed, tried again, and dismissed with a reason."""

from typing import Any
from uuid import UUID, uuid4

from application.access import Role
from tests.api.support import SCHOOL, ApiWorld


def donation(world: ApiWorld, *children: str) -> tuple[str, list[str]]:
    """Receive a donation and give some of it to each child; return its path and the entries that say so."""
    path = f"/v1/donations/{uuid4()}"
    opening = {"donor": "县关工委", "amount_fen": 120_000}
    assert (
        world.caller.put(path, {"org": SCHOOL, "occurred_on": "2026-05-06", "details": opening}).status_code
        == 201
    )
    entries = [str(uuid4()) for _ in children]
    for entry, child in zip(entries, children, strict=True):
        details = {"child": child, "amount_fen": 30_000, "purpose": "助学"}
        said = {"type": "donation_allocated", "occurred_on": "2026-05-07", "details": details}
        assert world.caller.put(f"{path}/events/{entry}", said).status_code == 201
    return path, entries


def files(world: ApiWorld, path: str) -> list[dict[str, Any]]:
    """List the files that a stream is written into."""
    answered = world.caller.get(f"{path}/files")
    assert answered.status_code == 200, answered.text
    items: list[dict[str, Any]] = answered.json["items"]
    return items


def test_a_gift_to_a_child_whom_nobody_knows_is_seen_and_written_once_it_is_enrolled(world: ApiWorld) -> None:
    known, unknown = str(world.enrol()), str(uuid4())
    path, entries = donation(world, known, unknown)
    assert [(f["number"], f["state"]) for f in files(world, path)] == [(0, "waiting"), (1, "waiting")]

    tried = world.caller.post(f"{path}/files/retry")

    assert (tried.json["recorded"], tried.json["quarantined"]) == (1, 1)
    written, aside = files(world, path)
    history = world.caller.get(f"/v1/children/{known}/history").json["items"]
    gifts = [entry["event_id"] for entry in history if entry["type"] == "gift_received"]
    assert (written["state"], [written["event_id"]], written["cause"]) == ("recorded", gifts, entries[0])
    assert (aside["state"], aside["code"], aside["child_id"]) == ("quarantined", "unknown_child", unknown)
    assert aside["event_id"] is None

    world.enrol(child=UUID(unknown), student_no="2")
    assert world.caller.post(f"{path}/files/retry").json["quarantined"] == 0
    assert [each["state"] for each in files(world, path)] == ["recorded", "recorded"]


def test_what_is_not_to_be_written_is_dismissed_with_a_reason(world: ApiWorld) -> None:
    path, _ = donation(world, str(uuid4()), str(world.enrol()))
    world.caller.post(f"{path}/files/retry")
    aside, reason = f"{path}/files/0/dismiss", {"reason": "不在本校"}

    assert world.caller.post(aside, reason).status_code == 428
    assert world.caller.post(aside, reason, If_Match='"1"').status_code == 412
    for _ in range(2):
        done = world.caller.post(aside, reason, If_Match='"3"')
        assert (done.status_code, done.json["state"], done.headers["ETag"]) == (200, "dismissed", '"3"')

    first, second = files(world, path)
    assert (first["state"], first["settled_reason"], second["state"]) == ("dismissed", "不在本校", "recorded")
    other = world.caller.post(aside, {"reason": "别的"}, If_Match='"3"')
    written = world.caller.post(f"{path}/files/1/dismiss", reason, If_Match='"3"')
    nobody = world.caller.post(f"{path}/files/2/dismiss", reason, If_Match='"3"')
    codes = [each.json["code"] for each in (other, written, nobody)]
    assert codes == ["item_settled", "not_quarantined", "not_found"]


def test_pages_follow_each_other(world: ApiWorld) -> None:
    children = [str(uuid4()) for _ in range(5)]
    path, _ = donation(world, *children[:4])

    first = world.caller.get(f"{path}/files", limit="3").json
    last = world.caller.get(f"{path}/files", limit="3", cursor=first["next"]).json

    assert [f["child_id"] for f in (*first["items"], *last["items"])] == children[:4]
    assert last["next"] is None


def test_whoever_may_not_see_a_stream_is_told_of_no_file(world: ApiWorld) -> None:
    path, _ = donation(world, str(uuid4()))
    stranger = world.as_(Role.MANAGER, org="another county")

    for answered in (stranger.get(f"{path}/files"), stranger.get(f"/v1/donations/{uuid4()}/files")):
        assert (answered.status_code, answered.json["code"]) == (404, "not_found")
