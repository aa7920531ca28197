"""Award 表彰: the child, or somebody for what was done for it."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from domain.care_action import CareAction, PaperLine
from domain.event import Details
from domain.fields import Choice, described
from domain.paper_lines import Content, reads
from domain.refusal import Text


class AwardedTo(Choice):
    """Who is honoured."""

    CHILD = "child", "儿童", "child"
    GUARDIAN = "guardian", "监护人", "guardian"
    CARER = "carer", "帮扶人", "carer"


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardGiven(Details):
    """Who was honoured, for what, by whom."""

    TYPE: ClassVar[str] = "award_given"

    to: AwardedTo = described("获奖对象", "Given to", default=AwardedTo.CHILD)
    title: str = described("奖项", "Title", max_length=100)
    given_by: str | None = described("颁发单位", "Given by", max_length=100, default=None)
    awarded_on: date | None = described("颁发日期", "Awarded on", default=None)


def _of_line(line: PaperLine, to: AwardedTo, _done: None) -> AwardGiven:
    return AwardGiven(to=to, title=line.record or "")


ACTION = CareAction(
    details=AwardGiven,
    label=Text(zh="表彰", en="Award"),
    paper=("表彰",),
    from_paper=reads(
        _of_line,
        counterpart={"": AwardedTo.CHILD} | {each.zh: each for each in AwardedTo},
        content=Content.NEEDED,
    ),
)
