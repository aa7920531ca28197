"""A parent at home 父母回家: planned, or as it was. A visit home ends no absence."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from domain.care_action import CareAction, ends_no_earlier
from domain.choices import Parent
from domain.effects import Effect
from domain.event import Details
from domain.fields import described
from domain.paper_lines import reads
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentHomeRecorded(Details):
    """Which parent was or will be at home, until when, and whether the child saw it."""

    TYPE: ClassVar[str] = "parent_home_recorded"

    parent: Parent = described("父亲或母亲", "Parent")
    planned: bool = described("计划", "Planned", default=False)
    until: date | None = described("截止日期", "Until", default=None)
    seen: bool | None = described("与儿童见面", "The child saw the parent", default=None)
    occasion: str | None = described("缘由", "Occasion", max_length=100, default=None)


ACTION = CareAction(
    effects=(Effect.TELLS_OF_HOMECOMING,),
    details=ParentHomeRecorded,
    label=Text(zh="父母回家", en="Parent at home"),
    check=ends_no_earlier,
    paper=("父母回家",),
    from_paper=reads(
        lambda line, parent, seen: ParentHomeRecorded(parent=parent, seen=seen, occasion=line.record),
        counterpart={each.zh: each for each in Parent},
        outcome={"": None, "见到": True, "未见到": False},
    ),
)
