"""As what a child counts under each definition of being left behind, as answers show it."""

from datetime import date
from typing import Annotated
from uuid import UUID

from api.answer import Answer, shown
from api.operation import choice, word
from domain.card import Card
from domain.choices import Parent
from domain.left_behind import (
    DEFINITION,
    Away,
    FactAsked,
    Judged,
    LeftBehindClass,
    counts_as_left_behind,
    definitions,
    judged_by_all,
    parents_away,
    whereabouts_unknown,
)
from domain.parents import at_home_on

DEFINITION_ASKED = word(
    "definition",
    tuple(definitions()),
    "By which definition children count as left behind.",
    default=DEFINITION,
)
LEFT_BEHIND = choice("left_behind", LeftBehindClass, "Only children who count as this under `definition`.")
CLASS = shown("留守类别", "As what it counts", "`unknown` where nobody said enough.")


class FactOfDefinition(Answer):
    """A fact that a definition asks for."""

    fact: Annotated[FactAsked, shown("事实", "Fact")]
    parent: Annotated[Parent | None, shown("父亲或母亲", "Parent", "Null where it is about the child.")]
    event_id: Annotated[UUID | None, shown("登记事件", "Event", "Which tells it; null where none does.")]


class UnderDefinition(Answer):
    """As what the child counts under a definition, and why."""

    definition: Annotated[str, shown("口径", "Definition")]
    class_: Annotated[LeftBehindClass, CLASS]
    left_behind: Annotated[bool | None, shown("留守", "Left behind", "Null where nobody said enough.")]
    code: Annotated[str | None, shown("登记代码", "Code", "Of the register; null where it has none.")]
    decided_by: Annotated[list[FactOfDefinition], shown("依据", "Decided by")]
    missing: Annotated[
        list[FactOfDefinition], shown("缺少的事实", "Missing", "What may change it and nobody knows.")
    ]


class LeftBehind(Answer):
    """Whether the child counts as left behind, under a named definition."""

    definition: Annotated[str, shown("口径", "Definition")]
    left_behind: Annotated[
        bool | None, shown("留守", "Left behind", "Null where nobody said enough of its parents.")
    ]
    parents_away: Annotated[Away, shown("父母外出情况", "Parents away", "`unknown` where nobody said.")]
    whereabouts_unknown: Annotated[list[Parent], shown("去向不明", "Whereabouts unknown")]
    home_on_visit: Annotated[
        list[Parent],
        shown("回家探亲", "Home on a visit", "Parents who are there on that day; no absence ends by it."),
    ]
    definitions: Annotated[
        list[UnderDefinition],
        shown("各口径", "Definitions", "The same under every definition there is."),
    ]


def left_behind(child: Card, day: date) -> LeftBehind:
    """Write as what a child counts on a day."""
    away = parents_away(child, day)
    return LeftBehind(
        definition=DEFINITION,
        left_behind=counts_as_left_behind(away),
        parents_away=away,
        whereabouts_unknown=list(whereabouts_unknown(child, day)),
        home_on_visit=[parent for parent in Parent if at_home_on(child, parent, day) is not None],
        definitions=[_under(each) for each in judged_by_all(child, day)],
    )


def _under(judged: Judged) -> UnderDefinition:
    return UnderDefinition(
        definition=judged.definition.id,
        class_=judged.found,
        left_behind=judged.left_behind,
        code=judged.definition.code(judged.found),
        decided_by=[FactOfDefinition.of(each) for each in judged.decided],
        missing=[FactOfDefinition.of(each) for each in judged.missing],
    )
