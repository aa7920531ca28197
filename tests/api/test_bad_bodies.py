"""Bodies that can't be read: too large, too deep, not JSON, not UTF-8, in another format."""

import json
from uuid import uuid4

import pytest

from tests.api.support import CANARY, ApiWorld, enrolment

DEEP = b'{"type": ' + b"[" * 30 + b"]" * 30 + b"}"
BAD_BODIES: dict[str, tuple[bytes, int, str]] = {
    "nothing": (b"", 415, "wrong_media_type"),
    "not JSON": (b"{" + CANARY.encode(), 400, "not_json"),
    "not UTF-8": (b'{"type": "\xff\xfe"}', 400, "not_json"),
    "GB18030": ('{"type": "家访"}'.encode("gb18030"), 400, "not_json"),
    "a lone surrogate": (b'{"type": "\\ud800"}', 400, "not_json"),
    "NaN": (b'{"minutes": NaN}', 400, "not_json"),
    "infinity": (b'{"minutes": 1e999}', 400, "not_json"),
    "a huge number": (b'{"type": ' + b"9" * 5000 + b"}", 400, "not_json"),
    "twice the same field": (b'{"type": "a", "type": "b"}', 400, "duplicate_key"),
    "too deep": (DEEP, 400, "body_too_deep"),
    "much too deep": (b"[" * 100_000, 400, "not_json"),
    "deep beyond the parser": (b"[" * 100_000 + b"]" * 100_000, 400, "not_json"),
    "a list": (b"[]", 400, "not_an_object"),
    "a text": (b'"x"', 400, "not_an_object"),
    "null": (b"null", 400, "not_an_object"),
    "too large": (b'{"type": "' + b"x" * 1_048_577 + b'"}', 413, "body_too_large"),
}


@pytest.mark.parametrize("name", BAD_BODIES)
@pytest.mark.parametrize("path", ["/v1/children/{0}", "/v1/children/{0}/events/{0}", "/v1/event-batches/{0}"])
def test_a_body_that_cannot_be_read_is_refused(small_world: ApiWorld, name: str, path: str) -> None:
    raw, status, code = BAD_BODIES[name]

    answered = small_world.caller.send("PUT", path.format(uuid4()), body=raw)

    assert (answered.status_code, answered.json["code"]) == (status, code)
    assert CANARY not in answered.text
    assert small_world.events == 0


def test_a_body_without_a_length_is_bounded_as_well(small_world: ApiWorld) -> None:
    path, key = f"/v1/children/{uuid4()}", small_world.caller.key
    raw = b'{"org": "' + b"x" * 1_048_577 + b'"}'

    answered = small_world.http.simulate_request(
        "PUT",
        path,
        body=raw,
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
        extras={"CONTENT_LENGTH": "", "wsgi.input_terminated": True},
    )

    assert answered.status_code == 413


@pytest.mark.parametrize(
    "media", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "json"]
)
def test_another_format_is_refused(small_world: ApiWorld, media: str) -> None:
    child = uuid4()

    answered = small_world.caller.send(
        "PUT",
        f"/v1/children/{child}",
        body=json.dumps(enrolment(child)).encode(),
        headers={"Content-Type": media},
    )

    assert (answered.status_code, answered.json["code"]) == (415, "wrong_media_type")


def test_a_charset_beside_the_format_is_fine(small_world: ApiWorld) -> None:
    child = uuid4()

    answered = small_world.caller.send(
        "PUT",
        f"/v1/children/{child}",
        body=json.dumps(enrolment(child)).encode(),
        headers={"Content-Type": "application/json; charset=utf-8"},
    )

    assert answered.status_code == 201
