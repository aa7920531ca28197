"""Character 性格特点: what a child is like, what it loves to do and is good at."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, cast
from uuid import UUID

from domain.care_action import CareAction, Known, PaperLine
from domain.event import Details, NewEvent
from domain.fields import described
from domain.paper_lines import Content, reads
from domain.reasons import MISSING
from domain.refusal import Fault, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterNoted(Details):
    """What the child is like; what was said last holds."""

    TYPE: ClassVar[str] = "character_noted"

    character: str | None = described("性格", "Character", personal=True, max_length=500, default=None)
    interests: tuple[str, ...] = described("兴趣爱好", "Interests", personal=True, max_length=20, default=())
    strengths: str | None = described("特长", "Strengths", personal=True, max_length=500, default=None)
    carers: tuple[UUID, ...] = described("经办人", "Carers", max_length=5, default=())


def _check(new_event: NewEvent, _child: Known) -> Iterator[Fault]:
    said = cast("CharacterNoted", new_event.details)
    if not (said.character or said.interests or said.strengths):
        yield Fault(reason=MISSING, pointer="/details/character")


def _of_line(line: PaperLine, _child: None, _done: None) -> CharacterNoted:
    return CharacterNoted(character=line.record, carers=line.carers)


ACTION = CareAction(
    details=CharacterNoted,
    label=Text(zh="性格特点", en="Character"),
    check=_check,
    carers=lambda said: said.carers,
    paper=("性格特点",),
    from_paper=reads(_of_line, content=Content.NEEDED),
)
