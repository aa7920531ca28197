"""The shapes of answers about children and who looks after them, as JSON Schema."""

from collections.abc import Mapping

from api.shapes import (
    ANY_OBJECT,
    DAY,
    FLAG,
    NOTED,
    TEXT,
    UUID,
    WHOLE,
    Shape,
    many,
    maybe,
    obj,
    ref,
)
from domain.catalogue import shown_of_a_child

CHILD_ANSWERS: Mapping[str, Shape] = {
    "Child": obj(
        ("notes",),
        child_id=UUID,
        version=WHOLE,
        org=maybe(TEXT),
        profile=maybe(ANY_OBJECT),
        in_care=FLAG,
        spans=many(obj(start=DAY, last=maybe(DAY), event_id=UUID)),
        pairings=many(
            obj(
                event_id=UUID,
                carer=UUID,
                carer_name=maybe(TEXT),
                kind=TEXT,
                start=DAY,
                end=maybe(DAY),
                active=FLAG,
            )
        ),
        **{each.name: (many if each.many else maybe)(ANY_OBJECT) for each in shown_of_a_child()},
        last_contact=maybe(obj(event_id=UUID, type=TEXT, occurred_on=DAY)),
        days_silent=maybe(WHOLE),
        contradictions=many(obj(day=DAY, field=TEXT, earlier=UUID, later=UUID)),
        left_behind=obj(definition=TEXT, left_behind=FLAG, parents_away=TEXT, whereabouts_unknown=many(TEXT)),
        watched=obj(population=TEXT, watched=FLAG, ground=maybe(TEXT)),
        clocks=ref("Clocks"),
        notes=NOTED,
    ),
}
