"""A table as a CSV file: UTF-8 with its mark, RFC 4180, titles in one language, no cell that is a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from domain.days import SHANGHAI
from reports.cells import cell_of, defused
from reports.report import Visible

MEDIA = "text/csv; charset=utf-8"
_MARK = "\ufeff".encode()
_AT_ONCE = 200


def csv_of(filled: Visible, language: str) -> Iterator[bytes]:
    """Yield a table in pieces."""
    columns = filled.columns
    titles = [str(getattr(column.title, language)) for column in columns]
    yield from pieces(titles, ([cell_of(c, row, language) for c in columns] for row in filled.rows))


def pieces(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Yield rows below their titles in pieces."""
    yield _MARK + line_of(titles)
    lines = map(line_of, rows)
    while piece := b"".join(islice(lines, _AT_ONCE)):
        yield piece


def line_of(row: Sequence[object]) -> bytes:
    """Write one record, with its line end."""
    out = io.StringIO(newline="")
    csv.writer(out).writerow([_cell(value) for value in row])
    return out.getvalue().encode()


def _cell(value: object) -> object:
    match value:
        case None:
            return ""
        case datetime():
            return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
        case int() | float():
            return value
    return defused(str(value))
