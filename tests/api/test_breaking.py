"""A change that would break a client is found before it is released: each kind of it, and no other."""

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.document import whole_document
from tests.api.breaking import breaks
from tests.api.wanted_changes import WANTED, Wanted

ROOT = Path(__file__).parents[2]
RELEASED, CHANGELOG = ROOT / "docs" / "openapi-released.json", ROOT / "CHANGELOG.md"
Document = dict[str, Any]
FORM: Document = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 20},
        "kind": {"type": "string", "enum": ["one", "two"]},
        "count": {"type": "integer", "minimum": 0, "maximum": 9},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "place": {"$ref": "#/components/schemas/Place"},
        "parts": {"type": "array", "maxItems": 5, "items": {"$ref": "#/components/schemas/Place"}},
    },
    "required": ["name"],
    "additionalProperties": False,
}
BASE: Document = {
    "paths": {
        "/things/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "put": {
                "operationId": "put_thing",
                "parameters": [
                    {
                        "name": "limit",
                        "in": "query",
                        "schema": {"type": "integer", "maximum": 9, "default": 5},
                    },
                ],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Form"}},
                        "text/csv": {"schema": {"type": "string"}},
                    },
                },
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Told"}},
                            "text/csv": {"schema": {"type": "string"}},
                        }
                    },
                    "409": {"x-problem-codes": ["taken", "stale"]},
                },
            },
            "get": {"operationId": "get_thing", "security": [], "responses": {"200": {}}},
        },
    },
    "components": {
        "schemas": {
            "Form": FORM,
            "Told": copy.deepcopy(FORM) | {"required": ["name", "kind", "count", "note", "place", "parts"]},
            "Place": {"type": "object", "properties": {"road": {"type": "string"}}},
            "Either": {"oneOf": [{"$ref": "#/components/schemas/Place"}]},
        }
    },
}
PUT = ("paths", "/things/{id}", "put")
BODY = (*PUT, "requestBody")
ASKED = ("components", "schemas", "Form")
TOLD = ("components", "schemas", "Told")


def at(document: Document, *steps: Any) -> Any:
    for step in steps:
        document = document[step]
    return document


def put(*steps: Any, to: Any) -> Callable[[Document], None]:
    return lambda document: at(document, *steps[:-1]).__setitem__(steps[-1], to)


def drop(*steps: Any) -> Callable[[Document], None]:
    return lambda document: at(document, *steps[:-1]).__delitem__(steps[-1])


BREAKING: dict[str, Callable[[Document], None]] = {
    "the path is gone": drop("paths", "/things/{id}"),
    "the operation is gone": drop(*PUT),
    "the operationId has changed": put(*PUT, "operationId", to="other"),
    "a key is needed now": drop("paths", "/things/{id}", "get", "security"),
    "code taken: no problem carries it any more": put(
        *PUT, "responses", "409", "x-problem-codes", to=["stale"]
    ),
    "the answer 200 is gone": drop(*PUT, "responses", "200"),
    "a new answer 201 means success": put(*PUT, "responses", "201", to={}),
    "the answer 200 no longer comes as text/csv": drop(*PUT, "responses", "200", "content", "text/csv"),
    "query limit: the parameter is gone": put(*PUT, "parameters", to=[]),
    "query limit: the parameter must be given now": put(*PUT, "parameters", 0, "required", to=True),
    "query limit: maximum has changed": put(*PUT, "parameters", 0, "schema", "maximum", to=8),
    "query limit: the default has changed": put(*PUT, "parameters", 0, "schema", "default", to=4),
    "header X: a new parameter must be given": lambda document: at(document, *PUT, "parameters").append(
        {"name": "X", "in": "header", "required": True, "schema": {}}
    ),
    "the body is no longer read": drop(*BODY),
    "a body must be given now": put(*BODY, "required", to=True),
    "a body of text/csv is no longer read": drop(*BODY, "content", "text/csv"),
    "body/note: the field is gone": drop(*ASKED, "properties", "note"),
    "body/kind: the field must be given now": put(*ASKED, "required", to=["name", "kind"]),
    "body/count: the type has changed": put(*ASKED, "properties", "count", "type", to="string"),
    "body/note: the type has changed": put(*ASKED, "properties", "note", to={"type": "string"}),
    "body/kind: the word two is gone": put(*ASKED, "properties", "kind", "enum", to=["one", "three"]),
    "body/name: only some words are allowed now": put(*ASKED, "properties", "name", "enum", to=["x"]),
    "body/name: maxLength has changed": put(*ASKED, "properties", "name", "maxLength", to=19),
    "body/name: minLength has changed": put(*ASKED, "properties", "name", "minLength", to=2),
    "body/name: pattern has changed": put(*ASKED, "properties", "name", "pattern", to="^a"),
    "body/count: maximum has changed": put(*ASKED, "properties", "count", "maximum", to=8),
    "body/parts: maxItems has changed": put(*ASKED, "properties", "parts", "maxItems", to=4),
    "body/place: fields that are not named are refused now": put(
        "components", "schemas", "Place", "additionalProperties", to=False
    ),
    "body: more conditions must hold now": put(*ASKED, "allOf", to=[{"required": ["kind"]}]),
    "200/note: the field is gone": drop(*TOLD, "properties", "note"),
    "200/kind: the field may be missing now": put(
        *TOLD, "required", to=["name", "count", "note", "place", "parts"]
    ),
    "200/kind: the word one is gone": put(*TOLD, "properties", "kind", "enum", to=["two"]),
    "200/kind: any word may be told now": drop(*TOLD, "properties", "kind", "enum"),
    "200/name: it may be null now": put(*TOLD, "properties", "name", "type", to=["string", "null"]),
    "200/name: the type has changed": put(*TOLD, "properties", "name", "type", to=["string", "integer"]),
    "200/count: the type has changed": put(*TOLD, "properties", "count", "type", to="number"),
    "200/count: minimum has changed": drop(*TOLD, "properties", "count", "minimum"),
    "200/place/road: the field is gone": put("components", "schemas", "Place", "properties", to={}),
}
HARMLESS: dict[str, Callable[[Document], None]] = {
    "a path": put("paths", "/more", to={"get": {"operationId": "more", "responses": {}}}),
    "an operation": put("paths", "/things/{id}", "post", to={"operationId": "x", "responses": {}}),
    "a field that may be given": put(*ASKED, "properties", "more", to={"type": "string"}),
    "a field that need not be given now": put(*ASKED, "required", to=[]),
    "a word that is read": put(*ASKED, "properties", "kind", "enum", to=["one", "two", "three"]),
    "more room": put(*ASKED, "properties", "name", "maxLength", to=30),
    "a number where a whole one was asked": put(*ASKED, "properties", "count", "type", to="number"),
    "a field that is told": put(*TOLD, "properties", "more", to={"type": "string"}),
    "a word that is told": put(*TOLD, "properties", "kind", "enum", to=["one", "two", "three"]),
    "a parameter": lambda document: at(document, *PUT, "parameters").append(
        {"name": "more", "in": "query", "schema": {"type": "string"}}
    ),
    "a problem": put(*PUT, "responses", "429", to={"x-problem-codes": ["too_many_requests"]}),
    "a code": put(*PUT, "responses", "409", "x-problem-codes", to=["taken", "stale", "new"]),
    "a format": put(*PUT, "responses", "200", "content", "text/html", to={"schema": {}}),
    "no key is needed any more": put(*PUT, "security", to=[]),
    "words for people": put(*PUT, "summary", to="Better said"),
}


def test_what_was_released_still_holds() -> None:
    released = json.loads(RELEASED.read_bytes())

    found = breaks(released, whole_document())

    unwanted = [each for each in found if not any(re.fullmatch(w.pattern, each) for w in WANTED)]
    assert unwanted == [], "see docs/api.md, What stays"


@pytest.mark.parametrize("wanted", WANTED, ids=lambda wanted: wanted.reason)
def test_what_is_changed_on_purpose_is_changed_and_said(wanted: Wanted) -> None:
    found = breaks(json.loads(RELEASED.read_bytes()), whole_document())

    assert any(re.fullmatch(wanted.pattern, each) for each in found), "take it from the list"
    assert wanted.reason in " ".join(CHANGELOG.read_text(encoding="utf-8").split())


def test_a_document_does_not_break_itself() -> None:
    assert breaks(BASE, BASE) == []


@pytest.mark.parametrize("expected", BREAKING)
def test_what_breaks_a_client_is_found(expected: str) -> None:
    changed = copy.deepcopy(BASE)
    BREAKING[expected](changed)

    assert any(found.endswith(expected) for found in breaks(BASE, changed)), breaks(BASE, changed)


@pytest.mark.parametrize("kind", HARMLESS)
def test_what_breaks_nobody_is_let_through(kind: str) -> None:
    changed = copy.deepcopy(BASE)
    HARMLESS[kind](changed)

    assert breaks(BASE, changed) == []


@pytest.mark.parametrize(
    ("without", "expected"), [("count", []), ("note", ["PUT /things/{id} 200/note: the field is gone"])]
)
def test_each_alternative_to_an_object_must_be_what_it_was(without: str, expected: list[str]) -> None:
    changed = copy.deepcopy(BASE)
    told, schemas = at(changed, *TOLD), changed["components"]["schemas"]
    schemas["Base"] = copy.deepcopy(told)
    schemas["Base"]["properties"].pop(without)
    schemas["Base"]["required"].remove(without)
    more = {"type": "object", "properties": {"count": told["properties"]["count"] | {"const": 1}}}
    schemas["One"] = {"allOf": [{"$ref": "#/components/schemas/Base"}, more | {"required": ["count"]}]}
    schemas["Told"] = {"anyOf": [{"$ref": "#/components/schemas/One"}]}

    assert breaks(BASE, changed) == expected


def test_a_type_of_event_that_is_gone_is_found() -> None:
    """On the real document, through its alternatives by name."""
    released = json.loads(RELEASED.read_bytes())
    changed = copy.deepcopy(whole_document())
    choices = changed["components"]["schemas"]["Event"]["oneOf"]
    choices[:] = [choice for choice in choices if "HomeVisit" not in choice["$ref"]]

    found = breaks(released, changed)

    assert any("HomeVisitMadeEvent is none of the alternatives now" in each for each in found), found
