"""A history as a page, as lines and as a table for a spreadsheet."""

import csv
import io
import json
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.cells import defused as cell
from tests.api.support import CANARY, ApiWorld, visit

CSV = {"Accept": "text/csv"}


def table(raw: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def recorded(world: ApiWorld, count: int) -> str:
    child, carer = world.enrol(name=CANARY), world.carer()
    items = [
        visit(carer, f"2026-{4 + number % 2:02}-{1 + number % 28:02}")
        | {"event_id": str(uuid4()), "child_id": child}
        for number in range(count)
    ]
    world.caller.put(f"/v1/event-batches/{uuid4()}", {"items": items})
    return child


def test_the_whole_history_as_lines(small_world: ApiWorld) -> None:
    child = recorded(small_world, 110)
    path = f"/v1/children/{child}/history"

    lines = small_world.caller.get(path, headers={"Accept": "application/x-ndjson"})
    page = small_world.caller.get(path, limit=500).json["items"]

    assert lines.headers["Content-Type"] == "application/x-ndjson"
    assert [json.loads(line) for line in lines.text.splitlines()] == page
    assert len(page) == 111


def test_the_history_as_a_table(small_world: ApiWorld) -> None:
    child = recorded(small_world, 3)
    path = f"/v1/children/{child}/history"

    chinese = small_world.caller.get(path, headers=CSV)
    english = small_world.caller.get(path, headers=CSV | {"Accept-Language": "en"})
    visits = small_world.caller.get(path, type="home_visit_made", headers=CSV)

    assert chinese.content.startswith(b"\xef\xbb\xbf")
    assert chinese.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert chinese.headers["Content-Disposition"] == f'attachment; filename="history-{child}.csv"'
    assert chinese.content.count(b"\r\n") == 5
    assert table(chinese.content)[0][:4] == ["日期", "时间", "类型", "内容"]
    assert table(english.content)[0][:4] == ["Day", "Moment", "Type", "Entry"]
    assert [row[2] for row in table(english.content)[1:]] == ["Enrolment", *["Home visit"] * 3]
    assert len(table(visits.content)) == 4


def test_no_cell_is_a_formula(small_world: ApiWorld) -> None:
    child, carer = small_world.enrol(), small_world.carer()
    said = visit(carer, "2026-04-01") | {"recorded_by": "=1+1", "late_reason": '+cmd|"x",\n@y'}
    small_world.caller.put(f"/v1/children/{child}/events/{uuid4()}", said)

    header, _, row = table(
        small_world.caller.get(
            f"/v1/children/{child}/history", headers=CSV | {"Accept-Language": "en"}
        ).content
    )

    told = dict(zip(header, row, strict=True))
    assert told["Recorded by"] == "'=1+1"
    assert told["Why late"] == '\'+cmd|"x",\n@y'


@given(st.text(st.sampled_from("=+-@\t\r\n＝＋－＠a1,\"'"), max_size=6))
def test_what_begins_like_a_formula_is_quoted_and_all_else_is_left(text: str) -> None:
    assert cell(text)[:1] not in set("=+-@\t\r\n＝＋－＠")
    assert cell(text).removeprefix("'") == text.removeprefix("'")


@pytest.mark.parametrize("accept", ["application/xml", "image/*", "text/csv;q=0", "nonsense"])
def test_what_is_not_served_is_refused(small_world: ApiWorld, accept: str) -> None:
    child = small_world.enrol()

    answered = small_world.caller.get(f"/v1/children/{child}/history", headers={"Accept": accept})

    assert (answered.status_code, answered.json["code"]) == (406, "not_acceptable")
    assert answered.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("accept", "served"),
    [
        ("*/*", "application/json"),
        ("text/*", "text/csv; charset=utf-8"),
        ("application/json;q=0.1, text/csv", "text/csv; charset=utf-8"),
        ("text/html,application/xml;q=0.9,*/*;q=0.8", "application/json"),
    ],
)
def test_the_format_is_chosen_by_accept(small_world: ApiWorld, accept: str, served: str) -> None:
    child = small_world.enrol()

    answered = small_world.caller.get(f"/v1/children/{child}/history", headers={"Accept": accept})

    assert answered.headers["Content-Type"] == served


@pytest.mark.parametrize("name", ["limit", "cursor"])
def test_a_whole_answer_has_no_pages(small_world: ApiWorld, name: str) -> None:
    child = small_world.enrol()

    answered = small_world.caller.get(f"/v1/children/{child}/history", headers=CSV, **{name: "1"})

    assert (answered.status_code, answered.json["code"]) == (422, "whole_answer")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_texts_come_in_the_language_that_is_chosen(small_world: ApiWorld, language: str) -> None:
    child, carer = small_world.enrol(), small_world.carer()
    small_world.caller.put(f"/v1/children/{child}/events/{uuid4()}", visit(carer, "2026-06-20"))
    path = f"/v1/children/{child}/history"

    both = small_world.caller.get(path).json["items"]
    one = small_world.caller.get(path, lang=language).json["items"]
    lines = small_world.caller.get(path, lang=language, headers={"Accept": "application/x-ndjson"}).text

    wanted = [each | {name: {language: each[name][language]} for name in ("label", "text")} for each in both]
    assert one == wanted
    assert [json.loads(line) for line in lines.splitlines()] == wanted
    assert small_world.caller.get(path, lang="fr").status_code == 422
