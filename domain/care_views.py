"""What is true of a child, as values: its days in care, its carers, where it belongs and is to go."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from domain.choices import CarerKind, Sex, Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class CareSpan:
    """Days in care, both inclusive; `last` None while it runs."""

    start: date
    last: date | None
    event_id: UUID

    def holds(self, day: date) -> bool:
        """Return whether `day` lies in this span."""
        return self.start <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """A carer's interval [start, end) with the child; `event_id` is that of its start."""

    event_id: UUID
    carer: UUID
    kind: CarerKind
    start: date
    end: date | None

    def holds(self, day: date) -> bool:
        """Return whether the pairing is active on `day`."""
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """From `day` on the child belongs to `org`."""

    day: date
    org: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A transfer as it was proposed, and whether it is still to be decided."""

    event_id: UUID
    to: str
    proposed_on: date
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """From where silence is counted: the last contact, or the beginning of care."""

    day: date
    event_id: UUID
    is_contact: bool


class Profile(Protocol):
    """Who a child is: what its enrolment said, as changed since."""

    @property
    def birth_date(self) -> date: ...
    @property
    def name(self) -> str: ...
    @property
    def student_no(self) -> str | None: ...
    @property
    def id_number(self) -> str | None: ...
    @property
    def sex(self) -> Sex: ...
    @property
    def tags(self) -> tuple[Tag, ...]: ...
