"""Files of all kinds are read into the same cells, and what can't be read is refused with its reason."""

import io
import resource
import time
from collections.abc import Sequence
from datetime import date, datetime
from datetime import time as clock
from xml.sax.saxutils import quoteattr

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.intake.sheets.cell import Cell, Kind, merged_across, merged_down
from application.intake.sheets.reading import read_sheets
from domain.refusal import Invalid
from tests.application.intake.sheets.books import PACKAGE, TYPES, archive, document, workbook, written

TABLE = [["学籍号", "姓名"], ["T1", "林小禾"], ["T2", "石小川"]]


def texts(data: bytes) -> list[list[str]]:
    return [[cell.text for cell in row] for row in read_sheets(data)[0].rows]


def only_cell(xml: str, **more: str) -> Cell:
    return read_sheets(workbook(f'<row r="1">{xml}</row>', **more))[0].rows[0][0]


def refused(data: bytes) -> str:
    with pytest.raises(Invalid) as error:
        read_sheets(data)
    return error.value.reason.code


@pytest.mark.parametrize("encoding", ["cp950", "gb18030", "utf-8"])
def test_the_traditional_script_is_read_in_the_encodings_of_both_sides(encoding: str) -> None:
    table = [["姓名", "性別", "監護人"], ["林小禾", "女", "任淑芬"]]

    assert texts("\n".join(map(",".join, table)).encode(encoding)) == table


@pytest.mark.parametrize("separator", [",", "\t", ";", "，", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_text_is_read_whatever_its_encoding_separator_and_ends_of_line(
    separator: str, encoding: str, end: str
) -> None:
    data = "".join(separator.join(row) + end for row in TABLE).encode(encoding)

    assert texts(data) == TABLE


def test_one_bad_byte_costs_its_line() -> None:
    data = b"".join(",".join(row).encode() + b"\n" for row in TABLE * 10).replace(
        "川".encode(), b"\xe5\xb7", 1
    )

    (sheet,) = read_sheets(data)

    assert sheet.broken == (3,)
    assert len(sheet.rows) == 29
    assert sheet.line(2) == 4


@pytest.mark.parametrize(
    ("stored", "code", "expected"),
    [
        ("42119", "yyyy-mm-dd", Cell("2015-04-25", Kind.DAY)),
        ("42119.5", "yyyy/m/d h:mm", Cell("2015-04-25 12:00", Kind.MOMENT)),
        ("0.677083333333333", "h:mm", Cell("16:15", Kind.TIME)),
        ("42119", '[$-804]yyyy"年"m"月"d"日"', Cell("2015-04-25", Kind.DAY)),
        ("42119", "m月d日", Cell("2015-04-25", Kind.DAY)),
        ("12026", "00000000", Cell("00012026", Kind.NUMBER)),
        ("40", "General", Cell("40", Kind.NUMBER)),
        ("0.1", "0.00", Cell("0.1", Kind.NUMBER, 2)),
        ("4.2", '#,##0.0_ ;"-"0.0', Cell("4.2", Kind.NUMBER, 1)),
        ("4.2", "General", Cell("4.2", Kind.NUMBER)),
        ("3.301992015011E+17", "0", Cell("330199201501100000", Kind.RUINED)),
        ("123456789012345", "0", Cell("123456789012345", Kind.NUMBER)),
        ("59", "yyyy-mm-dd", Cell("1900-02-28", Kind.DAY)),
        ("61", "yyyy-mm-dd", Cell("1900-03-01", Kind.DAY)),
    ],
)
def test_a_number_is_what_its_format_shows(stored: str, code: str, expected: Cell) -> None:
    styles = (
        f"<numFmts><numFmt numFmtId='170' formatCode={quoteattr(code)}/></numFmts>"
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs>'
    )

    assert only_cell(f'<c r="A1" s="1"><v>{stored}</v></c>', styles=styles) == expected


@pytest.mark.parametrize("number", [14, 22, 27, 31, 57])
def test_a_format_may_be_a_number_alone(number: int) -> None:
    styles = f'<cellXfs><xf numFmtId="{number}"/></cellXfs>'

    assert only_cell('<c r="A1" s="0"><v>42119</v></c>', styles=styles) == Cell("2015-04-25", Kind.DAY)


def test_a_format_of_two_places_may_be_a_number_alone() -> None:
    cell = only_cell('<c r="A1" s="0"><v>4.2</v></c>', styles='<cellXfs><xf numFmtId="2"/></cellXfs>')

    assert cell == Cell("4.2", Kind.NUMBER, 2)


def test_days_may_count_from_1904() -> None:
    styles, book = '<cellXfs><xf numFmtId="14"/></cellXfs>', '<workbookPr date1904="1"/>'

    cell = only_cell('<c r="A1" s="0"><v>40657</v></c>', styles=styles, properties=book)

    assert cell == Cell("2015-04-25", Kind.DAY)


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ('<c r="A1" t="e"><v>#N/A</v></c>', Cell("#N/A", Kind.ERROR)),
        ('<c r="A1"><f>B1</f></c>', Cell("", Kind.FORMULA)),
        ('<c r="A1" t="str"><f>B1</f><v></v></c>', Cell("", Kind.FORMULA)),
        ('<c r="A1" t="str"><f>B1</f><v>甲</v></c>', Cell("甲")),
        ('<c r="A1" t="b"><v>1</v></c>', Cell("TRUE", Kind.FLAG)),
        ('<c r="A1" t="inlineStr"><is><t> 甲 </t></is></c>', Cell("甲")),
        ('<c r="A1" t="d"><v>2015-04-25T16:15:00</v></c>', Cell("2015-04-25 16:15", Kind.MOMENT)),
        ("<c><v>7</v></c>", Cell("7", Kind.NUMBER)),
    ],
)
def test_what_stands_behind_a_cell_is_told(xml: str, expected: Cell) -> None:
    assert only_cell(xml) == expected


def test_merged_cells_hold_for_all_their_rows() -> None:
    rows = '<row r="1"><c r="A1" t="inlineStr"><is><t>三年级</t></is></c></row><row r="2"/><row r="3"/>'
    merged = '<mergeCells><mergeCell ref="A1:B3"/></mergeCells>'

    (sheet,) = read_sheets(workbook(rows, after=merged))

    assert [[cell.text for cell in row] for row in merged_down(sheet).rows] == [["三年级"]] * 3
    assert [[cell.text for cell in row] for row in merged_across(sheet).rows] == [["三年级"] * 2] * 3


def test_tables_of_a_document_are_sheets_and_their_merged_cells_hold() -> None:
    merged = [
        ["<w:tcPr><w:gridSpan w:val='2'/></w:tcPr><w:p><w:r><w:t>父亲情况</w:t></w:r></w:p>", "班级"],
        ["姓名", "电话", "<w:tcPr><w:vMerge w:val='restart'/></w:tcPr><w:p><w:r><w:t>1班</w:t></w:r></w:p>"],
        ["林大山", "1", "<w:tcPr><w:vMerge/></w:tcPr><w:p/>"],
    ]

    first, second = read_sheets(document(TABLE, merged))

    assert [[cell.text for cell in row] for row in first.rows] == TABLE
    assert [[cell.text for cell in row] for row in merged_down(second).rows] == [
        ["父亲情况", "", "班级"],
        ["姓名", "电话", "1班"],
        ["林大山", "1", "1班"],
    ]


@given(
    rows=st.lists(
        st.lists(
            st.one_of(
                st.text(
                    st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8
                ).filter(
                    lambda text: (
                        text[0] not in "='{"
                        and not text.startswith(("http", "ftp", "mailto", "internal", "external"))
                        and not text.replace(".", "").isnumeric()
                        and text != "#N/A"
                    )
                ),
                st.integers(min_value=-(10**14), max_value=10**14),
                st.dates(date(1990, 1, 1), date(2090, 12, 31)),
            ),
            min_size=1,
            max_size=5,
        ),
        min_size=1,
        max_size=6,
    )
)
def test_what_two_programs_write_is_read_alike(rows: Sequence[Sequence[object]]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    other = io.BytesIO()
    book.save(other)

    expected = [
        [value.isoformat() if isinstance(value, date) else str(value) for value in row] for row in rows
    ]

    assert texts(other.getvalue()) == expected
    assert (
        texts(written(rows, options={"default_date_format": "yyyy-mm-dd", "strings_to_urls": False}))
        == expected
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"%PDF-1.7", "not_a_table"),
        (b"\x89PNG\r\n", "not_a_table"),
        (b"PK\x03\x04 and nothing more", "paper_damaged"),
        (archive({"a.txt": "x"}), "not_a_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "paper_encrypted"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "paper_damaged"),
        (b"\x80\xff\n" * 30, "bad_encoding"),
        (workbook('<row r="1"><c r="A1"><v>1</v></c>'), "paper_damaged"),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(data: bytes, code: str) -> None:
    assert refused(data) == code


ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a0 "甲">'
    + "".join('<!ENTITY a{} "{}">'.format(n, f"&a{n - 1};" * 10) for n in range(1, 9))
    + "]>"
)


@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param(
            lambda: archive({"[Content_Types].xml": TYPES, "xl/worksheets/sheet1.xml": b"\0" * (1 << 30)}),
            id="a gigabyte of a sheet",
        ),
        pytest.param(
            lambda: archive(
                {
                    "[Content_Types].xml": TYPES,
                    "xl/workbook.xml": ENTITIES + "<workbook>&a8;</workbook>",
                }
            ),
            id="entities",
        ),
        pytest.param(
            lambda: workbook('<row r="1">' + "<c><v>1</v></c>" * 1_000_000 + "</row>"), id="a million columns"
        ),
        pytest.param(("甲," * 1_000_000).encode, id="a million columns of text"),
        pytest.param(
            lambda: workbook('<row r="1">' + '<c r="XFD1"/>' * 3_000_000 + "</row>"),
            id="cells without anything",
        ),
        pytest.param(
            lambda: workbook('<row r="1048576"><c r="A1048576"><v>1</v></c></row>'),
            id="a row at the end of the sheet",
        ),
        pytest.param(lambda: b"x" * (65 << 20), id="a file that is too big"),
    ],
)
@pytest.mark.slow
def test_bombs_are_refused_soon_and_in_little_memory(bomb: object) -> None:
    assert callable(bomb)
    data = bomb()
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()

    refused(data)

    assert time.process_time() - began <= 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before <= 200_000


def test_relations_may_be_named_from_the_root_and_the_workbook_lie_anywhere() -> None:
    main = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    relations = "http://purl.oclc.org/ooxml/officeDocument/relationships"
    data = archive(
        {
            "[Content_Types].xml": TYPES,
            "_rels/.rels": f'<Relationships xmlns="{PACKAGE}">'
            '<Relationship Id="a" Target="/book/workbook.xml"/></Relationships>',
            "book/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>'
            '<sheet name="甲" state="hidden" r:id="b"/></sheets></workbook>',
            "book/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">'
            '<Relationship Id="b" Target="/book/s.xml"/></Relationships>',
            "book/s.xml": f'<worksheet xmlns="{main}"><sheetData><row><c><v>7</v></c></row></sheetData>'
            "</worksheet>",
        }
    )

    (sheet,) = read_sheets(data)

    assert (sheet.name, sheet.hidden, sheet.rows) == ("甲", True, [[Cell("7", Kind.NUMBER)]])


def test_times_and_moments_of_other_programs_are_told() -> None:
    rows = [[datetime(2026, 3, 5, 16, 15), clock(16, 15)]]  # noqa: DTZ001  a workbook knows no zone
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(rows[0])
    out = io.BytesIO()
    book.save(out)

    assert read_sheets(out.getvalue())[0].rows == [
        [Cell("2026-03-05 16:15", Kind.MOMENT), Cell("16:15", Kind.TIME)]
    ]
