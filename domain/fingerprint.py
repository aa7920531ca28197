"""The fingerprint of a text that is kept elsewhere: its SHA-256, by which it is known again."""

import re
from collections.abc import Iterator

from domain.refusal import Fault, Reason

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
BAD_FINGERPRINT = Reason(
    code="bad_fingerprint",
    zh="文本摘要应为64位小写十六进制数",
    en="A SHA-256 is 64 hexadecimal digits in lower case.",
)


def faults_of_fingerprint(sha256: str | None, pointer: str) -> Iterator[Fault]:
    """Find what is no fingerprint; where none is given there is nothing wrong."""
    if sha256 is not None and not _SHA256.fullmatch(sha256):
        yield Fault(reason=BAD_FINGERPRINT, pointer=pointer)
