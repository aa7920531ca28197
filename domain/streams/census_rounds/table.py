"""The table in which a round is counted: that of the Ministry, and the identities between its columns.

The columns are numbered as the form numbers them (民发〔2016〕42号, 附件3); what a heading says is said where
it is known.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from domain.fields import described

F = TypeVar("F")
MOST = 10_000_000


def _column(number: int, zh: str = "", en: str = "") -> Any:
    zh, en = f"第{number}列 {zh}".strip(), f"Column {number}: {en}".rstrip(": ")
    return described(zh, en, minimum=0, maximum=MOST, default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MinistryTable:
    """Left-behind children as the Ministry's table counts them, column by column."""

    c1: int = _column(1, "合计", "all")
    c2: int = _column(2, "0至5周岁", "aged 0 to 5")
    c3: int = _column(3)
    c4: int = _column(4)
    c5: int = _column(5, "6至13周岁", "aged 6 to 13")
    c6: int = _column(6)
    c7: int = _column(7)
    c8: int = _column(8, "14至16周岁", "aged 14 to 16")
    c9: int = _column(9)
    c10: int = _column(10)
    c11: int = _column(11, "幼儿园", "in kindergarten")
    c12: int = _column(12, "未入园", "not in kindergarten")
    c13: int = _column(13, "小学", "in primary school")
    c14: int = _column(14, "初中", "in lower secondary school")
    c15: int = _column(15, "高中", "in upper secondary school")
    c16: int = _column(16, "中职", "in vocational school")
    c17: int = _column(17, "辍学", "dropped out")
    c18: int = _column(18, "不在学", "not at school")
    c19: int = _column(19)
    c20: int = _column(20)
    c21: int = _column(21)
    c22: int = _column(22)
    c23: int = _column(23)
    c24: int = _column(24)
    c25: int = _column(25)
    c26: int = _column(26)
    c27: int = _column(27)
    c28: int = _column(28)
    c29: int = _column(29)
    c30: int = _column(30, "监护较好", "well looked after")
    c31: int = _column(31, "监护一般", "fairly looked after")
    c32: int = _column(32, "监护差", "badly looked after")


@dataclass(frozen=True, slots=True, kw_only=True)
class CensusFigures:
    """The pupils, those of them who are left behind, and of these those with both parents away or one."""

    pupils: int | None = described("学生数", "Pupils", minimum=0, maximum=MOST, default=None)
    left_behind: int | None = described("留守儿童数", "Left behind", minimum=0, maximum=MOST, default=None)
    both_away: int | None = described("纯留守", "Both parents away", minimum=0, maximum=MOST, default=None)
    one_away: int | None = described("单留守", "One parent away", minimum=0, maximum=MOST, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """An identity that does not hold, with what its sides come to; `column` is the first on its left."""

    identity: str
    column: str
    left: int
    right: int


def _span(first: int, last: int) -> tuple[str, ...]:
    return tuple(f"c{number}" for number in range(first, last + 1))


# The columns of both sides, in the order of the form.
_OF_THE_MINISTRY: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("c1",), ("c2", "c5", "c8")),
    (("c1",), _span(11, 18)),
    (("c1",), _span(19, 20)),
    (("c1",), _span(21, 25)),
    (("c1",), _span(26, 29)),
    (("c1",), _span(30, 32)),
    (("c2",), _span(3, 4)),
    (("c5",), _span(6, 7)),
    (("c8",), _span(9, 10)),
    (_span(13, 14), _span(24, 25)),
)
_OF_THE_SCHOOL = ((("left_behind",), ("both_away", "one_away")),)
_IDENTITIES = {MinistryTable: _OF_THE_MINISTRY, CensusFigures: _OF_THE_SCHOOL}


def broken(counted: MinistryTable | CensusFigures | None) -> Iterator[Broken]:
    """Find the identities that do not hold; one with a figure that nobody gave says nothing."""
    for left, right in _IDENTITIES[type(counted)] if counted is not None else ():
        sides = [[getattr(counted, name) for name in side] for side in (left, right)]
        if not any(None in side for side in sides) and sum(sides[0]) != sum(sides[1]):
            identity = f"{'+'.join(left)}={'+'.join(right)}"
            yield Broken(identity=identity, column=left[0], left=sum(sides[0]), right=sum(sides[1]))


def summed(kind: type[F], counted: Iterable[F | None]) -> F | None:
    """Return the sum, column by column, of what was counted; None where nothing was.

    A figure that nobody gave adds nothing.
    """
    given = [each for each in counted if each is not None]
    if not given:
        return None
    names = [each.name for each in fields(kind)]  # type: ignore[arg-type]  # of the classes above
    known = {name: [n for each in given if (n := getattr(each, name)) is not None] for name in names}
    return kind(**{name: sum(numbers) for name, numbers in known.items() if numbers})
