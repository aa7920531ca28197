"""The OpenAPI document, and the pages that show it; nothing on them comes from another host."""

from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

import falcon
import orjson

from api.context import Context
from api.operation import operation

POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
PAGES: Mapping[str, str] = MappingProxyType(
    {
        "index.html": "text/html; charset=utf-8",
        "start.js": "text/javascript; charset=utf-8",
        "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
        "swagger-ui.css": "text/css; charset=utf-8",
        "LICENSE.md": "text/markdown; charset=utf-8",
        "NOTICE.md": "text/markdown; charset=utf-8",
    }
)


class OpenApiResource:
    """The document that describes this interface."""

    def __init__(self, context: Context) -> None:
        self._document = b""

    def publish(self, document: Mapping[str, object]) -> None:
        """Set the document, which is known when all routes are."""
        self._document = orjson.dumps(document)

    @operation("This document", answers={200: "AnyObject"})
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Answer with the document."""
        resp.content_type = falcon.MEDIA_JSON
        resp.data = self._document


class DocsResource:
    """The page that shows the document."""

    def __init__(self, context: Context) -> None:
        pass

    @operation("A page that shows this document", answers={200: None}, media="text/html")
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Answer with the page."""
        _page(resp, "index.html")


class DocsFileResource:
    """The files that the page is made of."""

    def __init__(self, context: Context) -> None:
        pass

    @operation("A file of that page", answers={200: None}, problems=(404,), media="text/*")
    def on_get(self, req: falcon.Request, resp: falcon.Response, name: str) -> None:
        """Answer with one of the files."""
        if name not in PAGES:
            raise falcon.HTTPNotFound
        _page(resp, name)


def _page(resp: falcon.Response, name: str) -> None:
    resp.content_type = PAGES[name]
    resp.set_header("Content-Security-Policy", POLICY)
    resp.set_header("Cache-Control", "no-cache")
    resp.data = files("api.console").joinpath(name).read_bytes()
