"""What calls for a visit to a child and is open, as its state shows it."""

from datetime import date
from typing import Annotated

from api.answer import Answer, EventId, shown
from domain.card import Card
from domain.care_actions.trigger_observed import TriggerKind


class ReasonToVisit(Answer):
    """Something after which the child must be visited: one open case of each kind."""

    kind: Annotated[TriggerKind, shown("情形", "Kind")]
    event_id: EventId
    since: Annotated[date, shown("首次发现", "Since")]
    sightings: Annotated[int, shown("次数", "Sightings", "Later ones join the first.")]
    last_on: Annotated[date, shown("最近发现", "Last on")]


def reasons_to_visit(child: Card) -> list[ReasonToVisit]:
    """Write what is open."""
    return [ReasonToVisit.of(each, kind=TriggerKind.from_word(each.kind)) for each in child.reasons_to_visit]
