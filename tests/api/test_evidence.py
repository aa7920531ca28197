"""Files that entries name as evidence: kept sealed, shown without metadata, gone at erasure."""

from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from application.access import Role
from application.eventstore.database import DatabaseUnavailable
from application.evidence.blobs import Blobs
from tests.api.support import SCHOOL, ApiWorld, Caller
from tests.support.pictures import MAKE, picture

PHOTO = picture("JPEG", size=(40, 20))
SHA256 = sha256(PHOTO).hexdigest()


def visited(world: ApiWorld, child: str, *digests: str) -> str:
    """Record a visit that names files as its evidence, and return its id."""
    event_id = str(uuid4())
    body = {
        "type": "home_visit_made",
        "occurred_on": "2026-06-20",
        "details": {"carers": [world.carer(f"卢{event_id[:4]}")], "outcome": "met", "record": "在家"},
        "evidence": [{"sha256": each, "kind": "photo", "size_bytes": 9} for each in digests],
    }
    assert world.caller.put(f"/v1/children/{child}/events/{event_id}", body).status_code == 201
    return event_id


def send(caller: Caller, path: str, data: bytes, *, media: str = "image/jpeg") -> Any:
    """Send a file under its own digest."""
    place = f"{path}/evidence/{sha256(data).hexdigest()}"
    return caller.send("PUT", place, body=data, headers={"Content-Type": media})


def test_a_photo_is_kept_sealed_and_shown_without_what_it_tells(world: ApiWorld, tmp_path: Path) -> None:
    child = world.enrol()
    path = f"/v1/children/{child}"
    visit = visited(world, child, SHA256)
    named = {"event_id": visit, "sha256": SHA256, "kind": "photo", "size_bytes": 9}
    one = f"{path}/evidence/{SHA256}"
    assert world.caller.get(f"{path}/evidence").json["items"] == [named | {"stored": False}]
    assert (world.caller.get(one).status_code, world.caller.get(one).json["code"]) == (
        404,
        "evidence_missing",
    )

    first, again = send(world.caller, path, PHOTO), send(world.caller, path, PHOTO)

    assert (first.status_code, again.status_code, first.json) == (
        201,
        200,
        {"sha256": SHA256, "size_bytes": len(PHOTO)},
    )
    assert world.caller.get(f"{path}/evidence").json["items"] == [named | {"stored": True}]
    shown, original = world.caller.get(one), world.caller.get(one, copy="original")
    assert (shown.headers["Content-Type"], MAKE.encode() in shown.content) == ("image/jpeg", False)
    assert original.content == PHOTO
    (file,) = [p for p in world.system.settings.evidence_dir.glob("*/*/*") if p.is_file()]
    assert SHA256 not in file.name
    assert MAKE.encode() not in file.read_bytes()


def test_a_file_is_kept_on_the_version_that_it_names(small_world: ApiWorld) -> None:
    path = f"/v1/children/{small_world.enrol()}/evidence/{SHA256}"
    sent = {"Content-Type": "image/jpeg"}

    stale = small_world.caller.send("PUT", path, body=PHOTO, headers=sent | {"If-Match": '"2"'})
    done = small_world.caller.send("PUT", path, body=PHOTO, headers=sent | {"If-Match": '"1"'})

    assert (stale.status_code, stale.json["code"]) == (412, "stale")
    assert (done.status_code, done.headers["ETag"]) == (201, '"1"')


def test_a_file_may_come_before_the_entry_that_names_it(world: ApiWorld) -> None:
    child = world.enrol()
    path = f"/v1/children/{child}"
    assert send(world.caller, path, PHOTO, media="application/octet-stream").status_code == 201

    visited(world, child, SHA256)

    assert [each["stored"] for each in world.caller.get(f"{path}/evidence").json["items"]] == [True]


@pytest.mark.parametrize(
    ("data", "place", "media", "refusal"),
    [
        (PHOTO, "0" * 64, "image/jpeg", (422, "evidence_hash_mismatch")),
        (PHOTO, "x", "image/jpeg", (422, "evidence_hash_mismatch")),
        (b"GIF89a", "", "image/png", (422, "evidence_type")),
        (PHOTO[:50], "", "image/jpeg", (422, "evidence_unreadable")),
        (PHOTO, "", "image/gif", (415, "wrong_media_type")),
    ],
    ids=["another file", "no digest", "a GIF", "cut off", "sent as a GIF"],
)
def test_what_is_no_evidence_is_refused_and_nothing_is_kept(
    small_world: ApiWorld, data: bytes, place: str, media: str, refusal: tuple[int, str]
) -> None:
    path = f"/v1/children/{small_world.enrol()}/evidence/{place or sha256(data).hexdigest()}"

    refused = small_world.caller.send("PUT", path, body=data, headers={"Content-Type": media})

    assert (refused.status_code, refused.json["code"]) == refusal
    assert not small_world.system.settings.evidence_dir.exists()


def test_who_may_not_see_a_child_learns_nothing_of_its_files(small_world: ApiWorld) -> None:
    child = small_world.enrol()
    path, nowhere = f"/v1/children/{child}", f"/v1/children/{uuid4()}"
    visited(small_world, child, SHA256)
    send(small_world.caller, path, PHOTO)
    stranger = small_world.as_(Role.MANAGER, org="another county")
    auditor = small_world.as_(Role.AUDITOR, org=SCHOOL)

    for there, not_there in (
        (stranger.get(f"{path}/evidence"), stranger.get(f"{nowhere}/evidence")),
        (stranger.get(f"{path}/evidence/{SHA256}"), stranger.get(f"{nowhere}/evidence/{SHA256}")),
        (send(stranger, path, PHOTO), send(stranger, nowhere, PHOTO)),
    ):
        told, of_none = ({k: v for k, v in a.json.items() if k != "instance"} for a in (there, not_there))
        assert (there.status_code, told) == (404, of_none)
    assert auditor.get(f"{path}/evidence/{SHA256}").status_code == 200
    assert auditor.get(f"{path}/evidence/{SHA256}", copy="original").status_code == 403
    assert send(auditor, path, PHOTO).status_code == 403


def test_a_file_of_a_merged_child_is_found_in_the_file_that_is_kept(small_world: ApiWorld) -> None:
    kept, closed = small_world.enrol(student_no="1"), small_world.enrol(student_no="2")
    visited(small_world, closed, SHA256)
    send(small_world.caller, f"/v1/children/{closed}", PHOTO)
    body = {"into": kept, "reason": "重复建档", "approved_by": "王校长"}
    assert small_world.caller.post(f"/v1/children/{closed}/merge", body).status_code == 200

    path = f"/v1/children/{kept}/evidence"

    assert [each["stored"] for each in small_world.caller.get(path).json["items"]] == [True]
    assert small_world.caller.get(f"{path}/{SHA256}").status_code == 200


def test_the_files_of_an_erased_child_open_to_nobody_and_are_taken_away(small_world: ApiWorld) -> None:
    child, other = small_world.enrol(student_no="1"), small_world.enrol(student_no="2")
    for each in (child, other):
        send(small_world.caller, f"/v1/children/{each}", PHOTO)
    evidence = small_world.system.evidence
    assert evidence.tidy() == 0

    small_world.system.keyring.destroy(UUID(child))

    assert small_world.caller.get(f"/v1/children/{child}/evidence/{SHA256}").status_code == 404
    assert [*evidence.findings()] == []
    assert small_world.system.evidence.tidy() == 1
    assert [p.parent.name for p in small_world.system.settings.evidence_dir.glob("*/*/*")] == [other]


def test_a_file_that_was_changed_or_moved_is_found(small_world: ApiWorld) -> None:
    child, other = small_world.enrol(student_no="1"), small_world.enrol(student_no="2")
    for each in (child, other):
        send(small_world.caller, f"/v1/children/{each}", PHOTO)
    first, second = sorted(small_world.system.settings.evidence_dir.glob("*/*/*"))
    assert [*small_world.system.evidence.findings()] == []

    first.write_bytes(first.read_bytes()[:-1] + b"x")
    moved = second.with_name("0" * 64)
    second.rename(moved)

    found = dict(small_world.system.evidence.findings())
    assert found == {UUID(first.parent.name): "Tampered", UUID(moved.parent.name): "Tampered"}


def test_what_the_disk_does_not_take_is_not_acknowledged(tmp_path: Path) -> None:
    in_the_way = tmp_path / "evidence"
    in_the_way.write_text("a file where a folder should be")

    with pytest.raises(DatabaseUnavailable):
        Blobs(in_the_way).put(uuid4(), "0" * 64, b"")
    assert in_the_way.is_file()
