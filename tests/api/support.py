"""A school with a web interface: a real system on empty databases, a standing clock, keys to call with."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from falcon import testing

from api.app import create_app
from application.access import SYSTEM, Role
from application.settings import read_settings
from application.system import System
from domain.streams.principals import principal
from projections.tables import DDL
from tests.api.promises import undocumented
from tests.support.actions import CLASS, SCHOOL, Desk
from tests.support.databases import opened
from tests.support.systems import NOON, StandingClock

CANARY = "金丝雀7391"
OTHER = "county/township/other/grade 1"
JSON = {"Accept": "application/json"}


@dataclass(kw_only=True)
class Caller:
    """Somebody with a key, who speaks JSON."""

    http: testing.TestClient
    key: str | None
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **params: Any) -> testing.Result:
        headers = params.pop("headers", {})
        return self.send("GET", path, params=params, headers=headers)

    def put(self, path: str, body: Any, **headers: str) -> testing.Result:
        return self.send("PUT", path, body=json.dumps(body).encode(), headers=_named(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> testing.Result:
        raw = b"" if body is None else json.dumps(body).encode()
        return self.send("POST", path, body=raw, headers=_named(headers))

    def delete(self, path: str, **headers: str) -> testing.Result:
        return self.send("DELETE", path, headers=_named(headers))

    def send(
        self,
        method: str,
        path: str,
        *,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        params: dict[str, Any] | None = None,
    ) -> testing.Result:
        sent = {"Content-Type": "application/json"} if body else {}
        if self.key is not None:
            sent["Authorization"] = f"Bearer {self.key}"
        sent |= self.headers | (headers or {})
        answered = self.http.simulate_request(method, path, body=body, headers=sent, params=params)
        if answered.content and answered.headers.get("Content-Type") == "application/problem+json":
            # Whatever a test is about: no problem is answered that the document does not promise.
            assert not (wrong := undocumented(method, path.partition("?")[0], answered.json)), wrong
        return answered


@dataclass(kw_only=True)
class ApiWorld:
    """The system, its application, and callers of every kind. `caller` may do everything."""

    system: System
    clock: StandingClock
    http: testing.TestClient
    caller: Caller

    @property
    def desk(self) -> Desk:
        return Desk(self.system)

    @property
    def events(self) -> int:
        """How many events there are, beside those that tell of keys."""
        ((count,),) = self.system.database.tuples(
            "SELECT count(*) FROM events WHERE topic NOT IN :of_keys",
            of_keys=tuple(each.type for each in principal.EVENT_TYPES),
        )
        return int(count)

    def as_(self, role: Role, *, org: str = "", types: list[str] | None = None, name: str = "") -> Caller:
        _, key = self.system.api_keys.create(
            actor=SYSTEM, name=name or role.value, role=role, org=org, types=types
        )
        return Caller(http=self.http, key=key)

    def enrol(self, *, child: UUID | None = None, **more: Any) -> str:
        child = child or uuid4()
        answered = self.caller.put(f"/v1/children/{child}", enrolment(child, **more))
        assert answered.status_code == 201, answered.json
        return str(child)

    def carer(self, name: str = "卢老师") -> str:
        return str(self.desk.carer(name))


@contextmanager
def api_world(folder: Path, *, database_url: str, keys_url: str, now: datetime = NOON) -> Iterator[ApiWorld]:
    settings = read_settings(
        {
            "CARELEDGER_DATA_DIR": str(folder),
            "CARELEDGER_DATABASE_URL": database_url,
            "CARELEDGER_KEYS_URL": keys_url,
        }
    )
    clock = StandingClock(now)
    system = opened(settings, ddl=DDL, clock=clock)
    try:
        http = testing.TestClient(create_app(system))
        _, key = system.api_keys.create(actor=SYSTEM, name="office", role=Role.MANAGER)
        yield ApiWorld(system=system, clock=clock, http=http, caller=Caller(http=http, key=key))
    finally:
        system.close()


def enrolment(child: UUID, *, day: str = "2026-03-01", org: str = CLASS, **details: Any) -> dict[str, Any]:
    words = {
        "name": "林小禾",
        "student_no": f"T{child.hex[:12]}",
        "sex": "female",
        "birth_date": "2016-05-20",
    }
    return {"occurred_on": day, "org": org, "details": words | details}


def visit(carer: str, day: str = "2026-06-20", **details: Any) -> dict[str, Any]:
    words = {"carers": [carer], "outcome": "met", "record": "了解学习和生活情况"}
    return {"type": "home_visit_made", "occurred_on": day, "details": words | details}


def codes(answered: testing.Result) -> list[tuple[str, str]]:
    """Where a problem finds fault, and why."""
    return [(error["pointer"], error["code"]) for error in answered.json["errors"]]


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


__all__ = ["CANARY", "CLASS", "SCHOOL", "ApiWorld", "Caller", "api_world", "codes", "enrolment", "visit"]


def followed_to_its_end(caller: Caller, *, limit: int = 3) -> list[dict[str, Any]]:
    """Follow the changes by their cursors until there are no more."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = caller.get("/v1/changes", limit=limit, headers=JSON, **cursor).json
        if not page["items"] and cursor.get("since") == page["next"]:
            return found
        found += page["items"]
        cursor = {"since": page["next"]}
