"""Talk 谈心: a conversation with the child about how it fares."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction, PaperLine, both, paper_word
from domain.choices import LifeSide
from domain.event import Details
from domain.fields import Choice, described
from domain.refusal import Fault, Invalid, Reason, Text


class TalkMode(Choice):
    """How the talk was held."""

    FACE_TO_FACE = "face_to_face", "面谈", "face to face"
    PHONE = "phone", "电话", "by telephone"
    VIDEO = "video", "视频", "by video"


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkHeld(Details):
    """Who talked with the child, about what. A talk with its record is a contact. `mood` is 1 (low) to 5.

    Face to face, it is a sighting of the child as well.
    """

    TYPE: ClassVar[str] = "talk_held"

    carers: tuple[UUID, ...] = described("谈心人", "Carers", min_length=1, max_length=5)
    mode: TalkMode = described("方式", "Mode", default=TalkMode.FACE_TO_FACE)
    topics: tuple[str, ...] = described("话题", "Topics", personal=True, max_length=10, default=())
    mood: int | None = described("情绪(1-5)", "Mood (1-5)", personal=True, minimum=1, maximum=5, default=None)
    minutes: int | None = described("时长(分钟)", "Minutes", minimum=0, maximum=1440, default=None)
    record: str | None = described("内容", "Record", personal=True, max_length=4000, default=None)
    about: tuple[LifeSide, ...] | None = described("方面", "About", max_length=len(LifeSide), default=None)


# What the type says by itself: with whom, and that it took place. A talk that did not is none.
_WITH = dict.fromkeys(("", "儿童"))
_HELD = dict.fromkeys(("", "见到", "已谈", "完成"))
_NOT_HELD = Text(
    zh="没有谈成的不是谈心，不算联系：请删去整行，不要只清空此栏",
    en="A talk that did not take place is no record of contact: leave the whole line out, "
    "do not empty the cell.",
)
NO_TALK = Reason(
    code="no_talk",
    zh="谈心 0 分钟即没有谈：没有谈成的请删去整行，不清楚时长的留空",
    en="A talk of 0 minutes did not take place. Leave the line out, or leave the cell empty if "
    "the length is unknown.",
)


def _from_paper(line: PaperLine) -> TalkHeld:
    both(
        lambda: paper_word(_WITH, line.counterpart, at="counterpart"),
        lambda: paper_word(_HELD, line.outcome, at="outcome", advice=_NOT_HELD),
    )
    if line.minutes == 0:
        raise Invalid(Fault(reason=NO_TALK, pointer="/minutes"))
    return TalkHeld(carers=line.carers, minutes=line.minutes, record=line.record)


def _contact(details: TalkHeld, *, has_record: bool) -> bool:
    return has_record


def _sighting(details: TalkHeld, *, has_record: bool) -> bool:
    return has_record and details.mode is TalkMode.FACE_TO_FACE


def _carers(details: TalkHeld) -> tuple[UUID, ...]:
    return details.carers


ACTION = CareAction(
    details=TalkHeld,
    label=Text(zh="谈心", en="Talk"),
    record="record",
    contact=_contact,
    sighting=_sighting,
    carers=_carers,
    paper=("谈心", "谈话"),
    from_paper=_from_paper,
)
