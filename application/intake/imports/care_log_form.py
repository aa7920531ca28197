"""The care log, or any record of visits, calls and talks: its lines, of all tables of a file.

Nothing here knows what is recorded.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from msgspec.structs import replace as restated

from application.intake.imports.care_log_cells import PaperCells, Places
from application.intake.imports.care_log_reader import KIND, NO_ANSWERS, LogReader
from application.intake.imports.paper import RefusedLine
from application.intake.imports.reasons import BAD_LINE
from application.intake.papers.finding import ColumnRead, SheetNotRead, columns_read, tables_in
from application.intake.papers.words import SheetWords, Words, words
from application.intake.sheets.reading import read_sheets


@dataclass(frozen=True, slots=True, kw_only=True)
class CareLogForm:
    """A file as it was read. `lines` counts those that say anything, refused ones too.

    `places` tell where each line stands, by the number that it has in the file; `words` are those that it was
    read by.
    """

    file_sha256: str
    lines: int
    readable: tuple[PaperCells, ...]
    refused: tuple[RefusedLine, ...]
    places: Places
    sheets_not_read: tuple[SheetNotRead, ...] = ()
    columns: tuple[ColumnRead, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)
    words: SheetWords


def read_care_log(
    data: bytes, *, all_words: Words | None = None, answered: Mapping[int, Mapping[str, str]] = NO_ANSWERS
) -> CareLogForm:
    """Read a care log. Raises `Invalid` where the file as a whole cannot be read.

    `answered` is what columns of lines say, by the numbers of these, as somebody said who was asked.
    """
    all_words = words() if all_words is None else all_words
    found, not_read = tables_in(read_sheets(data), kind=KIND, words=all_words)
    every = [(number, sheet, table) for number, sheet, there in found for table in there]
    numbered, blank = _Numbered(), 0
    for number, sheet, table in every:
        reader = LogReader(table, all_words, answered=answered, above=numbered.last)
        lines = list(reader.lines())
        blank += reader.blank
        broken = sheet.broken if table is every[0][2] else ()
        numbered.take(number, sheet.name, [*lines, *(RefusedLine(line=n, reason=BAD_LINE) for n in broken)])
    skipped = sum((Counter(table.skipped) for _, _, table in every), Counter(blank=blank))
    return CareLogForm(
        file_sha256=sha256(data).hexdigest(),
        lines=len(numbered.readable) + len(numbered.refused),
        readable=tuple(numbered.readable),
        refused=tuple(numbered.refused),
        places=numbered.places,
        sheets_not_read=tuple(not_read),
        columns=tuple(dict.fromkeys(column for _, _, table in every for column in columns_read(table))),
        skipped={what: count for what, count in skipped.items() if count},
        words=all_words.sheets[KIND],
    )


class _Numbered:
    """Gives every line of a file a number of its own, as if its tables lay one below the other."""

    def __init__(self) -> None:
        self.readable: list[PaperCells] = []
        self.refused: list[RefusedLine] = []
        self.places = Places()
        self.last = 0

    def take(self, sheet_number: int, sheet: str, lines: Sequence[PaperCells | RefusedLine]) -> None:
        """Take in the lines of a table."""
        above = self.last
        if lines:
            self.places.add(sheet, sheet_number, above=above)
        for each in lines:
            number = above + each.line
            self.last = max(self.last, number)
            if isinstance(each, RefusedLine):
                self.refused.append(replace(each, line=number))
            else:
                self.readable.append(restated(each, line=number) if above else each)
