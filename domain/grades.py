"""The class after a class: 三年级/2班 is followed by 四年级/2班."""

from collections.abc import Collection

from domain.org import school_of

_FIGURES = "一二三四五六七八九"
# Grades of a name of their own, in order; behind the last of them a child leaves.
_NAMED = (("小班", "中班", "大班"), ("初一", "初二", "初三"), ("高一", "高二", "高三"))
# A primary school may end here, and many do.
LAST_OF_PRIMARY = 6


def next_class(path: str, *, known: Collection[str]) -> str | None:
    """Return the class behind a class of a school; None where the child leaves, or nobody can say.

    `known` are the paths of the school that there are: from the sixth grade on the next must be among them.
    """
    school = school_of(path)
    grade, _, rest = path.removeprefix(f"{school}/").partition("/")
    following, last = _after(grade)
    if path == school or following is None:
        return None
    found = "/".join(filter(None, (school, following, rest)))
    above = f"{school}/{following}"
    return found if not last or any(p == above or p.startswith(above + "/") for p in known) else None


def _after(grade: str) -> tuple[str | None, bool]:
    """Return the grade behind one, and whether a school may end with it."""
    for names in _NAMED:
        for name, following in zip(names, (*names[1:], None), strict=True):
            if grade.startswith(name):
                return (None if following is None else following + grade.removeprefix(name)), False
    for number in range(1, len(_FIGURES)):
        for figure, after in ((str(number), str(number + 1)), (_FIGURES[number - 1], _FIGURES[number])):
            rest = grade.removeprefix(figure)
            if rest != grade and rest in {"年级", "级", ""}:
                return after + rest, number >= LAST_OF_PRIMARY
    return None, False
