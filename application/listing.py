"""Rows page by page: where a page begins, the same for every list."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

_BEFORE_ALL = datetime(1, 1, 2, tzinfo=UTC)


def behind(after: tuple[datetime, UUID] | None) -> dict[str, Any]:
    """Give the parameters `at` and `id` behind which a page begins; None is before everything."""
    at, last = after or (_BEFORE_ALL, UUID(int=0))
    return {"at": at, "id": last}
