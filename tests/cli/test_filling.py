"""The county's own form: marked once, filled in each month, and otherwise as whoever made it left it."""

import io
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font

from tests.cli.terminal import SCHOOL, Terminal
from tests.cli.test_dead_letters import fed

TOWN, NAME = SCHOOL.rpartition("/")[0], SCHOOL.rpartition("/")[2]


@pytest.fixture
def form(tmp_path: Path) -> Path:
    """A form with merged areas, formats, a formula and a sheet that nobody marked."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.merge_cells("A1:D1")
    sheet["A1"] = "留守儿童工作月报表"
    for place, text in {"A2": "单位", "B2": "在册儿童", "C2": "家访", "D2": "合计"}.items():
        sheet[place] = text
    sheet["A3"], sheet["B3"], sheet["C3"] = NAME, "{在册儿童@A}", "{home_visit_made.times@A}"
    sheet["A4"], sheet["B4"], sheet["C4"] = (
        "全镇",
        "{class-statistics.children}",
        "{ home_visit_made.people }",
    )
    sheet["B3"].font = Font(bold=True, color="FF0000")
    sheet["B3"].number_format = "0.00"
    sheet["D3"] = "=B3+C3"
    book.create_sheet("填表说明")["A1"] = "{ 不是单独一格 } 的文字不动"
    path = tmp_path / "月报.xlsx"
    book.save(path)
    return path


def test_marked_cells_are_filled_in_and_everything_else_stays(
    school: Terminal, form: Path, tmp_path: Path
) -> None:
    target = tmp_path / "六月.xlsx"
    behind = school.json("fill-form", form, "--org", TOWN, "-o", tmp_path / "early.xlsx")
    assert [each["code"] for each in behind["notes"]] == ["timeline_behind"]
    fed(school)
    answer = school.json("fill-form", form, "--org", TOWN, "--to", "2026-06-30", "-o", target)

    book = openpyxl.load_workbook(target)
    sheet = book.worksheets[0]
    assert (answer["filled"], answer["notes"]) == (4, [])
    assert [[cell.value for cell in row] for row in sheet["A2:D4"]] == [
        ["单位", "在册儿童", "家访", "合计"],
        [NAME, 1, 1, "=B3+C3"],
        ["全镇", 1, 1, None],
    ]
    assert (sheet["B3"].font.bold, sheet["B3"].number_format) == (True, "0.00")
    assert [str(area) for area in sheet.merged_cells.ranges] == ["A1:D1"]
    assert book["填表说明"]["A1"].value == "{ 不是单独一格 } 的文字不动"
    assert book.calculation.fullCalcOnLoad


def test_the_figures_are_those_of_the_reports(school: Terminal, form: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.xlsx"
    fed(school)
    school.json("fill-form", form, "--org", TOWN, "--from", "2030-01-01", "--to", "2030-01-31", "-o", target)

    sheet = openpyxl.load_workbook(target).worksheets[0]
    assert [sheet[place].value for place in ("B4", "C3", "C4")] == [1, 0, 0]
    listed = {each["name"] for each in school.json("fill-form", "--figures")}
    assert {"class-statistics.children", "rates.filing.percent", "home_visit_made.times"} <= listed


@pytest.mark.parametrize(
    ("text", "code"),
    [("{没有的指标}", "no_such_figure"), ("{在册儿童@A}", "unknown_org"), ("在册儿童", "nothing_marked")],
)
def test_a_form_that_can_t_be_filled_in_says_which_cell(
    school: Terminal, tmp_path: Path, text: str, code: str
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A5"], sheet["B5"] = "没有这个学校", text
    book.save(tmp_path / "form.xlsx")

    refused = school.run("fill-form", tmp_path / "form.xlsx", "-o", tmp_path / "out.xlsx", "--json")

    assert refused.json["error"]["code"] == code
    assert ("B5" in refused.json["error"]["zh"]) == (code != "nothing_marked")
    assert not (tmp_path / "out.xlsx").exists()


def test_what_is_no_workbook_is_refused(school: Terminal, tmp_path: Path) -> None:
    (tmp_path / "form.xlsx").write_bytes(io.BytesIO(b"PK no").getvalue())
    refused = school.run("fill-form", tmp_path / "form.xlsx", "-o", tmp_path / "out.xlsx", "--json")
    assert refused.code == 1
    assert not (tmp_path / "out.xlsx").exists()
