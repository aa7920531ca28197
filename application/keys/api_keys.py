"""API keys: random, hashed with a secret pepper, shown once, scoped, and dead the moment they are revoked.

Each belongs to a principal, whose id is for life. That a key was made, changed or revoked is an event of its
principal; what it may do is judged by its row (`application.keys.rows`).
"""

import base64
import hmac
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from application.access import Actor, Role
from application.eventstore.database import Database, DatabaseError
from application.eventstore.keyring import Keyring
from application.eventstore.log import EventLog
from application.keys.rows import ApiKey, KeyRows, PrincipalRow
from application.reasons import BAD_KEY
from application.streams import Kept, Streams
from domain.catalogue import submitted_types
from domain.event import Channel, Details
from domain.fields import faults_of
from domain.ids import own_id
from domain.org import checked_path
from domain.reasons import UNKNOWN_TYPE
from domain.refusal import Fault, Invalid, Reason, Refused, Unknown, invalid
from domain.streams.principals.kind import KIND
from domain.streams.principals.principal import (
    KeyChanged,
    KeyIssued,
    KeyRevoked,
    Principal,
    PrincipalRegistered,
    fold_principal,
)

NAMESPACE = UUID("f0b7b0e4-3a1c-5c55-9f0e-5d8c1f6a2b47")
PREFIX = "crk"
LONGEST = timedelta(days=366)
# How exact the last use of a key is told.
NOTED_EVERY = timedelta(minutes=1)
NO_SUCH_KEY = Reason(code="unknown_key", zh="没有这一密钥", en="No such key.")
NO_SUCH_PRINCIPAL = Reason(code="unknown_principal", zh="没有这一使用者", en="No such principal.")
NAME_OR_PRINCIPAL = Reason(
    code="name_or_principal",
    zh="名称与使用者编号须恰好填写其一",
    en="Give exactly one of a name and the id of a principal.",
)
BAD_LIFETIME = Reason(
    code="bad_lifetime", zh="有效期须为 1 至 366 天", en="A key is valid for 1 to 366 days."
)

log = logging.getLogger(__name__)
K = TypeVar("K", bound=KeyIssued)


class Unauthenticated(Refused):
    """Nobody can tell who asks."""


class ChangedKey(Unauthenticated):
    """The row of the key is not what was written: somebody has changed it in the database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFinding:
    """A row of a key or of a principal that is not as it must be: `changed`, `missing` or `differs`.

    It is `missing` where its events tell of it and no row does, and `differs` where both tell otherwise.
    """

    of: str
    where: str
    fault: str


KEPT = Kept(kind=KIND, fold=fold_principal)


class ApiKeys:
    """Makes, lists, checks, changes and revokes keys."""

    def __init__(
        self,
        *,
        database: Database,
        keyring: Keyring,
        log: EventLog,
        events: Database,
        random_bytes: Callable[[int], bytes],
        now: Callable[[], datetime],
    ) -> None:
        """Keep keys in `database`, that of the keyring, and what becomes of them in the log of `events`."""
        self._rows = KeyRows(database=database, keyring=keyring)
        self._keyring = keyring
        self._log = log
        self._streams = Streams(log=log, now=now)
        self._events = events
        self._random_bytes = random_bytes
        self._now = now
        self._noted: dict[str, datetime] = {}

    def create(
        self,
        *,
        actor: Actor,
        role: Role,
        name: str | None = None,
        principal: UUID | None = None,
        org: str = "",
        types: Iterable[str] | None = None,
        days: int = 365,
    ) -> tuple[ApiKey, str]:
        """Make a key and give it with its text, which is kept nowhere and never shown again.

        It is for a new principal of this `name`, or for the one that is given. Raises `Invalid`, `Unknown`.
        """
        holder = self._holder(name, principal)
        key_id, secret = _text(self._random_bytes(8)), _text(self._random_bytes(32))
        now = self._now()
        key = ApiKey(
            key_id=key_id,
            principal_id=holder.principal_id,
            name=holder.name,
            role=role,
            org=checked_path(org) if org else "",
            types=_checked(types),
            created_at=now,
            expires_at=now + _lifetime(days),
            revoked_at=None,
        )
        # The event first: a key that opens something is never without one.
        self._say(key, _said(key, KeyIssued), actor=actor)
        try:
            self._rows.insert([(key, self.digest(key_id, secret))])
        except DatabaseError:
            self._say(key, KeyRevoked(key=key_id), actor=actor)
            raise
        return key, f"{PREFIX}_{key_id}_{secret}"

    def authenticate(self, text: str, *, channel: Channel = Channel.API, about: UUID | None = None) -> Actor:
        """Find the holder of this key. Raises `Unauthenticated`, without saying what was wrong with it.

        What is asked next is `about` a stream, whose key is read ahead. Raises `KeysMissing` where this is no
        more the keys database of the ledger: nobody is known there.
        """
        parts = text.split("_")
        if len(parts) != 3 or parts[0] != PREFIX or not text.isascii():
            raise Unauthenticated(Fault(reason=BAD_KEY))
        digest = self.digest(parts[1], parts[2])
        return self._holder_of(parts[1], digest, channel=channel, about=about)

    def holder_of(self, key_id: str) -> Actor:
        """Find the holder of the key with this id, for somebody who has shown it before.

        Raises `Unauthenticated` and `KeysMissing`, as `authenticate` does.
        """
        return self._holder_of(key_id, None, channel=Channel.API)

    def _holder_of(
        self, key_id: str, digest: bytes | None, *, channel: Channel, about: UUID | None = None
    ) -> Actor:
        """Find the holder of a live key whose secret has this digest; None if it was shown before."""
        found = self._rows.find(key_id, beside=about)
        if found is None:
            self._keyring.refuse_another_ledger()
            raise Unauthenticated(Fault(reason=BAD_KEY))
        key, kept = found
        if key.changed:
            log.error("the row of key %s was changed in the database: it opens nothing", key.key_id)
            raise ChangedKey(Fault(reason=BAD_KEY))
        now = self._now()
        shown = digest is None or hmac.compare_digest(digest, kept)
        if not shown or key.revoked_at is not None or key.expires_at <= now:
            raise Unauthenticated(Fault(reason=BAD_KEY))
        self._note_use(key.key_id, now=now)
        return Actor(
            name=key.name,
            role=key.role,
            org=key.org,
            channel=channel,
            types=None if key.types is None else frozenset(key.types),
            principal=key.principal_id,
            key=key.key_id,
        )

    def listed(self) -> Sequence[ApiKey]:
        """Return every key there ever was, newest first."""
        return self._rows.keys()

    def expires_at(self, key_id: str) -> datetime | None:
        """Return until when (UTC) a key works; None where there is none."""
        found = self._rows.find(key_id)
        return found[0].expires_at if found else None

    def principals(self) -> Sequence[PrincipalRow]:
        """Return every principal, oldest first."""
        return self._rows.principals()

    def change(
        self,
        key_id: str,
        *,
        actor: Actor,
        role: Role | None = None,
        org: str | None = None,
        types: Iterable[str] | None = None,
        days: int | None = None,
    ) -> ApiKey:
        """Change what a key may do, and until when, counted from now; what is None stays.

        Raises `Unknown`, also for a key that is revoked, and `Invalid`.
        """
        key, digest = self._sound(key_id)
        if key.revoked_at is not None:
            raise Unknown(Fault(reason=NO_SUCH_KEY))
        changed = replace(
            key,
            role=role or key.role,
            org=key.org if org is None else checked_path(org) if org else "",
            types=key.types if types is None else _checked(types),
            expires_at=key.expires_at if days is None else self._now() + _lifetime(days),
        )
        if changed != key:
            self._say(changed, _said(changed, KeyChanged), actor=actor)
            self._rows.replace(changed, digest)
        return changed

    def revoke(self, key_id: str, *, actor: Actor) -> None:
        """End a key at once; ending it twice is once. Raises `Unknown`."""
        key, digest = self._rows.find(key_id) or (None, b"")
        if key is not None and (key.revoked_at is None or key.changed):
            # The row first: dead at once, and whoever is interrupted says it again.
            self._rows.replace(replace(key, revoked_at=key.revoked_at or self._now()), digest)
        # A row that was changed, or is lost, doesn't say whose it is.
        told = None if key and not key.changed else self._told_of(key_id)
        if key is None and told is None:
            raise Unknown(Fault(reason=NO_SUCH_KEY))
        holder = told.principal_id if told else key.principal_id if key else UUID(int=0)
        principal = told or self._principal(holder)
        if key_id not in principal.keys or principal.keys[key_id] is not None:
            self._append(
                holder,
                KeyRevoked(key=key_id),
                key_id=key_id,
                org=key.org if key and not key.changed else "",
                name=key.name if key and not key.changed else None,
                actor=actor,
            )

    def findings(self, *, told: bool = True) -> Iterator[KeyFinding]:
        """Hold every row against its MAC and, where wanted, against what the events of its principal told."""
        keys = {key.key_id: key for key in self.listed()}
        for row in self.principals():
            if row.changed:
                yield KeyFinding(of="principal", where=str(row.principal_id), fault="changed")
        for key in keys.values():
            if key.changed:
                yield KeyFinding(of="api_key", where=key.key_id, fault="changed")
        for principal in self._all_principals() if told else ():
            for key_id, said in principal.keys.items():
                row_ = keys.get(key_id)
                if row_ is None and said is not None and said.expires_at > self._now():
                    yield KeyFinding(of="api_key", where=key_id, fault="missing")
                elif row_ is not None and not row_.changed and not agree(row_, said):
                    yield KeyFinding(of="api_key", where=key_id, fault="differs")

    def digest(self, key_id: str, secret: str) -> bytes:
        """Return what is kept of the secret of a key."""
        return self._keyring.digest("api_key", key_id, secret)

    def _holder(self, name: str | None, principal: UUID | None) -> PrincipalRow:
        if (name is None) == (principal is None):
            raise invalid(NAME_OR_PRINCIPAL, "/name")
        if name is not None:
            if faults := tuple(faults_of(PrincipalRegistered(name=name.strip()), at="")):
                raise Invalid(*faults)
            principal_id = own_id(NAMESPACE, self._random_bytes(16).hex())
            return PrincipalRow(
                principal_id=principal_id, name=name.strip(), created_at=self._now(), changed=False
            )
        found = self._rows.principal(principal) if principal else None
        if found is None or found.changed:
            raise Unknown(Fault(reason=NO_SUCH_PRINCIPAL, pointer="/principal"))
        return found

    def _sound(self, key_id: str) -> tuple[ApiKey, bytes]:
        found = self._rows.find(key_id)
        if found is None or found[0].changed:
            raise Unknown(Fault(reason=NO_SUCH_KEY))
        return found

    def _note_use(self, key_id: str, *, now: datetime) -> None:
        if (noted := self._noted.get(key_id)) is not None and noted <= now < noted + NOTED_EVERY:
            return
        self._noted[key_id] = now
        try:
            self._rows.used(key_id, now=now, unless_since=now - NOTED_EVERY)
        except DatabaseError as error:
            # It serves people who look after keys; nobody's record waits for it.
            log.warning("could not note the use of key %s: %s", key_id, type(error).__name__)

    def _say(self, key: ApiKey, details: Details, *, actor: Actor) -> None:
        self._append(key.principal_id, details, key_id=key.key_id, org=key.org, name=key.name, actor=actor)

    def _append(
        self, principal_id: UUID, said: Details, *, key_id: str, org: str, name: str | None, actor: Actor
    ) -> None:
        """Record what became of a key; a principal of whom nothing was said so far is registered first."""

        def decision(principal: Principal) -> list[Details]:
            first = [PrincipalRegistered(name=name)] if name is not None and not principal.version else []
            return [*first, said]

        def event_id(stream: UUID, version: int, details: Details) -> UUID:
            return own_id(stream, f"{details.TYPE}:{key_id}:{version}")

        kept = replace(KEPT, event_id=event_id)
        self._streams.decide(kept, principal_id, decision, actor=actor, org=lambda _principal: org)

    def _told_of(self, key_id: str) -> Principal | None:
        return next((p for p in self._all_principals() if key_id in p.keys), None)

    def _principal(self, principal_id: UUID) -> Principal:
        return self._streams.load(KEPT, principal_id)

    def _all_principals(self) -> Iterator[Principal]:
        ids = self._events.tuples(
            "SELECT DISTINCT originator_id FROM events WHERE topic IN :types ORDER BY originator_id",
            types=(PrincipalRegistered.TYPE, KeyIssued.TYPE, KeyChanged.TYPE, KeyRevoked.TYPE),
        )
        for principal_id, events in self._log.each_stream([each for (each,) in ids]):
            yield fold_principal(principal_id, events)


def _said(key: ApiKey, kind: type[K]) -> K:
    return kind(
        key=key.key_id,
        role=key.role.value,
        scope=key.org,
        types=key.types or (),
        all_types=key.types is None,
        expires_at=key.expires_at,
    )


def agree(row: ApiKey, said: KeyIssued | None) -> bool:
    """Return whether the row of a key is as its events say, where None says that it was revoked."""
    # A row is revoked before its event is written: a dead key does no harm.
    return row.revoked_at is not None or (said is not None and _said(row, type(said)) == said)


def _checked(types: Iterable[str] | None) -> tuple[str, ...] | None:
    wanted = None if types is None else tuple(sorted(set(types)))
    if wanted is not None and (not wanted or not set(wanted) <= set(submitted_types())):
        raise invalid(UNKNOWN_TYPE, "/types")
    return wanted


def _lifetime(days: int) -> timedelta:
    if not timedelta(0) < timedelta(days=days) <= LONGEST:
        raise invalid(BAD_LIFETIME, "/days")
    return timedelta(days=days)


def _text(raw: bytes) -> str:
    """Base32, so that a key holds no separator and can be read out on the telephone."""
    return base64.b32encode(raw).decode().rstrip("=").lower()
