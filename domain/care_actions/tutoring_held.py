"""Tutoring 课业辅导: help with school work, alone or in a group. No contact by itself."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction, PaperLine, naming
from domain.care_actions.study_plan_registered import StudyPlanRegistered
from domain.event import Details
from domain.fields import described
from domain.paper_lines import reads, unclear
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class TutoringHeld(Details):
    """Which subject, by whom, how long."""

    TYPE: ClassVar[str] = "tutoring_held"

    subject: str = described("科目", "Subject", max_length=40)
    carers: tuple[UUID, ...] = described("经办人", "Carers", min_length=1, max_length=5)
    plan: UUID | None = described("计划记录", "Study plan (event id)", default=None)
    group: bool | None = described("小组辅导", "In a group", default=None)
    minutes: int | None = described("时长(分钟)", "Minutes", minimum=0, maximum=1440, default=None)
    record: str | None = described("内容", "Record", personal=True, max_length=4000, default=None)


_SUBJECTS = ("语文", "数学", "英语", "物理", "化学", "生物", "历史", "地理", "科学", "道德与法治")
_HOMEWORK = "作业辅导"


def _of_line(line: PaperLine, _child: None, _done: None) -> TutoringHeld:
    subject = "、".join(each for each in _SUBJECTS if each in line.content)
    if not subject and line.word == _HOMEWORK:
        subject = "作业"
    if not subject:
        unclear(
            f"没有写明科目：请在内容中写出，如“{_SUBJECTS[1]}：分数加减”",
            f"The subject is not said. Name it in the contents, such as {_SUBJECTS[1]}.",
            at="content",
        )
    return TutoringHeld(subject=subject, carers=line.carers, minutes=line.minutes, record=line.record)


ACTION = CareAction(
    details=TutoringHeld,
    label=Text(zh="课业辅导", en="Tutoring"),
    check=naming("plan", StudyPlanRegistered),
    carers=lambda said: said.carers,
    record="record",
    paper=("课业辅导", _HOMEWORK),
    from_paper=reads(_of_line, minutes=True),
)
