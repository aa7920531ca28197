"""Ids that the ledger gives itself, apart from those that clients choose.

Both are UUIDs. Ours follow from names that anybody may know, so they bear the version 8 of RFC 9562, and
no client may choose an id of that version: nobody takes the id of an organisation or an alert to come.
"""

from hashlib import sha256
from uuid import UUID

_VERSION_AND_VARIANT = (0xF << 76) | (0b11 << 62)
_VERSION_8 = (8 << 76) | (0b10 << 62)


def own_id(namespace: UUID, name: str, /) -> UUID:
    """Return the ledger's own id for a name: the same for ever."""
    digest = int.from_bytes(sha256(namespace.bytes + name.encode()).digest()[:16])
    return UUID(int=digest & ~_VERSION_AND_VARIANT | _VERSION_8)


def is_own(chosen: UUID, /) -> bool:
    """Return whether an id is of the kind that only the ledger gives."""
    return chosen.int & _VERSION_AND_VARIANT == _VERSION_8
