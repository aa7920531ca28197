"""Readable tables made into files of every kind.

A table is text: a line for each row, cells between strokes, a line `@ 3月` begins a sheet of that name (`@-`
a hidden one). In a cell `#20160520女1#` is an identity number of that birthday, `d:2016-05-20` a real date,
`n:13800000003` a number, `^` is merged with the cell above and `<` with the one on its left.
"""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from xml.sax.saxutils import escape

import xlsxwriter
from openpyxl import Workbook

from tests.application.intake.sheets import books

Grid = list[list[str]]
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def identity(born: str, sex: str, number: int) -> str:
    """Return an identity number of this birthday."""
    digits = f"330199{born}{10 + number:02}{1 if sex == '男' else 2}"
    return digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, _WEIGHTS, strict=True)) % 11]


def sheets_of(text: str) -> list[tuple[str, bool, Grid]]:
    """Return the sheets of a readable table: name, whether it is hidden, and rows."""
    found: list[tuple[str, bool, Grid]] = []
    text = re.sub(r"#(\d{8})([男女])(\d)#", lambda f: identity(f[1], f[2], int(f[3])), text)
    for line in text.strip("\n").splitlines():
        if line.strip().startswith("@"):
            name = line.strip().lstrip("@").strip()
            found.append((name.lstrip("- "), name.startswith("-"), []))
            continue
        if not found:
            found.append(("Sheet1", False, []))
        found[-1][2].append([cell.strip().replace("\\n", "\n") for cell in line.strip().split("|")])
    return found


def _value(cell: str) -> object:
    if cell.startswith("d:"):
        return date.fromisoformat(cell[2:])
    return int(cell[2:]) if cell.startswith("n:") else cell


def _shown(cell: str) -> str:
    return "" if cell in ("^", "<") else cell[2:] if cell[:2] in ("d:", "n:") else cell


def _areas(rows: Grid) -> list[tuple[int, int, int, int]]:
    """Return the merged areas: down or across."""
    found = []
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if cell in ("^", "<"):
                continue
            down = next(
                n for n in range(1, len(rows) - r + 1) if r + n == len(rows) or _at(rows, r + n, c) != "^"
            )
            right = next(n for n in range(1, len(row) - c + 1) if c + n == len(row) or row[c + n] != "<")
            if down > 1 or right > 1:
                found.append((r, c, r + down - 1, c + right - 1))
    return found


def _at(rows: Grid, row: int, column: int) -> str:
    return rows[row][column] if column < len(rows[row]) else ""


def xlsx(text: str) -> bytes:
    """Write a workbook by XlsxWriter."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy/m/d"}) as book:
        for name, hidden, rows in sheets_of(text):
            sheet = book.add_worksheet(name)
            if hidden:
                sheet.hide()
            else:
                sheet.activate()
            areas = _areas(rows)
            for r, c, bottom, right in areas:
                sheet.merge_range(r, c, bottom, right, "")
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    if cell not in ("", "^", "<"):
                        sheet.write(r, c, _value(cell))
    return out.getvalue()


def openpyxl(text: str) -> bytes:
    """Write a workbook by openpyxl."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, hidden, rows in sheets_of(text):
        sheet = book.create_sheet(name)
        sheet.sheet_state = "hidden" if hidden else "visible"
        for r, row in enumerate(rows, start=1):
            for c, cell in enumerate(row, start=1):
                if cell not in ("", "^", "<"):
                    sheet.cell(r, c, _value(cell))
        for top, left, bottom, right in _areas(rows):
            sheet.merge_cells(None, top + 1, left + 1, bottom + 1, right + 1)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


_ODS = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)
_ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def ods(text: str) -> bytes:
    """Write a spreadsheet in Open Document."""
    tables = "".join(
        f'<table:table table:name="{escape(name)}">'
        + "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
        + "</table:table>"
        for name, _, rows in sheets_of(text)
    )
    content = (
        f'<office:document-content {_ODS} office:version="1.2"><office:body><office:spreadsheet>{tables}'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODS_TYPE}"/></manifest:manifest>'
    )
    return books.archive({"mimetype": _ODS_TYPE, "content.xml": content, "META-INF/manifest.xml": manifest})


def _ods_cell(cell: str) -> str:
    if cell.startswith("d:"):
        kind = f'office:value-type="date" office:date-value="{cell[2:]}"'
    elif cell.startswith("n:"):
        kind = f'office:value-type="float" office:value="{cell[2:]}"'
    else:
        kind = 'office:value-type="string"'
    said = _shown(cell)
    return (
        f"<table:table-cell {kind}><text:p>{escape(said)}</text:p></table:table-cell>"
        if said
        else ("<table:table-cell/>")
    )


def docx(text: str) -> bytes:
    """Write a text document: rows of one cell are paragraphs above the table."""
    rows = [[_shown(cell) for cell in row] for _, _, each in sheets_of(text) for row in each]
    first = next(n for n, row in enumerate(rows) if len(row) > 1)
    return books.document(rows[first:], above=[row[0] for row in rows[:first]])


def _as_text(separator: str, encoding: str) -> Callable[[str], bytes]:
    def write(text: str) -> bytes:
        out = io.StringIO()
        writer = csv.writer(out, delimiter=separator)
        for _, _, rows in sheets_of(text):
            writer.writerows([[_shown(cell) for cell in row] for row in rows])
        return out.getvalue().encode(encoding)

    return write


WRITERS: Mapping[str, Callable[[str], bytes]] = {
    "xlsx": xlsx,
    "openpyxl": openpyxl,
    "ods": ods,
    "docx": docx,
    "csv": _as_text(",", "utf-8-sig"),
    "csv-bare": _as_text(",", "utf-8"),
    "csv-gb": _as_text(",", "gb18030"),
    "csv-big5": _as_text(",", "cp950"),
    "csv-utf16": _as_text("\t", "utf-16"),
    "semicolon": _as_text(";", "utf-8"),
    "tab-gb": _as_text("\t", "gb18030"),
    "wide-comma": _as_text("，", "utf-8"),
}


def expected_of(text: str) -> Sequence[tuple[str, ...]]:
    """Return the lines of what a table means, as tuples of its cells."""
    text = re.sub(r"#(\d{8})([男女])(\d)#", lambda f: identity(f[1], f[2], int(f[3])), text)
    return [tuple(c.strip() for c in line.split("|")) for line in text.strip().splitlines() if line.strip()]
