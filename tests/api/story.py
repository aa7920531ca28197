"""A day of a school, operation by operation: what is sent and answered here are the examples of the document.

`python -m tests.api.story > api/examples.json` writes them anew.
"""

import json
import os
import random
import re
import sys
import tempfile
from contextlib import redirect_stdout
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import orjson
from falcon import testing

from api.document import whole_document
from application.access import SYSTEM
from domain.catalogue import served_kinds
from tests.api.support import CLASS, SCHOOL, ApiWorld, api_world
from tests.api.test_receipts import sent
from tests.api.test_timeline import catch_up
from tests.support.pictures import PICTURE

Examples = dict[str, dict[str, Any]]
# What is no text.
IN_BYTES = ("image/", "application/vnd.openxmlformats")
# Children whom nobody knows.
NOBODIES = [str(UUID(f"00000000-0000-4000-8000-00000000030{number}")) for number in range(2)]
OTHER = "county/township/other school"
CHILD, SECOND, CARER, VISIT, BATCH, LINES, RECIPIENT, ACTIVITY, PROPOSAL = (
    str(UUID(f"00000000-0000-4000-8000-0000000000{number:02d}")) for number in range(1, 10)
)
SAMPLE = "00000000-0000-4000-8000-000000000400"
PHOTO = {"sha256": sha256(PICTURE).hexdigest(), "kind": "photo", "size_bytes": len(PICTURE)}
MET = {"outcome": "met", "minutes": 40, "record": "了解学习和生活情况"}

OTHER_STREAMS: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
    (
        "assessments",
        {
            "title": "年度考核",
            "subject": "organisation",
            "first": "2025-09-01",
            "last": "2026-07-10",
            "items": [{"name": "家访", "weight": 60}, {"name": "谈心", "weight": 40}],
        },
        "assessment_group_scored",
        {"group": "考核小组", "scores": [{"item": 1, "tenths": 580}, {"item": 2, "tenths": 395}]},
    ),
    (
        "census-rounds",
        {
            "title": "春季摸底",
            "counts_on": "2026-03-01",
            "definition": "school_broad@1",
            "asked": ["3年级/1班", "3年级/2班"],
        },
        "census_returned",
        {
            "unit": "3年级/1班",
            "figures": {"pupils": 41, "left_behind": 12, "both_away": 7, "one_away": 5},
            "children": [{"child": CHILD, "changed": False}],
        },
    ),
    (
        "donations",
        {"donor": "县关工委", "amount_fen": 120_000, "earmark": "助学"},
        "donation_allocated",
        {"child": CHILD, "amount_fen": 30_000, "purpose": "助学", "receipt": "S-0007"},
    ),
    (
        "homes",
        {"name": "留守儿童之家", "hours": "每周二、四课后"},
        "home_session_held",
        {"slot": "after_class", "carers": [CARER], "heads": 12},
    ),
    (
        "households",
        {"head": "林大山", "address": "东岭村1组", "children": [CHILD, SECOND, *NOBODIES]},
        "household_visited",
        {
            "carers": [CARER],
            "outcome": "met",
            "children": [{"child": CHILD, "seen": True, "finding": "在写作业"}],
        },
    ),
    (
        "incidents",
        {"situations": ["alone"], "children": [CHILD], "what": "家中无人照料"},
        "incident_office_called",
        {"office": "police", "number": "110-0001"},
    ),
    (
        "inspections",
        {"title": "年中督导", "body": "县教育督导室", "inspectors": ["钱督学"]},
        "inspection_finding_made",
        {"finding": "名册不全", "demand": "补齐", "due": "2026-05-20"},
    ),
    (
        "meetings",
        {
            "kind": "symposium",
            "topic": "假期安全",
            "parties": ["teacher", "child", "guardian"],
            "decisions": ["每周一电"],
        },
        "meeting_followed_up",
        {"decision": 1, "done": True},
    ),
    (
        "plans",
        {
            "kind": "emergency",
            "title": "安全工作应急预案",
            "first": "2026-01-01",
            "last": "2026-12-31",
            "milestones": [{"name": "春季演练", "due": "2026-05-31"}],
        },
        "drill_held",
        {"kind": "fire", "heads": 480, "expected": 502, "minutes": 4, "result": "passed"},
    ),
    (
        "regulations",
        {"title": "谈心制度", "version": "1", "valid_from": "2025-09-01", "sha256": "55" * 32},
        "regulation_acknowledged",
        {"version": "1", "signed_by": "卢老师", "signed_as": "teacher"},
    ),
    (
        "group-actions",
        {"title": "健康日", "place": "本校操场"},
        "children_measured",
        {
            "provider": "镇卫生院",
            "free": True,
            "children": [{"child": CHILD, "height_cm": 131, "weight_g": 27_500, "findings": ["龋齿"]}],
        },
    ),
    (
        "groups",
        {
            "kind": "leading",
            "name": "关爱工作领导小组",
            "level": "school",
            "members": [{"name": "王校长", "role": "head", "post": "校长"}],
        },
        "group_joined",
        {"members": [{"name": "卢老师", "post": "班主任", "carer": CARER}]},
    ),
    (
        "responsibilities",
        {"title": "关爱工作责任分工", "school_year": "2025-2026"},
        "responsibility_assigned",
        {"side": "class", "scope": "3年级/1班", "holder": "卢老师", "post": "class_teacher", "carer": CARER},
    ),
    (
        "campaigns",
        {
            "kind": "volunteer",
            "title": "关爱志愿行",
            "first": "2026-05-05",
            "last": "2026-05-18",
            "steps": [{"name": "问卷调查", "first": "2026-05-14", "last": "2026-05-16"}],
            "most_per_unit": 2,
        },
        "publicity_given",
        {"channel": "leaflets", "leaflets": 600, "banners": 20, "approximate": True},
    ),
    (
        "carer-files",
        {"carer": CARER, "occupation": "小学教师"},
        "carer_trained",
        {"topic": "儿童心理辅导", "minutes": 360, "trained_as": "counsellor", "provider": "市教育局"},
    ),
    (
        "programmes",
        {"title": "教师结对", "kind": "helper_teacher", "fewest_named": 1, "most_named": 2},
        "child_named",
        {"unit": "3年级/1班", "child": CHILD, "reason": "父母均外出"},
    ),
]

KIND_OF = {kind.plural: kind for kind in served_kinds().values()}
STREAMS = {
    plural: f"00000000-0000-4000-8000-0000000002{number:02d}"
    for number, (plural, *_) in enumerate(OTHER_STREAMS, start=1)
}


class Teller:
    """Sends, and keeps of each operation what was sent and the first answer of each status."""

    def __init__(self, world: ApiWorld) -> None:
        self._world = world
        self.examples: Examples = {}
        self._events = count(1)
        self._paths = [
            (re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), path)
            for path in sorted(whole_document()["paths"], key=lambda path: "{" in path)
        ]

    def event(self) -> str:
        """Return an id for something new, the same ones in each telling."""
        return str(UUID(f"00000000-0000-4000-8000-0000000001{next(self._events):02d}"))

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        raw = body if isinstance(body, bytes) else b"" if body is None else _text(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answered: testing.Result = self._world.caller.send(method, path, body=raw, headers=named)
        assert answered.status_code < 400, (method, path, answered.text)
        bare = path.partition("?")[0]
        template = next(path for pattern, path in self._paths if pattern.fullmatch(bare))
        kept = self.examples.setdefault(f"{method} {template}", {"requests": {}, "answers": {}})
        if body is not None and not isinstance(body, bytes):
            kept["requests"].setdefault(named.get("Content-Type", "application/json"), body)
        told = answered.headers.get("Content-Type", "").endswith("json")
        if not answered.headers.get("Content-Type", "").startswith(IN_BYTES):
            kept["answers"].setdefault(str(answered.status_code), answered.json if told else answered.text)
        return answered.json if told else None


def _text(body: Any) -> str:
    return body if isinstance(body, str) else json.dumps(body)


def enrolment(number: str, name: str) -> dict[str, Any]:
    """A file as a school sends it."""
    details = {"name": name, "student_no": number, "sex": "female", "birth_date": "2016-05-20"}
    return {"occurred_on": "2026-03-01", "org": CLASS, "details": details}


def told(world: ApiWorld) -> Examples:
    """Go through every operation once, and give what was said."""
    tell = Teller(world)
    _children(tell)
    _activities(tell)
    _other_streams(tell)
    _batches(tell)
    _imports(tell)
    _decisions(world, tell)
    _watching(world, tell)
    _across_counties(world, tell)
    _promotion(world, tell)
    _service(tell)
    # An answer that only a race brings about, as it would be.
    aside = tell.examples["PUT /v1/children/{child_id}/events/{event_id}"]["answers"]["202"]
    tell.examples["PUT /v1/children/{child_id}"]["answers"]["202"] = aside
    for name, state in (
        ("POST /v1/imports", "reading"),
        ("POST /v1/imports/{import_id}/commit", "committing"),
    ):
        answers = tell.examples[name]["answers"]
        answers["202"] = {**answers.get("200", answers.get("202", {})), "state": state}
    return {name: tell.examples[name] for name in sorted(tell.examples)}


def _children(tell: Teller) -> None:
    carer = {"org": SCHOOL, "name": "卢老师", "staff_no": "T-017", "phone": "13800000000", "capacity": 5}
    child = f"/v1/children/{CHILD}"
    details = {"carers": [CARER]} | MET
    visited = {
        "type": "home_visit_made",
        "occurred_on": "2026-06-20",
        "details": details,
        "evidence": [PHOTO],
    }
    for _ in range(2):
        tell("PUT", child, enrolment("20260001", "林小禾"))
        tell("PUT", f"/v1/carers/{CARER}", carer)
        tell("PUT", f"{child}/events/{VISIT}", visited)
    _evidence(tell, child)
    tell("PUT", f"/v1/children/{SECOND}", enrolment("20260002", "陈小满"))
    bound = {"org": SCHOOL, "rule_id": "C39", "effective_from": "2026-03-01"}
    for _ in range(2):
        tell("POST", "/v1/rule-bindings", bound)
    tell("GET", "/v1/rule-bindings")
    tell("PUT", "/v1/watch", {"org": SCHOOL, "everybody": True, "reason": "全校寄宿"})
    tell("GET", f"/v1/watch?org={SCHOOL}")
    tell("PUT", "/v1/ladders", {"org": SCHOOL, "kind": "unseen", "warning": 20, "high": 40, "critical": 80})
    tell("GET", f"/v1/ladders?org={SCHOOL}")
    tell("GET", child)
    tell("GET", f"{child}/history?limit=2")
    tell("GET", f"{child}/compliance?rule=C39&period=2026-06")
    tell("GET", f"/v1/carers/{CARER}")
    for path in (
        "/v1/children",
        "/v1/carers",
        "/v1/organisations?limit=2",
        f"/v1/organisations/{quote(SCHOOL, safe='')}",
    ):
        tell("GET", path)
    tell("GET", "/v1/children/states?limit=1")
    tell("GET", "/v1/rules")
    rules = tell.examples["GET /v1/rules"]["answers"]["200"]
    rules["items"] = rules["items"][:1]
    tell("GET", "/v1/me")
    tell("POST", "/v1/children/search?limit=1", {"name_part": "xiao"})


def _activities(tell: Teller) -> None:
    activity = f"/v1/activities/{ACTIVITY}"
    held = {
        "org": SCHOOL,
        "occurred_on": "2026-06-01",
        "kind": "lecture",
        "topic": "防溺水安全教育",
        "minutes": 45,
        "participants": [{"child_id": CHILD}],
        "absent": [{"student_no": "20260404", "reason": "生病"}],
    }
    why = {"reason": "日期写错", "approved_by": "王校长"}
    more = {"participants": [{"child_id": SECOND}]}
    for path, body, version in (
        (activity, held, None),
        (f"{activity}/amendments/{tell.event()}", more, None),
        (f"{activity}/corrections/{tell.event()}", why | {"held_on": "2026-06-02"}, '"2"'),
    ):
        for _ in range(2):
            tell("PUT", path, body, **({"If_Match": version} if version else {}))
    tell("PUT", f"{activity}/amendments/{tell.event()}", {"participants": [{"student_no": "20269999"}]})
    tell("GET", activity)
    tell("GET", "/v1/activities")
    tell("POST", f"{activity}/retry")
    dismissed = {"reason": "学籍号写错，已另行补登"}
    tell("POST", f"{activity}/participants/2/dismiss", dismissed, If_Match='"4"')
    voiding = f"{activity}/voidings/{tell.event()}"
    for _ in range(2):
        tell("PUT", voiding, {"reason": "重复登记", "approved_by": "王校长"}, If_Match='"4"')


def _other_streams(tell: Teller) -> None:
    """Open a stream of each kind that has its routes from its declaration, add to it, and read it."""
    for number, (plural, opening, type_, more) in enumerate(OTHER_STREAMS, start=1):
        path = f"/v1/{plural}/{STREAMS[plural]}"
        entry = f"{path}/events/00000000-0000-4000-8000-0000000003{number:02d}"
        said = {"type": type_, "occurred_on": "2026-05-07", "details": more, "evidence": [PHOTO]}
        for _ in range(2):
            tell("PUT", path, {"org": SCHOOL, "occurred_on": "2026-05-06", "details": opening})
            tell("PUT", entry, said)
        tell("GET", path)
        tell("GET", f"{path}/history")
        tell("GET", f"/v1/{plural}")
        _evidence(tell, path)
        if KIND_OF[plural].fans_out is not None:
            _aside(tell, path, {**said, "details": to_nobody(more, turn=2)})
    sample = f"/v1/inspections/{STREAMS['inspections']}/samples/{SAMPLE}"
    for _ in range(2):
        tell("PUT", sample, {"size": 1, "seed": "3-5-2-6"})
    tell("GET", sample)


def _evidence(tell: Teller, path: str) -> None:
    """Send a picture, and read it again."""
    one = f"{path}/evidence/{sha256(PICTURE).hexdigest()}"
    for _ in range(2):
        tell("PUT", one, PICTURE, Content_Type="image/png")
    tell("GET", one)
    tell("GET", f"{path}/evidence")


def to_nobody(details: dict[str, Any], *, turn: int) -> dict[str, Any]:
    """Return the same said of a child whom nobody knows: of turn 1 or 2 another one, and of another unit."""
    words = {name: value for name, value in details.items() if name != "receipt"}
    if "unit" in words:
        words["unit"] = f"3年级/{turn}班"
    changed: dict[str, Any] = json.loads(json.dumps(words).replace(CHILD, NOBODIES[turn - 1]))
    return changed


def _aside(tell: Teller, path: str, said: dict[str, Any]) -> None:
    """Record what can't be written into a file of a child, and settle that."""
    tell("PUT", f"{path}/events/{tell.event()}", said)
    tell("GET", f"{path}/files")
    tell("POST", f"{path}/files/retry")
    last = len(tell("GET", f"{path}/files")["items"]) - 1
    tell("POST", f"{path}/files/{last}/dismiss", {"reason": "不在本校"}, If_Match='"3"')


def _batches(tell: Teller) -> None:
    item = {
        "event_id": tell.event(),
        "child_id": SECOND,
        "type": "home_visit_made",
        "occurred_on": "2026-06-21",
        "details": {"carers": [CARER]} | MET,
    }
    wrong = {**item, "event_id": tell.event(), "occurred_on": "2027-06-21"}
    tell("PUT", f"/v1/event-batches/{BATCH}", {"items": [item, wrong]})
    tell("GET", f"/v1/event-batches/{BATCH}")
    line = {**item, "event_id": tell.event(), "occurred_on": "2026-06-22"}
    text = json.dumps(line, ensure_ascii=False) + "\n"
    tell("PUT", f"/v1/event-batches/{LINES}", text, Content_Type="application/x-ndjson")


def _imports(tell: Teller) -> None:
    names = quote(SCHOOL, safe="")
    sheet = "日期,学籍号,类型,记录人,结果,内容\n2026-06-12,20260001,家访,卢老师,见到,了解学习\n"
    form = (
        "学籍号,姓名,性别,出生日期,年级,班级,建档日期\n20260009,石小川,男,2016-05-20,3年级,1班,2026-03-01\n"
    )
    for number, (kind, text) in enumerate((("care-log", sheet), ("roster", form)), start=1):
        path = f"/v1/imports?kind={kind}&org={names}"
        more = {"Content_Type": "application/octet-stream", "Idempotency_Key": f"2026-06-{number}"}
        for _ in range(2):
            sent = tell("POST", path, text, **more)
        one = f"/v1/imports/{sent['import_id']}"
        if kind == "care-log":
            whom = [{"line": 2, "child_id": CHILD}]
            answers = {"whom": whom, "words": [{"line": 2, "column": "结果", "word": "见到"}]}
            tell("POST", f"{one}/answers", answers, If_Match='"2"')
            tell("POST", f"{one}/commit", If_Match='"3"')
        else:
            tell("POST", f"{one}/commit", If_Match='"2"')
        tell("GET", one)
        tell("GET", f"{one}/refused")
        tell("DELETE", f"{one}/file")
        tell("POST", f"{one}/undo", {"approved_by": "王校长"})
    tell("GET", "/v1/imports")


def _decisions(world: ApiWorld, tell: Teller) -> None:
    world.system.organisations.ensure(OTHER, actor=SYSTEM)
    version = tell("GET", f"/v1/children/{SECOND}")["version"]
    proposal = {"type": "transfer_proposed", "occurred_on": "2026-06-25", "details": {"to": OTHER}}
    tell("PUT", f"/v1/children/{SECOND}/events/{PROPOSAL}", proposal, If_Match=f'"{version}"')
    tell("GET", "/v1/transfers")
    tell("GET", f"/v1/transfers/{PROPOSAL}")
    early = {event: tell.event() for event in (tell.event(), tell.event())}
    for event, target in early.items():
        details = {"target": target, "record": "补交家访记录"}
        filed = {"type": "record_filed", "occurred_on": "2026-06-29", "details": details}
        tell("PUT", f"/v1/children/{CHILD}/events/{event}", filed)
    items = {item["event_id"]: item["item_id"] for item in tell("GET", "/v1/quarantine")["items"]}
    first, second = early
    tell("GET", f"/v1/quarantine/{items[first]}")
    visited = {"type": "home_visit_made", "occurred_on": "2026-06-28"}
    details = {"carers": [CARER], "outcome": "met"}
    tell("PUT", f"/v1/children/{CHILD}/events/{early[first]}", visited | {"details": details})
    for _ in range(2):
        tell("POST", f"/v1/quarantine/{items[first]}/retry")
    tell("POST", f"/v1/quarantine/{items[second]}/dismiss", {"reason": "重复"}, If_Match='"1"')


def _watching(world: ApiWorld, tell: Teller) -> None:
    recipient = {"org": SCHOOL, "name": "德育处", "channel": "inbox", "from_step": "warning"}
    for _ in range(2):
        tell("PUT", f"/v1/recipients/{RECIPIENT}", recipient)
    tell("GET", "/v1/recipients")
    tell("GET", f"/v1/recipients/{RECIPIENT}")
    (delivery,) = sent(world, UUID(RECIPIENT))
    tell("GET", f"/v1/recipients/{RECIPIENT}/inbox")
    tell("PUT", f"/v1/deliveries/{delivery}/receipt", {"state": "read"})
    tell("GET", "/v1/deliveries")
    tell("GET", f"/v1/deliveries/{delivery}")
    (alert,) = tell("GET", "/v1/alerts?open=true")["items"]
    tell("GET", f"/v1/alerts/{alert['alert_id']}")
    tell("POST", f"/v1/alerts/{alert['alert_id']}/acknowledge", {"by": "卢老师", "note": "今天去家访"})
    snooze = {"until": "2026-07-03", "reason": "家长会", "approved_by": "王校长"}
    tell("POST", f"/v1/alerts/{alert['alert_id']}/snooze", snooze)
    tell("DELETE", f"/v1/recipients/{RECIPIENT}")
    catch_up(world)
    tell("GET", "/v1/timeline?limit=2")
    tell("GET", f"/v1/compliance?org={SCHOOL}&rule=C39&period=2026-06")
    seen = UUID("00000000-0000-4000-8000-000000000095")
    world.desk.submit("trigger_observed", "2026-06-29", child=UUID(CHILD), event_id=seen, kind="low_mood")
    tell("GET", f"/v1/duties?org={SCHOOL}&limit=1")
    tell("GET", "/v1/changes?limit=1")


def _across_counties(world: ApiWorld, tell: Teller) -> None:
    """Enrol in another county who bears the number of a child of this one, and settle it."""
    there = "other county/township/school"
    world.system.organisations.ensure(there, actor=SYSTEM)
    world.enrol(child=UUID("00000000-0000-4000-8000-000000000090"), org=there, student_no="20260001")
    (clash,) = tell("GET", "/v1/number-clashes")["items"]
    tell("POST", f"/v1/number-clashes/{clash['clash_id']}/settle", {"verdict": "two_children"})
    world.enrol(child=UUID("00000000-0000-4000-8000-000000000091"), org=there, student_no="20260091")
    (double,) = tell("GET", "/v1/doubles?org=other%20county")["items"]
    for said in ("tell-apart", "reopen", "tell-apart"):
        tell("POST", f"/v1/doubles/{double['double_id']}/{said}")
    first, second = (each["child_id"] for each in double["children"])
    approved = {"reason": "两份档案是同一名儿童", "approved_by": "王校长"}
    tell("POST", f"/v1/children/{second}/merge", {"into": first, **approved})
    tell("POST", f"/v1/children/{second}/undo-merge", {**approved, "reason": "是一对双胞胎"})


def _promotion(world: ApiWorld, tell: Teller) -> None:
    """Promote the classes of a school on one day, and take that back."""
    school, promotion = "county/township/primary", "00000000-0000-4000-8000-000000000093"
    world.enrol(child=UUID("00000000-0000-4000-8000-000000000094"), org=f"{school}/三年级/1班")
    said = {"promotion_id": promotion, "org": school, "occurred_on": "2026-06-30"}
    tell("POST", "/v1/promotions", said)
    undo = {"org": school, "reason": "早了一天", "approved_by": "王校长"}
    tell("POST", f"/v1/promotions/{promotion}/undo", undo)


def _service(tell: Teller) -> None:
    for path in ("/healthz", "/readyz", "/errors/stale", "/v1/event-types", "/openapi.json", "/docs"):
        tell("GET", path)
    shown = tell.examples["GET /v1/event-types"]["answers"]
    shown["200"]["items"] = shown["200"]["items"][:1]
    whole = tell.examples["GET /openapi.json"]["answers"]
    for path, template in (("/metrics", "/metrics"), ("/docs/start.js", "/docs/{name}")):
        tell("GET", path)
        text = tell.examples[f"GET {template}"]["answers"]
        text["200"] = "".join(text["200"].splitlines(keepends=True)[:3])
    whole["200"] = {"openapi": whole["200"]["openapi"]}


def _always_the_same() -> None:
    """Let chance fall in one way in this process, so that only what has changed changes in the examples."""
    chance = random.Random(0)
    vars(os)["urandom"] = vars(random)["_urandom"] = chance.randbytes


def main() -> None:
    """Write the examples."""
    _always_the_same()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        urls = {"database_url": f"sqlite:///{folder}/care.db", "keys_url": f"sqlite:///{folder}/keys.db"}
        # What the service logs is no part of them.
        with redirect_stdout(sys.stderr), api_world(folder, **urls) as world:
            examples = told(world)
    sys.stdout.buffer.write(orjson.dumps(examples, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


if __name__ == "__main__":
    main()
