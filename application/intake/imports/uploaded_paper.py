"""A paper that came over HTTP: what its sender says of it, and how it stands."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from application.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a sender says of a paper: what it is, of which school, and how it is to be read."""

    kind: str
    org: str
    enrolled_on: str | None = None
    changed_on: str | None = None
    mapped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRow:
    """A paper beside what lies sealed. `committed` is the version that somebody said yes to."""

    import_id: UUID
    asked: Asked
    version: int
    committed: int | None
    tries: int
    sent_at: datetime
    expires_at: datetime
    actor: Actor
