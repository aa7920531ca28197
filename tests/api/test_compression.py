"""Bodies that are sent compressed, and answers that are."""

import gzip
import json
from uuid import uuid4

import pytest

from api.compression import takes_gzip
from tests.api.serving import Service
from tests.api.support import CANARY, ApiWorld, enrolment
from tests.api.test_uploads import enrolling, lines, send

GZIP = {"Content-Encoding": "gzip", "Content-Type": "application/json"}


def enrol(world: ApiWorld, body: bytes, **more: str) -> tuple[int, str | None]:
    answered = world.caller.send("PUT", f"/v1/children/{uuid4()}", body=body, headers=GZIP | more)
    return answered.status_code, (answered.json or {}).get("code")


def test_a_compressed_body_is_read_as_what_it_was(small_world: ApiWorld) -> None:
    assert enrol(small_world, gzip.compress(json.dumps(enrolment(uuid4())).encode())) == (201, None)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"\x1f\x8b", 400, "body_cut_short"),
        (b'{"org": "no gzip"}', 400, "body_cut_short"),
        (gzip.compress(b'{"org": "x"}')[:-4], 400, "body_cut_short"),
        (gzip.compress(b'"' + b"x" * 2_000_000 + b'"'), 413, "body_too_large"),
        (gzip.compress(bytes(i * 37 % 251 for i in range(1_048_577))), 413, "body_too_large"),
        (gzip.compress(b"[]"), 400, "not_an_object"),
        (gzip.compress(b'{"org": "x"}') + b"and more", 400, "body_cut_short"),
        (gzip.compress(b'{"org": "x"}') + gzip.compress(b"and more"), 400, "not_json"),
    ],
    ids=[
        "a beginning",
        "no gzip",
        "without its end",
        "a bomb",
        "large",
        "a list",
        "more behind",
        "two members",
    ],
)
def test_what_is_wrong_with_a_compressed_body_is_said(
    small_world: ApiWorld, body: bytes, status: int, code: str
) -> None:
    assert enrol(small_world, body) == (status, code)


def test_another_encoding_is_refused_and_the_one_that_is_read_named(small_world: ApiWorld) -> None:
    answered = small_world.caller.send(
        "PUT", f"/v1/children/{uuid4()}", body=b"{}", headers=GZIP | {"Content-Encoding": "br"}
    )

    assert (answered.status_code, answered.json["code"]) == (415, "wrong_encoding")
    assert answered.headers["Accept-Encoding"] == "gzip"


def test_lines_may_come_compressed(small_world: ApiWorld) -> None:
    children = [uuid4() for _ in range(300)]
    body = gzip.compress(lines(*map(enrolling, children)))

    answered = send(small_world.caller, body, Content_Encoding="gzip")

    assert answered.json["counts"]["recorded"] == 300
    assert answered.json["state"] == "complete"


def test_lines_may_come_in_several_members(small_world: ApiWorld) -> None:
    children = [uuid4() for _ in range(3)]
    body = b"".join(gzip.compress(lines(enrolling(child))) for child in children)

    answered = send(small_world.caller, body, Content_Encoding="gzip")

    assert (answered.json["lines"], answered.json["counts"]["recorded"]) == (3, 3)


def test_of_compressed_lines_that_are_cut_short_what_came_is_kept(small_world: ApiWorld) -> None:
    batch, body = uuid4(), gzip.compress(lines(*(enrolling(uuid4()) for _ in range(300))))

    answered = send(small_world.caller, body[: len(body) // 2], batch=batch, Content_Encoding="gzip")
    read = small_world.caller.get(f"/v1/event-batches/{batch}").json

    assert (answered.status_code, answered.json["code"]) == (400, "body_cut_short")
    assert 0 < read["counts"]["recorded"] < 300


def test_lines_that_become_far_too_many_are_not_read_to_their_end(small_world: ApiWorld) -> None:
    answered = send(small_world.caller, gzip.compress((b" " * 999_999 + b"\n") * 50), Content_Encoding="gzip")

    assert (answered.status_code, answered.json["code"]) == (413, "body_inflates")


def test_a_long_answer_comes_compressed_to_whoever_takes_it(small_world: ApiWorld) -> None:
    plain = small_world.caller.get("/openapi.json")
    packed = small_world.caller.get("/v1/event-types", headers={"Accept-Encoding": "gzip"})
    unpacked = small_world.caller.get("/v1/event-types")

    assert plain.headers.get("Content-Encoding") is None
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Accept-Encoding" in unpacked.headers["Vary"]
    assert gzip.decompress(packed.content) == unpacked.content
    assert len(packed.content) < len(unpacked.content) / 3


def test_what_bears_a_version_comes_as_it_is(small_world: ApiWorld) -> None:
    child = small_world.enrol()

    answered = small_world.caller.get(f"/v1/children/{child}", headers={"Accept-Encoding": "gzip"})

    assert answered.headers["ETag"]
    assert "Content-Encoding" not in answered.headers


def test_an_answer_in_pieces_is_compressed_piece_by_piece(small_world: ApiWorld) -> None:
    child = small_world.enrol()
    headers = {"Accept": "application/x-ndjson"}
    path = f"/v1/children/{child}/history"

    packed = small_world.caller.get(path, headers=headers | {"Accept-Encoding": "gzip"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == small_world.caller.get(path, headers=headers).content


@pytest.mark.parametrize(
    ("accept", "taken"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("deflate, gzip;q=0.5, br", True),
        ("GZIP", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000, *", False),
        ("*", True),
        ("*;q=0", False),
        ("br", False),
    ],
)
def test_what_is_taken_is_read_as_http_has_it(accept: str | None, taken: bool) -> None:
    assert takes_gzip(accept) is taken


def test_it_holds_over_a_wire(service: Service) -> None:
    path, words = f"/v1/children/{uuid4()}", enrolment(uuid4(), name=CANARY)
    with service.client() as client:
        sent = client.put(path, content=gzip.compress(json.dumps(words).encode()), headers=GZIP)
        read = client.get(f"{path}/history", headers={"Accept": "application/x-ndjson"})

    assert sent.status_code == 201
    assert read.headers["Content-Encoding"] == "gzip"
    assert json.loads(read.text)["type"] == "child_enrolled"
