"""Drill 演练: an emergency plan is practised (未成年人保护法 37)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from domain.event import Details, NewEvent
from domain.fields import Choice, described
from domain.ledger.event_type import EventType
from domain.refusal import Advice, Fault, Invalid, Reason, Text

MORE_THAN_EXPECTED = Reason(
    code="more_heads_than_expected", zh="实到人数超过应到人数", en="More took part than were to."
)
ADVICE_ON_MORE_THAN_EXPECTED = Advice(
    reason=MORE_THAN_EXPECTED, zh="核对应到和实到人数。", en="Check both head counts.", refusals=(Invalid,)
)


class DrillKind(Choice):
    """What was practised."""

    FIRE = "fire", "消防疏散", "fire"
    EARTHQUAKE = "earthquake", "地震避险", "earthquake"
    FLOOD = "flood", "防汛", "flood"
    DROWNING = "drowning", "防溺水", "drowning"
    VIOLENCE = "violence", "防暴防侵害", "violence"
    EPIDEMIC = "epidemic", "疫情处置", "epidemic"
    MISSING_CHILD = "missing_child", "儿童失联处置", "a missing child"
    OTHER = "other", "其他", "other"


class DrillResult(Choice):
    """How it went."""

    PASSED = "passed", "达到要求", "as it should"
    WEAK = "weak", "有不足", "with weaknesses"
    FAILED = "failed", "未达到要求", "not as it should"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillHeld(Details):
    """What was practised, with how many people, how it went and what is to be mended."""

    TYPE: ClassVar[str] = "drill_held"

    kind: DrillKind = described("类型", "Kind")
    heads: int = described("实到人数", "Heads", minimum=0, maximum=100_000)
    expected: int | None = described("应到人数", "Expected", minimum=0, maximum=100_000, default=None)
    minutes: int | None = described("时长(分钟)", "Minutes", minimum=0, maximum=1440, default=None)
    result: DrillResult = described("结果", "Result")
    to_mend: str | None = described("需改进", "To be mended", max_length=1000, default=None)
    led_by: str | None = described("负责人", "Led by", personal=True, max_length=50, default=None)


def _check(new_event: NewEvent, _plan: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, DrillHeld)
    if said.expected is not None and said.heads > said.expected:
        yield Fault(reason=MORE_THAN_EXPECTED, pointer="/details/heads")


EVENT_TYPE = EventType(details=DrillHeld, label=Text(zh="应急演练", en="Drill held"), check=_check)
