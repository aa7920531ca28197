"""The boxes of the Ministry's form: what of a file is ticked in each."""

from collections.abc import Callable, Mapping
from typing import Any

from domain.choices import Capability, Parent
from domain.fields import Choice
from domain.left_behind import Away
from reports.sheets import Sheet


class Schooling(Choice):
    """How a child stands with school; each child is in one of these boxes."""

    KINDERGARTEN = "kindergarten", "在幼儿园", "at kindergarten"
    BEFORE = "before", "未入园", "not yet at kindergarten"
    PRIMARY = "primary", "小学", "primary school"
    JUNIOR = "junior", "初中", "junior secondary school"
    SENIOR = "senior", "高中", "senior secondary school"
    VOCATIONAL = "vocational", "中职", "vocational school"
    DROPPED_OUT = "dropped_out", "辍学", "dropped out"
    NOT_AT_SCHOOL = "not_at_school", "不在学", "not at school"


class Cared(Choice):
    """Who looks after a child at home."""

    GRANDPARENTS = "grandparents", "（外）祖父母", "grandparents"
    RELATIVES = "relatives", "亲属", "relatives"
    OTHERS = "others", "其他人", "others"
    NOBODY = "nobody", "无人照料或不详", "nobody, or not known"


class Guarded(Choice):
    """How well a child is looked after."""

    GOOD = "good", "较好", "good"
    FAIR = "fair", "一般", "fair"
    POOR = "poor", "差或不详", "poor, or not known"


class AwayBox(Choice):
    """Why a child counts."""

    BOTH = "both", "父母均外出", "both parents away"
    OTHER = "other", "一方外出或其他", "one away, or else"


_GRANDPARENTS = ("祖", "爷", "奶", "外公", "外婆", "姥")
_RELATIVES = ("叔", "伯", "姑", "姨", "舅", "婶", "嫂", "哥", "姐", "兄", "亲")
_OUT = {"dropped_out": Schooling.DROPPED_OUT, "not_back": Schooling.DROPPED_OUT}
_LAST_OF_COMPULSORY = 15
# From which age on a child that goes to school is taken to be at which.
_BY_AGE = (
    (15, Schooling.SENIOR),
    (12, Schooling.JUNIOR),
    (6, Schooling.PRIMARY),
    (3, Schooling.KINDERGARTEN),
    (0, Schooling.BEFORE),
)
_BY_GRADE: Mapping[str, Schooling] = {
    **dict.fromkeys("一二三四五六123456", Schooling.PRIMARY),
    **dict.fromkeys("七八九789", Schooling.JUNIOR),
}

_GUARDED = ((Capability.GOOD, Guarded.GOOD), (Capability.FAIR, Guarded.FAIR))


def schooling(sheet: Sheet) -> Schooling:
    """Return how a child stands with school: what was said of that, else its grade, else its age."""
    fact, age = sheet.last("school_status_changed"), sheet.age or 0
    status = fact.details.status.value if fact else ""
    if status in _OUT:
        return Schooling.DROPPED_OUT if age <= _LAST_OF_COMPULSORY else Schooling.NOT_AT_SCHOOL
    if status == "finished":
        return Schooling.NOT_AT_SCHOOL
    if status == "not_yet":
        return Schooling.BEFORE
    grade = sheet.unit[:1]
    if "职" in sheet.school:
        return Schooling.VOCATIONAL
    if "幼儿园" in sheet.school:
        return Schooling.KINDERGARTEN
    by_age = next(box for least, box in _BY_AGE if age >= least)
    return _BY_GRADE.get(grade, by_age) if sheet.unit else by_age


def cared(sheet: Sheet) -> Cared:
    """Return who looks after a child at home, as its relation says."""
    carer = sheet.at_home
    relation = getattr(carer, "relation", None) or ""
    if carer is None:
        return Cared.NOBODY
    if any(word in relation for word in _GRANDPARENTS):
        return Cared.GRANDPARENTS
    return Cared.RELATIVES if any(word in relation for word in _RELATIVES) else Cared.OTHERS


def guarded(sheet: Sheet) -> Guarded:
    """Return how well a child is looked after, as was said of whoever does."""
    said = getattr(sheet.at_home, "capability", None)
    return next((box for capability, box in _GUARDED if said is capability), Guarded.POOR)


def away_box(sheet: Sheet) -> AwayBox:
    """Return for which parents a child counts."""
    return AwayBox.BOTH if sheet.away is Away.BOTH else AwayBox.OTHER


def incapable(sheet: Sheet) -> tuple[Parent, ...]:
    """Return the parents who are at home and can't look after the child."""
    return tuple(p for p in Parent if getattr(sheet.state_of(p), "value", "") == "incapable")


def of_profile(name: str) -> Callable[[Sheet], Any]:
    """Return what reads a field of the profile."""
    return lambda sheet: sheet.said(name)
