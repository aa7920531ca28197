"""Carer vetted 帮扶人审查: the result of a query, and never what it rests on (未成年人保护法 62)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from domain.care_action import before
from domain.choices import VettingResult
from domain.event import Details, NewEvent
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.reasons import ENDS_BEFORE_IT_BEGINS
from domain.refusal import Fault, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class CarerVetted(Details):
    """Who asked, what came of it, and until when that is good."""

    TYPE: ClassVar[str] = "carer_vetted"

    result: VettingResult = described("结果", "Result", personal=True)
    asked_by: str = described("查询单位", "Asked by", max_length=100)
    valid_to: date | None = described("有效期至", "Valid to", default=None)


def _check(new_event: NewEvent, _file: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, CarerVetted)
    return before(said.valid_to, new_event.occurred.day, ENDS_BEFORE_IT_BEGINS, "/details/valid_to")


EVENT_TYPE = EventType(details=CarerVetted, label=Text(zh="帮扶人审查", en="Carer vetted"), check=_check)
