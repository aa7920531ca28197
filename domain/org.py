"""The organisation tree: county > township > village or school > grade > class.

A unit is its path, such as `县/镇/小学/3年级/4班`. Paths are compared with their separators, and never
change: every event carries the path that its child had then.
"""

from collections.abc import Iterator
from uuid import UUID

from domain.fields import Choice, text_faults
from domain.ids import own_id
from domain.normal import is_blank
from domain.reasons import BAD_PATH
from domain.refusal import Fault, Invalid, invalid, refuses

NAMESPACE = UUID("8b6d4b0e-5f0b-5c57-9a3e-6a6f2c1d7e10")
DEEPEST = 5
# Above all counties: the operator of the ledger, who has recipients of its own and nothing else.
ROOT = ""


class Step(Choice):
    """How grave an alert is; each step is told to more people than the one before."""

    INFO = "info", "提示", "info"
    WARNING = "warning", "预警", "warning"
    HIGH = "high", "严重", "high"
    CRITICAL = "critical", "危急", "critical"


def org_id(path: str, /) -> UUID:
    """Return the stream id of the unit at `path`."""
    return own_id(NAMESPACE, path)


@refuses(BAD_PATH)
def checked_path(path: str, *, pointer: str = "/org") -> str:
    """Return the path without blanks around its parts, or raise `Invalid`."""
    parts = [part.strip() for part in path.split("/")]
    if any(map(is_blank, parts)) or len(parts) > DEEPEST or any(len(p) > 60 for p in parts):
        raise invalid(BAD_PATH, pointer)
    faults: tuple[Fault, ...] = tuple(text_faults(path, pointer, max_length=300))
    if faults:
        raise Invalid(*faults)
    return "/".join(parts)


def ancestors(path: str, /) -> Iterator[str]:
    """Go from a unit up to its county, itself first."""
    parts = path.split("/")
    for depth in range(len(parts), 0, -1):
        yield "/".join(parts[:depth])


def within(path: str, scope: str, /) -> bool:
    """Return whether `path` is `scope` or lies below it. The empty scope holds everything."""
    return not scope or path == scope or path.startswith(scope + "/")


def county_of(path: str, /) -> str:
    """Return the county that a path lies in: its first part."""
    return path.partition("/")[0]


def school_of(path: str, /) -> str:
    """Return the school or village that a path lies in: its first three parts."""
    return "/".join(path.split("/")[:3])
