"""The overview of every rule: read from the compliance table, equal to what is folded from the streams."""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from falcon import testing

from api.app import create_app
from api.document import whole_document
from application.access import SYSTEM, Role
from application.intake.imports.care_log import import_care_log
from application.intake.imports.roster import import_roster
from application.reports.notes import NOT_JUDGED_YET
from application.system import reports_of
from tests.api.support import CLASS, ApiWorld, Caller, codes
from tests.support.sample_term import SAMPLE
from tests.support.sample_term import SCHOOL as SAMPLE_SCHOOL
from tests.support.world import SCHOOL, World

RULES = ("C18", "C36", "C39")


@pytest.fixture
def sample(tmp_path: Path, database_url: str) -> Iterator[World]:
    """The sample school the morning after its term, with the workers of a whole CareLedger."""
    with World(tmp_path, database_url=database_url, start="2026-07-01 09:00") as world:
        world.system.organisations.ensure(SAMPLE_SCHOOL, actor=SYSTEM)
        for rule_id in RULES:
            world.bind(rule_id, org=SAMPLE_SCHOOL, effective_from="2026-03-01")
        for file, load in (("roster.xlsx", import_roster), ("care_log.csv", import_care_log)):
            load(
                (SAMPLE / file).read_bytes(),
                org=SAMPLE_SCHOOL,
                registers=world.system.registers,
                actor=SYSTEM,
            )
        yield world


def caller_of(world: World, *, role: Role = Role.AUDITOR, org: str = "") -> Caller:
    _, key = world.system.api_keys.create(actor=SYSTEM, name="reader", role=role, org=org, types=None)
    return Caller(http=testing.TestClient(create_app(world.system)), key=key)


def test_the_overview_of_the_sample_school_is_what_is_folded_from_its_streams(sample: World) -> None:
    caller = caller_of(sample, org=SAMPLE_SCHOOL)
    before = caller.get("/v1/compliance", org=SAMPLE_SCHOOL, period="2026-05").json
    assert (before["items"], before["pending_recomputes"]) == ([], 0)
    assert before["lag"] == sample.system.log.head()[0]

    sample.settle()

    seen = set()
    reports = reports_of(sample.system)
    for period in ("2026-03", "2026-04", "2026-05", "2026-06", "2026-07", "2026-W10", "2026-spring-start"):
        read = caller.get("/v1/compliance", org=SAMPLE_SCHOOL, period=period).json
        assert lines_of(caller, org=SAMPLE_SCHOOL, period=period) == read["items"]
        assert (read["org"], read["period"]["name"]) == (SAMPLE_SCHOOL, period)
        assert (read["pending_recomputes"], read["lag"]) == (0, 0)
        for line in read["items"]:
            seen.add(line["rule_id"])
            folded = reports.org_compliance(org=SAMPLE_SCHOOL, rule_id=line["rule_id"], period=period)
            assert line == {
                "rule_id": folded.rule_id,
                "rule_version": folded.rule_version,
                "period": {
                    "name": period,
                    "first": str(folded.period.first),
                    "last": str(folded.period.last),
                },
                "due": folded.due,
                "met": folded.met,
                "short": len(folded.short),
                "pending": folded.pending,
                "not_applicable": folded.not_applicable,
                "unspecified": folded.unspecified,
            }
            assert sum(line[state] for state in ("due", "not_applicable", "unspecified")) == 54
    assert seen >= {"C18", "C39"}
    for_one = {"org": SAMPLE_SCHOOL, "period": "2026-05", "rule": "C39"}
    short = caller.get("/v1/compliance", **for_one).json["short"]
    assert lines_of(caller, **for_one) == short != []
    listed = caller.get("/v1/children", org=SAMPLE_SCHOOL, limit="500").json["items"]
    names = {child["child_id"]: child["name"] for child in listed}
    assert [each["child_name"] for each in short] == [names[each["child_id"]] for each in short]


def lines_of(caller: Caller, **asked: str) -> list[object]:
    lines = caller.get("/v1/compliance", **asked, headers={"Accept": "application/x-ndjson"})
    return [json.loads(line) for line in lines.text.splitlines()]


def test_the_overview_tells_whether_it_is_current(tmp_path: Path, database_url: str) -> None:
    with World(tmp_path, database_url=database_url, start="2026-04-20 09:00") as world:
        world.bind("C39", effective_from="2026-03-01")
        child = world.enrol("T1", on="2026-03-01")
        world.pair(child, on="2026-03-01")
        world.settle()
        caller = caller_of(world, role=Role.MANAGER)

        def read() -> tuple[int, int, int]:
            found = caller.get("/v1/compliance", org=SCHOOL, period="2026-04").json
            return found["lag"], found["pending_recomputes"], found["items"][0]["met"]

        world.settle()
        assert read() == (0, 0, 0)
        for day in ("2026-04-02", "2026-04-09"):
            world.visit(child, on=day)
        assert read() == (2, 0, 0)
        while world.watch.relay.step():
            pass
        assert read() == (0, 1, 0)
        world.settle()
        assert read() == (0, 0, 1)


def test_the_overview_ends_at_the_scope(world: ApiWorld) -> None:
    caller = world.as_(Role.AUDITOR, org=CLASS)
    missing = caller.get("/v1/compliance", org=CLASS, period="2026-05")
    world.enrol()

    assert (missing.status_code, codes(missing)) == (404, [("/org", "unknown_org")])
    assert caller.get("/v1/compliance", org=CLASS, period="2026-05").json == {
        "org": CLASS,
        "population": "watched@1",
        "period": {"name": "2026-05", "first": "2026-05-01", "last": "2026-05-31"},
        "items": [],
        "pending_recomputes": 0,
        "lag": world.system.log.head()[0],
        "notes": [{"code": "not_judged_yet", "text": NOT_JUDGED_YET.zh}],
    }
    for org in ("county", f"{CLASS}2", str(uuid4())):
        answered = caller.get("/v1/compliance", org=org, period="2026-05")
        assert (answered.status_code, codes(answered)) == (404, [("", "not_found")])


def test_without_a_period_it_is_the_present_one(small_world: ApiWorld) -> None:
    small_world.enrol()
    body = {"org": SCHOOL, "rule_id": "C39", "effective_from": "2026-03-01"}
    small_world.caller.post("/v1/rule-bindings", body)

    asked = small_world.caller.get("/v1/compliance", org=SCHOOL, rule="C39")
    named = small_world.caller.get("/v1/compliance", org=SCHOOL, rule="C39", period="2026-06")

    assert (asked.status_code, asked.json) == (200, named.json)
    assert small_world.caller.get("/v1/compliance", org=SCHOOL).status_code == 200
    # So says the document.
    params = whole_document()["paths"]["/v1/compliance"]["get"]["parameters"]
    assert [each["name"] for each in params if each["required"]] == ["org"]


def test_an_overview_has_no_clocks_and_asks_for_a_period_that_is_one(small_world: ApiWorld) -> None:
    small_world.enrol()

    def refused(**asked: str) -> list[tuple[str, str]]:
        answered = small_world.caller.get("/v1/compliance", **asked)
        assert answered.status_code == 422
        return codes(answered)

    whole = {"org": CLASS, "period": "2026-05"}
    assert refused(**whole, as_of="2026-05-31") == [("/as_of", "clocks_need_a_rule")]
    assert refused(**whole, as_of="2026-05-31", as_known_at="2026-05-31") == [
        ("/as_of", "clocks_need_a_rule"),
        ("/as_known_at", "clocks_need_a_rule"),
    ]
    assert refused(org=CLASS, period="May") == [("/period", "bad_period")]
    assert refused(**whole, rule="") == [("/rule", "missing")]
