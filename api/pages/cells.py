"""Cells of tables as a page shows them: their text, and where it leads."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.language import Language
from reports.cells import cell_of, in_language
from reports.report import Column, Evidence, Filled


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a cell, and the address that it leads to, if any."""

    text: str
    to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What a cell shows: its parts, in `lines` or one after the other, and whether it is a `number`."""

    parts: tuple[Part, ...]
    lines: bool
    number: bool


def cell_shown(
    filled: Filled,
    column: Column[Any],
    row: Any,
    *,
    language: Language,
    clocks: Mapping[str, str],
    link: Callable[..., str],
    below: Callable[[str], str],
) -> Cell:
    """Return a cell. The first column leads to the history of the child that the row is about, pieces of
    evidence to the entry in it; an organisation leads to what is `below` it."""
    value, child = column.of(row), filled.table.child(row)
    if isinstance(value, tuple | list):
        parts = tuple(_part(each, language, clocks=clocks, link=link) for each in value)
        return Cell(parts=parts, lines=column.lines or any(_has_reason(v) for v in value), number=False)
    if isinstance(value, Evidence):
        return Cell(parts=(_part(value, language, clocks=clocks, link=link),), lines=False, number=False)
    plain = cell_of(column, row, language)
    text = in_language(plain, language)
    leads = child is not None and column is filled.table.columns[0]
    to = below(text) if column.name == "org" and text else ""
    part = (
        Part(text=text or "—", to=link(f"/children/{child}", **clocks)) if leads else Part(text=text, to=to)
    )
    return Cell(parts=(part,), lines=False, number=isinstance(plain, int | float) and not leads)


def linked(text: str, numbers: Collection[int]) -> Iterator[tuple[str, str]]:
    """Part a text about entries, #7 and so on, into pieces, each with the address that it leads to."""
    for piece in re.split("(#[0-9]+)", text):
        there = piece.startswith("#") and piece[1:].isdigit() and int(piece[1:]) in numbers
        yield piece, f"#v{piece[1:]}" if there else ""


def sorted_rows(filled: Filled, sort: str | None, language: Language) -> Sequence[Any]:
    """Return rows in the order of a column by name, descending after a minus; what is empty comes last."""
    name, backwards = (sort or "").removeprefix("-"), (sort or "").startswith("-")
    column = next((each for each in filled.table.columns if each.name == name), None)
    if column is None:
        return filled.rows
    keyed = [(cell_of(column, row, language), row) for row in filled.rows]
    there = [(value, row) for value, row in keyed if value not in (None, "")]
    there.sort(key=lambda pair: pair[0], reverse=backwards)  # type: ignore[arg-type,return-value]
    return [row for _, row in there] + [row for value, row in keyed if value in (None, "")]


def _part(value: object, language: Language, *, clocks: Mapping[str, str], link: Callable[..., str]) -> Part:
    text = in_language(value, language)
    if not isinstance(value, Evidence):
        return Part(text=text)
    return Part(text=text, to=f"{link(f'/children/{value.child_id}', **clocks)}#e-{value.event_id}")


def _has_reason(value: object) -> bool:
    return isinstance(value, Evidence) and value.reason is not None
