"""Programme launched 帮扶项目: how many children a carer takes on in it, and how many a class may name."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from domain.choices import CarerKind
from domain.event import Details, NewEvent
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Advice, Fault, Invalid, Reason, Text

MOST_BELOW_FEWEST = Reason(code="most_below_fewest", zh="上限小于下限", en="The most is below the fewest.")
ADVICE = Advice(reason=MOST_BELOW_FEWEST, zh="核对上下限。", en="Check both numbers.", refusals=(Invalid,))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeLaunched(Details):
    """Fewer than the fewest is kept, and marked; no class names more than the most."""

    TYPE: ClassVar[str] = "programme_launched"

    title: str = described("名称", "Title", max_length=80)
    kind: CarerKind | None = described("结对类型", "Kind of carer", default=None)
    fewest_each: int | None = described(
        "每人最少结对", "Children of a carer, at least", minimum=1, maximum=1000, default=None
    )
    most_each: int | None = described(
        "每人最多结对", "Children of a carer, at most", minimum=1, maximum=1000, default=None
    )
    fewest_named: int | None = described(
        "每班最少推荐", "Named by a class, at least", minimum=1, maximum=1000, default=None
    )
    most_named: int | None = described(
        "每班最多推荐", "Named by a class, at most", minimum=1, maximum=1000, default=None
    )


def _check(new_event: NewEvent, _programme: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, ProgrammeLaunched)
    for name, fewest, most in (
        ("most_each", said.fewest_each, said.most_each),
        ("most_named", said.fewest_named, said.most_named),
    ):
        if fewest is not None and most is not None and most < fewest:
            yield Fault(reason=MOST_BELOW_FEWEST, pointer=f"/details/{name}")


EVENT_TYPE = EventType(
    details=ProgrammeLaunched, label=Text(zh="帮扶项目", en="Programme launched"), check=_check
)
