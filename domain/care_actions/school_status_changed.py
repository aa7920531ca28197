"""School status 就学状态变动: whether the child goes to school."""

from dataclasses import dataclass
from typing import ClassVar

from domain.care_action import CareAction, Shown, latest
from domain.event import Details
from domain.fields import Choice, described
from domain.refusal import Text


class SchoolStatus(Choice):
    """Whether the child goes to school."""

    ATTENDING = "attending", "在读", "attending"
    NOT_YET = "not_yet", "未入学", "not yet at school"
    ON_LEAVE = "on_leave", "休学", "on leave"
    NOT_BACK = "not_back", "未返校", "not back at the start of term"
    DROPPED_OUT = "dropped_out", "辍学", "dropped out"
    FINISHED = "finished", "毕业", "finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolStatusChanged(Details):
    """The status from this day on, and why. The latest one holds."""

    TYPE: ClassVar[str] = "school_status_changed"

    status: SchoolStatus = described("状态", "Status")
    reason: str | None = described("原因", "Reason", personal=True, max_length=1000, default=None)
    persuaded_by: str | None = described(
        "劝返人", "Who fetched it back", personal=True, max_length=100, default=None
    )


ACTION = CareAction(
    details=SchoolStatusChanged,
    label=Text(zh="就学状态变动", en="School status"),
    settles=lambda _: "school_status",
    shows=Shown(name="school_status", holding=latest(SchoolStatusChanged)),
)
