"""Incident reported 强制报告: what was seen or suspected of which children, and who must not read it."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.event import Details
from domain.fields import Choice, described
from domain.ledger.event_type import EventType
from domain.refusal import Text


class Situation(Choice):
    """What must be reported at once: the nine situations of 2020, a child alone, a child missing."""

    INTIMATE_INJURY = "intimate_injury", "隐私部位受伤", "injured private parts"
    GIRL_UNDER_14 = "girl_under_14", "不满14周岁女性遭性侵、怀孕或流产", "girl under 14 abused or pregnant"
    GIRL_OVER_14 = "girl_over_14", "14周岁以上女性疑遭性侵致孕", "girl over 14 pregnant by assault"
    INJURIES = "injuries", "多处受伤、严重营养不良、意识不清", "several injuries, starved or dazed"
    SELF_HARM = "self_harm", "自杀、自残、中毒等非正常伤亡", "suicide, self-harm, poisoning"
    ABANDONED = "abandoned", "被遗弃或长期无人照料", "abandoned, or long without care"
    TRAFFICKED = "trafficked", "来源不明、失踪或被拐卖", "of unknown origin, missing or trafficked"
    BEGGING = "begging", "被组织乞讨", "made to beg"
    OTHER_HARM = "other_harm", "其他严重侵害", "other grave harm"
    ALONE = "alone", "独居无人监护", "living alone without anybody"
    MISSING = "missing", "失踪", "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentReported(Details):
    """What was seen. `children` may be named later; suspicion is enough.

    `readers` are the holders of keys who may read it beside whoever reports, and beside the managers of the
    county; none of those in `excluded` may, whatever their office. Both are ids of principals.
    """

    TYPE: ClassVar[str] = "incident_reported"

    situations: tuple[Situation, ...] = described("情形", "Situations", min_length=1, max_length=11)
    children: tuple[UUID, ...] = described("儿童", "Children", max_length=20, default=())
    what: str = described("经过", "What was seen", personal=True, max_length=4000)
    place: str | None = described("地点", "Place", personal=True, max_length=200, default=None)
    found_by: str | None = described("发现人", "Found by", personal=True, max_length=50, default=None)
    about: str | None = described("涉及人员", "Who is meant", personal=True, max_length=200, default=None)
    readers: tuple[UUID, ...] = described("可查阅者", "Readers", max_length=20, default=())
    excluded: tuple[UUID, ...] = described("回避者", "Excluded", max_length=20, default=())


EVENT_TYPE = EventType(
    details=IncidentReported, label=Text(zh="发现侵害情形", en="Incident reported"), correctable=False
)
