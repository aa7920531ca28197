"""The headers of answers, as the document tells of them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from api.operation import Operation

HEADERS: Mapping[str, Mapping[str, Any]] = {
    "X-Request-Id": {
        "description": "请求编号 · The id of the request, in every answer; the one sent, if it is a UUID.",
        "schema": {"type": "string", "format": "uuid"},
    },
    "ETag": {
        "description": "版本 · The version as `If-Match` names it; missing under other clocks.",
        "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
    },
    "Location": {
        "description": "地址 · Where what was made is read.",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Link": {
        "description": '下一次 · The address of what follows, as `rel="next"`.',
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "重试等待 · Seconds to wait.",
        "schema": {"type": "integer", "minimum": 1},
    },
    "RateLimit-Policy": {
        "description": "限额 · What a key may send: `q` requests in `w` seconds.",
        "schema": {"type": "string", "examples": ['"key";q=6000;w=60']},
    },
    "RateLimit": {
        "description": "余量 · What is left of it: `r` requests; in `t` seconds all are there again.",
        "schema": {"type": "string", "examples": ['"key";r=0;t=60']},
    },
}
_LIMITS = ("RateLimit-Policy", "RateLimit")


def put_headers(
    document: dict[str, Any], routes: Iterable[tuple[str, bool, Mapping[str, Operation]]]
) -> None:
    """Say of each response which headers it has; only where a key has sent too much are any certain."""
    document["components"]["headers"] = dict(HEADERS)
    described = {
        each.name: (public, methods, each) for _, public, methods in routes for each in methods.values()
    }
    for operations in document["paths"].values():
        for method, made in operations.items():
            if method != "parameters":
                public, methods, operation = described[made["operationId"]]
                for status, response in made["responses"].items():
                    names = _names(int(status), operation, public=public, readable="GET" in methods)
                    if headers := {name: _header(name, sure=status == "429") for name in names}:
                        response["headers"] = headers


def _names(status: int, operation: Operation, *, public: bool, readable: bool) -> Iterator[str]:
    if status < 300 or status == 429:
        yield "X-Request-Id"
        yield from () if public else _LIMITS
    if status in (429, 503):
        yield "Retry-After"
    # A worker goes on with what is answered 202 as it would be otherwise; what is put aside has no version.
    begun = status == 202 and operation.answers[202] in (operation.answers.get(s) for s in (200, 201))
    if operation.tells_version and (status in (200, 201) or begun):
        yield "ETag"
    if readable and (status == 201 or (begun and 201 in operation.answers)):
        yield "Location"
    if operation.tells_next and status == 200:
        yield "Link"


def _header(name: str, *, sure: bool) -> dict[str, Any]:
    if sure and name != "X-Request-Id":
        return {**HEADERS[name], "required": True}
    return {"$ref": f"#/components/headers/{name}"}
