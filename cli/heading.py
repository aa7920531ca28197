"""How an answer is shown: what stands above it, the answer, the notes beside it; and how the command ends."""

import io
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from cli.exits import EXITS
from cli.leaving_out import LeftOut
from cli.session import Session
from cli.terminal import note, say, show_table
from domain.refusal import Reason, Text
from reports.answering import Head
from reports.cells import cell_of
from reports.csv_file import csv_of
from reports.report import Visible


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


FORMAT = Annotated[
    Format | None, typer.Option("--format", help="格式，默认随文件名 / format, else as the file is named")
]
OUTPUT = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", dir_okay=False, help="写入文件 / write it to a file"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An answer in every form: the JSON, the notes beside it, its tables for files, what a workbook says of
    itself, and how it is drawn on the terminal."""

    body: Mapping[str, object]
    notes: Sequence[Reason]
    tables: Sequence[Visible]
    about: Sequence[tuple[str, object]]
    draw: Callable[[], None]


def format_asked(*, as_json: bool, wanted: Format | None, output: Path | None) -> Format:
    """Return the format that was asked for, else the one that the file is named after."""
    by_name = Format.TABLE
    if output is not None and (ending := output.suffix.lower().removeprefix(".")) in tuple(Format):
        by_name = Format(ending)
    chosen = Format.JSON if as_json else wanted or by_name
    if chosen is Format.XLSX and output is None:
        raise typer.BadParameter("须用 -o 指定文件 / name the file with -o", param_hint="--format xlsx")
    return chosen


def show_answer(
    session: Session,
    head: Head,
    shown: Shown,
    *,
    chosen: Format,
    output: Path | None = None,
    left_out: LeftOut | None = None,
) -> None:
    """Answer a question: the head, what was found, the notes beside it; and end as these say.

    What was left out stands before all else, and ends the command with 1. Beside JSON and files, what is for
    people goes to stderr.
    """
    left_out = LeftOut() if left_out is None else left_out
    # Who could not be read may be the very ones that are missing.
    notes = [each for each in shown.notes if not left_out or each.code not in EXITS]
    to_people = chosen is Format.TABLE and output is None
    left_out.head(as_json=not to_people)
    if to_people:
        say(head.text, language=session.language)
        shown.draw()
    else:
        _put(_written(session, head, shown, notes, chosen=chosen, left_out=left_out), output)
        if chosen is not Format.JSON:
            note(head.text, language=session.language)
    if chosen is not Format.JSON:
        for each in notes:
            text = Text(zh=f"{each.code}：{each.zh}", en=f"{each.code}: {each.en}")
            note(text, language=session.language)
    left_out.end()
    for each in notes:
        if each.code in EXITS:
            raise typer.Exit(EXITS[each.code])


def show_filled(filled: Visible, *, language: str) -> None:
    """Draw a table with what the terminal has of it."""
    columns = [column for column in filled.columns if not column.beside]
    rows = [[cell_of(column, row, language) for column in columns] for row in filled.rows]
    show_table([column.title for column in columns], rows, language=language, empty=filled.empty)


def _written(
    session: Session,
    head: Head,
    shown: Shown,
    notes: Sequence[Reason],
    *,
    chosen: Format,
    left_out: LeftOut,
) -> bytes:
    language = session.language
    match chosen:
        case Format.JSON:
            said = [{"code": each.code, "text": getattr(each, language)} for each in notes]
            whole = {"head": head.shown, **shown.body, **left_out.findings, "notes": said}
            return msgspec.json.encode(whole) + b"\n"
        case Format.CSV:
            return b"".join(csv_of(shown.tables[-1], language))
        case Format.XLSX:
            # Of all commands, this alone needs what writes a workbook.
            from reports.workbook import workbook_of

            return workbook_of(shown.tables, language=language, about=shown.about, made_at=head.now)
    with redirect_stdout(io.StringIO()) as out:
        say(head.text, language=language)
        shown.draw()
    return out.getvalue().encode()


def _put(content: bytes, output: Path | None) -> None:
    """Write it to the file, or to the terminal."""
    if output is not None:
        output.write_bytes(content)
        return
    sys.stdout.write(content.decode())
    sys.stdout.flush()
