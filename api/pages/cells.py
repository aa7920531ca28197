"""Rows of tables as HTML: what a cell shows is text, and leads to where it can be looked up."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date
from functools import cache
from html import escape
from typing import Any
from uuid import UUID

from markupsafe import Markup

from api.language import Language
from reports.cells import cell_of, in_language
from reports.report import Column, Evidence, Visible

_BETWEEN = {"zh": "、", "en": ", "}
# How what is shown stands in its cell.
_KINDS: tuple[tuple[Any, str], ...] = ((int | float, "number"), (date, "when"))


class Cells:
    """Writes the rows of one table. This is done apart from the templates, as a page has a thousand cells:
    whatever is put in comes from a report and is escaped here.

    The first column leads to the history of the child that a row is about, a piece of evidence to its entry
    there, under the `clocks`, a query that begins with its question mark; an organisation leads to what is
    `below` it.
    """

    def __init__(
        self, filled: Visible, *, language: Language, clocks: str, below: Callable[[str], str]
    ) -> None:
        self._child = filled.child
        self._language = language
        self._clocks = escape(clocks)
        self._below = cache(lambda org: _linked(escape(org), escape(below(org))))
        self._columns = [
            (column, f'<td data-label="{escape(in_language(column.title, language))}"')
            for column in filled.columns
        ]

    def row(self, row: Any) -> Markup:
        """Write the cells of a row."""
        child = self._child(row)
        return Markup("".join(self._cells(row, child)))  # noqa: S704  every part of it was escaped

    def card(self, row: Any) -> Markup:
        """Write a row as a card: each title with what the row shows under it, empty or not."""
        child, parts = self._child(row), list[str]()
        for number, (column, _) in enumerate(self._columns):
            title = escape(in_language(column.title, self._language))
            value = column.of(row)
            values = value if isinstance(value, tuple | list) else (value,)
            text = ("<br>" if column.lines else _BETWEEN[self._language]).join(map(self._part, values))
            shown = self._of_child(child, text or "—") if number == 0 and child is not None else text
            parts.append(f"<dt>{title}</dt><dd>{shown}</dd>")
        return Markup(f"<dl>{''.join(parts)}</dl>")  # noqa: S704  every part of it was escaped

    def numbers(self, row: Any) -> list[bool]:
        """Tell which columns show a number in a row, and stand to the right."""
        leads = self._child(row) is not None
        values = [cell_of(column, row, self._language) for column, _ in self._columns]
        return [isinstance(v, int | float) and not (leads and n == 0) for n, v in enumerate(values)]

    def _cells(self, row: Any, child: UUID | None) -> Iterator[str]:
        for number, (column, begin) in enumerate(self._columns):
            value = column.of(row)
            if isinstance(value, tuple | list):
                yield self._parts(value, column, begin)
                continue
            if isinstance(value, Evidence):
                yield f"{begin}><div>{self._part(value)}</div></td>"
                continue
            plain = cell_of(column, row, self._language)
            text = in_language(plain, self._language)
            if number == 0 and child is not None:
                shown = self._of_child(child, escape(text) or "—")
                yield f"{begin}><div>{shown}</div></td>"
            elif not text:
                yield f'{begin} class="none"><div></div></td>'
            elif column.name == "org":
                yield f"{begin}><div>{self._below(text)}</div></td>"
            else:
                kind = next((f' class="{name}"' for types, name in _KINDS if isinstance(plain, types)), "")
                yield f"{begin}{kind}><div>{escape(text)}</div></td>"

    def _parts(self, values: Sequence[object], column: Column[Any], begin: str) -> str:
        parts = [self._part(value) for value in values]
        if not parts:
            return f'{begin} class="none"><div></div></td>'
        if column.lines:
            spans = "".join(f"<span>{part}</span>" for part in parts)
            return f'{begin} class="lines"><div>{spans}</div></td>'
        return f"{begin}><div>{_BETWEEN[self._language].join(parts)}</div></td>"

    def _part(self, value: object) -> str:
        if not isinstance(value, Evidence):
            return escape(in_language(value, self._language))
        day, *why = (escape(word) for word in in_language(value, self._language).split(" ", 1))
        text = " ".join((f'<span class="day">{day}</span>', *why))
        return self._of_child(value.child_id, text, at=f"#e-{value.event_id}")

    def _of_child(self, child: UUID, text: str, *, at: str = "") -> str:
        return _linked(text, f"/children/{child}{self._clocks}{at}")


def linked(text: str, numbers: Collection[int]) -> Iterator[tuple[str, str]]:
    """Part a text about entries, #7 and so on, into pieces, each with the address that it leads to."""
    for piece in re.split("(#[0-9]+)", text):
        there = piece.startswith("#") and piece[1:].isdigit() and int(piece[1:]) in numbers
        yield piece, f"#v{piece[1:]}" if there else ""


def sorted_rows(filled: Visible, sort: str | None, language: Language) -> Sequence[Any]:
    """Return rows in the order of a column by name, descending after a minus; what is empty comes last."""
    name, backwards = (sort or "").removeprefix("-"), (sort or "").startswith("-")
    column = next((each for each in filled.columns if each.name == name), None)
    if column is None:
        return filled.rows
    keyed = [(cell_of(column, row, language), row) for row in filled.rows]
    there = [(value, row) for value, row in keyed if value not in (None, "")]
    there.sort(key=lambda pair: pair[0], reverse=backwards)  # type: ignore[arg-type,return-value]
    return [row for _, row in there] + [row for value, row in keyed if value in (None, "")]


def _linked(text: str, to: str) -> str:
    """Write a link of what is escaped already."""
    return f'<a href="{to}">{text}</a>' if to else text
