"""How long a sender may take, and what is read while it comes instead of before it is looked at."""

from collections.abc import Iterable

# From the opening of a connection, or the first byte of a further request on it, to the end of the head.
HEAD_SECONDS = 10.0
# From the head to the end of the body, or for an answer to be taken; one more for each so many bytes.
WHOLE_SECONDS, BYTES_A_SECOND = 30.0, 8192
# Uploads: no silence longer than this, no slower pace than this after it, and no longer than this in all.
STALLED_SECONDS, SLOWEST_BYTES_A_SECOND, UPLOAD_SECONDS = 60.0, 16, 3600.0
# A head of more bytes is refused; a body of more is not waited for, and the application refuses it.
MOST_HEAD_BYTES, MOST_BODY_BYTES = 65_536, 1_048_576
NDJSON = "application/x-ndjson"
_UPLOADS, FILES = "/v1/event-batches/", "/v1/imports"


def media_type(content_type: str | None) -> str:
    """Return a media type without its parameters."""
    return (content_type or "").partition(";")[0].strip().lower()


def streams(*, method: str, path: str, headers: Iterable[tuple[str, str]]) -> bool:
    """Return whether a body is read while it comes: lines of a batch and files, which have places of
    their own for that.

    Names of headers are in capitals.
    """
    if (method, path) == ("POST", FILES):
        return True
    if method != "PUT" or not path.startswith(_UPLOADS):
        return False
    return any(name == "CONTENT-TYPE" and media_type(value) == NDJSON for name, value in headers)


def whole_seconds(size: int) -> float:
    """Return how long so many bytes may take on their way as a whole."""
    return WHOLE_SECONDS + size / BYTES_A_SECOND
