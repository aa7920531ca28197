"""A school full of things, and what is known of it by somebody who wants to call every operation well.

What is known goes to `tests.api.schemathesis_hooks` as JSON, which puts it where a request names such things.
"""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

from api.document import whole_document
from application.access import SYSTEM
from projections.outbox import dead_letters
from tests.api.story import CARER, KIND_OF, MET, OTHER, OTHER_STREAMS, enrolment, to_nobody
from tests.api.support import CLASS, SCHOOL, ApiWorld
from tests.api.test_receipts import recipient, sent
from tests.api.test_timeline import catch_up
from tests.support.pictures import PICTURE

CHILDREN = 12
MANY = 40
DAYS = ("2026-03-20", "2026-04-17", "2026-05-15", "2026-06-12", "2026-06-26")


def filled(world: ApiWorld) -> dict[str, Any]:
    """Fill a world, and give what a caller may say: by place and name, and what is only good of one thing."""
    for org in (SCHOOL, CLASS, OTHER):
        world.system.organisations.ensure(org, actor=SYSTEM)
    carers = [str(world.desk.carer(name, capacity=50)) for name in ("卢老师", "彭老师", "石老师")]
    numbers = [f"2026{n:04d}" for n in range(CHILDREN)]
    children = [_child(world, number, carers) for number in numbers]
    of_child = {child: _of_child(world, child, proposing=n % 2 == 0) for n, child in enumerate(children)}
    activities = [_activity(world, children, carers) for _ in range(MANY // 2)]
    recipients = [str(recipient(world)) for _ in range(MANY)]
    deliveries = [str(d) for to in recipients[:4] for d in sent(world, UUID(to), number=3)]
    for binding in ({"rule_id": "C39"}, {"rule_id": "C18"}):
        body = {"org": SCHOOL, "effective_from": "2026-03-01"} | binding
        assert world.caller.post("/v1/rule-bindings", body).status_code == 201
    batches = [_batch(world, children, carers) for _ in range(3)]
    items = list(_put_aside(world, children, carers))
    clashes = list(_clashes(world))
    doubles = [each["double_id"] for each in world.caller.get("/v1/doubles").json["items"]]
    kept, other, merged = _merging(world)
    streams = {each[0]: _stream(world, *each, carers=carers) for each in OTHER_STREAMS}
    for path in (*(f"/v1/children/{i}" for i in children), *(f"/v1/{k}/{i}" for k, i in streams.items())):
        _evidence(world, path)
    catch_up(world)
    _dead_letter(world, UUID(children[0]))
    orgs = [SCHOOL, CLASS, OTHER]
    imports = [_import(world, n) for n in range(4)]
    previewed = _import(world, 4, commit=False)
    with world.system.database.transaction() as tx:
        # The world stands in June; as the service runs, with the clock of the machine, a week is over.
        tx.run("UPDATE paper SET expires_at = :late", late=datetime.now(UTC) + timedelta(days=7))
    return {
        "path": {
            "import_id": imports[:3],
            "child_id": children,
            "carer_id": carers,
            "activity_id": activities,
            "number": [1],
            "alert_id": [item["alert_id"] for item in _page(world, "/v1/alerts")],
            "item_id": items,
            "clash_id": clashes,
            "double_id": doubles,
            "recipient_id": recipients,
            "delivery_id": deliveries,
            "batch_id": batches,
            "transfer_id": [transfer for of in of_child.values() for transfer in of["transfer"]],
            "code": ["stale", "not_json"],
            "org": orgs,
            "name": ["start.js"],
        },
        "query": {
            "org": orgs,
            "rule": ["C39", "C18"],
            "period": ["2026-05", "2026-06"],
            "type": ["home_visit_made"],
            "from": ["2026-03-01"],
            "to": ["2026-06-30"],
            "as_of": DAYS,
            "as_known_at": ["2026-06-30"],
        },
        "body": {
            **dict.fromkeys(("occurred_on", "written_on", "held_on"), DAYS),
            "occurred_at": [f"{day}T16:00:00+08:00" for day in DAYS],
            "at": ["2026-06-30T12:00:00+08:00"],
            "effective_from": ["2199-03-01"],
            "birth_date": ["2016-05-20"],
            "as_of": ["2026-06-30"],
            "sha256": ["55" * 32],
            "definition": ["school_broad@1"],
            "until": ["2026-07-03"],
            "child_id": children,
            "student_no": numbers,
            "carer": carers,
            "carers": carers,
            "activity": activities,
            "org": orgs,
            "to": [OTHER],
            "into": [kept],
            "rule_id": ["C39", "C18"],
            "channel": ["inbox", "phone"],
        },
        # What a schema can't say: one of several is needed.
        "needed": {
            "POST /v1/children/search": {"student_no": numbers[0]},
            "POST /v1/rule-bindings": {"rule_id": "C18"},
            "POST /v1/imports/{import_id}/answers": {"whom": [{"line": 2, "child_id": children[0]}]},
            "PUT /v1/activities/{activity_id}": {"occurred_on": DAYS[0]},
            **{f"PUT /v1/{plural}/{{stream_id}}": {"occurred_on": DAYS[0]} for plural in streams},
            "PUT /v1/activities/{activity_id}/amendments/{event_id}": {
                "participants": [{"child_id": children[1]}]
            },
            "PUT /v1/activities/{activity_id}/corrections/{event_id}": {"minutes": 45},
        },
        "evidence": {
            "sha256": sha256(PICTURE).hexdigest(),
            "base64": base64.b64encode(PICTURE).decode(),
        },
        "files": {"POST /v1/imports": ({"kind": "roster", "org": SCHOOL}, _paper(9))},
        "spent": {
            "DELETE /v1/imports/{import_id}/file": imports[3],
            "POST /v1/imports/{import_id}/answers": previewed,
            "POST /v1/children/{child_id}/merge": other,
            "POST /v1/children/{child_id}/undo-merge": merged,
        },
        "of_child": of_child,
        # By the plural of the kind.
        "streams": streams,
        # What other operations may have closed by then is not what a sample is drawn of.
        "of_path": {"/v1/inspections/{stream_id}/samples/{event_id}": _sample(world)},
        "versions": {
            id_: _version(world, f"/v1/{kind}/{id_}")
            for kind, ids in (
                ("children", children),
                ("imports", [*imports, previewed]),
                ("activities", activities),
                ("quarantine", items),
                ("carers", carers),
                *((plural, [stream_id]) for plural, stream_id in streams.items()),
            )
            for id_ in ids
        },
    }


def _stream(
    world: ApiWorld,
    plural: str,
    opening: dict[str, Any],
    type_: str,
    more: dict[str, Any],
    *,
    carers: list[str],
) -> str:
    """Open a stream of a kind that has its routes from its declaration.

    Where something follows from it in files of children, two entries name a child whom nobody knows.
    """
    stream_id = str(uuid4())
    known = json.loads(json.dumps(opening).replace(CARER, carers[0])) if carers else opening
    body = {"org": SCHOOL, "occurred_on": DAYS[0], "details": known}
    assert world.caller.put(f"/v1/{plural}/{stream_id}", body).status_code == 201
    if KIND_OF[plural].fans_out is not None:
        for turn in (1, 2):
            details = json.loads(json.dumps(to_nobody(more, turn=turn)).replace(CARER, carers[0]))
            said = {"type": type_, "occurred_on": DAYS[1], "details": details}
            assert world.caller.put(f"/v1/{plural}/{stream_id}/events/{uuid4()}", said).status_code == 201
        assert world.caller.post(f"/v1/{plural}/{stream_id}/files/retry").json["quarantined"] == 2
    return stream_id


def _evidence(world: ApiWorld, path: str) -> None:
    """Send a picture that the stream at this path may name."""
    one = f"{path}/evidence/{sha256(PICTURE).hexdigest()}"
    answered = world.caller.send("PUT", one, body=PICTURE, headers={"Content-Type": "image/png"})
    assert answered.status_code == 201, answered.json


def _sample(world: ApiWorld) -> dict[str, str]:
    """Draw a child for an inspection of its own."""
    inspection = next(each for each in OTHER_STREAMS if each[0] == "inspections")
    ids = {"stream_id": _stream(world, *inspection, carers=[]), "event_id": str(uuid4())}
    path = f"/v1/inspections/{ids['stream_id']}/samples/{ids['event_id']}"
    assert world.caller.put(path, {"size": 1}).status_code == 201
    return ids


def _child(world: ApiWorld, number: str, carers: list[str]) -> str:
    """Enrol a child with a pairing and visits; not all were met, and a record is missing."""
    child = str(uuid4())
    assert world.caller.put(f"/v1/children/{child}", enrolment(number, "林小禾")).status_code == 201
    paired = {"carer": carers[0], "kind": "care_counsellor"}
    _event(world, child, "pairing_started", DAYS[0], paired)
    for day, outcome in zip(DAYS[1:], ("met", "nobody_home", "met", "met"), strict=True):
        met = MET | {"carers": carers[:2], "outcome": outcome}
        _event(world, child, "home_visit_made", day, met | ({"record": None} if day == DAYS[-1] else {}))
    return child


def _of_child(world: ApiWorld, child: str, *, proposing: bool) -> dict[str, list[str]]:
    """Return the ids of what may be corrected, ended or answered in one child's file."""
    if proposing:
        version = f'"{_version(world, f"/v1/children/{child}")}"'
        path = f"/v1/children/{child}/events/{uuid4()}"
        body = {"type": "transfer_proposed", "occurred_on": "2026-06-25", "details": {"to": OTHER}}
        assert world.caller.put(path, body, If_Match=version).status_code == 201
    entries = world.caller.get(f"/v1/children/{child}/history").json["items"]
    by_type: dict[str, list[str]] = {}
    for entry in entries:
        by_type.setdefault(entry["type"], []).append(entry["event_id"])
    return {
        "target": by_type["home_visit_made"],
        "pairing": by_type["pairing_started"],
        "transfer": by_type.get("transfer_proposed", []),
    }


def _paper(number: int) -> str:
    return f"学籍号,姓名,性别,出生日期,建档日期\n2026990{number},石小川{number},男,2016-05-20,2026-03-01\n"


def _import(world: ApiWorld, number: int, *, commit: bool = True) -> str:
    """Import a list of one child, or let it be previewed."""
    path, headers = (
        f"/v1/imports?kind=roster&org={quote(SCHOOL)}",
        {"Content-Type": "application/octet-stream"},
    )
    sent = world.caller.send("POST", path, body=_paper(number).encode(), headers=headers)
    one = f"/v1/imports/{sent.json['import_id']}"
    if commit:
        assert world.caller.send("POST", f"{one}/commit", headers={"If-Match": '"2"'}).status_code == 200
    return str(sent.json["import_id"])


def _activity(world: ApiWorld, children: list[str], carers: list[str]) -> str:
    """Record an activity in which somebody took part whom nobody knows."""
    activity = str(uuid4())
    held = {
        "org": SCHOOL,
        "occurred_on": DAYS[3],
        "kind": "lecture",
        "topic": "防溺水安全教育",
        "carers": carers[:1],
        "participants": [{"child_id": children[0]}, {"student_no": f"X{activity[:8]}"}],
        "absent": [{"student_no": "20260404"}],
    }
    assert world.caller.put(f"/v1/activities/{activity}", held).status_code == 201
    return activity


def _batch(world: ApiWorld, children: list[str], carers: list[str]) -> str:
    """Send a batch of which one item is recorded and one refused."""
    batch = str(uuid4())
    visit = {"child_id": children[0], "type": "home_visit_made", "details": MET | {"carers": carers[:1]}}
    items = [visit | {"event_id": str(uuid4()), "occurred_on": day} for day in (DAYS[2], "2199-01-01")]
    assert world.caller.put(f"/v1/event-batches/{batch}", {"items": items}).status_code == 207
    return batch


def _clashes(world: ApiWorld) -> Iterator[str]:
    """Enrol in another county who bear numbers of children of a third."""
    for county in ("second county", "third county"):
        world.system.organisations.ensure(f"{county}/township/school", actor=SYSTEM)
        for number in range(3):
            world.enrol(org=f"{county}/township/school", student_no=f"8{number}")
    for clash in world.caller.get("/v1/number-clashes").json["items"]:
        yield clash["clash_id"]


def _merging(world: ApiWorld) -> tuple[str, str, str]:
    """Open three files of one child, and merge the last of them into the first."""
    kept, other, merged = (world.enrol(student_no=f"7{number}") for number in range(3))
    body = {"into": kept, "reason": "重复建档", "approved_by": "王校长"}
    assert world.caller.post(f"/v1/children/{merged}/merge", body).status_code == 200
    return kept, other, merged


def _put_aside(world: ApiWorld, children: list[str], carers: list[str]) -> Iterator[str]:
    """Send what waits in quarantine; what most of it waits for comes in later."""
    for n in range(MANY):
        child, visit = children[n % len(children)], str(uuid4())
        filed = {"target": visit, "record": "补交家访记录"}
        body = {"type": "record_filed", "occurred_on": "2026-06-29", "details": filed}
        answered = world.caller.put(f"/v1/children/{child}/events/{uuid4()}", body)
        assert answered.status_code == 202, answered.json
        if n % 4:
            details = {"carers": carers[:1], "outcome": "met"}
            _event(world, child, "home_visit_made", "2026-06-28", details, event_id=visit)
        yield answered.json["item_id"]


def _event(
    world: ApiWorld, child: str, type_: str, day: str, details: dict[str, Any], *, event_id: str = ""
) -> None:
    body = {
        "type": type_,
        "occurred_on": day,
        "details": {k: v for k, v in details.items() if v is not None},
    }
    answered = world.caller.put(f"/v1/children/{child}/events/{event_id or uuid4()}", body)
    assert answered.status_code == 201, answered.json


def _page(world: ApiWorld, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.caller.get(path, limit="500").json["items"]
    return found


def _version(world: ApiWorld, path: str) -> int:
    return int(world.caller.get(path).headers["ETag"].strip('"'))


def _dead_letter(world: ApiWorld, child: UUID) -> None:
    with world.system.database.transaction() as tx:
        dead_letters.bury(
            tx,
            follower="timeline",
            key=1,
            position=1,
            stream_id=child,
            event_id=None,
            reason="Tampered",
            now=world.clock(),
        )


def written(known: dict[str, Any], folder: Path) -> Path:
    """Write what is known where the hooks read it."""
    path = folder / "known.json"
    path.write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
    return path


def operations() -> list[str]:
    """Return the operations of the document as schemathesis names them."""
    return [
        f"{method.upper()} {path}"
        for path, described in whole_document()["paths"].items()
        for method in described
        if method != "parameters"
    ]
