"""The formats of an answer: chosen by Accept, and written a piece at a time where the answer is long."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import falcon

from api import patience
from domain.refusal import Fault, Reason, Refused

JSON = "application/json"
NDJSON = patience.NDJSON
CSV = "text/csv"
_AT_ONCE = 200
# What a spreadsheet takes for the beginning of a formula, in full width as well.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
NOT_ACCEPTABLE = Reason(
    code="not_acceptable",
    zh="不提供 Accept 所要求的格式",
    en="None of the formats in Accept is available here.",
)


class NotAcceptable(Refused):
    """The answer is not to be had in any format that was asked for."""


def chosen(req: falcon.Request, *offered: str) -> str:
    """Choose a format by Accept, the first one where all are welcome. Raises `NotAcceptable`."""
    accept = req.get_header("Accept")
    if accept is None or accept.strip() in ("", "*/*"):
        return offered[0]
    found = req.client_prefers(offered)
    if found is None:
        raise NotAcceptable(Fault(reason=NOT_ACCEPTABLE))
    return found


def put_lines(resp: falcon.Response, lines: Iterable[bytes]) -> None:
    """Answer with one JSON value a line."""
    resp.content_type = NDJSON
    resp.append_header("Vary", "Accept")
    resp.stream = _pieces(line + b"\n" for line in lines)


def put_csv(
    resp: falcon.Response, header: Sequence[str], rows: Iterable[Sequence[object]], *, filename: str
) -> None:
    """Answer with a table for spreadsheets: UTF-8 with its mark, RFC 4180, no cell that is a formula."""
    resp.content_type = f"{CSV}; charset=utf-8"
    resp.append_header("Vary", "Accept, Accept-Language")
    resp.set_header("Content-Disposition", f'attachment; filename="{filename}"')
    resp.stream = _table(header, rows)


def cell(value: object) -> str:
    """Write a value so that no spreadsheet takes it for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    yield "\ufeff".encode() + _csv_line(header)
    yield from _pieces(map(_csv_line, rows))


def _csv_line(row: Sequence[object]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerow([cell(value) for value in row])
    return out.getvalue().encode()


def _pieces(parts: Iterator[bytes]) -> Iterator[bytes]:
    while piece := b"".join(islice(parts, _AT_ONCE)):
        yield piece
