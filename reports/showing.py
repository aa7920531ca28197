"""What somebody is shown of a report: each table passes here before any format is made of it."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from application.access import Actor
from application.visibility import Purpose, Relation, visible
from reports.report import Filled, Table, Visible


def shown_to(filled: Filled, actor: Actor, purpose: Purpose) -> Visible:
    """Return a table with the columns that the actor is shown."""
    hidden = hidden_of(filled.table, actor, purpose)
    return Visible(
        name=filled.table.name,
        columns=tuple(column for column in filled.table.columns if column.name not in hidden),
        rows=filled.rows,
        title=filled.title,
        empty=filled.empty,
        child=filled.table.child,
        cards=filled.table.cards,
        signed=filled.table.signed,
    )


def hidden_of(table: Table[Any], actor: Actor, purpose: Purpose) -> frozenset[str]:
    """Return the names of the columns that the actor is not shown."""
    said = {column.name: column.sensitivity for column in table.columns}
    return frozenset(said) - visible(said, actor, Relation.WITHIN, purpose)


def withheld(items: object, hidden: frozenset[str]) -> object:
    """Return the items of lists in an answer without what is hidden: null, and named in `withheld`."""
    if not hidden:
        return items
    if isinstance(items, Mapping):
        return {name: withheld(value, hidden) for name, value in items.items()}
    if isinstance(items, list | tuple):
        return [_without(item, hidden) for item in items]
    return items


def _without(item: object, hidden: frozenset[str]) -> object:
    if is_dataclass(item) and not isinstance(item, type):
        item = {each.name: getattr(item, each.name) for each in fields(item)}
    if not isinstance(item, Mapping):
        return item
    kept, inner = hidden & item.keys(), {name: withheld(value, hidden) for name, value in item.items()}
    return {**({"withheld": sorted(kept)} if kept else {}), **inner, **dict.fromkeys(kept)}
