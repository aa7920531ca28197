"""Census round opened 摸底排查: an organisation asks its classes or villages who is left behind."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from domain.event import Details, NewEvent
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.normal import normal_path
from domain.refusal import Advice, Fault, Invalid, Reason, Text

_DEFINITION = re.compile(r"[a-z][a-z0-9_]*@[1-9][0-9]{0,3}", re.ASCII)
BAD_DEFINITION = Reason(
    code="bad_definition",
    zh="定义应写为“名称@版本”，如 school_broad@1",
    en="Write a definition as NAME@VERSION, such as school_broad@1.",
)
ADVICE_ON_BAD_DEFINITION = Advice(
    reason=BAD_DEFINITION,
    zh="写明口径的名称和版本，如 state_2016@1。",
    en="Name the definition and its version, such as state_2016@1.",
    refusals=(Invalid,),
)
ASKED_TWICE = Reason(code="asked_twice", zh="同一单位列出了两次", en="A unit is named twice.")
ADVICE_ON_ASKED_TWICE = Advice(
    reason=ASKED_TWICE, zh="每个单位只列一次。", en="Name each unit once.", refusals=(Invalid,)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CensusRoundOpened(Details):
    """Who is asked, of which day, and who counts as left behind.

    `counts_on` is the day of which everything is told. `definition` names who counts, by name and version.
    `asked` are the units that are to return: paths, or the names of classes within the organisation.
    """

    TYPE: ClassVar[str] = "census_round_opened"

    title: str = described("名称", "Title", max_length=100)
    counts_on: date = described("统计时点", "As of")
    definition: str = described("留守儿童口径", "Definition", max_length=60, hint="NAME@VERSION")
    asked: tuple[str, ...] = described("排查单位", "Units asked", min_length=1, max_length=500)


def _check(new_event: NewEvent, _round: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, CensusRoundOpened)
    if not _DEFINITION.fullmatch(said.definition):
        yield Fault(reason=BAD_DEFINITION, pointer="/details/definition")
    units = [normal_path(unit) for unit in said.asked]
    for number, unit in enumerate(units):
        if unit in units[:number]:
            yield Fault(reason=ASKED_TWICE, pointer=f"/details/asked/{number}")


EVENT_TYPE = EventType(
    details=CensusRoundOpened, label=Text(zh="摸底排查开始", en="Census round opened"), check=_check
)
