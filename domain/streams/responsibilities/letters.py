"""Letter of a layer signed 层级责任书: county, townships, schools and teachers bind each other in writing.

What a guardian signs stands in the child's file (`responsibility_letter_signed`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from domain.care_action import before
from domain.event import Details, NewEvent
from domain.fields import Choice, described
from domain.fingerprint import faults_of_fingerprint
from domain.ledger.event_type import EventType
from domain.reasons import ENDS_BEFORE_IT_BEGINS
from domain.refusal import Fault, Text


class LayerPair(Choice):
    """Between which layers a letter is signed, the upper one first."""

    COUNTY_TOWNSHIP = "county_township", "县与乡镇", "county and township"
    COUNTY_SCHOOL = "county_school", "县与学校", "county and school"
    TOWNSHIP_VILLAGE = "township_village", "乡镇与村", "township and village"
    TOWNSHIP_SCHOOL = "township_school", "乡镇与学校", "township and school"
    SCHOOL_TEACHER = "school_teacher", "学校与教师", "school and teacher"


class LetterAbout(Choice):
    """For what it makes somebody answer."""

    SAFETY = "safety", "安全", "safety"
    CARE = "care", "关爱工作", "care"
    ATTENDANCE = "attendance", "控辍保学", "school attendance"


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerLetterSigned(Details):
    """Who signed for whom, and until when it holds. `bound` is the organisation or the post that is bound."""

    TYPE: ClassVar[str] = "layer_letter_signed"

    layer: LayerPair = described("层级", "Layers")
    about: LetterAbout = described("内容", "About", default=LetterAbout.SAFETY)
    bound: str = described("责任单位或岗位", "Who is bound", max_length=100)
    signed_by: str = described("签订人", "Signed by", personal=True, max_length=50)
    carer: UUID | None = described("帮扶人", "Carer", default=None)
    valid_to: date | None = described("有效期至", "Valid to", default=None)
    sha256: str | None = described(
        "文本摘要", "SHA-256 of the text", max_length=64, default=None, hint="64 hexadecimal digits."
    )


def _check(new_event: NewEvent, _matrix: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, LayerLetterSigned)
    yield from before(said.valid_to, new_event.occurred.day, ENDS_BEFORE_IT_BEGINS, "/details/valid_to")
    yield from faults_of_fingerprint(said.sha256, "/details/sha256")


def _carers(said: LayerLetterSigned) -> tuple[UUID, ...]:
    return () if said.carer is None else (said.carer,)


EVENT_TYPE = EventType(
    details=LayerLetterSigned,
    label=Text(zh="签订层级责任书", en="Letter of a layer signed"),
    carers=_carers,
    check=_check,
)
