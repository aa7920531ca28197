"""No answer out of nothing: who isn't there, what wasn't known, which rule was not bound: by a code."""

from datetime import date
from typing import Any

import pytest

from application.access import SYSTEM, Role
from application.system import reports_of
from domain.rules.rule_files import presets
from tests.api.support import CLASS, ApiWorld, codes
from tests.api.test_overview import caller_of
from tests.support.world import SCHOOL, World

EMPTY = "county/school/nobody"
READERS = ("timeline", "alerts", "transfers", "activities", "compliance", "recipients", "rule-bindings")
MORE: dict[str, dict[str, str]] = {"compliance": {"rule": "C18", "period": "2026-03"}}
# Told whole, whoever is there: who is told of alerts, and which rules hold.
OF_CHILDREN = READERS[:5]


@pytest.fixture
def at_home(small_world: ApiWorld) -> ApiWorld:
    """One child, in one class; beside it a class with nobody in it."""
    small_world.enrol()
    small_world.system.organisations.ensure(EMPTY, actor=SYSTEM)
    return small_world


def noted(answered: Any) -> list[str]:
    assert answered.status_code == 200, answered.json
    return [note["code"] for note in answered.json.get("notes", [])]


@pytest.mark.parametrize("what", READERS)
def test_an_organisation_that_is_not_there_is_not_found(at_home: ApiWorld, what: str) -> None:
    for org in ("county/none", "county/school/none"):
        answered = at_home.caller.get(f"/v1/{what}", org=org, **MORE.get(what, {}))

        assert (answered.status_code, codes(answered)) == (404, [("/org", "unknown_org")])


@pytest.mark.parametrize("what", READERS)
def test_what_lies_outside_is_not_told_from_what_is_not_there(at_home: ApiWorld, what: str) -> None:
    manager = at_home.as_(Role.MANAGER, org=CLASS)

    answers = [manager.get(f"/v1/{what}", org=org, **MORE.get(what, {})) for org in (EMPTY, "county/none")]

    assert [(a.status_code, codes(a)) for a in answers] == [(404, [("", "not_found")])] * 2


@pytest.mark.parametrize("what", OF_CHILDREN)
def test_an_organisation_with_nobody_in_it_says_so(at_home: ApiWorld, what: str) -> None:
    asked = MORE.get(what, {})

    assert noted(at_home.caller.get(f"/v1/{what}", org=EMPTY, **asked)) == ["nobody_there"]
    if what != "compliance":
        assert noted(at_home.caller.get(f"/v1/{what}", org=CLASS, **asked)) == []


@pytest.mark.parametrize("what", OF_CHILDREN[:4])
def test_an_empty_ledger_says_so(small_world: ApiWorld, what: str) -> None:
    assert noted(small_world.caller.get(f"/v1/{what}")) == ["empty_ledger"]


def test_the_notes_speak_the_language_that_is_read(at_home: ApiWorld) -> None:
    def said(language: str) -> str:
        answered = at_home.caller.send(
            "GET", "/v1/alerts", params={"org": EMPTY}, headers={"Accept-Language": language}
        )
        text: str = answered.json["notes"][0]["text"]
        return text

    assert (said("zh"), said("en")) == (
        "该机构中从未有过儿童",
        "No child has ever been enrolled in this organisation.",
    )


def test_nothing_known_at_a_moment_is_not_the_same_as_not_found(at_home: ApiWorld) -> None:
    child = at_home.enrol()
    for path in ("", "/history", "/compliance"):
        asked = at_home.caller.get(f"/v1/children/{child}{path}", as_known_at="2020-01-01")
        outside = at_home.as_(Role.AUDITOR, org=EMPTY, name=f"x{path}").get(
            f"/v1/children/{child}{path}", as_known_at="2020-01-01"
        )

        assert (asked.status_code, codes(asked)) == (404, [("/as_known_at", "nothing_known")])
        assert (outside.status_code, codes(outside)) == (404, [("", "not_found")])


def test_a_day_before_all_that_is_recorded_says_so(at_home: ApiWorld) -> None:
    child = at_home.enrol()
    for path in ("", "/history", "/compliance"):
        assert noted(at_home.caller.get(f"/v1/children/{child}{path}", as_of="2020-01-01")) == [
            "nothing_known"
        ]
    before = at_home.caller.get("/v1/compliance", org=CLASS, rule="C18", period="2026-03", as_of="2020-01-01")
    assert noted(before) == ["nothing_known"]


def test_a_rule_that_is_not_bound_gives_no_figures(at_home: ApiWorld) -> None:
    found = at_home.caller.get("/v1/compliance", org=CLASS, rule="C18", period="2026-04")

    assert noted(found) == ["rule_not_bound"]
    assert (found.json["bound"], found.json["due"], found.json["short"]) == (0, 0, [])
    (short,) = found.json["unbound"]["short"]
    assert (found.json["unbound"]["due"], short["bound"]) == (1, False)


@pytest.mark.parametrize("name", ["org", "period"])
def test_a_parameter_that_is_given_twice_is_refused(at_home: ApiWorld, name: str) -> None:
    query = f"org={CLASS}&rule=C18&period=2026-03".replace(" ", "%20")
    answered = at_home.caller.send("GET", f"/v1/compliance?{query}&{name}=x")

    assert (answered.status_code, codes(answered)) == (422, [(f"/{name}", "given_twice")])


def test_a_type_that_is_given_twice_is_not_half_an_answer(at_home: ApiWorld) -> None:
    child = at_home.enrol()
    for types in (("home_visit_made", "call_made"), ("call_made", "home_visit_made")):
        query = "&".join(f"type={each}" for each in types)
        answered = at_home.caller.send("GET", f"/v1/children/{child}/history?{query}")

        assert (answered.status_code, codes(answered)) == (422, [("/type", "given_twice")])


def test_the_overview_and_the_report_of_one_rule_give_the_same_numbers(
    tmp_path: Any, database_url: str
) -> None:
    """Where the rules are bound in one class, in one from a later day, and in one not at all."""
    with World(tmp_path, database_url=database_url, start="2026-05-20 09:00") as world:
        organisations = world.system.organisations
        here, there, later = (f"{SCHOOL.rpartition('/')[0]}/{name}" for name in ("here", "there", "later"))
        for number, org in enumerate((here, here, there, later)):
            organisations.ensure(org, actor=SYSTEM)
            world.enrol(f"T{number}", on="2026-03-01", org=org)
        for org, day in ((here, date(2026, 3, 1)), (later, date(2026, 5, 1))):
            for rule in ("C18", "C39"):
                organisations.governance.bind_rule(
                    org, rule=presets()[rule, 1], effective_from=day, actor=SYSTEM
                )
        world.settle()
        caller, whole = caller_of(world), SCHOOL.partition("/")[0]
        reports = reports_of(world.system)
        same = ("due", "met", "pending", "not_applicable", "unspecified")
        bound = {}
        for period in ("2026-03", "2026-04", "2026-05"):
            tile = caller.get("/v1/compliance", org=whole, period=period).json["items"]
            assert [line["rule_id"] for line in tile] == ["C18", "C39"]
            for line in tile:
                asked = {"org": whole, "rule": line["rule_id"], "period": period}
                drilled = caller.get("/v1/compliance", **asked).json
                folded = reports.org_compliance(org=whole, rule_id=line["rule_id"], period=period)

                assert {name: drilled[name] for name in same} == {name: line[name] for name in same}
                assert len(drilled["short"]) == line["short"]
                assert {each["bound"] for each in drilled["short"]} <= {True}
                assert {each["bound"] for each in drilled["unbound"]["short"]} <= {False}
                assert drilled["unbound"]["children"] == folded.unbound.children > 0
                assert [note["code"] for note in drilled["notes"]] == ["partly_bound"]
                bound[period] = drilled["bound"]
        present = caller.get("/v1/compliance", org=whole).json["items"]

    assert bound == {"2026-03": 2, "2026-04": 2, "2026-05": 3}
    assert [line["period"]["name"] for line in present] == ["2026-05", "2026-05"]
