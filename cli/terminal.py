"""What the terminal shows: JSON for programs, tables and sentences in Chinese or English for people."""

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import TypeVar

import msgspec
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text as Shown

from application.intake.imports.paper import Progress as OnProgress
from domain.days import SHANGHAI
from domain.fields import Choice
from domain.refusal import Fault, Reason, Text

T = TypeVar("T")
# The columns of a table: the title of each, and what it shows of an item.
Columns = Sequence[tuple[Text, Callable[[T], object]]]

WIDE = 200
# Below so many columns a table that does not fit has its rows below each other.
NARROW = 110
NOTHING = Text(zh="没有。", en="None.")


def show_json(value: object) -> None:
    """Write a value as one line of JSON."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def show_items(items: Iterable[T], columns: Columns[T], *, language: str, empty: Text = NOTHING) -> None:
    """Draw a table with a row for each item."""
    rows = [[of(item) for _, of in columns] for item in items]
    show_table([title for title, _ in columns], rows, language=language, empty=empty)


def show_table(
    columns: Sequence[Text], rows: Sequence[Sequence[object]], *, language: str, empty: Text = NOTHING
) -> None:
    """Draw a table, or say `empty` where it has no row; what stands in its cells is never read as markup.

    Texts, choices and reasons are shown in the language.

    Where it does not fit, on a terminal of less than `NARROW` columns, the rows stand below each other; on a
    wider one where an id or a day would be torn apart.
    """
    if not rows:
        say(empty, language=language)
        return
    names = [getattr(column, language) for column in columns]
    cells = [[_cell(value, language) for value in row] for row in rows]
    if width() < _least_width(names, cells) or width() < min(NARROW, _full_width(names, cells)):
        for first, *rest in cells:
            shown = zip(names[1:], rest, strict=True)
            show_entry(f"{names[0]} {first}", [f"{name} {text}" for name, text in shown if text])
        return
    table = Table()
    whole = width() >= _full_width(names, cells)
    for name, least in zip(names, _full_widths(names, cells), strict=True):
        table.add_column(name, overflow="fold", min_width=least if whole else None)
    for row in cells:
        table.add_row(*map(Shown, row))
    Console(highlight=False, width=width()).print(table)


def show_entry(head: str, lines: Iterable[str]) -> None:
    """Draw what a table would squeeze: a heading, and below it lines that break between words."""
    console = Console(highlight=False, width=width())
    console.print(Shown(head, style="bold"))
    for line in lines:
        console.print(Padding(Shown(line), (0, 0, 0, 2)))


def width() -> int:
    """Return how many columns there are; in a file or a pipe nothing is squeezed unless COLUMNS says so."""
    console = Console()
    return console.width if console.is_terminal or os.environ.get("COLUMNS", "").isdigit() else WIDE


def listed(words: Iterable[str], language: str) -> str:
    """Write words one after the other."""
    return {"zh": "、", "en": ", "}[language].join(words)


def _least_width(names: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Return how wide a table must be that tears no word apart; Chinese may break anywhere."""
    longest = [
        max((len(word) for row in rows for word in re.findall("[!-~]+", row[place])), default=1)
        for place in range(len(names))
    ]
    return sum(longest) + _borders(names)


def _full_width(names: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Return how wide a table is in which no line is broken but a heading, and that between its words."""
    return sum(_full_widths(names, rows)) + _borders(names)


def _full_widths(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    return [
        max(
            *(cell_len(word) for word in name.split()),
            *(cell_len(line) for row in rows for line in row[place].split("\n")),
        )
        for place, name in enumerate(names)
    ]


def _borders(names: Sequence[str]) -> int:
    """Count what lies between the cells: a border before each and at the end, a blank on both sides."""
    return 3 * len(names) + 1


def _cell(value: object, language: str) -> str:
    if isinstance(value, Text | Choice | Reason):
        return str(getattr(value, language))
    if isinstance(value, datetime):
        return minute(value)
    return "" if value is None else str(value)


def minute(moment: datetime) -> str:
    """Return a moment as people here read it: Shanghai time, to the minute."""
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def say(text: Text, *, language: str) -> None:
    """Write one sentence."""
    sys.stdout.write(getattr(text, language) + "\n")
    # Whoever reads along through a pipe sees it now.
    sys.stdout.flush()


def note(text: Text, *, language: str) -> None:
    """Write one sentence beside the answer."""
    sys.stderr.write(getattr(text, language) + "\n")


def confirmed(question: Text, *, language: str) -> bool:
    """Ask a question of whoever sits at the terminal; nobody there is a no."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    sys.stderr.write(f"{getattr(question, language)} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes", "是"}


def show_faults(faults: Sequence[Fault], *, as_json: bool) -> None:
    """Say why nothing was done: in both languages for people, with a code for programs."""
    first = faults[0].reason
    if as_json:
        show_json({"error": {"code": first.code, "zh": first.zh, "en": first.en}})
        return
    for fault in faults:
        place = f" ({fault.pointer})" if fault.pointer else ""
        sys.stderr.write(f"{fault.reason.code}{place}\n  {fault.reason.zh}\n  {fault.reason.en}\n")


@contextmanager
def progress_bar(label: Text, *, language: str, quiet: bool, passing: bool = False) -> Iterator[OnProgress]:
    """Draw a progress bar beside the answer, where somebody looks; one that is `passing` leaves no trace."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    off = quiet or not console.is_terminal
    with Progress(*columns, console=console, disable=off, transient=passing) as bar:
        task = bar.add_task(getattr(label, language), total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield progress


def reading_bar(*, language: str, quiet: bool) -> AbstractContextManager[OnProgress]:
    """Draw a bar while files are read for a report; nothing of it is left when the report is there."""
    label = Text(zh="读取档案", en="Reading the files")
    return progress_bar(label, language=language, quiet=quiet, passing=True)
