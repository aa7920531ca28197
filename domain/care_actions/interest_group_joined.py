"""Interest group 加入兴趣小组: from this day on the child is in it."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction, PaperLine, ends_no_earlier
from domain.event import Details
from domain.fields import described
from domain.paper_lines import Content, reads
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestGroupJoined(Details):
    """Which group, and who leads it."""

    TYPE: ClassVar[str] = "interest_group_joined"

    group: str = described("小组", "Group", max_length=60)
    carers: tuple[UUID, ...] = described("经办人", "Carers", max_length=5, default=())
    until: date | None = described("截止日期", "Until", default=None)


def _of_line(line: PaperLine, _child: None, _done: None) -> InterestGroupJoined:
    return InterestGroupJoined(group=line.record or "", carers=line.carers)


ACTION = CareAction(
    details=InterestGroupJoined,
    label=Text(zh="加入兴趣小组", en="Interest group"),
    check=ends_no_earlier,
    carers=lambda said: said.carers,
    paper=("加入兴趣小组",),
    from_paper=reads(_of_line, content=Content.NEEDED),
)
