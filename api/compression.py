"""Compression of what is sent and of what is answered: gzip, as RFC 9110 §8.4 and RFC 7694 have it.

An answer that bears an ETag comes as it is: its version is a strong one, which two encodings can't share.
"""

import zlib
from collections.abc import Iterable, Iterator
from typing import Any, Protocol, cast

import falcon

from domain.refusal import Fault, Reason, Refused

GZIP = "gzip"
# Below this a header and a dictionary cost more than they spare.
LEAST_BYTES = 1024
# What a body may become: real lines reach 50, and what is far beyond was made to exhaust whoever reads it.
MOST_TIMES = 200
_FREE_BYTES = 1_048_576
_PIECE_BYTES = 65_536
_LEVEL = 4
# The window of zlib, and that gzip is wrapped around it.
_WRAPPED = zlib.MAX_WBITS | 16
WRONG_ENCODING = Reason(
    code="wrong_encoding",
    zh="Content-Encoding 只能是 gzip 或不填",
    en="The Content-Encoding must be gzip, or none.",
)
INFLATED = Reason(code="body_inflates", zh="解压后的内容过大", en="The body is too large once decompressed.")


class WrongEncoding(Refused):
    """The body is compressed in a way that is not read here."""


class Inflates(Refused):
    """The body becomes far larger than what was sent."""


class Source(Protocol):
    """What a body is read from."""

    def read(self, size: int, /) -> bytes:
        """Read `size` bytes at most; nothing at the end of the body."""


class Inflated:
    """A body that was sent compressed, read as it was before; only a piece of it is ever in memory."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._inflate = zlib.decompressobj(_WRAPPED)
        self._held = self._behind = b""
        self._read = self._made = 0

    def read(self, size: int, /) -> bytes:
        """Read `size` bytes at most. Raises `Inflates`, `ValueError` for what is no gzip or is cut short."""
        while len(self._held) < size and (piece := self._piece()):
            self._held += piece
        return self._take(size)

    def readline(self, size: int, /) -> bytes:
        """Read up to the end of a line, `size` bytes at most; raises as `read` does."""
        start = 0
        while (end := self._held.find(b"\n", start)) < 0 and len(self._held) < size:
            start = len(self._held)
            if not (piece := self._piece()):
                break
            self._held += piece
        return self._take(size if end < 0 else min(size, end + 1))

    def _take(self, size: int) -> bytes:
        taken, self._held = self._held[:size], self._held[size:]
        return taken

    def _piece(self) -> bytes:
        while not self._inflate.eof or self._next_member():
            packed = self._inflate.unconsumed_tail or self._more()
            try:
                made = self._inflate.decompress(packed, _PIECE_BYTES)
            except zlib.error as error:
                raise ValueError("no gzip") from error
            self._made += len(made)
            if self._made > _FREE_BYTES + MOST_TIMES * self._read:
                raise Inflates(Fault(reason=INFLATED))
            if made:
                return made
        return b""

    def _next_member(self) -> bool:
        """Go on with the member behind one that has ended (RFC 1952, 2.2); return whether there is one."""
        behind = self._inflate.unused_data or self._source.read(_PIECE_BYTES)
        if not behind:
            return False
        if not self._inflate.unused_data:
            self._read += len(behind)
        self._inflate = zlib.decompressobj(_WRAPPED)
        self._behind = behind
        return True

    def _more(self) -> bytes:
        if behind := self._behind:
            self._behind = b""
            return behind
        packed = self._source.read(_PIECE_BYTES)
        if not packed:
            raise ValueError("cut short")
        self._read += len(packed)
        return packed


def body_stream(req: falcon.Request) -> Any:
    """Return what the body of a request is read from, uncompressed. Raises `WrongEncoding`."""
    encoding = encoding_of(req)
    if encoding == GZIP:
        return Inflated(req.stream)
    if encoding is not None:
        raise WrongEncoding(Fault(reason=WRONG_ENCODING))
    return req.stream


def encoding_of(req: falcon.Request) -> str | None:
    """Return how a body is compressed; None where it is not."""
    named = (req.get_header("Content-Encoding") or "").strip().lower()
    return None if named in ("", "identity") else named


class Compression:
    """Compresses answers for whoever takes them so."""

    def process_response(
        self,
        req: falcon.Request,
        resp: falcon.Response,
        _resource: object,
        _succeeded: bool,  # noqa: FBT001
    ) -> None:
        """Compress a long answer, and say of every other that could be that it depends on what is taken."""
        if resp.get_header("ETag") or resp.get_header("Content-Encoding") or not _shrinks(resp.content_type):
            return
        resp.append_header("Vary", "Accept-Encoding")
        if not takes_gzip(req.get_header("Accept-Encoding")):
            return
        if resp.stream is not None:
            resp.stream = _deflated(cast("Iterable[bytes]", resp.stream))
        elif (data := _whole(resp)) is not None and len(data) >= LEAST_BYTES:
            resp.text, resp.data = None, b"".join(_deflated([data]))
        else:
            return
        resp.set_header("Content-Encoding", GZIP)


def takes_gzip(accept: str | None) -> bool:
    """Return whether an Accept-Encoding takes gzip (RFC 9110 §12.5.3)."""
    weights: dict[str, str] = {}
    for part in (accept or "").split(","):
        name, _, rest = part.strip().lower().partition(";")
        weights[name.strip()] = rest.partition("q=")[2].strip() or "1"
    weight = weights.get(GZIP, weights.get("*", "0"))
    return weight.strip("0.") != ""


def _whole(resp: falcon.Response) -> bytes | None:
    return resp.data if resp.text is None else resp.text.encode()


def _shrinks(content_type: str | None) -> bool:
    kind = (content_type or "").partition(";")[0].strip()
    return kind.startswith("text/") or kind.endswith(("json", "xml"))


def _deflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Compress pieces; each goes out with what it says, as far as it was made."""
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WRAPPED)
    for piece in pieces:
        yield deflate.compress(piece) + deflate.flush(zlib.Z_SYNC_FLUSH)
    yield deflate.flush()
