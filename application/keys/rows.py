"""The rows of principals and keys, in the database of the keys, each under a MAC of its own.

A role that may write there, but does not hold the secret of the MAC, can neither widen a key nor revive one:
a row that was changed is a dead key (ADR 32).
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from application.access import Role
from application.eventstore.database import Database, Prepared, Transaction
from application.eventstore.keyring import Keyring
from application.eventstore.migrations.migrate import has_table
from application.eventstore.values import blob

_COLUMNS = (
    *("key_id", "principal_id", "digest", "role", "org", "types", "created_at", "expires_at", "revoked_at"),
    *("mac", "name", "known_since", "principal_mac", "last_used_at"),
)
_DIGEST = _COLUMNS.index("digest")
_KEY = (
    "SELECT k.key_id, k.principal_id, k.digest, k.role, k.org, k.types, k.created_at, k.expires_at,"
    " k.revoked_at, k.mac, p.name, p.created_at AS known_since, p.mac AS principal_mac, u.last_used_at"
    " FROM api_key k"
    " LEFT JOIN principal p ON p.principal_id = k.principal_id LEFT JOIN key_use u ON u.key_id = k.key_id"
)
# Asked at each request: a key is revoked for all from one moment to the next.
_FIND = Prepared(f"{_KEY} WHERE k.key_id = :key_id")
# Most requests are about one stream, whose key is asked for next: it comes with this one.
_FIND_BESIDE = Prepared(
    _KEY.replace(" FROM api_key k", ", s.stream_id, s.key FROM api_key k")
    + " LEFT JOIN stream_key s ON s.stream_id = :stream_id WHERE k.key_id = :key_id"
)
_MAC = "api_key_row"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrincipalRow:
    """A principal as its row says. `changed` where the row is not what was written."""

    principal_id: UUID
    name: str
    created_at: datetime
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as it may be listed: everything but its secret. Moments are in UTC.

    `types` bound what it may submit; None is everything. `changed` where its row, or that of its principal,
    is not what was written: such a key opens nothing.
    """

    key_id: str
    principal_id: UUID
    name: str
    role: Role
    org: str
    types: tuple[str, ...] | None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None = None
    changed: bool = False


class KeyRows:
    """Reads and writes the rows of principals and keys."""

    def __init__(self, *, database: Database, keyring: Keyring) -> None:
        """Work on the database of the keys."""
        self._database = database
        self._keyring = keyring
        # The rows that were found last, each with the secret of its MAC and what it was judged to be.
        self._judged: dict[str, tuple[tuple[Any, ...], bytes, ApiKey]] = {}

    def find(self, key_id: str, *, beside: UUID | None = None) -> tuple[ApiKey, bytes] | None:
        """Find a key, with the digest of its secret; the key of the stream `beside` is read ahead with it.

        A row that is byte by byte the one that was found before is as whole, or as changed, as it was.
        """
        if beside is None:
            self._keyring.foresee(None, {})
            found = self._database.tuples(_FIND, key_id=key_id)
        else:
            found = self._database.tuples(_FIND_BESIDE, key_id=key_id, stream_id=beside)
        if not found:
            return None
        row, secret = found[0], self._keyring.secret(_MAC)
        if beside is not None:
            *told, stream_id, stream_key = row
            row = tuple(told)
            self._keyring.foresee(beside, {} if stream_id is None else {stream_id: stream_key})
        judged = self._judged.get(key_id)
        if judged is None or judged[:2] != (row, secret):
            key = self._key(dict(zip(_COLUMNS, row, strict=True)))
            self._judged[key_id] = judged = (row, secret, key)
        return judged[2], blob(row[_DIGEST])

    def keys(self) -> list[ApiKey]:
        """Return every key there ever was, newest first."""
        return [self._key(row) for row in self._database.all(f"{_KEY} ORDER BY k.created_at DESC, k.key_id")]

    def principals(self) -> list[PrincipalRow]:
        """Return every principal, oldest first."""
        rows = self._database.all("SELECT * FROM principal ORDER BY created_at, principal_id")
        return [self._principal(row) for row in rows]

    def principal(self, principal_id: UUID) -> PrincipalRow | None:
        """Find a principal."""
        row = self._database.one("SELECT * FROM principal WHERE principal_id = :id", id=principal_id)
        return None if row is None else self._principal(row)

    def insert(self, new: Sequence[tuple[ApiKey, bytes]], *, marker: datetime | None = None) -> None:
        """Write keys, each with the digest of its secret, and their principals; what is there stays.

        `marker` notes in the same transaction that the keys of version 0.1 were taken over.
        """
        # Before the transaction: the secret of the MAC may have to be made in one of its own.
        principals = [self._principal_row(key) for key, _ in new]
        keys = [self._key_row(key, digest) for key, digest in new]
        with self._database.transaction() as tx:
            tx.many(
                "INSERT INTO principal (principal_id, name, created_at, mac)"
                " VALUES (:id, :name, :created_at, :mac) ON CONFLICT (principal_id) DO NOTHING",
                principals,
            )
            tx.many(
                "INSERT INTO api_key (key_id, principal_id, digest, role, org, types, created_at, expires_at,"
                " revoked_at, mac) VALUES (:key_id, :principal_id, :digest, :role, :org, :types, :created_at,"
                " :expires_at, :revoked_at, :mac) ON CONFLICT (key_id) DO NOTHING",
                keys,
            )
            if marker is not None:
                mark_taken_over(tx, now=marker)

    def _principal_row(self, key: ApiKey) -> dict[str, Any]:
        return {
            "id": key.principal_id,
            "name": key.name,
            "created_at": key.created_at,
            "mac": self._principal_mac(key.principal_id, key.name, key.created_at),
        }

    def _key_row(self, key: ApiKey, digest: bytes) -> dict[str, Any]:
        return {
            "key_id": key.key_id,
            "principal_id": key.principal_id,
            "digest": digest,
            "mac": self._mac(key, digest),
            "role": key.role.value,
            "org": key.org,
            "types": _joined(key.types),
            "created_at": key.created_at,
            "expires_at": key.expires_at,
            "revoked_at": key.revoked_at,
        }

    def replace(self, key: ApiKey, digest: bytes) -> None:
        """Write what a key may do now, and whether it lives."""
        mac = self._mac(key, digest)
        with self._database.transaction() as tx:
            tx.run(
                "UPDATE api_key SET role = :role, org = :org, types = :types, expires_at = :expires_at,"
                " revoked_at = :revoked_at, mac = :mac WHERE key_id = :key_id",
                role=key.role.value,
                org=key.org,
                types=_joined(key.types),
                expires_at=key.expires_at,
                revoked_at=key.revoked_at,
                mac=mac,
                key_id=key.key_id,
            )

    def used(self, key_id: str, *, now: datetime, unless_since: datetime) -> None:
        """Note that a key was used now, unless that was noted after `unless_since` already."""
        with self._database.transaction() as tx:
            tx.run(
                "INSERT INTO key_use (key_id, last_used_at) VALUES (:key_id, :now) ON CONFLICT (key_id) DO"
                " UPDATE SET last_used_at = excluded.last_used_at WHERE key_use.last_used_at <= :since",
                key_id=key_id,
                now=now,
                since=unless_since,
            )

    def _principal(self, row: Mapping[str, Any]) -> PrincipalRow:
        mac = self._principal_mac(row["principal_id"], row["name"], row["created_at"])
        return PrincipalRow(
            principal_id=row["principal_id"],
            name=row["name"],
            created_at=row["created_at"],
            changed=not hmac.compare_digest(blob(row["mac"]), mac),
        )

    def _key(self, row: Mapping[str, Any]) -> ApiKey:
        key = ApiKey(
            key_id=row["key_id"],
            principal_id=row["principal_id"],
            name=row["name"] or "",
            role=_role(row["role"]),
            org=row["org"],
            types=_apart(row["types"]),
            created_at=row["created_at"],
            expires_at=row["expires_at"],
            revoked_at=row["revoked_at"],
            last_used_at=row["last_used_at"],
        )
        whole = row["principal_mac"] is not None and _is_role(row["role"])
        if (
            whole
            and hmac.compare_digest(blob(row["mac"]), self._mac(key, blob(row["digest"])))
            and hmac.compare_digest(
                blob(row["principal_mac"]),
                self._principal_mac(row["principal_id"], row["name"], row["known_since"]),
            )
        ):
            return key
        return replace(key, changed=True)

    def _mac(self, key: ApiKey, digest: bytes) -> bytes:
        return self._keyring.digest(
            _MAC,
            "key",
            key.key_id,
            key.principal_id,
            digest,
            key.role.value,
            key.org,
            *(("all",) if key.types is None else ("some", *key.types)),
            *map(_written, (key.created_at, key.expires_at, key.revoked_at)),
        )

    def _principal_mac(self, principal_id: UUID, name: str, created_at: datetime) -> bytes:
        return self._keyring.digest(_MAC, "principal", principal_id, name, _written(created_at))


def mark_taken_over(tx: Transaction, *, now: datetime) -> None:
    """Note that the keys of version 0.1 were taken over, or that there are none: it never happens again."""
    tx.run(
        "INSERT INTO api_key_taken_over (one, taken_at) VALUES (1, :now) ON CONFLICT (one) DO NOTHING",
        now=now,
    )


def taken_over(database: Database) -> bool:
    """Return whether the keys of version 0.1 were taken over into this database of keys."""
    return database.one("SELECT taken_at FROM api_key_taken_over") is not None


def rows_taken_over(own: Database, theirs: Database) -> tuple[Sequence[str], Sequence[str]]:
    """Take over the principals and keys of another database that are not here, and what was revoked there.

    Return the ids of the keys that are new, and of those that are revoked by it.

    Their MACs come with them: a row that was changed there, or whose MAC was made with another secret, opens
    nothing.
    """
    if not has_table(theirs, "api_key"):
        return (), ()
    principals = theirs.all("SELECT * FROM principal ORDER BY principal_id")
    keys = theirs.all("SELECT * FROM api_key ORDER BY key_id")
    here = {row["key_id"]: row["revoked_at"] for row in own.all("SELECT key_id, revoked_at FROM api_key")}
    known = {row["principal_id"] for row in own.all("SELECT principal_id FROM principal")}
    wanted = [
        row
        for row in keys
        if row["key_id"] not in here or (row["revoked_at"] is not None and here[row["key_id"]] is None)
    ]
    with own.transaction() as tx:
        tx.upsert(
            table="principal",
            key=("principal_id",),
            rows=[row for row in principals if row["principal_id"] not in known],
        )
        tx.upsert(table="api_key", key=("key_id",), rows=wanted)
        if taken_over(theirs):
            mark_taken_over(tx, now=own.now())
    return (
        [row["key_id"] for row in wanted if row["key_id"] not in here],
        [row["key_id"] for row in wanted if row["key_id"] in here],
    )


def row_replaced(own: Database, theirs: Database, key_id: str) -> None:
    """Put the row of a key, and that of its principal, in the place of those that are here."""
    key = theirs.all("SELECT * FROM api_key WHERE key_id = :id", id=key_id)
    principal = theirs.all(
        "SELECT * FROM principal WHERE principal_id = :id", id=key[0]["principal_id"] if key else None
    )
    with own.transaction() as tx:
        tx.upsert(table="principal", key=("principal_id",), rows=principal)
        tx.upsert(table="api_key", key=("key_id",), rows=key)


def _is_role(word: str) -> bool:
    return word in {role.value for role in Role}


def _role(word: str) -> Role:
    return Role(word) if _is_role(word) else Role.CLIENT


def _joined(types: tuple[str, ...] | None) -> str | None:
    return None if types is None else ",".join(types)


def _apart(types: str | None) -> tuple[str, ...] | None:
    return None if types is None else tuple(word for word in types.split(",") if word)


def _written(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(UTC).isoformat()
