"""Cross-origin requests (Fetch, CORS protocol): pages of the origins that the settings name may ask."""

from collections.abc import Iterator, Sequence
from typing import Any

import falcon

_EXPOSED = (
    "Content-Disposition",
    "Deprecation",
    "ETag",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Sunset",
    "X-Request-Id",
)


class _Cors(falcon.CORSMiddleware[Any, Any]):
    """Falcon's own, which leaves out that the answer depends on the origin."""

    def process_response(
        self,
        req: falcon.Request,
        resp: falcon.Response,
        resource: object,
        req_succeeded: bool,  # noqa: FBT001  as Falcon calls it
    ) -> None:
        super().process_response(req, resp, resource, req_succeeded)
        resp.append_header("Vary", "Origin")


def cors(origins: Sequence[str]) -> Iterator[_Cors]:
    """Return what lets pages of some origins ask, nothing where there are none; "*" is every origin.

    No credentials of the browser are taken: a key comes in its header, as from everybody.
    """
    if origins:
        yield _Cors(allow_origins="*" if "*" in origins else list(origins), expose_headers=list(_EXPOSED))
