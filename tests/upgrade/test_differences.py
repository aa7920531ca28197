"""What is held against a store is held well: every difference is found, and only what is allowed passes."""

from typing import Any

import orjson
import pytest

from tests.upgrade.differences import ADDED, CHANGED, MOVED, REMOVED, Allowed, Comparison
from tests.upgrade.questions import Answer

WAS: dict[str, Any] = {
    "child_id": "c",
    "version": 3,
    "items": [{"event_id": "a", "text": {"zh": "甲"}}, {"event_id": "b", "text": {"zh": "乙"}}],
    "spans": [{"start": "2026-03-01"}],
}


def held(now: object, *allowed: Allowed, status: int = 200) -> Comparison:
    comparison = Comparison(allowed=allowed)
    was = Answer(status=200, body=orjson.dumps(WAS).decode(), etag='"3"')
    comparison.hold(
        "history one late", was, Answer(status=status, body=orjson.dumps(now).decode(), etag='"3"')
    )
    return comparison


def may(at: str, how: str, *, questions: str = "history *", fits: Any = lambda _was, _now: True) -> Allowed:
    return Allowed(changelog="-", questions=questions, at=at, how=how, fits=fits)


A, B = WAS["items"]
CASES: dict[str, tuple[dict[str, Any], str, str]] = {
    "a value": (WAS | {"version": 4}, "/version", CHANGED),
    "a type": (WAS | {"version": "3"}, "/version", CHANGED),
    "a field more": (WAS | {"notes": []}, "/notes", ADDED),
    "a field less": ({name: WAS[name] for name in WAS if name != "version"}, "/version", REMOVED),
    "another order": (WAS | {"items": [B, A]}, "/items", MOVED),
    "an item more": (WAS | {"items": [A, B, {"event_id": "c"}]}, "/items/c", ADDED),
    "an item less": (WAS | {"items": [B]}, "/items/a", REMOVED),
    "deep within": (WAS | {"items": [A, B | {"text": {"zh": "丙"}}]}, "/items/b/text/zh", CHANGED),
    "within a list without ids": (WAS | {"spans": [{"start": "2026-03-02"}]}, "/spans/0/start", CHANGED),
}


def test_the_same_is_the_same() -> None:
    assert held(WAS).found == []


@pytest.mark.parametrize("name", CASES)
def test_every_difference_is_found_and_passes_only_where_it_is_allowed(name: str) -> None:
    now, at, how = CASES[name]

    assert len(held(now).found) == 1
    assert held(now, may(at, how)).found == []
    assert held(now, may("/elsewhere/*", how)).found != []
    assert held(now, may(at, how, questions="child *")).found != []
    assert held(now, may(at, how, fits=lambda _was, _now: False)).found != []


def test_what_is_allowed_and_does_not_happen_is_told() -> None:
    idle, used = may("/nothing", ADDED), may("/version", CHANGED)

    assert held(WAS | {"version": 4}, used, idle).unused == [idle]


def test_another_status_and_another_order_of_fields_are_differences() -> None:
    turned = {name: WAS[name] for name in reversed(WAS)}

    assert held(WAS, status=404).found != []
    assert [line.split(": ")[1] for line in held(turned).found] == ["#bytes changed"]


def test_what_is_no_json_is_held_line_by_line() -> None:
    comparison = Comparison(allowed=[may("#line/2", CHANGED)])

    comparison.hold("history one", Answer(status=200, body="a\nb\n"), Answer(status=200, body="a\nc\n"))
    assert comparison.found == []
    comparison.hold("history one", Answer(status=200, body="a\nb\n"), Answer(status=200, body="x\nb\nc\n"))
    assert len(comparison.found) == 2
