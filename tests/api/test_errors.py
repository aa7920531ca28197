"""The catalogue of codes: none is missing, none is left over, and the type of each problem leads there."""

import ast
import re
from pathlib import Path

import pytest

from api import error_catalogue
from api.document import operations, whole_document
from api.error_catalogue import GROUPS, catalogue, page, reasons, remedies
from api.errors import TITLES
from api.operation import CARE
from application.intake.imports.roster_form import NO_DAY
from domain.refusal import Reason
from tests.api.promises import undocumented
from tests.api.support import ApiWorld

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "errors.md"


def test_the_committed_page_is_the_one_that_the_code_makes() -> None:
    made = page()

    assert PAGE.read_text(encoding="utf-8") == made, "run: python -m api.error_catalogue > docs/errors.md"


def test_every_reason_has_a_remedy_and_every_remedy_a_reason() -> None:
    assert set(remedies()) - set(reasons()) == set(), "remedies that are left over"
    assert set(reasons()) - set(remedies()) == set(), "reasons that nobody says what to do about"


def test_what_is_said_of_a_paper_names_no_option_of_the_command_alone() -> None:
    """What becomes of its lines is told over HTTP too."""
    of_papers = error_catalogue._named_in(error_catalogue._modules("application.intake"), Reason)
    codes = {reason.code for reason in of_papers}
    texts = [NO_DAY, *(text for code in codes for text in (*reasons()[code], remedies()[code].text))]

    said = [words for text in texts for words in (text.zh, text.en)]
    options = [(words, option) for words in said for option in re.findall(r" ?--([a-z][a-z-]*)", words)]
    assert {option for _, option in options} >= {"map", "changed-on", "enrolled-on"}
    assert [words for words, option in options if f" {option.replace('-', '_')}" not in words] == []


def test_no_reason_hides_from_the_catalogue() -> None:
    """What is written in the source, in whatever scope, is what the modules name."""
    written = {
        keyword.value.value
        for package in error_catalogue._PACKAGES
        for file in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Reason"
        for keyword in node.keywords
        if keyword.arg == "code" and isinstance(keyword.value, ast.Constant)
    }

    assert written == set(reasons())


def test_what_to_do_is_said_in_both_languages() -> None:
    for code, known in catalogue().items():
        texts = [known.remedy.text, *known.reasons]

        assert known.remedy.group in GROUPS, code
        assert all(any("\u4e00" <= letter <= "\u9fff" for letter in text.zh) for text in texts), code
        assert all(text.en.isascii() or "…" in text.en or "–" in text.en for text in texts), code
        assert known.remedy.text.zh.endswith("。"), code
        assert known.remedy.text.en.endswith("."), code


def test_every_status_of_a_problem_has_a_title() -> None:
    assert {status for remedy in remedies().values() for status in remedy.statuses} == set(TITLES)


def test_every_code_of_a_problem_is_promised_by_an_operation() -> None:
    operations = [
        operation
        for path in whole_document()["paths"].values()
        for method, operation in path.items()
        if method != "parameters"
    ]
    promised = {
        (int(status), code)
        for operation in operations
        for status, response in operation["responses"].items()
        for code in response.get("x-problem-codes", ())
    }
    told = {(status, code) for code, remedy in remedies().items() for status in remedy.statuses}

    # Neither belongs to an operation: a method that is none of them, a line within an upload.
    assert told - promised == {(405, "method_not_allowed"), (413, "line_too_long")}
    assert promised <= told


def test_operations_declare_codes_that_there_are() -> None:
    declared = {
        code for of_route in operations().values() for each in of_route.values() for code in each.codes
    }

    assert declared - {CARE} <= set(remedies())


@pytest.mark.parametrize("code", ["too_many_requests", "stale", "unknown_type", "missing"])
def test_the_type_of_a_problem_leads_to_what_it_means(small_world: ApiWorld, code: str) -> None:
    answered = small_world.http.simulate_get(f"/errors/{code}")

    assert answered.status_code == 200
    assert answered.json["code"] == code
    assert answered.json["statuses"] == list(remedies()[code].statuses)
    assert answered.json["remedy"]["en"] == remedies()[code].text.en
    assert [text["zh"] for text in answered.json["means"]] == [r.zh for r in reasons()[code]]


def test_a_problem_that_was_got_is_followed_to_its_page(small_world: ApiWorld) -> None:
    problem = small_world.http.simulate_get("/v1/alerts").json

    shown = small_world.http.simulate_get(problem["type"], headers={"Accept": "text/html"})

    assert shown.status_code == 200
    assert shown.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<h1>no_key</h1>" in shown.text
    assert remedies()["no_key"].text.zh in shown.text


def test_browsers_read_a_page_in_their_language(small_world: ApiWorld) -> None:
    accept = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    pages = [
        small_world.http.simulate_get("/errors/when", headers=accept | {"Accept-Language": language}).text
        for language in ("zh", "en")
    ]

    first = [text.index("Give either occurred_on") < text.index("只写 occurred_on") for text in pages]
    assert first == [False, True]


def test_a_code_that_is_none_has_no_page(small_world: ApiWorld) -> None:
    answered = small_world.caller.get("/errors/nothing")

    assert (answered.status_code, answered.json["type"]) == (404, "/errors/not_found")


def test_the_promise_notices_a_code_that_is_not_documented() -> None:
    assert undocumented("GET", "/v1/alerts", {"status": 422, "code": "bad_cursor"}) is None
    assert undocumented("GET", "/v1/alerts", {"status": 422, "code": "of_age"}) is not None
    assert undocumented("GET", "/v1/alerts", {"status": 409, "code": "bad_cursor"}) is not None
    assert undocumented("GET", "/v1/nothing", {"status": 422, "code": "of_age"}) is not None
