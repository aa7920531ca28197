"""A report as a file: the same rows as JSON, in Chinese, safe in a spreadsheet, real days and numbers."""

import csv
import io
import json
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest

from application.access import SYSTEM
from application.visibility import Purpose
from domain.refusal import Text
from reports import workbook
from reports.csv_file import csv_of
from reports.report import Column, Table, Visible
from reports.showing import shown_to
from reports.workbook import workbook_of
from tests.cli.terminal import SCHOOL, Terminal

NASTY = ("=1+1", "+1", "-1", "@x", "\t=1", "＝1", 'a"b,c', "两\n行", "<b>甲</b>", "http://x")
TIME = datetime(2026, 5, 4, 17, 30, tzinfo=UTC)


def table(*values: object) -> Visible:
    column: Column[object] = Column(name="value", title=Text(zh="值", en="Value"), of=lambda value: value)
    filled = Table(columns=(column,), title=Text(zh="表", en="Table")).filled(list(values))
    return shown_to(filled, SYSTEM, Purpose.EXPORT)


def cells(content: bytes, sheet: str = "表") -> list[object]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [cell.value for (cell,) in book[sheet].iter_rows(max_col=1)]


def book(*values: object) -> bytes:
    return workbook_of([table(*values)], language="zh", about=[("说", "=1")], made_at=TIME)


def test_a_csv_file_is_for_spreadsheets() -> None:
    content = b"".join(csv_of(table(*NASTY, -5, 1.5, None, date(2026, 5, 4), TIME, True), "zh"))

    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert content.count(b"\r\n") == len(rows)
    texts = ["'=1+1", "'+1", "'-1", "'@x", "'\t=1", "'＝1", *NASTY[6:]]
    rest = ["-5", "1.5", "", "2026-05-04", "2026-05-05 01:30:00", "是"]
    assert [row[0] if row else "" for row in rows] == ["值", *texts, *rest]


def test_a_workbook_has_real_days_numbers_and_moments_of_shanghai_and_no_formula() -> None:
    content = book(*NASTY, -5, 1.5, date(2026, 5, 4), TIME, False)

    day, moment = (datetime.fromisoformat(text) for text in ("2026-05-04", "2026-05-05 01:30"))
    assert cells(content) == ["值", *NASTY, -5, 1.5, day, moment, "否"]
    kinds = {cell.data_type for row in openpyxl.load_workbook(io.BytesIO(content))["表"] for cell in row}
    assert kinds == {"s", "n", "d"}
    assert cells(content, "说明") == ["说"]


def test_what_a_workbook_does_not_hold_is_cut_with_a_mark_or_goes_on_in_the_next_sheet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (_, long) = cells(book("长" * 40_000))
    assert isinstance(long, str)
    assert (len(long), long[-4:]) == (32_767, " […]"[-4:])

    monkeypatch.setattr(workbook, "MOST_ROWS", 2)
    content = book(1, 2, 3)
    assert (cells(content), cells(content, "表 (2)")) == (["值", 1, 2], ["值", 3])


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_a_file_has_what_the_command_answers(school: Terminal, tmp_path: Path, form: str) -> None:
    file = tmp_path / f"kinder.{form}"
    listed = school.json("children")["items"]

    answer = school.run("--lang", "zh", "children", "-o", file)

    assert (answer.code, answer.out) == (0, "")
    if form == "csv":
        (row,) = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline=""))
        assert (row["学籍号"], row["姓名"], row["机构"]) == ("T1", "戴小春", f"{SCHOOL}/3年级/4班")
        assert row["最近联系"] == listed[0]["last_contact_on"]
    elif form == "xlsx":
        sheet = openpyxl.load_workbook(file)["儿童"]
        titles, values = ([cell.value for cell in row] for row in sheet.iter_rows())
        row = dict(zip(titles, values, strict=True))
        assert (row["学籍号"], row["失联天数"]) == ("T1", listed[0]["days_silent"])
        assert row["最近联系"] == datetime.fromisoformat(listed[0]["last_contact_on"])
    else:
        assert json.loads(file.read_text(encoding="utf-8"))["items"] == listed


def test_a_format_is_told_by_its_option_or_by_the_name_of_the_file(school: Terminal, tmp_path: Path) -> None:
    shown = school.run("alerts", "--format", "csv")
    refused = school.run("alerts", "--format", "xlsx")
    table = school.run("alerts", "-o", tmp_path / "alerts.txt")

    assert shown.out.startswith("\ufeffCase no.,Student no.,Name,")
    assert shown.err.startswith("Ledger ")
    assert refused.code == 2
    assert (table.out, (tmp_path / "alerts.txt").read_text(encoding="utf-8")[:7]) == ("", "Ledger ")


def test_a_history_is_a_file_as_well(school: Terminal, tmp_path: Path) -> None:
    school.run("history", "T1", "-o", tmp_path / "T1.xlsx")
    school.run("history", "T1", "-o", tmp_path / "T1.csv")

    entries = school.json("history", "T1")["items"]
    sheet = openpyxl.load_workbook(tmp_path / "T1.xlsx")["History"]
    rows = csv.DictReader(io.StringIO((tmp_path / "T1.csv").read_text(encoding="utf-8-sig"), newline=""))
    assert [cell.value for (cell,) in sheet.iter_rows(max_col=1)][1:] == [e["version"] for e in entries]
    assert [row["Entry"] for row in rows] == [entry["text"]["en"] for entry in entries]


def test_who_was_short_is_named_in_a_file(school: Terminal) -> None:
    school.json("rules", "bind", "C18", "--org", SCHOOL, "--from", "2026-03-01")
    asked = ("compliance", "--org", SCHOOL, "--rule", "C18", "--period", "2026-06")

    text = school.run("--lang", "zh", *asked, "--format", "csv").out

    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    assert (row["学籍号"], row["姓名"], row["适用"]) == ("T1", "戴小春", "是")
