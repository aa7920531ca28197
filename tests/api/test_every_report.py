"""Every report there is: its page in both languages, its files, and what a page without rows says."""

import io
from collections.abc import Iterator
from urllib.parse import urlencode
from uuid import UUID

import openpyxl
import pytest
from markupsafe import escape

from application import visibility
from application.access import SYSTEM, Role
from application.visibility import Relation, Sensitivity
from reports.catalogue import reports
from reports.report import Kind, Report
from tests.api.support import SCHOOL, ApiWorld
from tests.api.test_pages import Visitor, of
from tests.support.practice import Office

OTHER = "county/township/other"


def filled(world: ApiWorld) -> ApiWorld:
    """A school in which most reports have something to say."""
    desk, carer = Office(world.system), UUID(world.carer())
    child = UUID(world.enrol(name="<b>小禾</b>", address="幸福村2组", tags=["poor"]))
    desk.submit(
        "care_arranged",
        "2026-03-02",
        child=child,
        name="奶奶",
        relation="祖母",
        phone="13800000001",
    )
    desk.pair(child, carer)
    desk.visit(child, carer, "2026-05-06")
    desk.submit("parent_work_recorded", "2026-03-02", child=child, parent="father", away=True)
    fund = desk.open("donation_received", "2026-05-06", donor="<i>妇联</i>", amount_fen=30_000)
    desk.say(fund, "donation_allocated", "2026-05-06", child=str(child), amount_fen=100)
    desk.open("home_opened", "2026-03-02", name="之家")
    desk.open("meeting_held", "2026-05-07", kind="symposium", topic="座谈", minutes=60)
    return world


def asked(report: Report) -> dict[str, str]:
    """What a report can't do without."""
    words = {"rule": "C39", "org": SCHOOL}
    return {each.name: words[each.name] for each in report.filters if each.required or each.kind is Kind.ORG}


def test_a_report_is_a_page_in_both_languages_and_each_kind_of_file(small_world: ApiWorld) -> None:
    visitor = of(filled(small_world), Role.MANAGER)
    for name, report in reports().items():
        query = urlencode(asked(report))
        for language, title in (("zh", report.title.zh), ("en", report.title.en)):
            page = visitor.get(f"/reports/{name}?{query}&lang={language}")
            assert (page.status_code, escape(title) in page.text) == (200, True), (name, page.text)
            assert "<b>小禾" not in page.text, name
            assert "<i>妇联" not in page.text, name
        as_json = visitor.get(f"/reports/{name}.json?{query}")
        assert as_json.status_code == 200, (name, as_json.text)
        file = visitor.get(f"/reports/{name}.xlsx?{query}")
        assert len(openpyxl.load_workbook(io.BytesIO(file.content)).worksheets) == len(report.tables) + 1
        for table in report.tables:
            as_csv = visitor.get(f"/reports/{name}.csv?{query}&table={table.name}")
            titles = as_csv.text.removeprefix("\ufeff").splitlines()[0]
            assert (as_csv.status_code, titles.split(",")[0]) == (200, table.columns[0].title.zh), name


def test_nobody_of_another_school_is_in_a_report(world: ApiWorld) -> None:
    school = filled(world)
    school.system.organisations.ensure(OTHER, actor=SYSTEM)
    own, visitor = of(school, Role.MANAGER), of(school, Role.MANAGER, org=OTHER)
    for name, report in reports().items():
        query = urlencode(asked(report) | {"org": OTHER})
        here = own.get(f"/reports/{name}.json?{urlencode(asked(report))}")
        answered = visitor.get(f"/reports/{name}.json?{query}")

        assert (here.status_code, answered.status_code) == (200, 200), (name, here.text, answered.text)
        assert "小禾" not in answered.text, name
        assert "妇联" not in answered.text, name


def test_whoever_is_shown_nothing_of_a_person_sees_nobody_in_any_report(
    small_world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a school whose reports name a child, who cares for it, its carer and a donor.
    visitor = of(filled(small_world), Role.MANAGER)
    named = {"小禾", "卢老师", "妇联", "奶奶", "13800000001", "幸福村"}
    seen = {word for _, text in told(visitor) for word in named if word in text}
    assert seen == named

    # When a reader may see what is open alone.
    monkeypatch.setattr(visibility, "SHOWN", {Relation.WITHIN: frozenset({Sensitivity.OPEN})})

    # Then no form of any report tells one of them.
    leaks = [(path, word) for path, text in told(visitor) for word in named if word in text]
    assert leaks == []


def told(visitor: Visitor) -> Iterator[tuple[str, str]]:
    """Every report as a page, as JSON, and each of its tables as CSV."""
    for name, report in reports().items():
        query = urlencode(asked(report))
        forms = [f".csv?{query}&table={table.name}" for table in report.tables]
        for form in (f"?{query}", f".json?{query}", *forms):
            yield f"{name}{form}", visitor.get(f"/reports/{name}{form}").text


def test_a_card_is_a_sheet_for_each_child_with_places_to_sign_on_paper_and_in_a_workbook(
    small_world: ApiWorld,
) -> None:
    world = filled(small_world)
    world.enrol(name="第二名")
    visitor = of(world, Role.MANAGER)

    page = visitor.get("/reports/contact-cards").text
    file = visitor.get("/reports/contact-cards.xlsx").content
    sheet = openpyxl.load_workbook(io.BytesIO(file)).worksheets[0]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]

    assert page.count('<section class="sheet">') == 2
    assert page.count("班主任签字：") == 2
    assert "<dt>照料人电话</dt><dd>13800000001</dd>" in page
    assert (len(cells), cells[1][1:2], cells[2][1:2]) == (5, ["<b>小禾</b>"], ["第二名"])
    assert [value for value in cells[4] if value] == ["照料人签字：", "班主任签字：", "日期："]
