"""How many requests a key may send, on a clock of the test's own; and what the answers say of it."""

from dataclasses import dataclass
from uuid import uuid4

import pytest
from falcon import testing

from api.app import create_app
from api.rates import MANY, Rates
from application.access import Role
from application.settings import BadSetting, read_settings
from tests.api.support import ApiWorld, Caller


@dataclass
class Seconds:
    """A clock that stands until it is moved."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def _caller(world: ApiWorld, clock: Seconds, *, per_minute: int, key: str | None = None) -> Caller:
    app = create_app(world.system, rates=Rates(per_minute=per_minute, clock=clock))
    return Caller(http=testing.TestClient(app), key=key or world.caller.key)


def test_a_key_that_sends_too_much_is_told_when_to_come_again(small_world: ApiWorld) -> None:
    clock = Seconds()
    caller = _caller(small_world, clock, per_minute=3)

    answers = [caller.get("/v1/alerts") for _ in range(4)]

    assert [a.status_code for a in answers] == [200, 200, 200, 429]
    assert {a.headers["RateLimit-Policy"] for a in answers} == {'"key";q=3;w=60'}
    assert [a.headers["RateLimit"] for a in answers] == [
        '"key";r=2;t=20',
        '"key";r=1;t=40',
        '"key";r=0;t=60',
        '"key";r=0;t=60',
    ]
    assert answers[-1].json["code"] == "too_many_requests"
    assert answers[-1].headers["Retry-After"] == "20"
    assert "Retry-After" not in answers[0].headers


def test_whoever_comes_again_when_told_to_is_answered(small_world: ApiWorld) -> None:
    clock = Seconds()
    caller = _caller(small_world, clock, per_minute=3)
    for _ in range(4):
        refused = caller.get("/v1/alerts")

    clock.now += int(refused.headers["Retry-After"]) - 1
    too_soon = caller.get("/v1/alerts")
    clock.now += 1
    in_time = caller.get("/v1/alerts")

    assert (too_soon.status_code, in_time.status_code) == (429, 200)
    assert too_soon.headers["Retry-After"] == "1"


def test_what_is_refused_does_nothing_and_costs_nothing(small_world: ApiWorld) -> None:
    clock = Seconds()
    caller = _caller(small_world, clock, per_minute=1)
    caller.get("/v1/alerts")
    before = small_world.events

    for _ in range(5):
        assert caller.put(f"/v1/children/{uuid4()}", {}).status_code == 429
    clock.now += 60

    assert small_world.events == before
    assert caller.get("/v1/alerts").status_code == 200


def test_a_key_does_not_use_up_what_another_may_send(small_world: ApiWorld) -> None:
    clock = Seconds()
    caller = _caller(small_world, clock, per_minute=1)
    other = small_world.as_(Role.AUDITOR, name="other")
    other.http = caller.http

    assert [caller.get("/v1/alerts").status_code for _ in range(2)] == [200, 429]
    assert other.get("/v1/alerts").status_code == 200


def test_who_has_no_key_is_not_counted_and_public_routes_are_not(small_world: ApiWorld) -> None:
    caller = _caller(small_world, Seconds(), per_minute=1)
    stranger = Caller(http=caller.http, key=None)

    assert [stranger.get("/v1/alerts").status_code for _ in range(3)] == [401] * 3
    assert [caller.get("/v1/event-types").status_code for _ in range(3)] == [200] * 3
    assert "RateLimit" not in caller.get("/healthz").headers
    assert caller.get("/v1/alerts").status_code == 200


def test_an_upload_of_many_lines_is_one_request(small_world: ApiWorld) -> None:
    caller = _caller(small_world, Seconds(), per_minute=2)

    answered = caller.send(
        "PUT",
        f"/v1/event-batches/{uuid4()}",
        body=b"{}\n" * 50,
        headers={"Content-Type": "application/x-ndjson"},
    )

    assert (answered.status_code, answered.json["lines"]) == (200, 50)
    assert answered.headers["RateLimit"] == '"key";r=1;t=30'


def test_without_a_limit_nothing_is_said(small_world: ApiWorld) -> None:
    caller = _caller(small_world, Seconds(), per_minute=0)

    answered = [caller.get("/v1/alerts") for _ in range(5)]

    assert all(a.status_code == 200 and "RateLimit" not in a.headers for a in answered)


def test_buckets_that_are_full_again_are_forgotten() -> None:
    clock = Seconds()
    rates = Rates(per_minute=10, clock=clock)
    for number in range(MANY):
        rates.take(f"old-{number}")
    clock.now += 61

    rates.take("new")

    assert list(rates._full_at) == ["new"]


@pytest.mark.parametrize("text", ["-1", "many", "1000001"])
def test_a_limit_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadSetting, match="CARELEDGER_REQUESTS_PER_MINUTE"):
        read_settings({"CARELEDGER_REQUESTS_PER_MINUTE": text})


def test_the_limit_is_generous_unless_set() -> None:
    assert read_settings({}).requests_per_minute == 6000
    assert read_settings({"CARELEDGER_REQUESTS_PER_MINUTE": "0"}).requests_per_minute == 0
