"""Which operation of the document leads to which others."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from api.operation import IF_MATCH, Operation

_NEXT = "$response.body#/next"
_VERSION = "$response.header.ETag"


def put_links(document: dict[str, Any], routes: Iterable[tuple[str, bool, Mapping[str, Operation]]]) -> None:
    """Put a link from each operation to those that it leads to, and from each page to the next one.

    Raises LookupError where nothing of a request or its answer names what the other operation needs.
    """
    by_id = {made["operationId"]: (path, made) for path, _, made in _operations(document)}
    described = {each.name: each for _, _, methods in routes for each in methods.values() if each.name}
    for path, _, made in _operations(document):
        operation = described.get(made["operationId"])
        if operation is None:
            continue
        for status, answer in operation.answers.items():
            fields = _fields(document, made["responses"][str(status)])
            links = {name: _link(by_id[name], own=path, fields=fields) for name in operation.leads_to}
            if "next" in fields and any(each["name"] == "cursor" for each in made.get("parameters", ())):
                links["next"] = _link((path, made), own=path, fields=fields)
                links["next"]["parameters"]["cursor"] = _NEXT
            if links and answer is not None:
                made["responses"][str(status)]["links"] = links


def _operations(document: Mapping[str, Any]) -> Iterable[tuple[str, str, dict[str, Any]]]:
    for path, operations in document["paths"].items():
        yield from ((path, method, made) for method, made in operations.items() if method != "parameters")


def _fields(document: Mapping[str, Any], response: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the fields of the first format of an answer, those of an item by a place in front."""
    contents: Iterable[Mapping[str, Any]] = response.get("content", {}).values()
    schema: Mapping[str, Any] = next((content["schema"] for content in contents), {})
    fields = dict(_resolved(document, schema).get("properties", {}))
    item = _resolved(document, fields.get("items", {}).get("items", {}))
    return {f"items/0/{name}": said for name, said in item.get("properties", {}).items()} | fields


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in schema:
        return schema
    found: Mapping[str, Any] = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def _link(target: tuple[str, dict[str, Any]], *, own: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    path, operation = target
    parameters = {name: _expression(name, own, fields) for name in re.findall(r"\{(\w+)\}", path)}
    if any(each["name"] == IF_MATCH.name and each["required"] for each in operation.get("parameters", ())):
        parameters[IF_MATCH.name] = _VERSION
    return {
        "operationId": operation["operationId"],
        "description": operation["summary"],
        "parameters": parameters,
    }


def _expression(name: str, own: str, fields: Mapping[str, Any]) -> str:
    if f"{{{name}}}" in own:
        return f"$request.path.{name}"
    place = next((place for place in (name, f"items/0/{name}") if place in fields), None)
    if place is None:
        raise LookupError(f"{own}: nothing names {name}")
    return f"$response.body#/{place}"
