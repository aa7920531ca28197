"""What the document says beside single operations: which follows upon which, and what the tags mean."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from api.operation import Operation
from domain.catalogue import served_kinds

_CHILD = "$request.path.child_id"
_CHILD_TOLD = "$response.body#/child_id"

TAGS: Mapping[str, str] = {
    "children": "档案、关爱记录与历史 · Files of children, care actions, histories and verdicts.",
    "event-batches": "批量登记 · Care actions sent many at once, and what became of each.",
    "changes": "变更订阅 · What was recorded since, for systems downstream.",
    "event-types": "类型目录 · The types of care action and their fields.",
    "compliance": "达标 · How an organisation stands under its rules.",
    **{kind.plural: f"{kind.label.zh} · {kind.label.en}." for kind in served_kinds().values()},
    "quarantine": "待核实 · What was at odds with what is known, and waits.",
    "service": "服务 · The service itself; no key is needed.",
}


def _to(operation: str, text: str, **parameters: str) -> dict[str, Any]:
    return {"operationId": operation, "description": text, "parameters": parameters}


_OF_CHILD = {
    "read": _to("get_children_one", "Read the child.", child_id=_CHILD),
    "history": _to("get_children_one_history", "Read its history.", child_id=_CHILD),
}
_OF_BATCH = {"lines": _to("get_event_batches_one", "What became of each.", batch_id="$request.path.batch_id")}
_NEXT = "$response.body#/next"

# By operation and status: the names of links are for people, and follow from what they lead to.
LINKS: Mapping[str, Mapping[int, Mapping[str, Any]]] = {
    "put_children_one": {201: _OF_CHILD, 200: _OF_CHILD},
    "get_children_one": {
        200: {
            "history": _OF_CHILD["history"],
            "compliance": _to("get_children_one_compliance", "Read its verdicts.", child_id=_CHILD),
        }
    },
    "put_children_one_events_one": {201: _OF_CHILD, 200: _OF_CHILD},
    "get_children_one_history": {
        200: {"next": _to("get_children_one_history", "The next page.", child_id=_CHILD, cursor=_NEXT)}
    },
    "put_event_batches_one": {207: _OF_BATCH, 200: _OF_BATCH},
    "get_event_batches_one": {
        200: {
            "next": _to(
                "get_event_batches_one",
                "The next page.",
                batch_id="$request.path.batch_id",
                cursor=_NEXT,
            )
        }
    },
    "get_changes": {
        200: {
            "next": {
                "operationId": "get_changes",
                "description": "What was recorded since: `next` of application/json, or the Link header.",
                "parameters": {"since": _NEXT},
            }
        }
    },
    "get_quarantine": {
        200: {
            "retry": _to(
                "post_quarantine_one_retry",
                "Try the first again.",
                item_id="$response.body#/items/0/item_id",
            ),
            "dismiss": _to(
                "post_quarantine_one_dismiss",
                "Dismiss the first.",
                item_id="$response.body#/items/0/item_id",
            ),
            "next": _to("get_quarantine", "The next page.", cursor=_NEXT),
        }
    },
    "post_quarantine_one_retry": {
        201: {"history": _to("get_children_one_history", "Read its history.", child_id=_CHILD_TOLD)}
    },
}


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
    return {
        "operationId": operation["operationId"],
        "description": operation["summary"],
        "parameters": {name: _expression(name, own, fields) for name in re.findall(r"\{(\w+)\}", path)},
    }


def _expression(name: str, own: str, fields: Mapping[str, Any]) -> str:
    if f"{{{name}}}" in own:
        return f"$request.path.{name}"
    place = next((place for place in (name, f"items/0/{name}") if place in fields), None)
    if place is None:
        raise LookupError(f"{own}: nothing names {name}")
    return f"$response.body#/{place}"
