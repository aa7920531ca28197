"""Rows of an organisation's subtree, page by page: the SQL that every list shares."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

# Not LIKE, in which a path's own characters could be wildcards.
WITHIN = "(:org = '' OR org = :org OR substr(org, 1, :org_length) = :org_prefix)"
# The same, of who is there or is proposed to come there by a transfer.
EITHER_WITHIN = (
    "(:org = '' OR org = :org OR substr(org, 1, :org_length) = :org_prefix"
    " OR transfer_to = :org OR substr(transfer_to, 1, :org_length) = :org_prefix)"
)
_BEFORE_ALL = datetime(1, 1, 2, tzinfo=UTC)


def below(org: str) -> dict[str, Any]:
    """Give the parameters of `WITHIN` for a subtree; the empty path holds everything."""
    prefix = f"{org}/"
    return {"org": org, "org_prefix": prefix, "org_length": len(prefix)}


def behind(after: tuple[datetime, UUID] | None) -> dict[str, Any]:
    """Give the parameters `at` and `id` behind which a page begins; None is before everything."""
    at, last = after or (_BEFORE_ALL, UUID(int=0))
    return {"at": at, "id": last}
