"""What the next version takes away from the clients of the last one on purpose, each with its reason.

`tests/api/test_breaking.py` lets these pass and no others, and holds CHANGELOG.md to say each reason.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A change that `tests.api.breaking` finds, as a pattern of all it says of it, and the reason for it."""

    pattern: str
    reason: str


# 0.2.0 was the first release; what it took away from the preview 0.1 is in its part of the changelog.
WANTED: tuple[Wanted, ...] = (
    Wanted(
        pattern=r"\w+ /v1/\S+ header If-Match: pattern has changed",
        reason="A header that names a version or a key and is blank is refused everywhere",
    ),
    Wanted(
        pattern=r"GET /v1/changes 200/items/\*: the answer may be something else now",
        reason="Followers of `/v1/changes` meet two new types",
    ),
)
