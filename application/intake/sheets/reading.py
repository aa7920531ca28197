"""A file of whatever program as sheets of cells: what it is follows from its bytes, not from its name."""

import io
import zipfile
from collections.abc import Mapping, Sequence

from application.intake.sheets.cell import Sheet
from application.intake.sheets.docx import DOCUMENT, read_docx
from application.intake.sheets.markup import refuse_bombs
from application.intake.sheets.old_workbooks import old_looks
from application.intake.sheets.opendocument import CONTENT, Look, looks
from application.intake.sheets.reasons import DAMAGED, ENCRYPTED, NOT_A_TABLE, TOO_BIG
from application.intake.sheets.text import read_text
from application.intake.sheets.workbooks import read_workbook
from application.intake.sheets.xlsx import read_xlsx
from domain.refusal import invalid, refuses

MOST_BYTES = 64 * 1024 * 1024
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# An encrypted workbook is an old file around a new one.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_NO_TABLES = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"Rar!",
    b"7z\xbc\xaf",
    b"{\\rtf",
    b"<?xml",
    b"<!DOCTYPE",
    b"<html",
)


@refuses(TOO_BIG, ENCRYPTED, NOT_A_TABLE, DAMAGED)
def refuse_unreadable(data: bytes) -> None:
    """Raise `Invalid` where a look at its beginning tells that a file is none that can be read."""
    if len(data) > MOST_BYTES:
        raise invalid(TOO_BIG)
    if data.startswith(_OLD_OFFICE) and _ENCRYPTED in data:
        raise invalid(ENCRYPTED)
    if data.startswith(b"PK"):
        with _archive(data) as archive:
            refuse_bombs(archive)
    elif data.lstrip()[:16].startswith(_NO_TABLES):
        raise invalid(NOT_A_TABLE)


def read_sheets(data: bytes) -> Sequence[Sheet]:
    """Return every sheet of a file, the hidden ones too.

    Raises `Invalid` where it can't be read as a whole.
    """
    refuse_unreadable(data)
    if data.startswith(_OLD_OFFICE):
        return _looking(read_workbook(data), old_looks(data))
    return _in_archive(data) if data.startswith(b"PK") else [read_text(data)]


def _in_archive(data: bytes) -> Sequence[Sheet]:
    with _archive(data) as archive:
        parts = set(archive.namelist())
        if DOCUMENT in parts:
            return read_docx(archive)
        if CONTENT in parts:
            return _looking(read_workbook(data), looks(archive))
        if "[Content_Types].xml" in parts:
            return list(read_xlsx(archive))
    raise invalid(NOT_A_TABLE)


def _looking(sheets: Sequence[Sheet], looks_of: Mapping[str, Look]) -> Sequence[Sheet]:
    """Return sheets with what is struck through and what is not shown of them."""
    return [
        sheet._replace(
            struck=looks_of[sheet.name].struck_cells(sheet.rows),
            hidden_rows=looks_of[sheet.name].hidden_rows(len(sheet.rows)),
        )
        if sheet.name in looks_of
        else sheet
        for sheet in sheets
    ]


def _archive(data: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise invalid(DAMAGED) from None
