"""Carer trained 帮扶人培训: what somebody learned, for how long; a training counts once for a person."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from domain.event import Details, NewEvent
from domain.fields import Choice, described
from domain.ledger.event_type import EventType
from domain.refusal import Advice, Conflict, Fault, Reason, Text

TRAINED_ALREADY = Reason(
    code="trained_already",
    zh="此人当日的同一培训已登记",
    en="This training of that day is in the file of this person already.",
)
ADVICE = Advice(
    reason=TRAINED_ALREADY,
    zh="每人每次培训只登记一次；有误的，更正原记录。",
    en="A training counts once for a person; correct the first entry if it was wrong.",
    refusals=(Conflict,),
)


class TrainedAs(Choice):
    """For which work somebody was trained."""

    CARER = "carer", "帮扶人", "carer"
    COUNSELLOR = "counsellor", "心理辅导教师", "counsellor"
    CLASS_TEACHER = "class_teacher", "班主任", "class teacher"
    CHILD_DIRECTOR = "child_director", "儿童主任", "child director"
    BOARDING = "boarding", "生活教师", "boarding supervisor"
    VOLUNTEER = "volunteer", "志愿者", "volunteer"


@dataclass(frozen=True, slots=True, kw_only=True)
class CarerTrained(Details):
    """The day of the entry is that of the training."""

    TYPE: ClassVar[str] = "carer_trained"

    topic: str = described("主题", "Topic", max_length=200)
    minutes: int = described("时长(分钟)", "Minutes", minimum=1, maximum=60_000)
    trained_as: TrainedAs = described("培训对象", "Trained as", default=TrainedAs.CARER)
    provider: str | None = described("举办单位", "Held by", max_length=100, default=None)
    certificate: str | None = described("证书号", "Certificate", personal=True, max_length=64, default=None)


def _check(new_event: NewEvent, file: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, CarerTrained)
    for fact, other in file.of(CarerTrained):
        same = (fact.day, other.topic) == (new_event.occurred.day, said.topic)
        if same and fact.event_id != new_event.event_id:
            raise Conflict(Fault(reason=TRAINED_ALREADY, pointer="/details/topic"))
    return iter(())


EVENT_TYPE = EventType(details=CarerTrained, label=Text(zh="帮扶人培训", en="Carer trained"), check=_check)
