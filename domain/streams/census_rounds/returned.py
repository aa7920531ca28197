"""Census returned 摸底上报: a unit says how many it counted, and whose file it has gone through."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from domain.choices import VerifiedBy
from domain.event import Details, NewEvent
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.normal import normal_path
from domain.refusal import Advice, Conflict, Fault, Invalid, Reason, Text
from domain.streams.census_rounds.table import CensusFigures, MinistryTable

RETURNED_ALREADY = Reason(code="returned_already", zh="该单位已上报", en="This unit has returned already.")
ADVICE_ON_RETURNED_ALREADY = Advice(
    reason=RETURNED_ALREADY,
    zh="上报有误的，先作废原上报再重新上报。",
    en="Void the first return if it was wrong, then return again.",
    refusals=(Conflict,),
)
VERIFIED_ALREADY = Reason(
    code="verified_already", zh="该儿童在本轮已核实", en="The child was verified in this round already."
)
ADVICE_ON_VERIFIED_ALREADY = Advice(
    reason=VERIFIED_ALREADY,
    zh="每名儿童每轮只核实一次；转班的由现在的班级上报。",
    en="Name each child once in a round. Of one that changed its class, the present class returns.",
    refusals=(Conflict,),
)
NOTHING_RETURNED = Reason(
    code="nothing_returned", zh="没有写明数字，也没有列出儿童", en="No figure is given and no child is named."
)
ADVICE_ON_NOTHING_RETURNED = Advice(
    reason=NOTHING_RETURNED,
    zh="填写人数、统计表或所核实的儿童；没有留守儿童的填0。",
    en="Give figures, the table, or the children; where there is none, the figure is 0.",
    refusals=(Invalid,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildVerified:
    """A child whose file was gone through, and whether something was put right in it."""

    child: UUID = described("儿童", "Child")
    changed: bool | None = described("是否有变更", "Something had changed", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CensusReturned(Details):
    """What a unit counted; of each of its `children` the file says that it was verified."""

    TYPE: ClassVar[str] = "census_returned"

    unit: str = described("上报单位", "Unit", max_length=300)
    figures: CensusFigures | None = described("人数", "Figures", default=None)
    table: MinistryTable | None = described("统计表", "Table", default=None)
    children: tuple[ChildVerified, ...] = described("已核实儿童", "Children", max_length=500, default=())
    way: VerifiedBy = described("核实方式", "Way", default=VerifiedBy.SCHOOL)
    carers: tuple[UUID, ...] = described("经办人", "Carers", max_length=5, default=())


def _check(new_event: NewEvent, state: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, CensusReturned)
    if said.figures is None and said.table is None and not said.children:
        yield Fault(reason=NOTHING_RETURNED, pointer="/details/figures")
    conflicts = list(_conflicts(said, state))
    if conflicts:
        raise Conflict(*conflicts)


def _conflicts(said: CensusReturned, state: Any) -> Iterator[Fault]:
    if normal_path(said.unit) in {normal_path(unit) for unit in state.returned}:
        yield Fault(reason=RETURNED_ALREADY, pointer="/details/unit")
    seen = set(state.verified)
    for number, each in enumerate(said.children):
        if each.child in seen:
            yield Fault(reason=VERIFIED_ALREADY, pointer=f"/details/children/{number}/child")
        seen.add(each.child)


EVENT_TYPE = EventType(
    details=CensusReturned,
    label=Text(zh="摸底上报", en="Census returned"),
    carers=lambda said: said.carers,
    correctable=False,
    check=_check,
)
