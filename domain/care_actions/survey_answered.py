"""Survey 问卷: the child, or its family, answered a questionnaire."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction, PaperLine
from domain.choices import Party, SurveyDomain
from domain.event import Details
from domain.fields import described
from domain.paper_lines import ANYBODY, Content, reads
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyReply:
    """What was asked, and what was answered."""

    item: str = described("题目", "Item", max_length=200)
    answer: str = described("回答", "Answer", max_length=500)


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyAnswered(Details):
    """Which questionnaire, about what, who answered, and what."""

    TYPE: ClassVar[str] = "survey_answered"

    title: str = described("问卷名称", "Title", max_length=100)
    about: tuple[SurveyDomain, ...] = described("内容", "About", max_length=8, default=())
    answered_by: Party | None = described("答卷人", "Answered by", default=None)
    record: str | None = described("内容", "Record", personal=True, max_length=4000, default=None)
    carers: tuple[UUID, ...] = described("经办人", "Carers", max_length=5, default=())
    answers: tuple[SurveyReply, ...] = described("回答", "Answers", personal=True, max_length=60, default=())


def _of_line(line: PaperLine, answered_by: Party | None, _done: None) -> SurveyAnswered:
    return SurveyAnswered(title=line.record or "", answered_by=answered_by, carers=line.carers)


ACTION = CareAction(
    details=SurveyAnswered,
    label=Text(zh="问卷", en="Survey"),
    carers=lambda said: said.carers,
    record="record",
    paper=("问卷",),
    from_paper=reads(_of_line, counterpart=ANYBODY, content=Content.NEEDED),
)
