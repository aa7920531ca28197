"""Counselling session 心理辅导: one of those of an open case."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, cast
from uuid import UUID

from domain.care_action import CareAction, Known, entry_named
from domain.care_actions.counselling_opened import CounsellingOpened
from domain.event import Details, NewEvent
from domain.fields import described
from domain.refusal import Fault, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class CounsellingSession(Details):
    """A session; `case` is the event id of the opening. What was said is for the counsellor."""

    TYPE: ClassVar[str] = "counselling_session"

    case: UUID = described("立案记录", "Case (event id of its opening)")
    carers: tuple[UUID, ...] = described("经办人", "Carers", min_length=1, max_length=5)
    minutes: int | None = described("时长(分钟)", "Minutes", minimum=0, maximum=1440, default=None)
    record: str | None = described("内容", "Record", personal=True, max_length=4000, default=None)


def _check(new_event: NewEvent, child: Known) -> Iterator[Fault]:
    said = cast("CounsellingSession", new_event.details)
    entry_named(child, said.case, CounsellingOpened, at="case")
    return iter(())


ACTION = CareAction(
    details=CounsellingSession,
    label=Text(zh="心理辅导", en="Counselling session"),
    check=_check,
    carers=lambda said: said.carers,
    record="record",
)
