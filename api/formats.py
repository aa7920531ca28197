"""The formats of an answer: chosen by Accept, and written a piece at a time where the answer is long."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import falcon

from api import patience
from domain.refusal import Fault, Reason, Refused
from reports import csv_file, workbook

JSON = "application/json"
NDJSON = patience.NDJSON
CSV = "text/csv"
XLSX = workbook.MEDIA
_AT_ONCE = 200
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
    resp.content_type = csv_file.MEDIA
    resp.append_header("Vary", "Accept, Accept-Language")
    resp.set_header("Content-Disposition", f'attachment; filename="{filename}"')
    resp.stream = csv_file.pieces(header, rows)


def _pieces(parts: Iterator[bytes]) -> Iterator[bytes]:
    while piece := b"".join(islice(parts, _AT_ONCE)):
        yield piece
