"""Request bodies: JSON objects of bounded size and depth, read strictly."""

import json
import unicodedata
from typing import Any

import falcon
import orjson

from api.compression import Inflates, body_stream, encoding_of
from api.exchange import Malformed
from api.patience import media_type
from api.reasons import CUT_SHORT, TOO_BIG, WRONG_MEDIA_TYPE
from domain.refusal import Fault, Reason, Refused

DEEPEST = 20
TOO_DEEP = Reason(code="body_too_deep", zh="请求内容嵌套过深", en="The body is nested deeper than allowed.")
NOT_JSON = Reason(
    code="not_json",
    zh="请求内容不是有效的 UTF-8 JSON",
    en="The body is not valid JSON in UTF-8.",
)
DUPLICATE_KEY = Reason(
    code="duplicate_key", zh="同一字段出现了两次", en="The same field is given twice in one object."
)
NOT_AN_OBJECT = Reason(
    code="not_an_object", zh="请求内容须为 JSON 对象", en="The body must be a JSON object."
)


class TooLarge(Refused):
    """The body is larger than this service reads."""


class WrongMediaType(Refused):
    """The body is not in a format that is read here."""


class _Twice(Exception):
    """An object names a field twice."""


def body_of(req: falcon.Request, *, most: int) -> dict[str, Any]:
    """Read the JSON object that a request carries, `most` bytes at most; texts come in Unicode form C.

    Raises `TooLarge`, `Inflates`, `WrongMediaType`, `WrongEncoding` or `Malformed`.
    """
    raw = _raw(req, most=most)
    if media_type_of(req) != falcon.MEDIA_JSON:
        raise WrongMediaType(Fault(reason=WRONG_MEDIA_TYPE))
    return object_of(raw)


def media_type_of(req: falcon.Request) -> str:
    """Return the media type of a body, without its parameters."""
    return media_type(req.content_type)


def object_of(raw: bytes) -> dict[str, Any]:
    """Read one JSON object out of bytes. Raises `Malformed`."""
    read = _parsed(raw)
    if not _normal_as_it_is(raw):
        read = _normal(read, depth=1)
    if not isinstance(read, dict):
        raise Malformed(Fault(reason=NOT_AN_OBJECT))
    return read


def _raw(req: falcon.Request, *, most: int) -> bytes:
    length = req.content_length
    if length is not None and length > most:
        raise TooLarge(Fault(reason=TOO_BIG))
    if length is None and not req.env.get("wsgi.input_terminated"):
        return b""
    source, compressed = body_stream(req), encoding_of(req) is not None
    try:
        raw: bytes = source.read(most + 1 if length is None or compressed else length)
    except Inflates:
        raise
    except Exception:  # noqa: BLE001  # chunks that are none, a sender that is gone: each server has its own words
        raise Malformed(Fault(reason=CUT_SHORT)) from None
    if len(raw) > most:
        raise TooLarge(Fault(reason=TOO_BIG))
    return raw


def _parsed(raw: bytes) -> object:
    try:
        # The first reading refuses NaN, lone surrogates, numbers out of range and bytes that are no UTF-8;
        # the second keeps great whole numbers exact and notices what the first would drop.
        orjson.loads(raw)
        return _exactly(raw.decode())
    except _Twice:
        raise Malformed(Fault(reason=DUPLICATE_KEY)) from None
    except RecursionError:
        raise Malformed(Fault(reason=TOO_DEEP)) from None
    except ValueError:
        raise Malformed(Fault(reason=NOT_JSON)) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Twice
    return made


# Made once: `json.loads` would make one for each line.
_exactly = json.JSONDecoder(object_pairs_hook=_object).decode


def _normal_as_it_is(raw: bytes) -> bool:
    """Return whether all texts of a JSON value are in form C and none of it is too deep: most are.

    Quotes compose with nothing, so what is in form C as a whole is so in each of its texts.
    """
    return (
        raw.count(b"{") + raw.count(b"[") <= DEEPEST
        and b"\\u" not in raw
        and unicodedata.is_normalized("NFC", raw.decode())
    )


def _normal(value: Any, *, depth: int) -> Any:
    match value:
        case str():
            return value if value.isascii() else unicodedata.normalize("NFC", value)
        case dict() | list() if depth > DEEPEST:
            raise Malformed(Fault(reason=TOO_DEEP))
        case dict():
            return {name: _normal(item, depth=depth + 1) for name, item in value.items()}
        case list():
            return [_normal(item, depth=depth + 1) for item in value]
    return value
