"""Absence 缺勤: the child was not at school."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction, PaperLine, ends_no_earlier
from domain.event import Details
from domain.fields import Choice, described
from domain.paper_lines import reads
from domain.refusal import Text


class AbsenceKind(Choice):
    """In what way."""

    ABSENT = "absent", "缺课", "absent"
    LATE = "late", "迟到", "late"
    LEFT_EARLY = "left_early", "早退", "left early"
    TRUANT = "truant", "逃学", "truant"


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceObserved(Details):
    """From when to when, whether excused, and whether the family was told."""

    TYPE: ClassVar[str] = "absence_observed"

    until: date | None = described("截止日期", "Until", default=None)
    kind: AbsenceKind = described("类型", "Kind", default=AbsenceKind.ABSENT)
    excused: bool | None = described("是否请假", "Excused", default=None)
    reason: str | None = described("原因", "Reason", personal=True, max_length=500, default=None)
    family_told: bool | None = described("是否告知家长", "Family told", default=None)
    carers: tuple[UUID, ...] = described("经办人", "Carers", max_length=5, default=())


_KINDS = {each.zh: each for each in AbsenceKind}
# Whether it was excused, and whether the family knows.
_RESULTS: Mapping[str, tuple[bool | None, bool | None]] = {
    "": (None, None),
    "已请假": (True, None),
    "未请假": (False, None),
    "已告知家长": (None, True),
}


def _of_line(line: PaperLine, _child: None, known: tuple[bool | None, bool | None]) -> AbsenceObserved:
    excused, family_told = known
    return AbsenceObserved(
        kind=_KINDS[line.word],
        excused=excused,
        family_told=family_told,
        reason=line.record,
        carers=line.carers,
    )


ACTION = CareAction(
    details=AbsenceObserved,
    label=Text(zh="缺勤", en="Absence"),
    check=ends_no_earlier,
    carers=lambda said: said.carers,
    paper=tuple(_KINDS),
    from_paper=reads(_of_line, outcome=_RESULTS),
)
