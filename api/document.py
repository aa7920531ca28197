"""The OpenAPI document of the whole route table: `python -m api.document > docs/openapi.json`."""

import sys
from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson

from api.openapi import document
from api.operation import Operation, operations_of
from api.routes import RESOURCES, ROUTES
from api.sharing import shared


def operations() -> dict[str, Mapping[str, Operation]]:
    """Return the operations of every route by template and method."""
    return {route.template: operations_of(route.resource) for route in ROUTES}


@cache
def whole_document() -> dict[str, Any]:
    """Return the document with each part where it belongs, built once in a process; nobody may change it."""
    described = operations()
    routes = ((route.template, route.public, described[route.template]) for route in ROUTES)
    return document(routes, RESOURCES)


@cache
def published() -> dict[str, Any]:
    """Return the document as it is served and committed: what many places say alike is said once.

    As `whole_document` it is built once in a process.
    """
    return shared(whole_document())


def as_text() -> bytes:
    """Return the document as it is committed: sorted and indented, so that a change shows line by line."""
    return orjson.dumps(_sorted(published()), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _sorted(part: Any, *, kept: bool = False) -> Any:
    """Sort by name, but for the formats of a body: the first of them is the one that comes by default."""
    if isinstance(part, list):
        return [_sorted(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {name: _sorted(part[name], kept=name == "content") for name in (part if kept else sorted(part))}


if __name__ == "__main__":
    sys.stdout.buffer.write(as_text())
