"""The subtree of an organisation as SQL that runs on both engines: the one text of every list."""

from typing import Any

# Not LIKE, in which a path's own characters could be wildcards.
WITHIN = "(:org = '' OR org = :org OR substr(org, 1, :org_length) = :org_prefix)"
# The same of a child, which belongs to a school and to a village.
CHILD_WITHIN = (
    "(:org = '' OR org = :org OR substr(org, 1, :org_length) = :org_prefix"
    " OR village = :org OR substr(village, 1, :org_length) = :org_prefix)"
)
# The same, of who is there or is proposed to come there by a transfer.
EITHER_WITHIN = (
    "(:org = '' OR org = :org OR substr(org, 1, :org_length) = :org_prefix"
    " OR village = :org OR substr(village, 1, :org_length) = :org_prefix"
    " OR transfer_to = :org OR substr(transfer_to, 1, :org_length) = :org_prefix)"
)


def below(org: str) -> dict[str, Any]:
    """Return the parameters of `WITHIN` for a subtree; the empty path holds everything."""
    prefix = f"{org}/"
    return {"org": org, "org_prefix": prefix, "org_length": len(prefix)}
