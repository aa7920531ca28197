"""Which types of care action there are, and what each says."""

import falcon

from api.context import Context
from api.exchange import answer
from api.operation import operation
from domain.catalogue import submitted_types
from domain.fields import Choice, Field, fields_of
from domain.ledger.event_type import EventType


class EventTypesResource:
    """The catalogue of care actions."""

    def __init__(self, context: Context) -> None:
        self._body = {"items": [_shown(each) for _, each in sorted(submitted_types().items())]}

    @operation("List the types of care action 类型", answers={200: "EventTypes"})
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List every type with its labels and its fields."""
        answer(resp, self._body)


def _shown(action: EventType) -> dict[str, object]:
    return {
        "type": action.type,
        "label": {"zh": action.label.zh, "en": action.label.en},
        "decision": action.decision,
        "record": action.record,
        "schema": f"#/components/schemas/{action.details.__name__}",
        "fields": [_field(field) for field in fields_of(action.details)],
    }


def _field(field: Field) -> dict[str, object]:
    shown: dict[str, object] = {
        "name": field.name,
        "label": {"zh": field.spec.label.zh, "en": field.spec.label.en},
        "required": field.required,
        "many": field.many,
        "personal": field.spec.personal,
    }
    if isinstance(field.base, type) and issubclass(field.base, Choice):
        shown["words"] = [{"word": m.value, "zh": m.zh, "en": m.en} for m in field.base]
    return shown
