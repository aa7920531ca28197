"""The examples of the document are true: the schemas allow them, and the service answers them today."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from api.document import whole_document
from api.openapi import examples
from domain.catalogue import submitted_types
from tests.api.story import told
from tests.api.support import ApiWorld

DOCUMENT = whole_document()


def _operations() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            if method != "parameters":
                yield f"{method.upper()} {path}", operation, operations


def _contents() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Return where each schema of a request or first answer is, its media type, and it with its example."""
    for name, operation, _ in _operations():
        for media, content in operation.get("requestBody", {}).get("content", {}).items():
            yield f"{name} body", media, content
        for status, answer in operation["responses"].items():
            if status < "400":
                for media, content in list(answer.get("content", {}).items())[:1]:
                    yield f"{name} {status}", media, content


def _validator(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        {"allOf": [schema], "components": DOCUMENT["components"]}, validate_formats=True
    )


def test_every_request_and_every_success_has_an_example() -> None:
    missing = [place for place, _, content in _contents() if "example" not in content]

    assert missing == []


@pytest.mark.parametrize(
    ("place", "media", "content"), [pytest.param(*each, id=f"{each[0]} {each[1]}") for each in _contents()]
)
def test_an_example_is_what_its_schema_allows(place: str, media: str, content: dict[str, Any]) -> None:
    schema = content["schema"]
    values = [content["example"]]
    if "contentSchema" in schema:
        values, schema = [json.loads(line) for line in values[0].splitlines()], schema["contentSchema"]

    for value in values:
        _validator(schema).validate(value)


def test_the_check_of_examples_can_fail() -> None:
    schema = {"$ref": "#/components/schemas/Recorded"}
    example = examples()["PUT /v1/children/{child_id}"]["answers"]["201"]

    assert _validator(schema).is_valid(example)
    assert not _validator(schema).is_valid(example | {"event_id": "no id"})
    assert not _validator(schema).is_valid({name: example[name] for name in example if name != "version"})
    # Answers are open.
    assert _validator(schema).is_valid(example | {"more": 1})


def test_an_entry_is_what_the_schema_of_its_type_allows() -> None:
    schemas, example = (
        DOCUMENT["components"]["schemas"],
        examples()["GET /v1/children/{child_id}/history"]["answers"]["200"],
    )
    of_types = [each["$ref"].rpartition("/")[2] for each in schemas["Entry"]["anyOf"][:-1]]
    by_type = {schemas[name]["allOf"][1]["properties"]["type"]["const"]: name for name in of_types}

    assert by_type.keys() == submitted_types().keys()
    assert example["items"]
    for entry in example["items"]:
        of_its_type = _validator({"$ref": f"#/components/schemas/{by_type[entry['type']]}"})
        of_its_type.validate(entry)
        assert not of_its_type.is_valid(entry | {"details": []})


def test_the_service_answers_the_examples_as_they_are(small_world: ApiWorld) -> None:
    """Sent again today, each is answered alike, but for ids, moments and digests."""
    again = told(small_world)

    assert set(again) == set(examples())
    for name, example in examples().items():
        assert again[name]["requests"].keys() == example["requests"].keys(), name
        if name != "GET /metrics":
            assert _outline(again[name]["answers"]) == _outline(example["answers"]), (
                "run: python -m tests.api.story > api/examples.json"
            )


def test_links_lead_from_one_operation_to_another() -> None:
    by_id = {operation["operationId"]: (operation, shared) for _, operation, shared in _operations()}
    linked = 0
    for where, operation, shared in _operations():
        name = operation["operationId"]
        own = {p["name"] for p in shared.get("parameters", [])}
        for status, answer in operation["responses"].items():
            for link in answer.get("links", {}).values():
                target, of_target = by_id[link["operationId"]]
                takes = [*of_target.get("parameters", []), *target.get("parameters", [])]
                assert set(link["parameters"]) <= {p["name"] for p in takes}, (name, link)
                assert {p["name"] for p in takes if p.get("required")} <= set(link["parameters"]), (
                    name,
                    link,
                )
                for expression in link["parameters"].values():
                    _assert_there(expression, own, where, answer, status)
                    linked += 1
    assert linked >= 40


def test_every_tag_is_described_and_used() -> None:
    used = {tag for _, operation, _ in _operations() for tag in operation["tags"]}

    assert used == {tag["name"] for tag in DOCUMENT["tags"]}


def _assert_there(expression: str, own: set[str], where: str, answer: dict[str, Any], status: str) -> None:
    """Look up what a link takes: a parameter of the path, a header of the answer, a field of its example."""
    if expression.startswith("$response.header."):
        assert expression.removeprefix("$response.header.") in answer["headers"]
        return
    if expression.startswith("$request.path."):
        assert expression.removeprefix("$request.path.") in own
        return
    value: Any = examples()[where]["answers"][status]
    for step in expression.removeprefix("$response.body#/").split("/"):
        assert step.isdigit() or step in value, (where, expression)
        value = value[int(step)] if step.isdigit() else value[step]


def _outline(value: Any) -> Any:
    """Keep the form of an answer, its words and its numbers, and of a text only that it is one."""
    if isinstance(value, dict):
        return {name: _outline(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_outline(inner) for inner in value]
    return "…" if isinstance(value, str) else value
