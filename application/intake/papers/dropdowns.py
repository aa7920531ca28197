"""Drop-down lists of our own workbooks: one in the cells holds 255 characters, so a longer one is a range."""

from collections.abc import Sequence
from typing import Any

from application.intake.papers.own_sheets import OF_WORDS

WORDS = "词表"
_LONGEST = 255


class Dropdowns:
    """The lists of one workbook; those that are too long stand on a hidden sheet, a column each."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str, ...], int] = {}

    def source(self, words: Sequence[str]) -> list[str] | str:
        """Return what a validation takes its words from."""
        from xlsxwriter.utility import xl_range_abs

        if len(",".join(words)) <= _LONGEST:
            return list(words)
        column = self._columns.setdefault(tuple(words), len(self._columns))
        return f"='{WORDS}'!{xl_range_abs(1, column, len(words), column)}"

    def write(self, book: Any) -> None:
        """Add the hidden sheet, where one is needed."""
        if not self._columns:
            return
        sheet = book.add_worksheet(WORDS)
        sheet.write_string(0, 0, *OF_WORDS)
        for words, column in self._columns.items():
            for row, word in enumerate(words, start=1):
                sheet.write_string(row, column, word)
        sheet.hide()
