"""Way to school 上学路途: how far, how, with whom, and where the child eats at noon."""

from dataclasses import dataclass
from typing import ClassVar

from domain.care_action import CareAction
from domain.event import Details
from domain.fields import Choice, described
from domain.refusal import Text


class TravelManner(Choice):
    """How one travels."""

    WALK = "walk", "步行", "on foot"
    BICYCLE = "bicycle", "自行车", "bicycle"
    MOTORCYCLE = "motorcycle", "摩托车或电动车", "motorcycle"
    SCHOOL_BUS = "school_bus", "校车", "school bus"
    PUBLIC = "public", "公共交通", "public transport"
    CAR = "car", "汽车", "car"
    BOARDING = "boarding", "住校", "boards"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommuteRecorded(Details):
    """How the child gets to school; the latest entry holds."""

    TYPE: ClassVar[str] = "commute_recorded"

    metres: int | None = described("距离(米)", "Distance (m)", minimum=0, maximum=500000, default=None)
    manner: TravelManner | None = described("方式", "Manner", default=None)
    escort: str | None = described("接送人", "Escort", personal=True, max_length=50, default=None)
    minutes: int | None = described(
        "单程时长(分钟)", "One way, minutes", minimum=0, maximum=600, default=None
    )
    lunch_at_school: bool | None = described("在校就餐", "Lunch at school", default=None)


ACTION = CareAction(
    details=CommuteRecorded,
    label=Text(zh="上学路途", en="Way to school"),
    settles=lambda _: "commute",
)
