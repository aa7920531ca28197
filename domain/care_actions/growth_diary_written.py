"""Growth diary 成长日记: a carer wrote in the diary of the child. Never what it says."""

import re
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction, PaperLine
from domain.choices import LifeSide
from domain.event import Details
from domain.fields import described
from domain.paper_lines import reads, unclear
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowthDiaryWritten(Details):
    """Who wrote, and of which sides of life."""

    TYPE: ClassVar[str] = "growth_diary_written"

    carers: tuple[UUID, ...] = described("经办人", "Carers", min_length=1, max_length=5)
    about: tuple[LifeSide, ...] = described("方面", "About", max_length=len(LifeSide), default=())


_SIDES = {each.zh: each for each in LifeSide}


def _of_line(line: PaperLine, _child: None, _done: None) -> GrowthDiaryWritten:
    said = [each for each in re.split("[、，,；; ]+", line.content) if each]
    if any(each not in _SIDES for each in said):
        unclear(
            f"日记写了什么不登记：内容只写方面，可填：{'、'.join(_SIDES)}，或留空",
            f"What a diary says is not kept. The contents name its sides: {'、'.join(_SIDES)}, or nothing.",
            at="content",
        )
    return GrowthDiaryWritten(carers=line.carers, about=tuple(dict.fromkeys(_SIDES[each] for each in said)))


ACTION = CareAction(
    details=GrowthDiaryWritten,
    label=Text(zh="成长日记", en="Growth diary"),
    carers=lambda said: said.carers,
    paper=("成长日记",),
    from_paper=reads(_of_line),
)
