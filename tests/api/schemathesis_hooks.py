"""What schemathesis does not know of itself: how lines are sent. Named in schemathesis.toml."""

from typing import Any

import orjson
import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(_context: Any, value: Any) -> bytes:
    """Send a text of lines as it is; whatever is no text goes as one line of JSON."""
    return (
        value.encode("utf-8", "surrogatepass") if isinstance(value, str) else orjson.dumps(value, default=str)
    )
