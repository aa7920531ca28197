"""Tables are found by their words wherever they stand in a sheet, and only their lines are lines."""

import pytest

from application.intake.papers.finding import Table, tables
from application.intake.papers.words import Role, normal, words
from application.intake.sheets.cell import Cell, Sheet

WORDS = words()


def found(rows: str, *, name: str = "", merged: tuple[tuple[int, int, int, int], ...] = ()) -> list[Table]:
    sheet = Sheet(
        name=name,
        rows=[[Cell(text.strip()) for text in row.split(",")] for row in rows.strip().splitlines()],
        merged=merged,
    )
    return tables(sheet, kind="roster", words=WORDS)


def lines(table: Table) -> list[list[str]]:
    return [
        [row.cells[p.column].text if p.column < len(row.cells) else "" for p in table.places]
        for row in table.rows
    ]


def columns(table: Table) -> list[str | None]:
    return [place.heading.column if place.heading else None for place in table.places]


def test_a_header_stands_below_titles_and_its_lines_above_totals_and_signatures() -> None:
    (table,) = found("""
        某小学留守儿童花名册（2026年春季）,,
        填报单位：某小学,填报时间：2026年3月1日,
        学籍号,姓名,性别
        T1,林小禾,女
        合计,1,
        填表人：陆老师,审核人：卢校长,
        注：本表一式两份,,
    """)

    assert lines(table) == [["T1", "林小禾", "女"]]
    assert (table.totals, table.signatures) == (1, 2)
    assert table.around.year == 2026
    assert table.filed_on == Cell("2026年3月1日")


def test_a_header_may_have_two_lines() -> None:
    (table,) = found(
        """
        序号,儿童基本信息,,父亲情况,,受委托监护人,,备注
        ,姓名,性别,姓名,联系电话,姓名,与儿童关系,
        1,林小禾,女,林大山,139,林奶奶,祖孙,
        """,
        merged=((0, 1, 0, 2), (0, 3, 0, 4), (0, 5, 0, 6), (0, 0, 1, 0), (0, 7, 1, 7)),
    )

    assert columns(table) == [
        "序号",
        "姓名",
        "性别",
        "父亲姓名",
        "父亲电话",
        "监护人姓名",
        "与儿童关系",
        "备注",
    ]
    assert len(table.rows) == 1


def test_tables_may_stand_side_by_side() -> None:
    first, second = found("""
        姓名,性别,,姓名,性别
        林小禾,女,,石小川,男
        戴小春,女,,,
    """)

    assert lines(first) == [["林小禾", "女"], ["戴小春", "女"]]
    assert lines(second) == [["石小川", "男"]]


def test_a_header_that_stands_there_again_is_no_line() -> None:
    (table,) = found("""
        姓名,性别,出生日期
        林小禾,女,2015-04-25
        姓 名,性别,出生日期
        石小川,男,2015-04-26
    """)

    assert [row[0] for row in lines(table)] == ["林小禾", "石小川"]
    assert table.header_again == 1


def test_a_line_that_names_a_class_holds_for_those_below() -> None:
    (table,) = found("""
        姓名,性别
        三年级2班（班主任：陆老师）,
        林小禾,女
        初一(3)班,
        石小川,男
    """)

    assert [(row.grade, row.group) for row in table.rows] == [("三年级", "2班"), ("初一", "3班")]


def test_a_word_that_repeats_what_stands_above_is_that() -> None:
    (table,) = found("""
        姓名,性别,班级
        林小禾,女,1班
        石小川,男,同上
        戴小春,女,〃
    """)

    assert [row[2] for row in lines(table)] == ["1班"] * 3


@pytest.mark.parametrize(
    "rows", ["月份,家访次数\n3月,5", "姓名,电话\n林小禾,139", "", "姓名\n林小禾", "学籍号,性别\nT1,女"]
)
def test_what_names_no_child_and_nothing_of_it_is_no_table(rows: str) -> None:
    assert not found(rows)


@pytest.mark.parametrize(
    ("said", "column", "role"),
    [
        ("學生姓名", "姓名", Role.COLUMN),
        ("出生\n日期（必填）", "出生日期", Role.COLUMN),
        ("*姓名", "姓名", Role.COLUMN),
        ("監護人聯絡電話", "监护人电话", Role.COLUMN),
        ("联系电话：", "监护人电话", Role.WHOSE),
        ("学号", "班内学号", Role.REMARK),
        ("学籍辅号", "学籍辅号", Role.REMARK),
        ("序号", "序号", Role.PASSED),
        ("爱心妈妈", "结对帮扶人", Role.KIND),
        ("代理家长", "结对帮扶人", Role.KIND),
    ],
)
def test_a_heading_is_known_in_both_scripts_and_without_its_dress(said: str, column: str, role: Role) -> None:
    heading = WORDS.sheets["roster"].heading(said)

    assert heading is not None
    assert (heading.column, heading.role) == (column, role)


def test_the_number_within_a_class_is_never_the_student_number() -> None:
    for said in ("学号", "座号", "考号", "班内学号"):
        heading = WORDS.sheets["roster"].heading(said)
        assert heading is not None
        assert heading.column != "学籍号"


def test_an_office_adds_words_of_its_own() -> None:
    own = words(
        {"roster": {"columns": {"姓名": ["娃娃名字"]}, "words": {"结对类型": {"爱心妈妈": ["亲情妈妈"]}}}}
    )

    heading = own.sheets["roster"].heading("娃娃名字")
    assert heading is not None
    assert heading.column == "姓名"
    assert own.sheets["roster"].value("结对类型", "亲情妈妈") == "爱心妈妈"
    assert own.sheets["roster"].value("性别", "女生") == "女"


def test_no_word_means_two_things_in_one_kind_of_sheet() -> None:
    import tomllib
    from importlib.resources import files

    tables_of = tomllib.loads(files("application.intake.papers").joinpath("words.toml").read_text("utf-8"))
    for kind in ("roster", "care_log"):
        seen: dict[str, str] = {}
        for role in ("columns", "both_parents", "whose", "remarks", "passed", "who"):
            for column, said in tables_of[kind].get(role, {}).items():
                for word in {normal(each) for each in (*said, column)}:
                    assert seen.setdefault(word, column) == column, (kind, word)
        for column, meanings in tables_of[kind]["words"].items():
            words_seen: dict[str, str] = {}
            for meaning, said in meanings.items():
                for word in {normal(each) for each in (*said, meaning)}:
                    assert words_seen.setdefault(word, meaning) == meaning, (kind, column, word)


def test_a_header_of_other_columns_begins_another_table() -> None:
    first, second = found("""
        姓名,性别,父亲姓名,母亲姓名
        林小禾,女,林大山,谢大姐
        姓名,性别,母亲姓名,父亲姓名
        石小川,男,石大姐,石大山
    """)

    assert columns(first)[2:] == ["父亲姓名", "母亲姓名"]
    assert columns(second)[2:] == ["母亲姓名", "父亲姓名"]
    assert lines(first) == [["林小禾", "女", "林大山", "谢大姐"]]
    assert lines(second) == [["石小川", "男", "石大姐", "石大山"]]
    assert [second.sheet.line(row.row) for row in second.rows] == [4]


def test_a_child_of_a_village_whose_name_begins_like_a_signature_is_a_line() -> None:
    (table,) = found("""
        现居住地,姓名,性别,出生日期
        单位大院,日三,男,2016-06-03
        学校家属区,日五,男,2016-06-05
        本页合计,2,,
    """)

    assert len(table.rows) == 2
    assert (table.totals, table.signatures) == (1, 0)


def test_the_teacher_may_stand_beside_the_class() -> None:
    (table,) = found("""
        姓名,性别
        三年级1班,班主任：王老师
        林小禾,女
        三（3）班,
        石小川,男
    """)

    assert [(row.grade, row.group) for row in table.rows] == [("三年级", "1班"), ("三年级", "3班")]


@pytest.mark.parametrize(
    ("title", "name", "year", "month"),
    [
        ("2026年3月走访记录", "", 2026, 3),
        ("2026年春季走访记录", "4月", 2026, 4),
        ("2025年9月至2026年1月谈心记录", "", None, None),
        ("2026年3月至5月走访记录", "", 2026, None),
    ],
)
def test_the_year_of_a_sheet_is_taken_where_there_is_one(
    title: str, name: str, year: int | None, month: int | None
) -> None:
    (table,) = found(f"{title},\n姓名,性别\n林小禾,女", name=name)

    assert (table.around.year, table.around.month) == (year, month)
