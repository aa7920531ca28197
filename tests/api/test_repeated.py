"""Sending again: every operation that writes does so once, however often and however fast it is sent.

What is sent is the day of a school that the examples of the document are made of, so that it holds for every
operation there is: one that is not told there fails.
"""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from falcon import testing

from api.document import whole_document
from tests.api.story import told
from tests.api.support import ApiWorld, Caller, api_world, followed_to_its_end

READING = ("GET", "HEAD")
# Of two uploads at once under one id the newer goes on, and the older one ends.
OVERTAKEN = "batch_sent_again"
PATHS: dict[str, dict[str, Any]] = whole_document()["paths"]
NEVER = '"999999999"'


def writing() -> set[str]:
    """Return every operation of the document that may write, by method and path."""
    return {
        f"{method.upper()} {path}"
        for path, methods in PATHS.items()
        for method in methods
        if method not in ("parameters", "get", "head")
    }


def operation_of(method: str, path: str) -> str:
    """Return the operation that a request goes to."""
    bare = path.partition("?")[0]
    fixed_first = sorted(PATHS, key=lambda template: "{" in template)
    found = (each for each in fixed_first if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", each), bare))
    return f"{method} {next(found)}"


def standing(world: ApiWorld) -> tuple[Any, ...]:
    """Return all that is recorded, and what is kept beside the log: moments too, for a clock that goes on."""
    kept = (
        "SELECT item_id, state, settled_at, settled_reason FROM quarantine ORDER BY item_id",
        "SELECT activity_id, number, state, settled_at FROM participation ORDER BY activity_id, number",
        "SELECT double_id, settled_at FROM double_apart ORDER BY double_id",
        "SELECT clash_id, verdict, settled_at FROM clash_settled ORDER BY clash_id",
        "SELECT delivery_id, delivered_at, read_at FROM delivery ORDER BY delivery_id",
    )
    return (world.events, *(tuple(map(tuple, world.system.database.tuples(each))) for each in kept))


@dataclass(kw_only=True)
class Watched(Caller):
    """A caller whose writing requests are sent otherwise than they were meant."""

    world: ApiWorld
    sent: set[str] = field(default_factory=set)

    def send(self, method: str, path: str, **said: Any) -> testing.Result:
        if method in READING:
            return super().send(method, path, **said)
        return self.written(method, path, said)

    def written(self, method: str, path: str, said: dict[str, Any]) -> testing.Result:
        raise NotImplementedError

    def as_meant(self, method: str, path: str, said: dict[str, Any]) -> testing.Result:
        return super().send(method, path, **said)

    def changed(self, path: str, said: dict[str, Any], method: str, **headers: str | None) -> testing.Result:
        """Send with other headers; None leaves one out."""
        others = {**(said.get("headers") or {}), **{k.replace("_", "-"): v for k, v in headers.items()}}
        given = {name: value for name, value in others.items() if value is not None}
        return self.as_meant(method, path, said | {"headers": given})


class Twice(Watched):
    """Sends everything twice, a second apart."""

    def written(self, method: str, path: str, said: dict[str, Any]) -> testing.Result:
        first = self.as_meant(method, path, said)
        before, feed = standing(self.world), followed_to_its_end(self.world.caller, limit=500)
        self.world.clock.forward(seconds=1)

        again = self.as_meant(method, path, said)

        assert again.status_code in (200, 202, 204, 207), (method, path, again.text)
        assert standing(self.world) == before, (method, path)
        assert followed_to_its_end(self.world.caller, limit=500) == feed, (method, path)
        assert again.headers.get("ETag") == first.headers.get("ETag"), (method, path)
        self.sent.add(operation_of(method, path))
        return first


class AtOnce(Watched):
    """Sends everything twice at the same time."""

    def written(self, method: str, path: str, said: dict[str, Any]) -> testing.Result:
        with ThreadPoolExecutor(2) as pool:
            both = list(pool.map(lambda _: self.as_meant(method, path, said), range(2)))
        done = [each for each in both if each.status_code < 300]
        overtaken = [each.json["code"] for each in both if each.status_code >= 300]
        assert done, (method, path, both[0].text)
        assert set(overtaken) <= {OVERTAKEN}, (method, path, overtaken)
        self.sent.add(operation_of(method, path))
        return max(done, key=lambda each: each.status_code)


class OnAnotherVersion(Watched):
    """Sends everything on a version that never was, before it is sent as it was meant."""

    def written(self, method: str, path: str, said: dict[str, Any]) -> testing.Result:
        before = standing(self.world)
        refused = self.changed(path, said, method, If_Match=NEVER)
        if refused.status_code == 412:
            self.sent.add(operation_of(method, path))
        else:
            # What is there already is so on any version.
            assert refused.status_code in (200, 204), (method, path, refused.text)
        assert standing(self.world) == before, (method, path)
        return self.as_meant(method, path, said)


class OnNoVersion(Watched):
    """Sends every decision without the version that it is based on, before it is sent as it was meant."""

    def written(self, method: str, path: str, said: dict[str, Any]) -> testing.Result:
        operation, before = operation_of(method, path), standing(self.world)
        if operation in requiring() and "If-Match" in (said.get("headers") or {}):
            refused = self.changed(path, said, method, If_Match=None)
            if refused.status_code == 428:
                self.sent.add(operation)
            else:
                assert refused.status_code == 200, (method, path, refused.text)
            assert standing(self.world) == before, (method, path)
        return self.as_meant(method, path, said)


def if_match(operation: str) -> dict[str, Any] | None:
    method, path = operation.split()
    said = PATHS[path][method.lower()].get("parameters", [])
    return next((each for each in said if each["name"] == "If-Match"), None)


def requiring() -> set[str]:
    return {each for each in writing() if (if_match(each) or {}).get("required")}


def telling(world: ApiWorld, kind: type[Watched]) -> Watched:
    """Tell the day of a school by a caller of some kind."""
    caller = kind(http=world.http, key=world.caller.key, world=world)
    told(replace(world, caller=caller))
    return caller


def test_whatever_is_sent_again_changes_nothing(small_world: ApiWorld) -> None:
    assert telling(small_world, Twice).sent == writing()


def test_whatever_is_sent_twice_at_once_is_done_once(world: ApiWorld, tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    urls = {"database_url": f"sqlite:///{alone}/care.db", "keys_url": f"sqlite:///{alone}/keys.db"}
    with api_world(alone, **urls) as other:
        told(other)
        once = [len(each) if isinstance(each, tuple) else each for each in standing(other)]

    assert telling(world, AtOnce).sent == writing()
    assert [len(each) if isinstance(each, tuple) else each for each in standing(world)] == once


def test_nothing_is_written_on_another_version_than_is_named(small_world: ApiWorld) -> None:
    assert telling(small_world, OnAnotherVersion).sent == writing()


def test_a_decision_names_the_version_that_it_is_based_on(small_world: ApiWorld) -> None:
    assert telling(small_world, OnNoVersion).sent == requiring()
    assert len(requiring()) >= 4


def guarded() -> Iterator[Any]:
    """Return each operation that writes to what has an ETag, or to a part of it."""
    versioned = [
        path
        for path, methods in PATHS.items()
        if "ETag" in methods.get("get", {}).get("responses", {}).get("200", {}).get("headers", {})
        and path.startswith("/v1")
    ]
    for operation in sorted(writing()):
        path = operation.split()[1]
        if any(path == each or path.startswith(f"{each}/") for each in versioned):
            yield pytest.param(operation, id=operation)


@pytest.mark.parametrize("operation", list(guarded()))
def test_what_has_a_version_can_be_written_on_that_version(operation: str) -> None:
    method, path = operation.split()
    answers = PATHS[path][method.lower()]["responses"]

    assert if_match(operation) is not None
    assert "stale" in answers["412"]["x-problem-codes"]
    assert all("ETag" in answers[status]["headers"] for status in answers if status in ("200", "201"))
