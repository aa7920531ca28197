"""The keys of version 0.1, which lay beside the events, are taken over into the database of the keys: once.

They bore no MAC there, and whoever may write to the events could have made one. So it is noted beside the
keys that it happened: a row that appears in the old table later opens nothing, whatever else is put back.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from application.access import Role
from application.keys.rows import ApiKey, KeyRows, taken_over
from application.upkeep.upgrading import Advance, Store, UpgradeStep
from domain.ids import own_id
from domain.refusal import Text

NAMESPACE = UUID("2d1c7a52-51d5-5c0e-8a57-7b6a3f0e9c11")


def take_over(store: Store, _cursor: str | None) -> Iterator[Advance]:
    """Write each key with a principal of its own: version 0.1 can't tell which of them are one and the same.

    All of it in one transaction; no events are written of keys that were made before there were any.
    """
    if taken_over(store.keys_database):
        return
    rows = KeyRows(database=store.keys_database, keyring=store.keyring)
    found = store.database.all("SELECT * FROM api_key ORDER BY key_id")
    rows.insert([(_key(row), bytes(row["digest"])) for row in found], marker=store.now())
    yield Advance(cursor="", done=len(found), total=len(found))


STEP = UpgradeStep(
    name="api_keys_taken_over",
    label=Text(zh="接口密钥移入密钥库", en="Moving the API keys to the database of the keys"),
    run=take_over,
)


def _key(row: Mapping[str, Any]) -> ApiKey:
    types = row["types"]
    return ApiKey(
        key_id=row["key_id"],
        principal_id=own_id(NAMESPACE, row["key_id"]),
        name=row["name"],
        role=Role(row["role"]),
        org=row["org"],
        types=None if types is None else tuple(types),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
    )
