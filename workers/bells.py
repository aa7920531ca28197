"""The bells by which actors are called: doorbells, which may lose every ring."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Bells:
    """How to call for a delivery and for a child to be judged anew."""

    deliver: Callable[[UUID], None]
    recompute: Callable[[UUID], None]
