"""The principal: who uses the ledger over its API, under an id for life, and the keys that were made for it.

Its stream says when each key was made, changed and revoked. What a key may do is judged by its row in the
database of the keys; the stream is what that row can be held against.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from domain.event import Details, Event
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.ledger.facts import BY_VERSION, Facts, fold, view
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class PrincipalRegistered(Details):
    """Who or what it is. A later registration replaces the name, never the id."""

    TYPE: ClassVar[str] = "principal_registered"

    name: str = described("名称", "Name", personal=True, max_length=64)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyIssued(Details):
    """A key was made: what it may do, where, and until when (UTC). `types` bound it unless `all_types`."""

    TYPE: ClassVar[str] = "key_issued"

    key: str = described("密钥编号", "Key (id)", max_length=40)
    role: str = described("角色", "Role", max_length=20)
    all_types: bool = described("不限类型", "All types")
    expires_at: datetime = described("有效至", "Valid until")
    scope: str = described("机构", "Organisation", max_length=300, default="")
    types: tuple[str, ...] = described("可提交的类型", "Types", default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChanged(KeyIssued):
    """What a key may do from now on, in place of all that was said of it before."""

    TYPE: ClassVar[str] = "key_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRevoked(Details):
    """A key is dead from now on."""

    TYPE: ClassVar[str] = "key_revoked"

    key: str = described("密钥编号", "Key (id)", max_length=40)


EVENT_TYPES: tuple[EventType, ...] = (
    EventType(
        details=PrincipalRegistered,
        label=Text(zh="登记使用方", en="Principal registered"),
        correctable=False,
        voidable=False,
    ),
    EventType(
        details=KeyIssued,
        label=Text(zh="签发密钥", en="Key issued"),
        derived=True,
        correctable=False,
        voidable=False,
    ),
    EventType(
        details=KeyChanged,
        label=Text(zh="变更密钥", en="Key changed"),
        derived=True,
        correctable=False,
        voidable=False,
    ),
    EventType(
        details=KeyRevoked,
        label=Text(zh="吊销密钥", en="Key revoked"),
        derived=True,
        correctable=False,
        voidable=False,
    ),
)


@dataclass(frozen=True, kw_only=True)
class Principal(Facts):
    """One principal as its stream tells it."""

    ORDER = BY_VERSION

    @property
    def principal_id(self) -> UUID:
        """The id of the principal, which is that of its stream."""
        return self.stream_id

    @view(PrincipalRegistered)
    def name(self) -> str | None:
        """What the principal is called, as was registered last."""
        fact = self.last(PrincipalRegistered)
        return fact.details.name if fact else None

    @view(KeyIssued, KeyChanged, KeyRevoked)
    def keys(self) -> Mapping[str, KeyIssued | None]:
        """What was last said of each key by its id; None where it was revoked."""
        said = (fact.details for fact in self.of_any(KeyIssued, KeyChanged, KeyRevoked))
        return {each.key: None if isinstance(each, KeyRevoked) else each for each in said}


def fold_principal(principal_id: UUID, events: Iterable[Event]) -> Principal:
    """Fold a principal's stream, in order of version."""
    return fold(Principal, principal_id, events)
