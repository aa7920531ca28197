"""Where a child belongs, line by line: to a school and to a village, at the same time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import zip_longest
from typing import Protocol

from domain.care_views import Move
from domain.choices import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """That a child belongs to an organisation on some days, both inclusive; `last` None while it does."""

    line: Line
    org: str
    first: date
    last: date | None


class Placed(Protocol):
    """Of whom it is asked: a child as it was folded, or its card."""

    @property
    def placed(self) -> tuple[Move, ...]: ...


def placements(child: Placed, /) -> tuple[Placement, ...]:
    """Return where the child belonged and belongs, in order of time, the school before the village."""
    found = (
        placement
        for line in Line
        for placement in _on_line([move for move in child.placed if move.line is line])
    )
    return tuple(sorted(found, key=lambda each: each.first))


def _on_line(moves: Sequence[Move]) -> Iterator[Placement]:
    standing = tuple(_standing(moves))
    for move, after in zip_longest(standing, standing[1:]):
        if move.org:
            last = after.day - timedelta(days=1) if after is not None else None
            yield Placement(line=move.line, org=move.org, first=move.day, last=last)


def _standing(moves: Sequence[Move]) -> Iterator[Move]:
    """Leave out what changed nothing, and what another move of the same day replaced."""
    held: Move | None = None
    for move, after in zip_longest(moves, moves[1:]):
        if (after is None or after.day != move.day) and (held is None or held.org != move.org):
            held = move
            yield move
