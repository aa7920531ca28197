"""The order in which the rows of one save are written: two writers of the same would wait for each other."""

from collections.abc import Sequence
from typing import Any

from application.eventstore.recorder import Row


def in_order(rows: Sequence[Row]) -> list[Row]:
    """Put rows that replace others first, those of a table side by side.

    Claims stay as they were decided where one gives up what another may take.
    """
    claims = [row for row in rows if row.unique or row.gone]
    plain = [row for row in rows if not (row.unique or row.gone)]
    if not any(row.gone for row in claims):
        claims.sort(key=_place)
    return [*sorted(plain, key=_place), *claims]


def _place(row: Row) -> tuple[Any, ...]:
    return row.table, *row.key.values()
