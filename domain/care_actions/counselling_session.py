"""Counselling session 心理辅导: one of those of an open case."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction, naming
from domain.care_actions.counselling_opened import CounsellingOpened
from domain.event import Details
from domain.fields import described
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class CounsellingSession(Details):
    """A session; `case` is the event id of the opening. What was said is for the counsellor."""

    TYPE: ClassVar[str] = "counselling_session"

    case: UUID = described("立案记录", "Case (event id of its opening)")
    carers: tuple[UUID, ...] = described("经办人", "Carers", min_length=1, max_length=5)
    minutes: int | None = described("时长(分钟)", "Minutes", minimum=0, maximum=1440, default=None)
    record: str | None = described("内容", "Record", personal=True, max_length=4000, default=None)


ACTION = CareAction(
    details=CounsellingSession,
    label=Text(zh="心理辅导", en="Counselling session"),
    check=naming("case", CounsellingOpened),
    carers=lambda said: said.carers,
    record="record",
    beyond_paper=("心理辅导", "心理疏导", "心理咨询", "心理干预", "个案辅导", "心理矫正"),
)
