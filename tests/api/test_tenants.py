"""Two counties on one ledger: whatever the operation and the key, one is to the other as if not there.

Every operation of the document is sent by every kind of key of another county, twice: speaking of what the
first county has, and of what nobody has. Both answers are the same, and the first sees nothing changed.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
from falcon import testing

from api.document import whole_document
from application.access import SYSTEM, Role
from tests.api.story import (
    ACTIVITY,
    BATCH,
    CARER,
    CHILD,
    SAMPLE,
    SECOND,
    STREAMS,
    VISIT,
    Examples,
    told,
)
from tests.api.support import SCHOOL, ApiWorld, Caller, api_world, enrolment
from tests.api.test_receipts import recipient, sent
from tests.support.pictures import PICTURE

ROLES = (Role.CLIENT, Role.AUDITOR, Role.WATCHER, Role.MANAGER)
DOCUMENT = whole_document()
OPERATIONS = [
    (method.upper(), path)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
    if method != "parameters" and operation.get("security") != []
]
# What is made under an id that the client has chosen: of an id in use it is told that it is not free.
MADE = {
    ("PUT", "/v1/children/{child_id}"): "child_id",
    ("PUT", "/v1/activities/{activity_id}"): "activity_id",
    ("PUT", "/v1/carers/{carer_id}"): "carer_id",
    ("PUT", "/v1/recipients/{recipient_id}"): "recipient_id",
    ("PUT", "/v1/event-batches/{batch_id}"): "batch_id",
    **{("PUT", f"/v1/{plural}/{{stream_id}}"): "stream_id" for plural in STREAMS},
}
# Whose id, where it is taken, is answered by a code of its own: it is drawn by chance, and can't be guessed.
SECONDS = count(2)
TAKEN = {("PUT", "/v1/event-batches/{batch_id}")}
NOBODYS = (
    ("county/", "nowhere/"),
    ("county%2F", "nowhere%2F"),
    ("2026000", "9926000"),
    ("林小禾", "无此人"),
    ("卢老师", "路人"),
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_VOLATILE = ("instance", "position", "version", "next", "as_known_at", "lag")


@dataclass(kw_only=True)
class Counties:
    """The first county, its things by the parameter that names them, and what it sees of itself."""

    world: ApiWorld
    examples: Examples
    theirs: dict[str, str]

    def second(self, name: str) -> "Second":
        """Make another county, with a child, a carer and keys of every kind."""
        world, school = self.world, f"{name}/township/school"
        world.system.organisations.ensure(school, actor=SYSTEM)
        own = {
            "child_id": world.enrol(org=f"{school}/grade 1"),
            "carer_id": str(world.desk.carer("师乙", org=school)),
        }
        keys = {role.value: world.as_(role, org=name, name=f"{role} of {name}") for role in ROLES}
        keys["typed"] = world.as_(Role.CLIENT, org=name, types=["home_visit_made"], name=f"typed of {name}")
        keys["class"] = world.as_(Role.CLIENT, org=f"{school}/grade 1", name=f"class of {name}")
        return Second(first=self, school=school, own=own, keys=keys)

    def seen_at_home(self) -> dict[str, Any]:
        """Return what the first county sees of itself."""
        home = self.world.as_(Role.MANAGER, org="county", name=f"home {uuid4()}")
        paths = [
            *(f"/v1/children/{child}" for child in (CHILD, SECOND)),
            *(f"/v1/children/{child}/history" for child in (CHILD, SECOND)),
            *(f"/v1/{kind}" for kind in ("alerts", "activities", "transfers", "recipients", "rule-bindings")),
            *(f"/v1/activities/{ACTIVITY}", f"/v1/carers/{CARER}", f"/v1/timeline?org={SCHOOL}"),
            *(f"/v1/recipients/{self.theirs['recipient_id']}/inbox", "/v1/changes", "/v1/number-clashes"),
            *(f"/v1/doubles?state={state}" for state in ("open", "apart")),
            *(f"/v1/{plural}/{stream_id}" for plural, stream_id in STREAMS.items()),
            *(f"/v1/quarantine?state={state}" for state in ("waiting", "accepted", "dismissed")),
        ]
        return {path: _shape(home.get(path)) for path in paths}


@dataclass(kw_only=True)
class Second:
    """Another county, with what it has of its own, and its keys by kind."""

    first: Counties
    school: str
    own: dict[str, str]
    keys: dict[str, Caller]

    def says_of(
        self, operation: tuple[str, str], *, nowhere: bool, own: bool
    ) -> tuple[str, dict[str, Any], str]:
        """Return path, query and body of a request about what the first county has, or about what nobody has.

        With `own` the request is about something of this county, and speaks of the others in its body alone.
        """
        method, template = operation
        kept = self.first.examples.get(f"{method} {template}", {"requests": {}})
        body = kept["requests"].get("application/json")
        text = "" if body is None else json.dumps(body, ensure_ascii=False)
        ids = {**self.first.theirs, **(self.own if own else {})}
        ids["stream_id"] = STREAMS.get(template.split("/")[2], "")
        if "/samples/" in template:
            ids["event_id"] = SAMPLE
        if operation in MADE and (own or operation in TAKEN):
            ids[MADE[operation]] = str(uuid4())
        path = re.sub(r"\{(\w+)\}", lambda m: quote(ids[m[1]], safe=""), template)
        query = {"org": SCHOOL} if self._asks_for(operation, "org") else {}
        if self._asks_for(operation, "rule"):
            query |= {"rule": "C39", "period": "2026-06"}
        if own:
            text = text.replace(SCHOOL, self.school)
        if nowhere:
            foreign = set(_UUID.findall(f"{path} {text}")) - set(self.own.values())
            for was, now in (*((uid, _other(uid)) for uid in foreign), *NOBODYS):
                path, text = path.replace(was, now), text.replace(was, now)
            query = {name: value.replace("county/", "nowhere/") for name, value in query.items()}
        return path, query, text

    def _asks_for(self, operation: tuple[str, str], name: str) -> bool:
        method, path = operation
        described = DOCUMENT["paths"][path][method.lower()]
        return any(p.get("name") == name for p in described.get("parameters", ()))


@pytest.fixture(scope="module")
def counties(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counties]:
    folder: Path = tmp_path_factory.mktemp("counties")
    urls = {name: f"sqlite:///{folder}/{name}.db" for name in ("database_url", "keys_url")}
    with api_world(folder, **urls) as world:
        examples = told(world)
        to = recipient(world)
        (delivery,) = sent(world, to)
        office = world.caller
        theirs = {
            "sha256": sha256(PICTURE).hexdigest(),
            "child_id": CHILD,
            "event_id": VISIT,
            "carer_id": CARER,
            "activity_id": ACTIVITY,
            "batch_id": BATCH,
            "recipient_id": str(to),
            "delivery_id": str(delivery),
            "number": "1",
            "org": SCHOOL,
            "alert_id": office.get("/v1/alerts").json["items"][0]["alert_id"],
            "item_id": office.get("/v1/quarantine?state=accepted").json["items"][0]["item_id"],
            "transfer_id": office.get("/v1/timeline?type=transfer_proposed").json["items"][0]["event_id"],
            "import_id": office.get("/v1/imports").json["items"][0]["import_id"],
            "double_id": office.get("/v1/doubles?state=apart").json["items"][0]["double_id"],
            "promotion_id": "00000000-0000-4000-8000-000000000093",
            "clash_id": office.get("/v1/number-clashes?state=settled").json["items"][0]["clash_id"],
        }
        yield Counties(world=world, examples=examples, theirs=theirs)


@pytest.mark.parametrize("operation", OPERATIONS, ids=" ".join)
def test_what_another_county_has_is_as_what_nobody_has(
    counties: Counties, operation: tuple[str, str]
) -> None:
    before, second = counties.seen_at_home(), counties.second(f"county no. {next(SECONDS)}")

    told: dict[str, Any] = {}
    for name, key in second.keys.items():
        for own in (False, True):
            of_theirs, of_nobodys = (
                second.says_of(operation, nowhere=nowhere, own=own) for nowhere in (False, True)
            )
            if not own or of_theirs[2] != of_nobodys[2]:
                told[f"{name}, own {own}"] = [
                    _sent(key, operation, of_theirs),
                    _sent(key, operation, of_nobodys),
                ]

    assert {who: answers for who, answers in told.items() if answers[0] != answers[1]} == {}
    assert counties.seen_at_home() == before


def test_every_operation_that_needs_a_key_is_in_the_table(counties: Counties) -> None:
    said = {f"{method} {path}" for method, path in OPERATIONS}

    assert len(said) == len(OPERATIONS) > 30
    assert said <= set(counties.examples)


def test_the_number_of_another_county_is_free_in_every_door(counties: Counties) -> None:
    world, number = counties.world, "20260001"
    key = world.as_(Role.CLIENT, org="fourth county", name="fourth")
    child, event_id = uuid4(), str(uuid4())
    body = enrolment(child, org="fourth county/township/school", student_no=number)
    item = {**body, "type": "child_enrolled", "event_id": event_id, "child_id": str(uuid4())}

    batch = key.put(f"/v1/event-batches/{uuid4()}", {"items": [item]})
    alone = key.put(f"/v1/children/{child}", body)

    assert [each["status"] for each in batch.json["items"]] == [201]
    # That one is taken in this county by now.
    assert (alone.status_code, alone.json["code"]) == (409, "number_taken")
    found = key.post("/v1/children/search", {"student_no": number}).json["items"]
    assert [each["child_id"] for each in found] == [item["child_id"]]


def _sent(key: Caller, operation: tuple[str, str], said: tuple[str, dict[str, Any], str]) -> Any:
    path, query, text = said
    return _shape(key.send(operation[0], path, body=text.encode(), params=query, headers={"If-Match": '"1"'}))


def _shape(answered: testing.Result) -> Any:
    """Return a status and a body without what differs between any two answers."""
    if not answered.headers.get("Content-Type", "").endswith("json"):
        return answered.status_code, answered.text
    return answered.status_code, _plain(answered.json)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items() if name not in _VOLATILE}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return _UUID.sub("id", value) if isinstance(value, str) else value


def _other(uid: str) -> str:
    """Return an id that nobody has."""
    return str(UUID(int=UUID(uid).int ^ (0xABCDEF << 8)))
