"""A body that is a file: read as it comes, of bounded size, and only so many of them at once."""

from collections.abc import Collection

import falcon

from api.bodies import TooLarge, WrongMediaType, media_type_of
from api.compression import Inflates, body_stream, encoding_of
from api.context import Context
from api.exchange import Malformed
from api.reasons import CUT_SHORT, TOO_BIG, TOO_MANY_UPLOADS, WRONG_MEDIA_TYPE
from application.streams import Busy
from domain.refusal import Fault, Reason, refuses

MOST_BYTES = 16 * 1024 * 1024
BYTES = "application/octet-stream"
# What a sheet is sent as; what it is follows from its bytes.
MEDIA = frozenset(
    {
        BYTES,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.ms-excel",
        "text/csv",
        "text/tab-separated-values",
    }
)
NO_FILE = Reason(
    code=WRONG_MEDIA_TYPE.code,
    zh="请求内容须为文件本身：application/octet-stream、text/csv 或 Excel、Word、ODS 的类型",
    en="The body must be the file itself: application/octet-stream, text/csv, or one of Excel, Word, ODS.",
)
_AT_ONCE = 1 << 16


@refuses(TOO_MANY_UPLOADS)
def file_of(
    context: Context, req: falcon.Request, *, media: Collection[str] = MEDIA, otherwise: Reason = NO_FILE
) -> bytes:
    """Read the file that a request carries, sent as one of `media`, or refused for the reason `otherwise`.

    Raises `TooLarge`, `Inflates`, `WrongMediaType`, `WrongEncoding`, `Malformed`, and `Busy` where too many
    uploads are at work.
    """
    if media_type_of(req) not in media:
        raise WrongMediaType(Fault(reason=otherwise))
    length = req.content_length if encoding_of(req) is None else None
    if length is not None and length > MOST_BYTES:
        raise TooLarge(Fault(reason=TOO_BIG))
    with context.uploads.taken() as free:
        if not free:
            raise Busy(Fault(reason=TOO_MANY_UPLOADS))
        data = _read(req, length=length)
    if len(data) > MOST_BYTES:
        raise TooLarge(Fault(reason=TOO_BIG))
    if length is not None and len(data) < length:
        raise Malformed(Fault(reason=CUT_SHORT))
    return data


def _read(req: falcon.Request, *, length: int | None) -> bytes:
    """Read what comes, a byte more than is allowed at most."""
    if length is None and req.content_length is None and not req.env.get("wsgi.input_terminated"):
        return b""
    source, held = body_stream(req), bytearray()
    left = MOST_BYTES + 1 if length is None else length
    try:
        while left > 0 and (piece := source.read(min(_AT_ONCE, left))):
            held += piece
            left -= len(piece)
    except Inflates:
        raise
    except Exception:  # noqa: BLE001  # chunks that are none, a sender that is gone: each server has its own words
        raise Malformed(Fault(reason=CUT_SHORT)) from None
    return bytes(held)
