"""What a key may see, as lists and one by one."""

import csv
import io
import json
import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from api.document import whole_document
from application.access import SYSTEM, Role
from domain.case_no import case_no_of
from domain.rules.rule import rule_to_data
from domain.rules.rule_files import presets
from tests.api.support import CLASS, SCHOOL, ApiWorld, Caller, codes, visit
from tests.api.test_receipts import recipient, sent
from tests.api.test_timeline import catch_up

OTHER = "county/township/other school/grade 1/class 1"


def all_of(caller: Caller, path: str, **params: Any) -> list[dict[str, Any]]:
    """Go through all pages of a list."""
    found: list[dict[str, Any]] = []
    while True:
        page = caller.get(path, **params)
        assert page.status_code == 200, page.text
        found += page.json["items"]
        if page.json["next"] is None:
            return found
        params["cursor"] = page.json["next"]


def test_children_are_listed_with_their_names_carers_and_silence(world: ApiWorld) -> None:
    child, carer = world.enrol(name="林小禾", student_no="T1"), world.carer("卢老师")
    world.desk.pair(UUID(child), UUID(carer))
    seen_by = uuid4()
    world.caller.put(f"/v1/children/{child}/events/{seen_by}", visit(carer, "2026-06-20"))

    (listed,) = all_of(world.caller, "/v1/children")

    assert listed | {"updated_at": ""} == {
        "child_id": child,
        "version": 3,
        "case_no": case_no_of(UUID(child)),
        "student_no": "T1",
        "name": "林小禾",
        "org": CLASS,
        "in_care": True,
        "enrolled_on": "2026-03-01",
        "care_ends_on": "2034-05-19",
        "carers": [{"carer_id": carer, "name": "卢老师", "kind": "care_counsellor"}],
        "last_contact_on": "2026-06-20",
        "last_seen_on": None,
        "days_silent": 10,
        "silence_rests_on": {
            "event_id": str(seen_by),
            "type": "home_visit_made",
            "day": "2026-06-20",
        },
        "days_child_unseen": 121,
        "unseen_rests_on": listed["unseen_rests_on"] | {"type": "child_enrolled", "day": "2026-03-01"},
        "watched_as": listed["watched_as"],
        "left_behind": "unknown",
        "transfer_to": None,
        "erased": False,
        "updated_at": "",
    }


@pytest.mark.parametrize("limit", [1, 2, 500])
def test_children_are_listed_page_by_page_and_filtered(world: ApiWorld, limit: int) -> None:
    here, there = [world.enrol() for _ in range(3)], world.enrol(org=OTHER)
    world.desk.pair(UUID(here[0]), UUID(world.carer()))
    world.clock.forward(seconds=60)
    late = world.clock.now
    world.desk.visit(UUID(here[1]), UUID(world.carer("石老师")), "2026-06-20")

    def ids(**params: Any) -> set[str]:
        found = [each["child_id"] for each in all_of(world.caller, "/v1/children", limit=limit, **params)]
        assert len(found) == len(set(found))
        return set(found)

    assert ids() == {*here, there}
    assert ids(org=SCHOOL) == set(here)
    assert ids(org=OTHER) == {there}
    assert ids(paired="true") == {here[0]}
    assert ids(paired="false", org=SCHOOL) == {here[1], here[2]}
    assert ids(in_care="false") == set()
    assert ids(updated_since=late.isoformat()) == {here[1]}
    assert ids(updated_since=(late + timedelta(seconds=1)).isoformat()) == set()


def test_a_key_lists_what_lies_in_its_scope(small_world: ApiWorld) -> None:
    mine, other = small_world.enrol(), small_world.enrol(org=OTHER)
    carer = small_world.carer()
    school = small_world.as_(Role.CLIENT, org=SCHOOL)

    assert [each["child_id"] for each in all_of(school, "/v1/children")] == [mine]
    assert [each["carer_id"] for each in all_of(school, "/v1/carers")] == [carer]
    for path in ("/v1/children", "/v1/carers", "/v1/organisations"):
        assert school.get(path, org=OTHER).status_code == 404
    assert other not in str(school.get("/v1/children").json)
    assert school.get("/v1/deliveries").status_code == 403


def test_a_file_that_can_not_be_read_is_named_beside_the_others(small_world: ApiWorld) -> None:
    lost, here = small_world.enrol(), small_world.enrol()
    carers = [small_world.carer("卢老师"), small_world.carer("石老师")]
    with small_world.system.keys_database.transaction() as tx:
        tx.run("DELETE FROM stream_key WHERE stream_id IN :ids", ids=(UUID(lost), UUID(carers[0])))

    children = small_world.caller.get("/v1/children").json
    listed = small_world.caller.get("/v1/carers", limit="1").json

    assert [each["child_id"] for each in children["items"]] == [here]
    assert children["unreadable"] == [{"child_id": lost, "fault": "KeysMissing"}]
    everybody = [listed, small_world.caller.get("/v1/carers", limit="1", cursor=listed["next"]).json]
    assert [each["carer_id"] for page in everybody for each in page["items"]] == [carers[1]]
    assert [each["carer_id"] for page in everybody for each in page["unreadable"]] == [carers[0]]


def test_organisations_are_a_tree_and_are_read_by_their_paths(small_world: ApiWorld) -> None:
    small_world.enrol()
    small_world.system.organisations.count_pupils(SCHOOL, pupils=310, actor=SYSTEM)

    listed = all_of(small_world.caller, "/v1/organisations", limit="2")
    one = small_world.caller.get(f"/v1/organisations/{SCHOOL.replace('/', '%2F')}")
    missing = small_world.caller.get("/v1/organisations/nowhere")

    assert [each["org"] for each in listed] == [
        "county",
        "county/township",
        SCHOOL,
        f"{SCHOOL}/grade 3",
        CLASS,
    ]
    assert [each["level"] for each in listed] == ["county", "township", "school", "grade", "class"]
    assert one.json == listed[2]
    assert (one.json["pupils"], one.json["parent"], one.json["name"]) == (310, "county/township", "school")
    assert missing.status_code == 404


def test_the_known_rules_are_listed_bound_or_not(small_world: ApiWorld) -> None:
    rules = small_world.caller.get("/v1/rules").json["items"]

    assert {"C04", "C05", "C18", "C27", "C36", "C39"} <= {rule["rule_id"] for rule in rules}
    known = [rule_to_data(rule) for _, rule in sorted(presets().items())]
    assert [rule["rule"] for rule in rules] == json.loads(json.dumps(known))
    (rule,) = (each for each in rules if each["rule_id"] == "C39")
    assert rule["title"]["zh"]
    body = {"org": SCHOOL, "effective_from": "2199-01-01", "rule": rule["rule"]}
    small_world.enrol()
    assert small_world.caller.post("/v1/rule-bindings", body).status_code == 201


def test_notices_are_listed_and_read_with_what_became_of_them(small_world: ApiWorld) -> None:
    small_world.enrol()
    first, second = recipient(small_world), recipient(small_world)
    mine = [str(each) for each in sent(small_world, first, number=3)]
    other = [str(each) for each in sent(small_world, second, number=1)]

    def ids(**params: Any) -> set[str]:
        return {
            each["delivery_id"] for each in all_of(small_world.caller, "/v1/deliveries", limit="2", **params)
        }

    assert ids() == {*mine, *other}
    assert ids(recipient_id=str(first)) == set(mine)
    assert ids(recipient_id=str(uuid4())) == set()
    read = small_world.caller.get(f"/v1/deliveries/{mine[0]}").json
    assert ids(alert_id=read["alert_id"], state=read["state"]) >= {mine[0]}
    assert small_world.caller.get(f"/v1/deliveries/{uuid4()}").status_code == 404
    elsewhere = small_world.as_(Role.WATCHER, org="another county")
    assert elsewhere.get(f"/v1/deliveries/{mine[0]}").status_code == 404


def test_a_list_about_children_names_those_whom_the_key_may_read(small_world: ApiWorld) -> None:
    # Given a child with an alert and a notice of it, who goes to another school; and one who stays.
    there = "county/township/other"
    small_world.system.organisations.ensure(f"{there}/1", actor=SYSTEM)
    delivery = sent(small_world, recipient(small_world))[0]
    child = UUID(small_world.caller.get(f"/v1/deliveries/{delivery}").json["child_id"])
    stays = small_world.enrol(name="陈小满")
    small_world.desk.accept(
        child, small_world.desk.propose(child, there, "2026-06-20").event_id, "2026-06-21"
    )
    catch_up(small_world)
    school = small_world.as_(Role.MANAGER, org=SCHOOL)

    # When everybody lists what is about them.
    def named(caller: Caller) -> list[set[tuple[str, str | None]]]:
        lists = [caller.get(path).json["items"] for path in ("/v1/deliveries", "/v1/alerts", "/v1/timeline")]
        return [{(each["child_id"], each["child_name"]) for each in items} for items in lists]

    # Then who may read the child now sees its name, and who gave it away does not.
    whole, of_school = named(small_world.caller), named(school)
    assert all((str(child), "林小禾") in each for each in whole)
    assert (str(child), None) in of_school[2]
    assert "林小禾" not in str(of_school)
    assert (stays, "陈小满") in of_school[2]
    alert = small_world.caller.get("/v1/alerts").json["items"][0]["alert_id"]
    assert small_world.caller.get(f"/v1/alerts/{alert}").json["child_name"] == "林小禾"
    assert small_world.caller.get(f"/v1/deliveries/{delivery}").json["child_name"] == "林小禾"


def test_a_recipient_is_read_by_itself_without_its_secret(small_world: ApiWorld) -> None:
    small_world.enrol()
    one = recipient(small_world)

    read = small_world.caller.get(f"/v1/recipients/{one}")

    assert read.json == next(
        each
        for each in small_world.caller.get("/v1/recipients").json["items"]
        if each["recipient_id"] == str(one)
    )
    assert small_world.caller.get(f"/v1/recipients/{uuid4()}").status_code == 404


def test_an_alert_is_read_with_who_answered_it_and_how_it_ended(world: ApiWorld) -> None:
    child = world.enrol()
    world.system.alerts.watch(UUID(child), actor=SYSTEM)
    (case,) = world.system.alerts.cases_of(UUID(child))
    path = f"/v1/alerts/{case.alert_id}"
    world.caller.post(f"{path}/acknowledge", {"by": "王老师"})

    taken = world.caller.get(path)
    world.desk.visit(UUID(child), UUID(world.carer()), "2026-06-29")
    world.system.alerts.watch(UUID(child), actor=SYSTEM)
    over = world.caller.get(path).json

    assert taken.json["subject"] == {"kind": "child", "id": child}
    assert (taken.json["acknowledged_by"], taken.json["ended_as"]) == ("王老师", None)
    assert taken.headers["ETag"] == '"2"'
    assert (over["open"], over["ended_as"]) == (False, "contact")
    assert over["ended_at"] is not None
    for params in ({"child_id": child}, {"raised_since": over["raised_at"]}):
        params |= {"kind": "uncontacted"}
        assert [a["alert_id"] for a in all_of(world.caller, "/v1/alerts", **params)] == [str(case.alert_id)]
    assert all_of(world.caller, "/v1/alerts", child_id=str(uuid4())) == []


def test_a_key_learns_whose_it_is_and_what_it_may_do(small_world: ApiWorld) -> None:
    small_world.enrol()
    auditor = small_world.as_(Role.AUDITOR, org=SCHOOL, name="县民政局")
    bound = small_world.as_(Role.CLIENT, org=SCHOOL, types=["home_visit_made"], name="phone")

    me = auditor.get("/v1/me").json

    assert (me["name"], me["role"], me["org"]) == ("县民政局", "auditor", SCHOOL)
    assert (me["actions"], me["types"]) == (["read", "report"], None)
    assert me["key_id"] == str(auditor.key).split("_")[1]
    assert me["expires_at"] > small_world.clock.now.isoformat()
    assert bound.get("/v1/me").json["types"] == ["home_visit_made"]
    assert Caller(http=small_world.http, key=None).get("/v1/me").status_code == 401


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/v1/children", {"in_care": "yes"}),
        ("/v1/children", {"updated_since": "yesterday"}),
        ("/v1/children", {"cursor": "x"}),
        ("/v1/deliveries", {"recipient_id": "x"}),
        ("/v1/deliveries", {"state": "lost"}),
        ("/v1/alerts", {"child_id": "x"}),
        ("/v1/carers", {"limit": "0"}),
        ("/v1/organisations", {"cursor": "x"}),
    ],
)
def test_what_can_not_be_read_of_a_question_is_refused(
    small_world: ApiWorld, path: str, params: dict[str, str]
) -> None:
    refused = small_world.caller.get(path, **params)

    ((pointer, _),) = codes(refused)
    assert (refused.status_code, pointer) == (422, f"/{next(iter(params))}")


def test_a_cursor_of_another_list_is_none(small_world: ApiWorld) -> None:
    for _ in range(2):
        small_world.enrol()
    cursor = small_world.caller.get("/v1/children", limit="1").json["next"]

    assert small_world.caller.get("/v1/organisations", cursor=cursor).status_code == 422
    assert small_world.caller.get("/v1/children", paired="true", cursor=cursor).status_code == 422


LISTS = (
    "/v1/children",
    "/v1/children/states",
    "/v1/carers",
    "/v1/organisations",
    "/v1/alerts",
    "/v1/deliveries",
    "/v1/activities",
)


def filled(world: ApiWorld) -> None:
    """Fill a world with more than a page, by pages as small as they are made here."""
    for number in range(3):
        child = world.enrol(name=f"=林小禾{number}")
        world.system.alerts.watch(UUID(child), actor=SYSTEM)
        world.carer(f"卢老师{number}")
    sent(world, recipient(world), number=3)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_comes_whole_as_lines(
    small_world: ApiWorld, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(small_world)
    wanted = all_of(small_world.caller, path)
    monkeypatch.setattr("api.query.LARGEST_PAGE", 2)

    answered = small_world.caller.get(path, headers={"Accept": "application/x-ndjson"})

    assert answered.headers["Content-Type"] == "application/x-ndjson"
    assert [json.loads(line) for line in answered.text.splitlines()] == wanted


def test_a_list_without_pages_comes_as_lines_and_as_a_table_too(
    small_world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller, org = small_world.caller, {"org": SCHOOL}
    _with_recipients_rules_and_clashes(small_world)
    monkeypatch.setattr("api.resources.number_clashes.MOST_SHOWN", 0)
    wanted = [
        ("/v1/recipients", org, "items"),
        ("/v1/rule-bindings", org, "items"),
        ("/v1/rules", {}, "items"),
        ("/v1/event-types", {}, "items"),
        ("/v1/number-clashes", {}, ""),
    ]

    for path, asked, name in wanted:
        lines, table = (
            caller.get(path, **asked, headers={"Accept": media, "Accept-Language": "en"})
            for media in ("application/x-ndjson", "text/csv")
        )
        items = [json.loads(line) for line in lines.text.splitlines()]
        header, *rows = csv.reader(io.StringIO(table.text.removeprefix("\ufeff")))
        assert len(rows) == len(items) > 0, path
        assert not name or items == caller.get(path, **asked).json[name], path
        assert all(cell.isascii() for cell in header), path
    shown = caller.get("/v1/number-clashes").json
    assert (shown["items"], shown["more"]) == ([], True)


def _with_recipients_rules_and_clashes(world: ApiWorld) -> None:
    for county in ("county", "second county"):
        world.enrol(org=f"{county}/township/school/grade 1/class 1", student_no="81")
    recipient(world)
    body = {"org": SCHOOL, "rule_id": "C39", "effective_from": "2026-03-01"}
    assert world.caller.post("/v1/rule-bindings", body).status_code == 201


def test_every_list_that_is_read_comes_in_the_same_formats() -> None:
    document = whole_document()
    told = {
        operation["operationId"]: {*operation["responses"]["200"]["content"]}
        for methods in document["paths"].values()
        for method, operation in methods.items()
        if method == "get" and operation["operationId"].startswith("list_")
    }

    assert len(told) > 15
    formats = {"application/json", "application/x-ndjson", "text/csv"}
    assert [name for name, media in told.items() if not formats <= media and name != "list_changes"] == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_list_comes_whole_as_a_table(
    small_world: ApiWorld, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(small_world)
    monkeypatch.setattr("api.query.LARGEST_PAGE", 2)
    headers = {"Accept": "text/csv", "Accept-Language": language}

    answered = small_world.caller.get("/v1/children", headers=headers)

    header, *rows = csv.reader(io.StringIO(answered.text.removeprefix("\ufeff")))
    assert {"zh": "姓名", "en": "Name"}[language] in header
    assert len(rows) == len(all_of(small_world.caller, "/v1/children")) > 2
    named = {"zh": "姓名", "en": "Name"}[language]
    row = next(row for row in (dict(zip(header, cells, strict=True)) for cells in rows) if "=" in row[named])
    assert row[named].startswith("'=林小禾")
    assert row[{"zh": "在册", "en": "In care"}[language]] == {"zh": "是", "en": "yes"}[language]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", row[{"zh": "更新时间", "en": "Updated at"}[language]])
    assert answered.headers["Content-Disposition"] == 'attachment; filename="children.csv"'


@pytest.mark.parametrize("media", ["application/x-ndjson", "text/csv"])
def test_a_list_that_comes_whole_has_no_pages_and_names_what_can_not_be_read(
    small_world: ApiWorld, media: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, here, *_ = sorted(small_world.enrol() for _ in range(4))
    with small_world.system.keys_database.transaction() as tx:
        tx.run("DELETE FROM stream_key WHERE stream_id = :id", id=UUID(lost))
    headers = {"Accept": media}
    monkeypatch.setattr("api.query.LARGEST_PAGE", 1)

    whole = small_world.caller.get("/v1/children", headers=headers).text
    paged = small_world.caller.get("/v1/children", headers=headers, limit="5")
    refused = small_world.caller.get("/v1/children", headers=headers, org="nowhere")

    assert here in whole
    assert sum(lost in line and "KeysMissing" in line for line in whole.splitlines()) == 1
    assert (paged.status_code, codes(paged)) == (422, [("/limit", "whole_answer")])
    assert refused.status_code == 404
    assert small_world.caller.get("/v1/children", headers={"Accept": "image/png"}).status_code == 406


def test_the_states_of_all_children_are_those_of_each_at_one_moment(world: ApiWorld) -> None:
    children = sorted(world.enrol(name=f"林小禾{n}") for n in range(3))
    carer = UUID(world.carer())
    world.desk.pair(UUID(children[0]), carer)
    world.clock.forward(seconds=60)
    then = world.clock.now.isoformat()
    world.clock.forward(seconds=60)
    world.desk.visit(UUID(children[1]), carer, "2026-06-20")
    world.enrol()

    now = all_of(world.caller, "/v1/children/states", limit="2")
    before = all_of(world.caller, "/v1/children/states", limit="2", as_known_at=then)
    behind = world.caller.get(
        "/v1/children/states", after=children[0], as_known_at=then, headers={"Accept": "application/x-ndjson"}
    )

    def alone(child: str, **params: str) -> dict[str, Any]:
        read: dict[str, Any] = world.caller.get(f"/v1/children/{child}", **params).json
        return read | {"clocks": None}

    assert len(now) == 4
    assert [each | {"clocks": None} for each in before] == [alone(c, as_known_at=then) for c in children]
    assert {each["child_id"]: each["version"] for each in now}[children[1]] == 2
    assert [json.loads(line) for line in behind.text.splitlines()] == before[1:]
    assert {each["clocks"]["as_known_at"] for each in before} == {before[0]["clocks"]["as_known_at"]}


def test_pages_of_states_know_what_the_first_one_knew(world: ApiWorld) -> None:
    children = sorted(world.enrol() for _ in range(2))
    first = world.caller.get("/v1/children/states", limit="1").json
    world.clock.forward(seconds=60)
    world.desk.visit(UUID(children[1]), UUID(world.carer()), "2026-06-20")

    second = world.caller.get("/v1/children/states", limit="1", cursor=first["next"]).json

    assert [each["version"] for each in second["items"]] == [1]
    assert second["clocks"] == first["clocks"]


def test_an_item_that_was_put_aside_is_read_with_what_it_says(small_world: ApiWorld) -> None:
    carer, event_id = small_world.carer(), str(uuid4())
    item = visit(carer) | {"event_id": event_id, "child_id": str(uuid4())}
    small_world.caller.put(f"/v1/event-batches/{uuid4()}", {"items": [item]})
    (listed,) = small_world.caller.get("/v1/quarantine", event_id=event_id, code="unknown_child").json[
        "items"
    ]

    read = small_world.caller.get(f"/v1/quarantine/{listed['item_id']}").json

    assert read == listed | {"submission": read["submission"]}
    assert read["submission"] == item
    assert small_world.caller.get("/v1/quarantine", code="number_taken").json["items"] == []
    elsewhere = small_world.as_(Role.CLIENT, org="another county")
    assert elsewhere.get(f"/v1/quarantine/{listed['item_id']}").status_code == 404
