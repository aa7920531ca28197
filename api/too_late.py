"""What is said to a sender whose request did not come whole in time."""

from typing import Any
from uuid import uuid4

import orjson

from api.errors import problem
from api.language import chosen
from domain.refusal import Fault, Reason

REQUEST_TOO_LATE = Reason(
    code="request_too_late",
    zh="请求没有在时限内完整送达",
    en="The request did not arrive completely in time.",
)


def too_late(request: Any | None) -> bytes:
    """Write the whole answer, 408; `request` is what gunicorn has read, None where not even the head came."""
    headers = [] if request is None else request.headers
    language = chosen(next((value for name, value in headers if name == "ACCEPT-LANGUAGE"), None))
    document = problem(408, faults=(Fault(reason=REQUEST_TOO_LATE),), language=language, instance=uuid4())
    body = orjson.dumps(document)
    head = (
        "HTTP/1.1 408 Request Timeout\r\n"
        "Connection: close\r\n"
        "Content-Type: application/problem+json\r\n"
        f"Content-Language: {language}\r\n"
        "Cache-Control: no-store\r\n"
        f"Content-Length: {len(body)}\r\n"
        "\r\n"
    )
    return head.encode() + body
