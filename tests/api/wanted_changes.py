"""What the next version takes away from the clients of the last one on purpose, each with its reason.

`tests/api/test_breaking.py` lets these pass and no others, and holds CHANGELOG.md to say each reason.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A change that `tests.api.breaking` finds, as a pattern of all it says of it, and the reason for it."""

    pattern: str
    reason: str


WANTED = (
    Wanted(
        pattern=r".*: the operationId has changed",
        reason="Every operation has a name made by hand, such as `get_carer`, which stays from now on.",
    ),
    Wanted(
        pattern=r"GET /v1/carers/\S+ 200/name: the type has changed",
        reason="A field about a person may be null, and `withheld` then names it.",
    ),
)
