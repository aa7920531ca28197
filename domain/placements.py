"""Where a child belongs, line by line: to a school, and one day to a village as well, at the same time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import zip_longest
from typing import Protocol

from domain.care_views import Move
from domain.fields import Choice


class Line(Choice):
    """By which of its offices a child is looked after; on each line it has one place at a time."""

    SCHOOL = "school", "学校", "school"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """That a child belongs to an organisation on some days, both inclusive; `last` None while it does."""

    line: Line
    org: str
    first: date
    last: date | None


class Moved(Protocol):
    """Of whom it is asked: a child as it was folded, or its card."""

    @property
    def moves(self) -> tuple[Move, ...]: ...


def placements(child: Moved, /) -> tuple[Placement, ...]:
    """Return where the child belonged and belongs, in order of time: so far on the line of schools alone."""
    moves = tuple(_standing(child.moves))
    lasts = [after.day - timedelta(days=1) for after in moves[1:]]
    return tuple(
        Placement(line=Line.SCHOOL, org=move.org, first=move.day, last=last)
        for move, last in zip_longest(moves, lasts)
    )


def _standing(moves: tuple[Move, ...]) -> Iterator[Move]:
    """Leave out what changed nothing, and what another move of the same day replaced."""
    held: Move | None = None
    for move, after in zip_longest(moves, moves[1:]):
        if (after is None or after.day != move.day) and (held is None or held.org != move.org):
            held = move
            yield move
