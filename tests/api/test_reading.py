"""Reading a child: its state and its history under two clocks, page by page, and finding it again."""

from urllib.parse import quote
from uuid import UUID, uuid4

from domain.case_no import case_no_of, is_case_no
from domain.days import local_day
from domain.left_behind import definitions
from tests.api.support import CANARY, CLASS, ApiWorld, codes, enrolment, followed_to_its_end, visit


def _voiding(event: object) -> dict[str, object]:
    return {
        "type": "event_voided",
        "occurred_on": "2026-06-30",
        "details": {"target": str(event), "reason": "误录", "approved_by": "王校长"},
    }


def test_a_voided_visit_changes_today_and_leaves_what_was_known(world: ApiWorld) -> None:
    child, carer, event = world.enrol(), world.carer(), uuid4()
    path = f"/v1/children/{child}"
    etag = world.caller.put(f"{path}/events/{event}", visit(carer)).headers["ETag"]
    known_at = world.clock.now.isoformat()
    world.clock.forward(hours=1)
    world.caller.put(f"{path}/events/{uuid4()}", _voiding(event), If_Match=etag)

    now = world.caller.get(path)
    then = world.caller.get(path, as_known_at=known_at)

    assert (now.json["last_contact"], now.json["days_silent"], now.json["version"]) == (None, 121, 3)
    assert then.json["last_contact"]["event_id"] == str(event)
    assert (then.json["days_silent"], then.json["version"]) == (10, 2)
    assert now.headers["ETag"] == '"3"'
    assert "ETag" not in then.headers


def test_what_is_true_of_an_earlier_day(world: ApiWorld) -> None:
    child, carer = world.enrol(), world.carer()
    world.caller.put(f"/v1/children/{child}/events/{uuid4()}", visit(carer, "2026-06-20"))

    read = world.caller.get(f"/v1/children/{child}", as_of="2026-06-19").json
    before = world.caller.get(f"/v1/children/{child}", as_of="2026-02-01").json

    assert (read["days_silent"], read["last_contact"]) == (110, None)
    assert read["clocks"] == {
        "as_of": "2026-06-19",
        "as_known_at": world.clock.now.isoformat(),
        "clipped": False,
    }
    assert (before["in_care"], before["profile"], before["org"], before["days_silent"]) == (
        False,
        None,
        None,
        None,
    )


def test_a_day_of_knowledge_is_its_end_in_shanghai(world: ApiWorld) -> None:
    child = world.enrol()
    world.clock.forward(days=3)

    read = world.caller.get(f"/v1/children/{child}", as_known_at="2026-06-30").json
    future = world.caller.get(f"/v1/children/{child}", as_known_at="2026-12-31").json
    early = world.caller.get(f"/v1/children/{child}", as_known_at="2026-06-29")

    assert read["clocks"]["as_of"] == "2026-06-30"
    assert read["clocks"]["as_known_at"] == "2026-06-30T15:59:59.999999+00:00"
    assert future["clocks"]["clipped"] is True
    assert future["clocks"]["as_known_at"] == world.clock.now.isoformat()
    assert early.status_code == 404


def test_the_state_names_who_is_there_for_the_child(world: ApiWorld) -> None:
    child, carer = world.enrol(), world.carer("卢老师")
    path = f"/v1/children/{child}/events"
    for type_, details in {
        "pairing_started": {"carer": carer, "kind": "care_counsellor"},
        "guardian_designated": {"name": "林奶奶", "relation": "祖母"},
        "parent_work_recorded": {"parent": "father", "away": True},
    }.items():
        body = {"type": type_, "occurred_on": "2026-03-01", "details": details}
        assert world.caller.put(f"{path}/{uuid4()}", body).status_code == 201

    read = world.caller.get(f"/v1/children/{child}").json

    assert [(p["carer"], p["carer_name"], p["active"]) for p in read["pairings"]] == [(carer, "卢老师", True)]
    assert read["guardian"]["name"] == "林奶奶"
    assert read["parents"] == [
        {"who": "father", "away": True, "state": None, "since": None, "parent": "father"}
    ]
    assert [(c["name"], c["relation"], c["from"], c["to"]) for c in read["care_at_home"]] == [
        ("林奶奶", "祖母", "2026-03-01", None)
    ]
    assert [each["definition"] for each in read["left_behind"].pop("definitions")] == list(definitions())
    assert read["left_behind"] == {
        "definition": "school_broad@1",
        "left_behind": True,
        "parents_away": "single_parent_away",
        "whereabouts_unknown": ["mother"],
        "home_on_visit": [],
    }
    assert read["watched"] == {"population": "watched@1", "watched": True, "ground": "left_behind"}


def test_the_history_shows_what_became_of_each_entry(world: ApiWorld) -> None:
    child, carer, event = world.enrol(), world.carer("卢老师"), uuid4()
    path = f"/v1/children/{child}"
    world.caller.put(f"{path}/events/{event}", visit(carer, "2026-06-28"))
    correction = {
        "type": "event_corrected",
        "occurred_on": "2026-06-30",
        "details": {
            "target": str(event),
            "fields": {"occurred_on": "2026-06-01"},
            "reason": "笔误",
            "approved_by": "王校长",
        },
    }
    fixed = world.caller.put(f"{path}/events/{uuid4()}", correction, If_Match='"2"').json["event_id"]

    entries = world.caller.get(f"{path}/history").json["items"]

    assert [e["type"] for e in entries] == ["child_enrolled", "home_visit_made", "event_corrected"]
    assert entries[1]["occurred_on"] == "2026-06-01"
    assert entries[1]["as_recorded"] == {"occurred_on": "2026-06-28"}
    assert entries[1]["corrected_by"] == [fixed]
    assert "卢老师" in entries[1]["text"]["zh"]


def test_the_pages_of_a_history_are_the_history(world: ApiWorld) -> None:
    child, carer = world.enrol(), world.carer()
    path = f"/v1/children/{child}"
    for day in range(1, 21):
        world.caller.put(f"{path}/events/{uuid4()}", visit(carer, f"2026-06-{day:02d}"))
    whole = world.caller.get(f"{path}/history").json["items"]

    found, cursor, sizes = [], {}, []
    while True:
        page = world.caller.get(f"{path}/history", limit=6, **cursor).json
        found += page["items"]
        sizes.append(len(page["items"]))
        # What is recorded between two pages belongs to a later reading.
        world.clock.forward(seconds=1)
        world.caller.put(f"{path}/events/{uuid4()}", visit(carer, "2026-06-21"))
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}

    assert found == whole
    assert sizes == [6, 6, 6, 3]


def test_a_history_is_filtered(world: ApiWorld) -> None:
    child, carer = world.enrol(), world.carer()
    path = f"/v1/children/{child}"
    for day in ("2026-06-01", "2026-06-20", "2026-06-29"):
        world.caller.put(f"{path}/events/{uuid4()}", visit(carer, day))

    def days(**filters: str) -> list[str]:
        return [e["occurred_on"] for e in world.caller.get(f"{path}/history", **filters).json["items"]]

    assert days(type="home_visit_made") == ["2026-06-01", "2026-06-20", "2026-06-29"]
    assert days(**{"from": "2026-06-01", "to": "2026-06-20"}) == ["2026-06-01", "2026-06-20"]
    assert days(late="false") == ["2026-06-29"]
    assert days(type="home_visit_made", late="true") == ["2026-06-01", "2026-06-20"]


def test_a_cursor_of_other_filters_is_refused(world: ApiWorld) -> None:
    child, carer = world.enrol(), world.carer()
    path = f"/v1/children/{child}/history"
    world.caller.put(f"/v1/children/{child}/events/{uuid4()}", visit(carer))
    cursor = world.caller.get(path, limit=1).json["next"]

    for params in (
        {"cursor": cursor, "late": "true"},
        {"cursor": "x"},
        {"cursor": "bnVsbA=="},
        {"cursor": "MQ=="},
    ):
        answered = world.caller.get(path, **params)

        assert (answered.status_code, codes(answered)) == (422, [("/cursor", "bad_cursor")])


def test_a_child_is_found_by_number_or_whole_name(world: ApiWorld) -> None:
    child = world.enrol(name=CANARY, student_no="T5")
    world.enrol()

    case_no = case_no_of(UUID(child))
    for wanted in (
        {"student_no": "T5"},
        {"name": CANARY},
        {"name": f" {CANARY} "},
        {"case_no": case_no},
        {"case_no": case_no.lower().replace("-", " ")},
    ):
        found = world.caller.post("/v1/children/search", wanted)

        assert found.headers["Cache-Control"] == "private, no-store"
        assert found.json == {
            "items": [
                {
                    "child_id": child,
                    "case_no": case_no,
                    "student_no": "T5",
                    "name": CANARY,
                    "org": CLASS,
                    "version": 1,
                }
            ],
            "more": False,
        }
    assert world.caller.post("/v1/children/search", {"name": "无人"}).json["items"] == []
    assert world.caller.post("/v1/children/search", {}).json["code"] == "one_word"
    assert (
        world.caller.post("/v1/children/search", {"name": "a", "student_no": "b"}).json["code"] == "one_word"
    )


def test_what_may_be_told_later_has_its_place_today(world: ApiWorld) -> None:
    child = world.enrol(student_no=None)

    read = world.caller.get(f"/v1/children/{child}").json
    (listed,) = world.caller.get("/v1/children").json["items"]
    (entry,) = world.caller.get(f"/v1/children/{child}/history").json["items"]

    assert read["placements"] == [{"line": "school", "org": CLASS, "from": "2026-03-01", "to": None}]
    assert (read["care_at_home"], read["household"], read["parents"]) == (None, None, [])
    assert read["left_behind"]["left_behind"] is None
    assert read["left_behind"]["parents_away"] == "unknown"
    assert (listed["student_no"], listed["case_no"]) == (None, read["case_no"])
    assert is_case_no(read["case_no"])
    assert (entry["precision"], entry["approximate"]) == ("day", [])


def test_a_number_that_comes_later_is_the_childs_from_then_on(world: ApiWorld) -> None:
    child, other = world.enrol(student_no=None), world.enrol(student_no=None)
    said = {"type": "profile_changed", "occurred_on": "2026-05-01", "details": {"student_no": "T7"}}

    given = world.caller.put(f"/v1/children/{child}/events/{uuid4()}", said)
    twice = world.caller.put(f"/v1/children/{other}/events/{uuid4()}", said)

    assert (given.status_code, twice.status_code, twice.json["code"]) == (201, 409, "number_taken")
    (found,) = world.caller.post("/v1/children/search", {"student_no": "T7"}).json["items"]
    assert found["child_id"] == child


def test_no_two_children_have_one_case_number(world: ApiWorld) -> None:
    first, second = (UUID(f"00000000-0000-4000-8000-{end}") for end in ("00000069018f", "000000a26213"))
    assert case_no_of(first) == case_no_of(second), "searched for among ten million ids"
    world.enrol(child=first)

    refused = world.caller.put(f"/v1/children/{second}", enrolment(second))

    assert (refused.status_code, refused.json["code"]) == (409, "id_in_use")
    assert world.caller.get(f"/v1/children/{second}").status_code == 404


def test_an_erased_child_is_still_read(world: ApiWorld) -> None:
    child, carer = world.enrol(name=CANARY), world.carer()
    world.caller.put(f"/v1/children/{child}/events/{uuid4()}", visit(carer, record=CANARY))
    world.system.keyring.destroy(UUID(child))

    state = world.caller.get(f"/v1/children/{child}")
    entries = world.caller.get(f"/v1/children/{child}/history")

    assert (state.status_code, entries.status_code) == (200, 200)
    assert CANARY not in state.text + entries.text
    assert all(entry["erased"] for entry in entries.json["items"])


def test_verdicts_name_their_evidence(world: ApiWorld) -> None:
    child, carer = world.enrol(), world.carer()
    path = f"/v1/children/{child}"
    pairing = {
        "type": "pairing_started",
        "occurred_on": "2026-03-01",
        "details": {"carer": carer, "kind": "care_counsellor"},
    }
    world.caller.put(f"{path}/events/{uuid4()}", pairing)
    binding = {"org": CLASS, "rule_id": "C39", "effective_from": "2026-03-01"}
    event = world.caller.put(f"{path}/events/{uuid4()}", visit(carer, "2026-05-06")).json["event_id"]

    bound = world.caller.post("/v1/rule-bindings", binding)
    again = world.caller.post("/v1/rule-bindings", binding)
    mine = world.caller.get(f"{path}/compliance", period="2026-05").json
    all_ = world.caller.get("/v1/compliance", org=CLASS, rule="C39", period="2026-05").json

    assert (bound.status_code, again.status_code) == (201, 200)
    (verdict,) = mine["items"]
    assert (verdict["status"], verdict["bound"], verdict["required"]) == ("short", True, 2)
    assert verdict["counted"] == [event]
    assert (all_["due"], all_["met"], len(all_["short"])) == (1, 0, 1)
    assert all_["short"][0]["child_id"] == child
    assert all_["period"] == {"name": "2026-05", "first": "2026-05-01", "last": "2026-05-31"}


def test_a_verdict_of_a_rule_or_period_that_is_none_is_refused(world: ApiWorld) -> None:
    child = world.enrol()

    rule = world.caller.get("/v1/compliance", org=CLASS, rule="C99", period="2026-05")
    period = world.caller.get("/v1/compliance", org=CLASS, rule="C39", period="May")
    present = world.caller.get("/v1/compliance", org=CLASS, rule="C39")
    mine = world.caller.get(f"/v1/children/{child}/compliance", rule="C39", period="2026-13")

    assert (rule.status_code, codes(rule)) == (404, [("/rule", "unknown_rule")])
    assert (period.status_code, codes(period)) == (422, [("/period", "bad_period")])
    assert (present.status_code, present.json["period"]["name"]) == (200, "2026-06")
    assert (mine.status_code, codes(mine)) == (422, [("/period", "bad_period")])


def test_two_entries_of_one_day_are_both_shown_and_marked(world: ApiWorld) -> None:
    child = world.enrol()
    path = f"/v1/children/{child}"
    first, second = uuid4(), uuid4()
    for event, address, noted_at in ((first, "新址", "10:00"), (second, "旧址", "09:00")):
        body = {
            "type": "profile_changed",
            "occurred_on": "2026-06-01",
            "noted_at": f"2026-06-01T{noted_at}:00+08:00",
            "details": {"address": address},
        }
        assert world.caller.put(f"{path}/events/{event}", body).status_code == 201

    read = world.caller.get(path).json
    items = world.caller.get(f"{path}/history", limit=2).json
    rest = world.caller.get(f"{path}/history", limit=2, cursor=items["next"]).json
    told = followed_to_its_end(world.caller)

    assert read["profile"]["address"] == "新址"
    assert read["contradictions"] == [
        {
            "day": "2026-06-01",
            "field": "profile.address",
            "earlier": str(second),
            "later": str(first),
        }
    ]
    shown = [*items["items"], *rest["items"]]
    assert [(i["event_id"], i["contradicts"]) for i in shown[1:]] == [
        (str(second), [str(first)]),
        (str(first), [str(second)]),
    ]
    assert [i["data"]["noted_at"][:16] for i in told if i["data"]["noted_at"]] == [
        "2026-06-01T10:00",
        "2026-06-01T09:00",
    ]


def test_a_moment_of_noting_has_its_offset(small_world: ApiWorld) -> None:
    body = {"type": "profile_changed", "occurred_on": "2026-06-01", "details": {"address": "x"}}
    path = f"/v1/children/{small_world.enrol()}/events/{uuid4()}"

    said = small_world.caller.put(path, body | {"noted_at": "2026-06-01T10:00:00"})

    assert (said.status_code, codes(said)) == (422, [("/noted_at", "wrong_value")])


def test_an_answer_about_a_day_to_come_says_that_it_is_a_projection(world: ApiWorld) -> None:
    child = world.enrol()
    asked: list[tuple[str, dict[str, str]]] = [
        (f"/v1/children/{child}", {}),
        (f"/v1/children/{child}/history", {}),
        (f"/v1/children/{child}/compliance", {}),
        ("/v1/compliance", {"org": CLASS, "rule": "C39"}),
    ]

    for day, expected in ((local_day(world.system.now()).isoformat(), False), ("2099-01-01", True)):
        answers = [world.caller.get(path, as_of=day, **more) for path, more in asked]
        codes = [{note["code"] for note in answer.json.get("notes", ())} for answer in answers]
        assert ["future_day" in each for each in codes] == [expected] * len(asked)


def test_a_child_is_found_by_part_of_its_name_and_by_sound_page_by_page(world: ApiWorld) -> None:
    first, second = (world.enrol(name=name) for name in ("欧阳小禾", "林小禾"))
    changed = {"type": "profile_changed", "occurred_on": "2026-05-01", "details": {"name": "欧阳大禾"}}
    world.caller.put(f"/v1/children/{first}/events/{uuid4()}", changed)
    path = "/v1/children/search?limit=1"

    page = world.caller.post(path, {"name_part": "小禾"})
    rest = world.caller.post(f"{path}&cursor={quote(page.json['next'])}", {"name_part": "小禾"}).json
    by_sound = world.caller.post("/v1/children/search", {"name_part": "OuYang Da"}).json
    elsewhere = world.caller.post("/v1/children/search?org=county/township/other", {"name_part": "小禾"})
    broken = world.caller.post("/v1/children/search?cursor=x", {"name_part": "小禾"})

    assert page.headers["Cache-Control"] == "private, no-store"
    assert [(each["child_id"], each["match"]) for each in page.json["items"]] == [(second, "part")]
    assert (page.json["more"], "former_name" in page.json["items"][0]) == (True, False)
    assert [(each["name"], each["former_name"]) for each in rest["items"]] == [("欧阳大禾", "欧阳小禾")]
    assert (rest["more"], "next" in rest) == (False, False)
    assert [(each["child_id"], each["match"]) for each in by_sound["items"]] == [(first, "part_of_sound")]
    assert (elsewhere.status_code, elsewhere.json["code"]) == (404, "unknown_org")
    assert (broken.status_code, broken.json["code"]) == (422, "bad_cursor")


def test_a_number_that_many_bear_comes_in_pages_too(world: ApiWorld) -> None:
    children = sorted(world.enrol(name=CANARY) for _ in range(3))
    path, found, cursor = "/v1/children/search?limit=2", list[str](), ""

    for _ in range(2):
        page = world.caller.post(path + cursor, {"name": CANARY}).json
        found += [each["child_id"] for each in page["items"]]
        cursor = f"&cursor={quote(page['next'])}" if page["more"] else ""

    assert (found, cursor) == (children, "")
