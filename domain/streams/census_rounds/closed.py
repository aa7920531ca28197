"""Census round closed 摸底排查结束: the figures that were signed, as they stay."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from domain.event import Details, NewEvent
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Advice, Conflict, Fault, Invalid, Reason, Text
from domain.streams.census_rounds.returned import CensusReturned
from domain.streams.census_rounds.table import Broken, CensusFigures, MinistryTable, broken

SUM_NOT_GIVEN = Reason(
    code="sum_not_given",
    zh="各单位已上报此项，结束时须写明合计",
    en="Units returned this, so the closing must give the sum.",
)
ADVICE_ON_SUM_NOT_GIVEN = Advice(
    reason=SUM_NOT_GIVEN,
    zh="读取本轮排查的合计（figures、table），核对后一并填写。",
    en="Read the sums of the round (figures, table), and give them once they are checked.",
    refusals=(Invalid,),
)
IDENTITY_BROKEN = Reason(
    code="identity_broken", zh="表间勾稽关系不成立", en="An identity of the table does not hold:"
)
ADVICE_ON_IDENTITY_BROKEN = Advice(
    reason=IDENTITY_BROKEN,
    zh="核对所列各列，改正后再结束；state 的 broken 列出哪个单位不平。",
    en="Check the columns named. `broken` of the state says whose return does not add up.",
    refusals=(Invalid,),
)
NOT_THE_SUM = Reason(
    code="not_the_sum_of_returns", zh="与各单位上报之和不符", en="Not the sum of the returns:"
)
ADVICE_ON_NOT_THE_SUM = Advice(
    reason=NOT_THE_SUM,
    zh="读取本轮状态中的合计；上报有误的先作废重报。",
    en="Read the sums in the state of the round; void a return that was wrong, and return again.",
    refusals=(Conflict,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CensusRoundClosed(Details):
    """What the round came to, and who signed for it: the three signatures of the form."""

    TYPE: ClassVar[str] = "census_round_closed"

    figures: CensusFigures | None = described("人数", "Figures", default=None)
    table: MinistryTable | None = described("统计表", "Table", default=None)
    responsible: str | None = described(
        "单位负责人", "Responsible", personal=True, max_length=50, default=None
    )
    reviewed_by: str | None = described("复核人", "Reviewed by", personal=True, max_length=50, default=None)
    filled_in_by: str | None = described("填表人", "Filled in by", personal=True, max_length=50, default=None)


def _check(new_event: NewEvent, state: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, CensusRoundClosed)
    for name in ("figures", "table"):
        own, sums = getattr(said, name), getattr(state, name)
        if own is None and sums is not None:
            yield Fault(reason=SUM_NOT_GIVEN, pointer=f"/details/{name}")
        yield from (_breaking(each, name) for each in broken(own))
    differing = [fault for name in ("figures", "table") for fault in _differing(said, state, name)]
    if differing and not any(any(broken(each)) for each in (said.figures, said.table)):
        raise Conflict(*differing)


def _breaking(each: Broken, name: str) -> Fault:
    sides = f"{each.identity}（{each.left}≠{each.right}）"
    reason = Reason(
        code=IDENTITY_BROKEN.code,
        zh=f"{IDENTITY_BROKEN.zh}：{sides}",
        en=f"{IDENTITY_BROKEN.en} {each.identity} ({each.left} ≠ {each.right}).",
    )
    return Fault(reason=reason, pointer=f"/details/{name}/{each.column}")


def _differing(said: CensusRoundClosed, state: Any, name: str) -> Iterator[Fault]:
    """Find the columns in which what is signed is not the sum of what was returned, once everybody has."""
    own, returned = getattr(said, name), [getattr(each, name) for _, each in state.of(CensusReturned)]
    if own is None or state.missing or not returned or None in returned:
        return
    for column, count in asdict(own).items():
        counted = [getattr(each, column) for each in returned]
        if count is not None and None not in counted and count != sum(counted):
            reason = Reason(
                code=NOT_THE_SUM.code,
                zh=f"{NOT_THE_SUM.zh}：{column}（{count}≠{sum(counted)}）",
                en=f"{NOT_THE_SUM.en} {column} ({count} ≠ {sum(counted)}).",
            )
            yield Fault(reason=reason, pointer=f"/details/{name}/{column}")


EVENT_TYPE = EventType(
    details=CensusRoundClosed,
    label=Text(zh="摸底排查结束", en="Census round closed"),
    decision=True,
    correctable=False,
    check=_check,
)
