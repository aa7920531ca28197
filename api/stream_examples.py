"""Examples of what is sent and answered about streams of a kind that is served: made of its declaration."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from domain.catalogue import served_kinds
from domain.fields import Choice, Field, fields_of
from domain.ledger.kind import StreamKind

STREAM_ID = "6f1d7a52-0c1e-4b6e-9a53-2f6d1c0b7e44"
EVENT_ID = "b0a7c1de-5d0f-4d7c-8f0e-91d6a1f2c3b4"
_DAY, _MOMENT = "2026-05-06", "2026-05-06T10:00:00+08:00"
_ORG = "县/镇/小学"
_CLOCKS = {"as_of": _DAY, "as_known_at": _MOMENT, "clipped": False}
_BY_TYPE: Mapping[type, Any] = {bool: True, UUID: EVENT_ID, date: _DAY}


def stream_examples() -> dict[str, Any]:
    """Return what is sent and answered, by operation as the document names it."""
    found: dict[str, Any] = {}
    for kind in served_kinds().values():
        found |= _of_kind(kind)
    return found


def sample_words(details: type) -> dict[str, Any]:
    """Return JSON values for the fields that a details class requires."""
    return {field.name: _value(field) for field in fields_of(details) if field.required}


def _value(field: Field) -> Any:
    value = _one(field)
    return [value] if field.many else value


def _one(field: Field) -> Any:
    base, spec = field.base, field.spec
    if issubclass(base, Choice):
        return next(iter(base)).value
    if base in _BY_TYPE:
        return _BY_TYPE[base]
    if issubclass(base, int):
        return spec.minimum or 1
    if issubclass(base, str):
        return spec.label.zh
    return sample_words(base)


def _of_kind(kind: StreamKind[Any]) -> dict[str, Any]:
    path = f"/v1/{kind.plural}"
    one = f"{path}/{{stream_id}}"
    named = {"stream_kind": kind.name, "stream_id": STREAM_ID}
    entry = next(each for each in kind.types if each.details not in kind.opens)
    recorded = {"state": "recorded", "event_id": EVENT_ID, **named, "position": 1, "version": 1}
    answers = {
        "201": recorded,
        "200": recorded | {"state": "already_recorded"},
        "202": {
            "state": "quarantined",
            "item_id": EVENT_ID,
            "event_id": EVENT_ID,
            "problem": {
                "type": "/errors/unknown_stream",
                "title": "Not found",
                "status": 409,
                "code": "unknown_stream",
                "detail": "Nothing was recorded under this id.",
                "instance": f"urn:uuid:{EVENT_ID}",
                "errors": [],
            },
        },
    }
    when = {"occurred_on": _DAY}
    opened = {"org": _ORG, **when, "details": sample_words(kind.opens[0])}
    listed = {**named, "org": _ORG, "version": 1, "opened_on": _DAY}
    state = {**named, "version": 1, "org": _ORG, "state": {}, "clocks": _CLOCKS}
    history: dict[str, Any] = {**named, "version": 1, "items": [], "next": None, "clocks": _CLOCKS}
    event = {"type": entry.type, **when, "details": sample_words(entry.details)}
    return {
        f"GET {path}": {"answers": {"200": {"items": [listed], "next": None}}},
        f"PUT {one}": {"requests": {"application/json": opened}, "answers": answers},
        f"GET {one}": {"answers": {"200": state}},
        f"GET {one}/history": {"answers": {"200": history}},
        f"PUT {one}/events/{{event_id}}": {"requests": {"application/json": event}, "answers": answers},
    }
