"""Rows of one roster that speak of the same child: where they contradict each other the first one holds."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from application.intake.imports.roster_cells import CLASS, DEPENDING, GRADE
from application.intake.imports.roster_differs import said_by_column, said_otherwise
from application.intake.imports.roster_form import ChildOnPaper, PartNotRead
from domain.refusal import Reason

ROWS_DISAGREE = Reason(
    code="rows_disagree",
    zh="本表中同一名儿童有几行，所写不一致，以前面的行为准，本行这些栏目未采用；请核对后只留一行",
    en="Several rows of this file are of one child and contradict each other. The first one holds, and these "
    "columns of this row were not taken. Check them and keep one row.",
)
# What is said together is taken together.
_TOGETHER = ((GRADE, CLASS), *(section.titles for section in DEPENDING))


class RowsAbove:
    """What the rows of one roster have said so far and what holds, by the child they speak of."""

    def __init__(self) -> None:
        self._held: dict[UUID, dict[str, object]] = {}

    def without_contradictions(self, child_id: UUID, row: ChildOnPaper) -> ChildOnPaper:
        """Return what a row says, but for what rows above it say otherwise: that is asked about."""
        held, said = self._held.setdefault(child_id, {}), said_by_column(row)
        parts = list(_parts(said_otherwise(said, held)))
        aside = {column for part in parts for column in part}
        for column in said.keys() - aside:
            held.setdefault(column, said[column])
        if not parts:
            return row
        asked = (PartNotRead(columns=each, reason=ROWS_DISAGREE) for each in parts)
        return replace(row, not_read=(*row.not_read, *asked))


def _parts(columns: frozenset[str]) -> Iterator[tuple[str, ...]]:
    """Part columns by what is recorded together, each with the others of its part."""
    for titles in _TOGETHER:
        if columns.intersection(titles):
            yield titles
    if alone := columns.difference(*_TOGETHER):
        yield tuple(sorted(alone))
