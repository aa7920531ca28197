"""The schemas of what types of events say, as answers tell it and as corrections mend it.

An answer may leave out what is withheld, erased or not known, and is open to new fields and words. A
correction names the wrong fields alone, within the bounds of a request.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, cast, get_origin
from uuid import UUID

from api import fields as f
from domain.event import Details
from domain.fields import Choice, Field, fields_of

# Names, in a schema on its way into the document, the class of details that an object is of.
DETAILS = "x-details"
Shape = dict[str, Any]
_PREFIX = "#/components/schemas/"
_FORMATS: Mapping[type, Shape] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    UUID: {"type": "string", "format": "uuid"},
    str: {"type": "string"},
}


def put_details(schemas: dict[str, Shape], *, correctable: Iterable[str]) -> None:
    """Describe the details that answers name, and the corrections of requests, beside the other schemas.

    `correctable` are the names of the classes of details that may be corrected.
    """
    found: dict[str, Shape] = {}
    for name, shape in schemas.items():
        schemas[name] = _with_details(shape, found)
    schemas.update(found)
    if "EventCorrected" in schemas:
        _put_corrections(schemas, sorted(correctable))


def told(details: type, into: dict[str, Shape]) -> Shape:
    """Return the schema of details in an answer, by its name; what it is made of goes `into`."""
    name = f"{details.__name__}Details"
    if name not in into:
        into[name] = {}
        fields = {each.name: _told_field(each, into) for each in fields_of(details)}
        into[name] = {"type": "object", "description": _first_line(details), "properties": fields}
    return {"$ref": _PREFIX + name}


def put_changes(schemas: dict[str, Shape], by_type: Mapping[str, type[Details]]) -> None:
    """Describe an event of the feed by its type, and after all of them one of a type that is not listed.

    `by_type` are the classes of details by the `type` of a CloudEvent.
    """
    (details,) = _split(schemas, "ChangeData", "details")
    type_, data = _split(schemas, "CloudEvent", "type", "data")
    _move(schemas, "CloudEvent", to="CloudEventEnvelope")

    def put(name: str, said: Shape, told_details: Shape) -> str:
        schemas[f"{name}Change"] = _with_more(f"{name}Change", "ChangeData", {"details": told_details})
        of_type = {"type": said, "data": {**data, "$ref": f"{_PREFIX}{name}Change"}}
        schemas[f"{name}CloudEvent"] = _with_more(f"{name}CloudEvent", "CloudEventEnvelope", of_type)
        return f"{name}CloudEvent"

    names = [put(*each) for each in _by_type(by_type, type_, details, into=schemas)]
    schemas["OtherCloudEvent"]["description"] = "An event of a type that is not listed yet."
    schemas["CloudEvent"] = _any_of(names, schemas["CloudEventEnvelope"])


def put_entries(schemas: dict[str, Shape], by_type: Mapping[str, type[Details]]) -> None:
    """Describe an entry of a history by its type, and after all of them one of a type that is not listed."""
    type_, details = _split(schemas, "Entry", "type", "details")
    _move(schemas, "Entry", to="EntryEnvelope")
    names = []
    for name, said, told_details in _by_type(by_type, type_, details, into=schemas):
        names.append(f"{name}Entry")
        of_type = {"type": said, "details": told_details}
        schemas[names[-1]] = _with_more(names[-1], "EntryEnvelope", of_type)
    schemas["OtherEntry"]["description"] = "An entry of a type that is not listed yet."
    schemas["Entry"] = _any_of(names, schemas["EntryEnvelope"])


def _by_type(
    by_type: Mapping[str, type[Details]], type_: Shape, details: Shape, *, into: dict[str, Shape]
) -> Iterable[tuple[str, Shape, Shape]]:
    """Go through the names of classes, with their `type` and details as told; the last is any other."""
    said_of_type, said_of_details = (
        {word: each[word] for word in ("title", "description")} for each in (type_, details)
    )
    for said, each in sorted(by_type.items()):
        const = said_of_type | {"const": said, "type": "string"}
        yield each.__name__, const, said_of_details | {"anyOf": [told(each, into), {"type": "null"}]}
    yield "Other", type_, details


def _any_of(names: Iterable[str], envelope: Shape) -> Shape:
    return {
        "description": envelope["description"],
        "anyOf": [{"$ref": f"{_PREFIX}{name}"} for name in names],
    }


def _move(schemas: dict[str, Shape], name: str, *, to: str) -> None:
    schemas[to] = schemas.pop(name) | {"title": to}


def _split(schemas: dict[str, Shape], name: str, *fields: str) -> list[Shape]:
    """Take fields out of a schema, and return what was said of them."""
    schema = schemas[name]
    schema["required"] = [each for each in schema["required"] if each not in fields]
    return [schema["properties"].pop(each) for each in fields]


def _with_more(title: str, base: str, fields: dict[str, Shape]) -> Shape:
    more = {"type": "object", "properties": fields, "required": sorted(fields)}
    return {"title": title, "allOf": [{"$ref": _PREFIX + base}, more]}


def schema_version(details: type[Details] | None) -> int:
    """Return the version of the form in which details of a class are told; 1 where it is not known."""
    return 1 + len(details.UPCASTS if details else ())


def cloud_event_type(name: str, details: type[Details] | None) -> str:
    """Return the `type` of a CloudEvent of a type of event."""
    return f"careledger.{name}.v{schema_version(details)}"


def _with_details(shape: Any, into: dict[str, Shape]) -> Any:
    """Return a part of the document in which each object that is of a class of details is of its schema."""
    if isinstance(shape, list):
        return [_with_details(each, into) for each in shape]
    if not isinstance(shape, dict):
        return shape
    if DETAILS not in shape:
        return {name: _with_details(said, into) for name, said in shape.items()}
    details = next(each for each in _all(Details) if each.__name__ == shape[DETAILS])
    said = {name: each for name, each in shape.items() if name != DETAILS}
    return cast("Shape", _replaced(said, told(details, into)))


def _replaced(shape: Any, by: Shape) -> Any:
    if isinstance(shape, list):
        return [_replaced(each, by) for each in shape]
    if not isinstance(shape, dict):
        return shape
    if shape.get("type") == "object":
        return {name: said for name, said in shape.items() if name in ("title", "description")} | by
    return {name: _replaced(said, by) for name, said in shape.items()}


def _all(base: type[Details]) -> Iterable[type[Details]]:
    for each in base.__subclasses__():
        yield each
        yield from _all(each)


def _told_field(field: Field, into: dict[str, Shape]) -> Shape:
    said = f.described(field.spec.label.zh, field.spec.label.en, field.spec.hint or "")
    alone = _told_value(field.base, into)
    shape = {"type": "array", "items": alone} if field.many else alone
    return dict(shape) | said


def _told_value(base: Any, into: dict[str, Shape]) -> Shape:
    if get_origin(base) is not None:
        return {"type": "object", "additionalProperties": True}
    if dataclasses.is_dataclass(base):
        return told(cast("type", base), into)
    if issubclass(base, Choice):
        return {"anyOf": [{"enum": [*base], f.NAMED: base.__name__}, {"type": "string"}]}
    return next(shape for kind, shape in _FORMATS.items() if issubclass(base, kind))


def _first_line(details: type) -> str:
    return (details.__doc__ or details.__name__).strip().partition("\n")[0]


def _put_corrections(schemas: dict[str, Shape], names: Iterable[str]) -> None:
    choices = []
    for name in names:
        shape = schemas[name]
        kept = {word: said for word, said in shape.items() if word != "required"}
        schemas[f"{name}Correction"] = kept
        choices.append({"$ref": f"{_PREFIX}{name}Correction"})
    envelope = schemas["EventVoidedEvent"]["properties"]
    schemas["CorrectedFields"] = {
        "type": "object",
        "description": "What is true instead: only what was wrong is named, and null takes a field away.",
        "properties": {
            "occurred_on": envelope["occurred_on"],
            "occurred_at": envelope["occurred_at"],
            "written_on": envelope["written_on"],
            "details": f.described("内容", "Details", "By the type of the event that is corrected.")
            | {"anyOf": choices},
        },
        "minProperties": 1,
        "additionalProperties": False,
    }
    fields = schemas["EventCorrected"]["properties"]["fields"]
    schemas["EventCorrected"]["properties"]["fields"] = {
        "title": fields["title"],
        "description": fields["description"],
        "$ref": _PREFIX + "CorrectedFields",
    }
