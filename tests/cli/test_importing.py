"""An import is shown before it is done, and done with a yes."""

from pathlib import Path

import pytest
from openpyxl import load_workbook

from cli.exits import NEEDS_A_YES, NONE_RECORDED
from cli.paper_words import page
from tests.application.papers import SCHOOL, form, log
from tests.cli.terminal import Terminal

ROOT = Path(__file__).parents[2]


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    (tmp_path / "form.xlsx").write_bytes(form({}, {"学籍号": "T2", "姓名": "石小川", "性别": "?"}))
    return tmp_path / "form.xlsx"


def test_without_a_yes_nothing_is_recorded_and_all_of_it_is_shown(terminal: Terminal, paper: Path) -> None:
    shown = terminal.run("import", "roster", paper, "--org", SCHOOL)
    as_json = terminal.run("import", "roster", paper, "--org", SCHOOL, "--json")

    assert (shown.code, as_json.code) == (NEEDS_A_YES, NEEDS_A_YES)
    assert "1 enrolled" in shown.out
    assert "unknown_word" in shown.out
    assert "--yes" in shown.err
    assert (as_json.json["import_id"], as_json.json["enrolled"]) == (None, 1)
    assert terminal.json("import", "list") == []
    assert terminal.run("children").code == 5


def test_what_is_shown_is_what_is_recorded(terminal: Terminal, paper: Path) -> None:
    foreseen = terminal.run("import", "roster", paper, "--org", SCHOOL, "--json").json
    done = terminal.json("import", "roster", paper, "--org", SCHOOL, "--yes", code=9)
    again = terminal.run("import", "roster", paper, "--org", SCHOOL, "--json").json

    assert foreseen | {"import_id": done["import_id"]} == done
    assert (again["enrolled"], again["already_recorded"]) == (0, 1)


def test_what_a_heading_was_said_to_mean_is_remembered_and_can_be_forgotten(
    school: Terminal, tmp_path: Path
) -> None:
    ours = {"记录人".encode(): "走访老师".encode()}
    for name, said in (("a", "甲"), ("b", "乙"), ("c", "丙")):
        data = log({"内容": said})
        for old, new in ours.items():
            data = data.replace(old, new)
        (tmp_path / f"{name}.csv").write_bytes(data)
    asked = ("--org", SCHOOL, "--yes")

    foreseen = school.run(
        "import", "care-log", tmp_path / "a.csv", "--org", SCHOOL, "--map", "走访老师=记录人"
    )
    unknown = school.run("import", "care-log", tmp_path / "a.csv", *asked)
    school.json("import", "care-log", tmp_path / "a.csv", *asked, "--map", "走访老师=记录人")
    known = school.json("import", "care-log", tmp_path / "b.csv", *asked)
    shown = school.json("import", "columns", "--org", SCHOOL)
    printed = [school.run("--lang", lang, "import", "columns", "--org", SCHOOL).out for lang in ("zh", "en")]
    school.json("import", "columns", "--org", SCHOOL, "--forget-map")
    forgotten = school.run("import", "care-log", tmp_path / "c.csv", *asked)

    assert (foreseen.code, unknown.code, forgotten.code) == (NEEDS_A_YES, 1, 1)
    assert known["recorded"] == 1
    assert shown == [{"kind": "care_log", "heading": "走访老师", "column": "记录人"}]
    assert ["Text(" in each for each in printed] == [False, False]
    assert ("关爱记录" in printed[0], "Records of care" in printed[1]) == (True, True)


def test_a_log_is_foreseen_upon_the_children_that_are_there(school: Terminal, tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_bytes(log({"内容": "另一次"}, {"学籍号": "T9"}))

    foreseen = school.run("import", "care-log", tmp_path / "more.csv", "--org", SCHOOL, "--json").json
    done = school.json("import", "care-log", tmp_path / "more.csv", "--org", SCHOOL, "--yes", code=9)

    assert (foreseen["recorded"], len(foreseen["refused"])) == (1, 1)
    assert foreseen | {"import_id": done["import_id"]} == done


def test_more_files_than_one_are_taken_one_after_the_other(terminal: Terminal, tmp_path: Path) -> None:
    files = []
    for number in (1, 2):
        file = tmp_path / f"{number}.xlsx"
        file.write_bytes(form({"学籍号": f"T{number}", "姓名": f"孩子{number}"}))
        files.append(file)

    done = terminal.json("import", "roster", *files, "--org", SCHOOL, "--yes")

    assert [each["enrolled"] for each in done] == [1, 1]


def test_a_heading_may_be_said_to_mean_a_column(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "form.xlsx").write_bytes(
        form(
            {"娃娃": "林小禾", "星座": "金牛"},
            columns=("学籍号", "姓名", "性别", "出生日期", "建档日期", "星座"),
        )
    )
    arguments = ("import", "roster", tmp_path / "form.xlsx", "--org", SCHOOL, "--yes")

    unknown = terminal.run(*arguments, "--json")
    bad = terminal.run(*arguments, "--map", "星座=月亮", "--json")
    kept = terminal.json(*arguments, "--map", "星座=备注")

    assert unknown.json["error"]["code"] == "unknown_column"
    assert bad.json["error"]["code"] == "bad_mapping"
    assert kept["enrolled"] == 1
    assert "星座：金牛" in terminal.run("history", "T1").out


def test_an_office_has_words_of_its_own(terminal: Terminal, tmp_path: Path) -> None:
    terminal.folder.mkdir(parents=True)
    (terminal.folder / "words.toml").write_text('[roster.passed]\n"星座" = []\n', encoding="utf-8")
    columns = ("学籍号", "姓名", "性别", "出生日期", "建档日期", "星座")
    (tmp_path / "form.xlsx").write_bytes(form({"星座": "金牛"}, columns=columns))

    done = terminal.json("import", "roster", tmp_path / "form.xlsx", "--org", SCHOOL, "--yes")

    assert done["enrolled"] == 1
    assert "星座" in {each["column"] for each in terminal.json("import", "columns")}


def test_the_day_of_enrolment_may_be_named_for_the_whole_file(terminal: Terminal, tmp_path: Path) -> None:
    columns = ("学籍号", "姓名", "性别", "出生日期")
    (tmp_path / "form.xlsx").write_bytes(form({}, columns=columns, title=False))
    arguments = ("import", "roster", tmp_path / "form.xlsx", "--org", SCHOOL, "--yes")

    assert terminal.run(*arguments, "--json").json["error"]["code"] == "missing_column"
    assert terminal.json(*arguments, "--enrolled-on", "2026-03-01")["enrolled"] == 1


def test_an_import_of_which_nothing_is_recorded_says_so(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "form.xlsx").write_bytes(form({"姓名": ""}))

    assert (
        terminal.run("import", "roster", tmp_path / "form.xlsx", "--org", SCHOOL, "--yes").code
        == NONE_RECORDED
    )


def test_the_page_of_columns_is_the_one_that_is_committed() -> None:
    committed = (ROOT / "docs" / "papers.md").read_text(encoding="utf-8")

    assert page() == committed, "run: python -m cli.paper_words > docs/papers.md"


def test_refused_lines_come_back_as_a_file_to_mend(terminal: Terminal, paper: Path, tmp_path: Path) -> None:
    back = tmp_path / "back.xlsx"
    terminal.run("import", "roster", paper, "--org", SCHOOL, "--yes", "--refused-to", back)
    book = load_workbook(back)
    sheet = book.active
    assert sheet is not None
    headings = [cell.value for cell in sheet[1]]
    sex = sheet.cell(2, headings.index("性别") + 1)
    assert sheet.max_row == 2
    assert (sex.value, sex.fill.fgColor.rgb) == ("?", "FFFFE08A")
    assert "用词无法识别" in str(sheet.cell(2, len(headings)).value)

    sex.value = "男"
    book.save(back)
    mended = terminal.json("import", "roster", back, "--org", SCHOOL, "--yes")

    assert (mended["enrolled"], mended["refused"]) == (1, [])


@pytest.mark.parametrize(("name", "title"), [("roster", "花名册"), ("care-log", "关爱记录")])
def test_a_template_is_empty_until_its_sheet_is_filled_in(
    school: Terminal, tmp_path: Path, name: str, title: str
) -> None:
    file = tmp_path / "blank.xlsx"
    assert school.run("template", name, file).code == 0
    assert school.run("template", name, file).code == 1

    empty = school.run("import", name, file, "--org", SCHOOL, "--yes", "--json")
    book = load_workbook(file)
    example = {
        str(head.value): cell.value for head, cell in zip(book["示例"][1], book["示例"][2], strict=True)
    }
    filled = example | {"学籍号": "T1", "姓名": "戴小春", "儿童姓名": "戴小春", "记录人": "卢小佑"}
    for column, head in enumerate(book[title][2], start=1):
        book[title].cell(3, column).value = filled.get(str(head.value))
    book.save(file)
    done = school.run("import", name, file, "--org", SCHOOL, "--yes", "--json").json

    assert empty.json["lines"] == 0
    assert [each["sheet"] for each in empty.json["sheets_not_read"]] == ["示例"]
    assert (done["lines"], done["refused"]) == (1, [])


def test_what_differs_is_shown_and_then_applied_as_a_change(school: Terminal, tmp_path: Path) -> None:
    (tmp_path / "next.xlsx").write_bytes(form({"学籍号": "T2", "姓名": "石小川", "结对帮扶人": "甲"}))
    school.json("import", "roster", tmp_path / "next.xlsx", "--org", SCHOOL, "--yes")
    (tmp_path / "next.xlsx").write_bytes(form({"年级": "4年级", "性别": "男"}))
    asked = ("import", "roster", tmp_path / "next.xlsx", "--org", SCHOOL)

    shown = school.run(*asked)
    foreseen = school.run(*asked, "--apply-changes")
    done = school.json(*asked, "--apply-changes", "--yes")
    again = school.json(*asked, "--changed-on", "2026-09-01", "--yes")

    assert ("--apply-changes" in shown.out, "石小川" in shown.out) == (True, True)
    assert ("年级" in foreseen.out, "to_be_corrected" in foreseen.out) == (True, True)
    assert [each["fields"] for each in done["changed"]] == [["年级"]]
    assert [each["reason"]["code"] for each in done["kept"]] == ["to_be_corrected"]
    assert (again["changed"], len(again["differs"]), len(again["missing"])) == ([], 1, 1)


def test_two_lists_are_compared_settled_and_imported(school: Terminal, tmp_path: Path) -> None:
    new = {"学籍号": "T2", "姓名": "石小川", "结对帮扶人": "甲"}
    (tmp_path / "next.xlsx").write_bytes(form({"年级": "4年级", "监护人电话": "13922223333"}, new))
    out = tmp_path / "settle.xlsx"

    shown = school.run("compare", tmp_path / "next.xlsx", "--org", SCHOOL, "--out", out)
    again = school.run("compare", tmp_path / "next.xlsx", "--org", SCHOOL, "--out", out, "--json")
    as_json = school.json("compare", tmp_path / "next.xlsx", "--org", SCHOOL)
    book = load_workbook(out)
    for row in book["核对"].iter_rows(min_row=2):
        row[0].value = "采用文件" if row[4].value == "年级" else "再核对"
    book.save(out)
    done = school.json("import", "roster", out, "--org", SCHOOL, "--yes")

    assert (
        "3年级" in shown.out,
        "13922223333" in shown.out,
        "石小川" in shown.out,
        str(out) in shown.err,
    ) == (True,) * 4
    assert again.json["error"]["code"] == "file_exists"
    (differing,) = as_json["differing"]
    assert [each["column"] for each in differing["fields"]] == ["年级", "监护人电话"]
    assert (done["lines"], [each["fields"] for each in done["changed"]]) == (1, [["年级"]])


def test_a_comparison_stands_line_below_line_where_it_is_narrow(school: Terminal, tmp_path: Path) -> None:
    school.environ["COLUMNS"] = "60"
    (tmp_path / "next.xlsx").write_bytes(form({"现居住地址": "一个很长很长很长很长很长很长的地址" * 2}))

    shown = school.run("compare", tmp_path / "next.xlsx", "--org", SCHOOL).out

    assert "┃" not in shown
    assert "现居住地址" in shown


def test_visit_sheets_are_printed_for_a_week_and_imported(school: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "visits.xlsx"
    asked = ("template", "visits", file, "--org", SCHOOL, "--week", "2026-03-05")
    assert school.run(*asked, "--carer", "无名氏").code == 1
    assert school.run(*asked, "--by-carer").code == 0
    assert (school.run(*asked).code, school.run("template", "visits", tmp_path / "no.xlsx").code) == (1, 2)
    assert school.run("template", "roster", tmp_path / "no.xlsx", "--org", SCHOOL).code == 2
    book = load_workbook(file)
    sheet = book["卢小佑"]
    filled = {"日期": "2026-03-05", "类型": "谈心", "对象": "儿童", "结果": "已谈", "内容": "想妈妈"}
    for column, head in enumerate(sheet[2], start=1):
        sheet.cell(3, column).value = filled.get(str(head.value), sheet.cell(3, column).value)
    book.save(file)

    done = school.json("import", "care-log", file, "--org", SCHOOL, "--yes")

    assert (done["recorded"], done["refused"]) == (1, [])


def test_whoever_was_asked_says_whom_a_line_means(school: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_bytes(log({"学籍号": "", "儿童姓名": "戴晓春", "日期": "2026-03-07", "登记日期": ""}))
    asked = ("import", "care-log", file, "--org", SCHOOL, "--yes")

    (refused,) = school.json(*asked, code=NONE_RECORDED)["refused"]
    stray = school.run(*asked, "--answer", "9=T1", "--json")
    bad = school.run(*asked, "--answer", "T1")
    done = school.json(*asked, "--answer", f"{refused['line']}=T1")
    again = school.json(*asked)
    shown = school.json("import", "show", again["import_id"])
    school.run(*asked[:-1], "--answer", "2=")

    assert [each["line"] for each in shown["answers"]] == [2]
    assert school.json("import", "show", again["import_id"])["answers"] == []
    assert (refused["reason"]["code"], stray.json["error"]["code"], bad.code) == (
        "unknown_child",
        "no_such_line",
        2,
    )
    assert (done["recorded"], again["recorded"], again["already_recorded"]) == (1, 0, 1)
    assert "原写姓名“戴晓春”" in school.run("--lang", "zh", "history", "T1").out
