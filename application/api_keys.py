"""API keys: random, hashed with a secret pepper, shown once, scoped, and dead the moment they are revoked."""

import base64
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from application.access import Actor, Role
from application.eventstore.database import Database
from application.eventstore.keyring import Keyring
from domain.catalogue import care_actions_by_type
from domain.event import Channel
from domain.org import checked_path
from domain.refusal import Fault, Invalid, Reason, Refused, Unknown

PREFIX = "crk"
LONGEST = timedelta(days=366)
BAD_KEY = Reason(
    code="bad_key",
    zh="密钥不正确、已过期或已吊销",
    en="The key is not known, has expired or was revoked.",
)
NO_SUCH_KEY = Reason(code="unknown_key", zh="没有这一密钥", en="No such key.")
BAD_TYPE = Reason(code="unknown_type", zh="没有这一类型", en="No such event type.")
BAD_LIFETIME = Reason(code="bad_lifetime", zh="有效期须为 1 至 366 天", en="A key lives for 1 to 366 days.")


class Unauthenticated(Refused):
    """Nobody can tell who asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as it may be listed: everything but its secret."""

    key_id: str
    name: str
    role: Role
    org: str
    types: tuple[str, ...] | None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class ApiKeys:
    """Makes, lists, checks and revokes keys."""

    def __init__(
        self,
        *,
        database: Database,
        keyring: Keyring,
        random_bytes: Callable[[int], bytes],
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._random_bytes = random_bytes
        self._now = now

    def create(
        self, *, name: str, role: Role, org: str = "", types: Iterable[str] | None = None, days: int = 365
    ) -> tuple[ApiKey, str]:
        """Make a key and give it with its text, which is kept nowhere and never shown again."""
        wanted = None if types is None else tuple(sorted(set(types)))
        if not timedelta(0) < timedelta(days=days) <= LONGEST:
            raise Invalid(Fault(reason=BAD_LIFETIME, pointer="/days"))
        if wanted is not None and not set(wanted) <= set(care_actions_by_type()):
            raise Invalid(Fault(reason=BAD_TYPE, pointer="/types"))
        key_id, secret = _text(self._random_bytes(8)), _text(self._random_bytes(32))
        now = self._now()
        key = ApiKey(
            key_id=key_id,
            name=name,
            role=role,
            org=checked_path(org) if org else "",
            types=wanted,
            created_at=now,
            expires_at=now + timedelta(days=days),
            revoked_at=None,
        )
        digest = self._digest(key_id, secret)
        with self._database.transaction() as tx:
            tx.run(
                "INSERT INTO api_key (key_id, digest, name, role, org, types, created_at, expires_at)"
                " VALUES (:key_id, :digest, :name, :role, :org, :types, :created_at, :expires_at)",
                key_id=key_id,
                digest=digest,
                name=name,
                role=role.value,
                org=key.org,
                types=None if wanted is None else list(wanted),
                created_at=now,
                expires_at=key.expires_at,
            )
        return key, f"{PREFIX}_{key_id}_{secret}"

    def authenticate(self, text: str, *, channel: Channel = Channel.API) -> Actor:
        """Tell who holds this key. Raises `Unauthenticated`, without saying what was wrong with it."""
        parts = text.split("_")
        if len(parts) != 3 or parts[0] != PREFIX or not text.isascii():
            raise Unauthenticated(Fault(reason=BAD_KEY))
        row = self._database.one("SELECT * FROM api_key WHERE key_id = :key_id", key_id=parts[1])
        digest = self._digest(parts[1], parts[2])
        if row is None or not hmac.compare_digest(digest, row["digest"]):
            raise Unauthenticated(Fault(reason=BAD_KEY))
        if row["revoked_at"] is not None or row["expires_at"] <= self._now():
            raise Unauthenticated(Fault(reason=BAD_KEY))
        key = _key(row)
        return Actor(
            name=key.name,
            role=key.role,
            org=key.org,
            channel=channel,
            types=None if key.types is None else frozenset(key.types),
        )

    def list(self) -> list[ApiKey]:
        """Give every key there ever was, newest first."""
        return [_key(row) for row in self._database.all("SELECT * FROM api_key ORDER BY created_at DESC")]

    def revoke(self, key_id: str) -> None:
        """End a key at once; ending it twice is once. Raises `Unknown`."""
        with self._database.transaction() as tx:
            if tx.one("SELECT key_id FROM api_key WHERE key_id = :key_id", key_id=key_id) is None:
                raise Unknown(Fault(reason=NO_SUCH_KEY))
            tx.run(
                "UPDATE api_key SET revoked_at = :now WHERE key_id = :key_id AND revoked_at IS NULL",
                now=self._now(),
                key_id=key_id,
            )

    def _digest(self, key_id: str, secret: str) -> bytes:
        return self._keyring.digest("api_key", key_id, secret)


def _key(row: Mapping[str, Any]) -> ApiKey:
    return ApiKey(
        key_id=row["key_id"],
        name=row["name"],
        role=Role(row["role"]),
        org=row["org"],
        types=None if row["types"] is None else tuple(row["types"]),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
    )


def _text(raw: bytes) -> str:
    """Base32, so that a key holds no separator and can be read out on the telephone."""
    return base64.b32encode(raw).decode().rstrip("=").lower()
