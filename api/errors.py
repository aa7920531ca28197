"""From refusals to HTTP: one table, one form (RFC 9457), two languages, no submitted value ever."""

import traceback
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import falcon
import orjson
import structlog

from api.bodies import TooLarge, WrongMediaType
from api.compression import GZIP, Inflates, WrongEncoding
from api.exchange import Malformed, exchange_of
from api.formats import NotAcceptable
from api.language import Language, in_language
from api.rates import TooManyRequests
from api.reasons import UNAVAILABLE
from application.children.claims import TooManyClaims
from application.eventstore.database import DatabaseUnavailable
from application.eventstore.keyring import KeysMissing
from application.intake.batch_lines import STATUS as LINE_STATUS
from application.keys.api_keys import Unauthenticated
from application.reasons import NOT_FOUND
from application.recording.daily_limit import TooManyEvents
from application.reports.changes import LogReplaced, LogUnreadable
from application.streams import Busy
from application.upkeep.processes import TypeNotYetKnown
from domain.refusal import (
    Fault,
    Reason,
    Refused,
    Text,
    Unknown,
)

STATUS: Mapping[type[Refused], int] = {
    **LINE_STATUS,
    Malformed: 400,
    Unauthenticated: 401,
    NotAcceptable: 406,
    LogReplaced: 410,
    TooLarge: 413,
    Inflates: 413,
    WrongMediaType: 415,
    WrongEncoding: 415,
    TooManyRequests: 429,
    LogUnreadable: 503,
    TypeNotYetKnown: 503,
}
TITLES: Mapping[int, Text] = {
    400: Text(zh="请求无法读取", en="The request can't be read"),
    401: Text(zh="需要有效的密钥", en="A valid key is required"),
    403: Text(zh="不允许", en="Not allowed"),
    404: Text(zh="未找到", en="Not found"),
    405: Text(zh="不支持的方法", en="Method not allowed"),
    406: Text(zh="没有所要求的格式", en="Format not available"),
    408: Text(zh="请求未及时送达", en="The request took too long"),
    409: Text(zh="与已有记录冲突", en="Conflicts with what is recorded"),
    410: Text(zh="已不存在", en="Gone"),
    412: Text(zh="版本已过期", en="The version is out of date"),
    413: Text(zh="请求内容过大", en="The body is too large"),
    415: Text(zh="不支持的格式", en="Unsupported format"),
    422: Text(zh="内容有误", en="Invalid content"),
    428: Text(zh="须写明所依据的版本", en="A version is required"),
    429: Text(zh="请求过于频繁", en="Too many requests"),
    500: Text(zh="服务器内部错误", en="Internal error"),
    503: Text(zh="暂时不可用", en="Temporarily unavailable"),
}
METHOD_NOT_ALLOWED = Reason(
    code="method_not_allowed", zh="此地址不支持该方法", en="The method is not supported here."
)
BAD_REQUEST = Reason(code="bad_request", zh="请求无法读取", en="The request can't be read.")
INTERNAL = Reason(
    code="internal",
    zh="出现内部错误，已记录；请凭请求编号查询",
    en="An internal error was logged under the request id.",
)
RETRY_SECONDS = "5"
# Keys come back by hand.
_RETRY_AFTER: Mapping[type[Refused], str] = {
    Busy: "1",
    KeysMissing: "60",
    LogUnreadable: "60",
    TypeNotYetKnown: "30",
}
# Whether it is not there or may not be known: the answer is the same.
NOTHING_THERE = (Fault(reason=NOT_FOUND),)
_log = structlog.get_logger("careledger.api")


def install(app: falcon.App[falcon.Request, falcon.Response]) -> None:
    """Have every error of an application answered as a problem."""
    app.add_error_handler(Exception, _unhandled)
    app.add_error_handler(falcon.HTTPError, _of_falcon)
    app.add_error_handler(DatabaseUnavailable, _unavailable)
    app.add_error_handler(Refused, _refused)


def status_of(refused: Refused) -> int:
    """Return the HTTP status of a refusal."""
    return next(STATUS[kind] for kind in type(refused).__mro__ if kind in STATUS)


def problem_of(refused: Refused, *, language: Language, instance: UUID, at: str = "") -> dict[str, Any]:
    """Write a refusal as a problem; `at` is where in the request the refused part lies."""
    return problem(
        status_of(refused), faults=faults_shown(refused), language=language, instance=instance, at=at
    )


def faults_shown(refused: Refused) -> tuple[Fault, ...]:
    """Return the faults of a refusal as they may be told."""
    hidden = isinstance(refused, Unknown) and not refused.faults[0].pointer
    return NOTHING_THERE if hidden else refused.faults


def problem(
    status: int, *, faults: Iterable[Fault], language: Language, instance: UUID, at: str = ""
) -> dict[str, Any]:
    """Write a problem document. Its code and detail are those of the first fault."""
    listed = tuple(faults)
    first = listed[0].reason
    return {
        "type": f"/errors/{first.code}",
        "title": in_language(TITLES.get(status, TITLES[400 if status < 500 else 500]), language),
        "status": status,
        "detail": in_language(first, language),
        "instance": f"urn:uuid:{instance}",
        "code": first.code,
        "errors": [
            {
                "pointer": f"{at}{fault.pointer}",
                "code": fault.reason.code,
                "detail": in_language(fault.reason, language),
                **({"allowed": fault.allowed} if fault.allowed else {}),
                **({"nearest": fault.nearest} if fault.nearest else {}),
            }
            for fault in listed
        ],
    }


def _refused(
    req: falcon.Request, resp: falcon.Response, refused: Refused, _params: Mapping[str, Any]
) -> None:
    asked = exchange_of(req)
    _put(req, resp, problem_of(refused, language=asked.language, instance=asked.request_id))
    if isinstance(refused, Unauthenticated):
        invalid_token = ', error="invalid_token"' if req.get_header("Authorization") else ""
        resp.set_header("WWW-Authenticate", f'Bearer realm="careledger"{invalid_token}')
    if isinstance(refused, WrongEncoding):
        resp.set_header("Accept-Encoding", GZIP)
    if isinstance(refused, TooManyEvents | TooManyClaims):
        resp.set_header("Retry-After", str(refused.retry_after))
    for kind, seconds in _RETRY_AFTER.items():
        if isinstance(refused, kind):
            resp.set_header("Retry-After", seconds)


def _unavailable(
    req: falcon.Request, resp: falcon.Response, error: DatabaseUnavailable, _params: Mapping[str, Any]
) -> None:
    _log.warning(
        "database_unavailable", request_id=str(exchange_of(req).request_id), kind=type(error).__name__
    )
    _fail(req, resp, 503, UNAVAILABLE)
    resp.set_header("Retry-After", RETRY_SECONDS)


def _of_falcon(
    req: falcon.Request, resp: falcon.Response, error: falcon.HTTPError, _params: Mapping[str, Any]
) -> None:
    status = error.status_code
    reason = {404: NOT_FOUND, 405: METHOD_NOT_ALLOWED, 413: BAD_REQUEST}.get(status, BAD_REQUEST)
    _fail(req, resp, status, reason)
    if error.headers:
        resp.set_headers(error.headers)


def _unhandled(
    req: falcon.Request, resp: falcon.Response, error: Exception, _params: Mapping[str, Any]
) -> None:
    # Where it happened, but not what it said: a message may hold a child's name.
    frames = traceback.extract_tb(error.__traceback__)
    _log.error(
        "unhandled",
        request_id=str(exchange_of(req).request_id),
        route=req.uri_template,
        kind=f"{type(error).__module__}.{type(error).__qualname__}",
        frames=[f"{frame.filename}:{frame.lineno}:{frame.name}" for frame in frames],
    )
    _fail(req, resp, 500, INTERNAL)


def _fail(req: falcon.Request, resp: falcon.Response, status: int, reason: Reason) -> None:
    asked = exchange_of(req)
    faults = (Fault(reason=reason),)
    _put(req, resp, problem(status, faults=faults, language=asked.language, instance=asked.request_id))


def _put(req: falcon.Request, resp: falcon.Response, document: Mapping[str, Any]) -> None:
    resp.status = falcon.code_to_http_status(document["status"])
    resp.content_type = "application/problem+json"
    resp.data = orjson.dumps(document)
    resp.text = resp.stream = None
    resp.set_header("Content-Language", exchange_of(req).language)
    resp.append_header("Vary", "Accept-Language")
    resp.cache_control = ["no-store"]
