"""No input gives a 500: arbitrary JSON, and bodies that are nearly right, on every route that takes one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.answer import Problem
from tests.api.support import SCHOOL, ApiWorld, api_world, enrolment, visit
from tests.support.samples import WORDS

CHILD, CARER, EVENT = (UUID(int=n, version=4) for n in (1, 2, 3))
MEMBERS = set(Problem.__struct_fields__)

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.sampled_from(
        ["", " ", "\u0000", "0001-01-01T00:00:00+14:00", "9999-12-31", "2026-06-20", str(CARER)]
    )
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
path_and_method = st.sampled_from(
    [
        ("PUT", f"/v1/children/{CHILD}"),
        ("PUT", f"/v1/children/{CHILD}/events/{EVENT}"),
        ("PUT", f"/v1/event-batches/{EVENT}"),
        ("POST", "/v1/children/search"),
        ("PUT", f"/v1/carers/{CARER}"),
        ("POST", "/v1/rule-bindings"),
        ("PUT", f"/v1/recipients/{EVENT}"),
        ("POST", f"/v1/alerts/{EVENT}/acknowledge"),
        ("POST", f"/v1/alerts/{EVENT}/snooze"),
        ("POST", f"/v1/quarantine/{EVENT}/dismiss"),
    ]
)


@st.composite
def nearly_right(draw: st.DrawFn) -> dict[str, Any]:
    """A body of some type in which a few values are something else."""
    type_ = draw(
        st.sampled_from(sorted(t for t in WORDS if not t.startswith(("alert", "org", "rule", "recip"))))
    )
    details: dict[str, Any] = dict(WORDS[type_])
    day = draw(st.sampled_from(["2026-06-20", "2026-03-01"]))
    body: dict[str, Any] = {"type": type_, "occurred_on": day, "details": details}
    for _ in range(draw(st.integers(0, 3))):
        place = details if draw(st.booleans()) else body
        name = draw(
            st.sampled_from([*place, "occurred_at", "written_on", "evidence", "org", "target", "fields"])
        )
        place[name] = draw(anything)
    return body


@pytest.fixture(scope="module")
def shared_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiWorld]:
    folder: Path = tmp_path_factory.mktemp("fuzz")
    urls = {"database_url": f"sqlite:///{folder}/care.db", "keys_url": f"sqlite:///{folder}/keys.db"}
    with api_world(folder, **urls) as world:
        world.caller.put(f"/v1/children/{CHILD}", enrolment(CHILD))
        world.caller.put(f"/v1/carers/{CARER}", {"org": SCHOOL, "name": "卢老师"})
        world.caller.put(f"/v1/children/{CHILD}/events/{EVENT}", visit(str(CARER)))
        yield world


ANSWERS = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@ANSWERS
@given(where=path_and_method, body=anything)
def test_any_json_is_answered(shared_world: ApiWorld, where: tuple[str, str], body: Any) -> None:
    method, path = where

    answered = shared_world.caller.send(method, path, body=json.dumps(body).encode())

    assert answered.status_code < 500
    if answered.status_code >= 400:
        assert set(answered.json) == MEMBERS


@ANSWERS
@given(raw=st.binary(min_size=1, max_size=60))
def test_any_bytes_are_answered(shared_world: ApiWorld, raw: bytes) -> None:
    answered = shared_world.caller.send("PUT", f"/v1/event-batches/{uuid4()}", body=raw)

    assert 400 <= answered.status_code < 500


@ANSWERS
@given(
    raw=st.binary(max_size=80) | st.lists(anything.map(json.dumps), max_size=4).map("\n".join).map(str.encode)
)
def test_any_bytes_are_answered_line_by_line(shared_world: ApiWorld, raw: bytes) -> None:
    path, lines = f"/v1/event-batches/{EVENT}", {"Content-Type": "application/x-ndjson"}

    answered = shared_world.caller.send("PUT", path, body=raw, headers=lines)
    read = shared_world.caller.get(path)

    assert answered.status_code == 200
    assert {item["state"] for item in read.json["items"]} <= {"refused"}
    written = [n for n, line in enumerate(raw.split(b"\n"), start=1) if line.strip()]
    assert [item["line"] for item in read.json["items"]] == written


@ANSWERS
@given(bodies=st.lists(nearly_right(), min_size=1, max_size=3), version=st.integers(0, 40), data=st.data())
def test_what_is_nearly_right_is_answered(
    shared_world: ApiWorld, bodies: list[dict[str, Any]], version: int, data: st.DataObject
) -> None:
    for body in bodies:
        event = data.draw(st.sampled_from([str(EVENT), str(uuid4())]))
        single = shared_world.caller.put(
            f"/v1/children/{CHILD}/events/{event}", body, If_Match=f'"{version}"'
        )
        assert single.status_code < 500, body
    items = [{"event_id": str(uuid4()), "child_id": str(CHILD), "based_on": version, **b} for b in bodies]
    batch = shared_world.caller.put(f"/v1/event-batches/{EVENT}", {"items": items})

    assert batch.status_code == 207
    assert all(item["status"] < 500 for item in batch.json["items"])
    assert shared_world.caller.get(f"/v1/children/{CHILD}").status_code == 200
    assert shared_world.caller.get(f"/v1/children/{CHILD}/history").status_code == 200


@ANSWERS
@given(
    name=st.sampled_from(["as_of", "as_known_at", "cursor", "limit", "type", "from", "late"]),
    value=st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
    | st.sampled_from(["0001-01-01", "2199-12-31T23:59:59-14:00", "W10=", "WyJ4Il0=", "1e9"]),
)
def test_any_parameter_is_answered(shared_world: ApiWorld, name: str, value: str) -> None:
    answered = shared_world.caller.get(f"/v1/children/{CHILD}/history", **{name: value})

    assert answered.status_code in (200, 404, 422)
