"""Inspection opened 督导检查: people from outside look at how children are cared for, in four steps."""

from dataclasses import dataclass
from typing import ClassVar

from domain.event import Details
from domain.fields import Choice, described
from domain.ledger.event_type import EventType
from domain.refusal import Text


class InspectionStep(Choice):
    """What inspectors do, one after another."""

    PLAN = "plan", "查看活动方案", "look at the plan"
    LEADERS = "leaders", "听取领导汇报", "hear the heads"
    TEACHERS = "teachers", "召开教师座谈会", "meet the teachers"
    VISITS = "visits", "随机走访", "visit children drawn at random"


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionOpened(Details):
    """Who inspects, on whose behalf, and whether that was announced."""

    TYPE: ClassVar[str] = "inspection_opened"

    title: str = described("名称", "Title", max_length=100)
    body: str | None = described("检查单位", "Inspecting body", max_length=100, default=None)
    inspectors: tuple[str, ...] = described(
        "检查人员", "Inspectors", personal=True, min_length=1, max_length=20
    )
    announced: bool | None = described("是否事先通知", "Announced", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionStepTaken(Details):
    """Which step was taken, with how many people, and what came of it."""

    TYPE: ClassVar[str] = "inspection_step_taken"

    step: InspectionStep = described("步骤", "Step")
    heads: int | None = described("参加人数", "Heads", minimum=0, maximum=100_000, default=None)
    record: str | None = described("记录", "Record", personal=True, max_length=4000, default=None)


EVENT_TYPES = (
    EventType(details=InspectionOpened, label=Text(zh="督导检查开始", en="Inspection opened")),
    EventType(
        details=InspectionStepTaken, label=Text(zh="检查步骤", en="Step of the inspection"), record="record"
    ),
)
