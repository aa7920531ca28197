"""What a home has to lend 之家物品: it comes, goes out to children, comes back."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from domain.event import Details, NewEvent
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Advice, AtOdds, Conflict, Fault, Reason, Text

NOT_THERE = Reason(
    code="not_there_to_lend", zh="该物品已全部借出或没有登记", en="None of it is there to be lent."
)
ADVICE_ON_NOT_THERE = Advice(
    reason=NOT_THERE,
    zh="先登记归还，或登记新添的物品。",
    en="Record what came back, or what is new, first.",
    refusals=(Conflict,),
)
NO_SUCH_LOAN = Reason(code="no_such_loan", zh="没有这次借出", en="There is no such loan.")
ADVICE_ON_NO_SUCH_LOAN = Advice(
    reason=NO_SUCH_LOAN, zh="先登记借出。", en="Record the loan first.", refusals=(AtOdds,)
)
BACK_ALREADY = Reason(code="back_already", zh="这次借出已经归还", en="It was given back already.")
ADVICE_ON_BACK_ALREADY = Advice(
    reason=BACK_ALREADY, zh="不必再登记。", en="There is nothing more to record.", refusals=(Conflict,)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeStocked(Details):
    """So many things of a kind came in; a number below 0 was lost or worn out."""

    TYPE: ClassVar[str] = "home_stocked"

    item: str = described("物品", "Item", max_length=80)
    quantity: int = described("数量", "Quantity", minimum=-1_000_000, maximum=1_000_000)
    value_fen: int | None = described(
        "价值(分)", "Value (fen)", minimum=0, maximum=100_000_000_000, default=None
    )
    donation: UUID | None = described("所属捐赠", "Donation", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class EquipmentLent(Details):
    """One thing went out to a child."""

    TYPE: ClassVar[str] = "equipment_lent"

    item: str = described("物品", "Item", max_length=80)
    child: UUID | None = described("儿童", "Child", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class EquipmentReturned(Details):
    """It came back; `loan` is the event id of the loan."""

    TYPE: ClassVar[str] = "equipment_returned"

    loan: UUID = described("借出记录", "Loan (event id)")
    damaged: bool = described("是否损坏", "Damaged", default=False)


def _lent(new_event: NewEvent, home: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, EquipmentLent)
    if home.there.get(said.item, 0) < 1:
        raise Conflict(Fault(reason=NOT_THERE, pointer="/details/item"))
    return iter(())


def _returned(new_event: NewEvent, home: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, EquipmentReturned)
    if said.loan in home.returned:
        raise Conflict(Fault(reason=BACK_ALREADY, pointer="/details/loan"))
    if said.loan not in home.loans:
        raise AtOdds(Fault(reason=NO_SUCH_LOAN, pointer="/details/loan"))
    return iter(())


EVENT_TYPES = (
    EventType(
        details=HomeStocked,
        label=Text(zh="之家物品增减", en="Stock of the children's home"),
        correctable=False,
    ),
    EventType(details=EquipmentLent, label=Text(zh="物品借出", en="Lent"), correctable=False, check=_lent),
    EventType(
        details=EquipmentReturned,
        label=Text(zh="物品归还", en="Given back"),
        correctable=False,
        check=_returned,
    ),
)
