"""Academic progress 学业情况: how the child fares in a term."""

from dataclasses import dataclass
from typing import ClassVar

from domain.care_action import CareAction, PaperLine
from domain.event import Details
from domain.fields import Choice, described
from domain.paper_lines import reads
from domain.refusal import Text


class AcademicDirection(Choice):
    """Compared with before."""

    UP = "up", "进步", "better"
    SAME = "same", "持平", "the same"
    DOWN = "down", "退步", "worse"


@dataclass(frozen=True, slots=True, kw_only=True)
class AcademicProgressRecorded(Details):
    """How the child did in a term, and whether that is better than before."""

    TYPE: ClassVar[str] = "academic_progress_recorded"

    term: str | None = described("学期", "Term", max_length=20, default=None)
    subject: str | None = described("科目", "Subject", max_length=40, default=None)
    band: str | None = described("成绩等级", "Band", personal=True, max_length=40, default=None)
    direction: AcademicDirection | None = described("变化", "Direction", personal=True, default=None)
    note: str | None = described("说明", "Note", personal=True, max_length=1000, default=None)


def _of_line(line: PaperLine, _child: None, direction: AcademicDirection | None) -> AcademicProgressRecorded:
    return AcademicProgressRecorded(direction=direction, note=line.record)


ACTION = CareAction(
    details=AcademicProgressRecorded,
    label=Text(zh="学业情况", en="Academic progress"),
    paper=("学业情况",),
    from_paper=reads(_of_line, outcome={"": None} | {each.zh: each for each in AcademicDirection}),
)
