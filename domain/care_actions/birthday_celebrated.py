"""Birthday 过生日: others celebrated it with the child."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction, PaperLine
from domain.event import Details
from domain.fields import described
from domain.paper_lines import in_words, reads
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class BirthdayCelebrated(Details):
    """With whom, and whether on the day of the lunar calendar."""

    TYPE: ClassVar[str] = "birthday_celebrated"

    lunar: bool = described("农历生日", "By the lunar calendar", default=False)
    place: str | None = described("地点", "Place", personal=True, max_length=100, default=None)
    carers: tuple[UUID, ...] = described("经办人", "Carers", max_length=5, default=())
    note: str | None = described("说明", "Note", personal=True, max_length=1000, default=None)


def _of_line(line: PaperLine, _child: None, _done: None) -> BirthdayCelebrated:
    return BirthdayCelebrated(carers=line.carers, note=in_words(line))


ACTION = CareAction(
    details=BirthdayCelebrated,
    label=Text(zh="过生日", en="Birthday"),
    carers=lambda said: said.carers,
    paper=("过生日",),
    from_paper=reads(_of_line, minutes=True),
)
