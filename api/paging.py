"""One page of a list: read where the one before ended, ask for one item more, and say where it goes on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import falcon

from api import query

P = TypeVar("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Generic[T]):
    """The items of a page, and the cursor of the next one; None where this is the last."""

    items: Sequence[T]
    next: str | None


def page_of(
    req: falcon.Request,
    found: Callable[[P | None, int], Sequence[T]],
    *,
    place: Callable[[list[Any] | None], P | None],
    after: Callable[[T], Sequence[Any]],
) -> Found[T]:
    """Find the page that a request asks for.

    `found` is given where the page before ended, as `place` reads it from the cursor, and how many items to
    return at most. `after` tells of an item what the cursor of the page behind it holds. Raises `Invalid`.
    """
    limit = query.limit_asked(req)
    items = found(place(query.after_asked(req)), limit + 1)
    page = items[:limit]
    following = query.cursor_after(req, *after(page[-1])) if len(items) > limit else None
    return Found(items=page, next=following)
