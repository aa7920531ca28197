"""The OpenAPI 3.1 document, built from the route table, the responders' own words and the schemas."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, get_args, get_origin

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema

from api import fields as f
from api import patterns
from api.answer import Problem
from api.answer_schemas import answer_components, share_words
from api.codes import codes_of
from api.details_schemas import cloud_event_type, put_changes, put_details, put_entries
from api.files import BYTES
from api.formats import NDJSON
from api.headers import put_headers
from api.links import put_links
from api.operation import Operation, Param
from api.request_bodies import MOST_ITEMS
from api.resource import Resource
from api.samples import put_samples
from api.schemas import Strict, conditions_of_details, details_schema, exactly_one
from api.submissions import OPENING, PLACING, BatchItemIn, EventIn, details_opened_by, stream_event_name
from api.webhooks import MESSAGES, put_webhooks
from application.reports.changes import followed
from domain.catalogue import care_actions_by_type, details_by_type, kinds_of_submissions, served_kinds
from domain.ledger.kind import StreamKind

GUIDES = "/docs/guides"
Described = tuple[str, bool, Mapping[str, Operation]]
SECURITY = (
    "A key of one organisation and role, made by `careledger keys create` and shown once: "
    "`Authorization: Bearer crk_…`. What lies outside its organisation answers 404, what its role may not do "
    "403. A client submits and reads, an auditor reads, a watcher answers alerts as well, a manager may do "
    "everything. 密钥属于一个机构和一种角色。"
)
_PARAMETER = re.compile(r"\{(\w+)(?::(\w+))?\}")
_PARTS = {
    "uuid": {"type": "string", "format": "uuid"},
    "int": {"type": "integer", "minimum": 0},
    "path": {"type": "string", "minLength": 1, "maxLength": f.LONGEST_PATH, "pattern": patterns.PATH},
}


def document(routes: Iterable[Described], resources: Iterable[Resource] = ()) -> dict[str, Any]:
    """Build the document of routes, each a template, whether it is public, and its operations by method."""
    described = list(routes)
    tags = {each.tag: each for each in resources}
    plugin = MarshmallowPlugin(schema_name_resolver=_name)
    spec = APISpec(
        title="CareLedger",
        version="1",
        openapi_version="3.1.0",
        plugins=[plugin],
        info={
            "description": "留守儿童关爱台账 · A ledger of the care that children are owed and get.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "contact": {"name": "CareLedger"},
        },
        servers=[{"url": "/", "description": "本服务 · The service that this document is read from."}],
        security=[{"key": []}],
        externalDocs={"url": GUIDES, "description": "使用指南 · Guides"},
        tags=[_tag(each) for _, each in sorted(tags.items())],
    )
    spec.components.security_scheme(
        "key",
        {"type": "http", "scheme": "bearer", "bearerFormat": "crk_…", "description": SECURITY},
    )
    _describe_events(spec)
    sent = (message for message, _, _ in MESSAGES.values())
    for name, shape in answer_components([*_answer_types(described), *sent]).items():
        spec.components.schemas[name] = shape
    for template, public, operations in described:
        _describe_route(spec, template, public=public, operations=operations)
    _put_details(spec.components.schemas)
    words: dict[str, dict[str, Any]] = {}
    made: dict[str, Any] = share_words(spec.to_dict(), words)
    made["components"]["schemas"] = _united(made["components"]["schemas"], words)
    put_links(made, described)
    put_headers(made, described)
    put_webhooks(made)
    put_samples(made)
    return made


def _tag(resource: Resource) -> dict[str, Any]:
    more = {"url": f"{GUIDES}/{resource.guide}", "description": "使用指南 · Guide"}
    return {
        "name": resource.tag,
        "description": f"{resource.zh} · {resource.en}",
        "externalDocs": more,
    }


def _put_details(schemas: dict[str, Any]) -> None:
    """Describe by type what answers tell of events, and what corrections mend."""
    types = [each for kind in kinds_of_submissions().values() for each in kind.by_type.values()]
    put_details(schemas, correctable={each.details.__name__ for each in types if each.correctable})
    for each in types:
        if each.derived:
            # Nobody submits these: they are told and corrected alone.
            schemas.pop(each.details.__name__, None)
    for name, conditions in conditions_of_details().items():
        if name in schemas:
            schemas[name]["allOf"] = conditions
    if "Entry" in schemas:
        put_entries(schemas, {each.type: each.details for each in types})
    if "CloudEvent" in schemas:
        known = {name: details for name, details in details_by_type().items() if name in followed()}
        put_changes(schemas, {cloud_event_type(name, each): each for name, each in known.items()})


def _united(schemas: dict[str, Any], words: dict[str, Any]) -> dict[str, Any]:
    """Put the closed lists of words beside the other schemas. Raises ValueError for a name of both."""
    twice = [name for name, shape in words.items() if schemas.get(name, shape) != shape]
    if twice:
        raise ValueError(f"names of schemas and of lists of words: {', '.join(twice)}")
    return schemas | words


def _answer_types(routes: Iterable[Described]) -> list[type]:
    """Return the types of all answers, each once."""
    operations = [each for _, _, methods in routes for each in methods.values()]
    named = (kind for each in operations for kind in (*each.answers.values(), *each.also.values()))
    alone = (each for kind in named for each in _parts_of(kind))
    return [Problem, *dict.fromkeys(kind for kind in alone if isinstance(kind, type) and kind is not dict)]


def _parts_of(kind: Any) -> tuple[Any, ...]:
    return kind if isinstance(kind, tuple) else get_args(kind) or (kind,)


@cache
def examples() -> dict[str, Any]:
    """Return what was sent and answered when the tests told a day of a school, by operation."""
    recorded: dict[str, Any] = json.loads(files("api").joinpath("examples.json").read_text(encoding="utf-8"))
    return recorded


def path_of(template: str) -> str:
    """Return the OpenAPI path of a route template."""
    return _PARAMETER.sub(r"{\1}", template)


def _name(schema: Any) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return str(kind.__name__)


def _describe_events(spec: APISpec) -> None:
    """Describe each type of event: the envelope, with the details that belong to the type."""
    for suffix, envelope in (("", EventIn), ("BatchItem", BatchItemIn)):
        choices, mapping = [], {}
        for event_type, action in sorted(care_actions_by_type().items()):
            if action.derived:
                _describe_details(spec, action.details)
            if action.derived or (action.on_own_route and not suffix):
                continue
            described = Strict.from_dict({}, name=action.details.__name__ + (suffix or "Event"))
            name = described.__name__
            spec.components.schema(name, component=_of_type(spec, envelope, event_type, action.details))
            choices.append(ref(name))
            mapping[event_type] = ref(name)["$ref"]
        if suffix:
            for kind in served_kinds().values():
                _describe_stream_types(spec, kind, choices, mapping)
        spec.components.schema(
            suffix or "Event",
            component={
                "oneOf": choices,
                "discriminator": {"propertyName": "type", "mapping": mapping},
            },
        )
    spec.components.schema(
        "Batch",
        component={
            "type": "object",
            "properties": {
                "items": f.described("条目", "Items")
                | {"type": "array", "minItems": 1, "maxItems": MOST_ITEMS, "items": ref("BatchItem")}
            },
            "required": ["items"],
            "additionalProperties": False,
        },
    )


def _describe_stream_types(
    spec: APISpec, kind: StreamKind[Any], choices: list[dict[str, Any]], mapping: dict[str, str]
) -> None:
    """Describe each type of a kind that is served, as an entry of its streams and as an item of a batch."""
    entries, types = [], {}
    for event_type, declared in sorted(kind.by_type.items()):
        name = declared.details.__name__
        if declared.derived:
            _describe_details(spec, declared.details)
            continue
        if declared.details not in kind.opens:
            if f"{name}Event" not in spec.components.schemas:
                component = _of_type(spec, EventIn, event_type, declared.details)
                spec.components.schema(f"{name}Event", component=component)
            entries.append(ref(f"{name}Event"))
            types[event_type] = ref(f"{name}Event")["$ref"]
        if f"{name}BatchItem" not in spec.components.schemas:
            item = _of_type(spec, BatchItemIn, event_type, declared.details)
            item["allOf"] = [*BatchItemIn.CONDITIONS]
            item["required"] = [*item["required"], "stream_id"]
            spec.components.schema(f"{name}BatchItem", component=item)
            choices.append(ref(f"{name}BatchItem"))
            mapping[event_type] = ref(f"{name}BatchItem")["$ref"]
    spec.components.schema(
        stream_event_name(kind),
        component={"oneOf": entries, "discriminator": {"propertyName": "type", "mapping": types}},
    )


def _of_type(spec: APISpec, envelope: type[Schema], event_type: str, details: type) -> dict[str, Any]:
    converter = spec.plugins[0].converter  # type: ignore[attr-defined]  # only the plugin's own class has it
    shape: dict[str, Any] = converter.schema2jsonschema(envelope())
    shape["properties"] = {
        **shape["properties"],
        "type": _said(shape, "type") | {"type": "string", "const": event_type},
        "details": _said(shape, "details") | _describe_details(spec, details),
    }
    if event_type not in PLACING:
        del shape["properties"]["org"]
    shape["allOf"] = [*getattr(envelope, "CONDITIONS", ())]
    if envelope is BatchItemIn:
        generic = served_kinds() and all(event_type in k.by_type for k in served_kinds().values())
        shape["allOf"].append(exactly_one("child_id", "student_no", *(("stream_id",) if generic else ())))
    if event_type in OPENING:
        shape["required"] = [*shape["required"], "org"]
    return shape


def _said(shape: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return what is said of a field beside its type."""
    return {word: shape["properties"][name][word] for word in ("title", "description")}


def _describe_details(spec: APISpec, details: type) -> dict[str, Any]:
    schema = details_schema(details)
    if schema.__name__ not in spec.components.schemas:
        spec.components.schema(schema.__name__, schema=schema)
    return ref(schema.__name__)


def ref(name: str) -> dict[str, Any]:
    """Return a schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def _describe_route(
    spec: APISpec, template: str, *, public: bool, operations: Mapping[str, Operation]
) -> None:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": _PARTS.get(kind, {"type": "string"})}
        for name, kind in _PARAMETER.findall(template)
    ]
    spec.path(
        path=path_of(template),
        parameters=in_path,
        operations={
            method.lower(): _operation(spec, method, template, described, public=public)
            for method, described in sorted(operations.items())
        },
    )


def _operation(
    spec: APISpec, method: str, template: str, described: Operation, *, public: bool
) -> dict[str, Any]:
    codes = codes_of(method, template, described, public=public)
    made: dict[str, Any] = {
        "operationId": described.name,
        "tags": [described.tag],
        "summary": described.summary,
        "description": described.description,
        "responses": {str(status): _problem(codes[status]) for status in sorted(codes)}
        | {str(status): _answer(name, described.media) for status, name in described.answers.items()},
    }
    first = made["responses"][str(next(iter(described.answers)))]
    for media, kind in described.also.items():
        schema = {"type": "string"} if kind is None else _of_lines(media, _schema_of(kind))
        first["content"][media] = {"schema": schema}
    if described.params:
        made["parameters"] = [_param(param) for param in described.params]
    if described.takes_file:
        content = {BYTES: {"schema": {"type": "string", "format": "binary"}}}
        made["requestBody"] = {"required": True, "content": content}
    if described.request is not None:
        made["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _request(spec, described.request)}},
        }
        if described.request_lines is not None:
            # Generators that know no lines know how to send bytes.
            lines = _of_lines(NDJSON, ref(described.request_lines)) | {"format": "binary"}
            made["requestBody"]["content"][NDJSON] = {"schema": lines}
    if public:
        made["security"] = []
    if described.deprecated is not None:
        made["deprecated"] = True
    _exemplify(made, examples().get(f"{method} {path_of(template)}", {}))
    return made


def _exemplify(made: dict[str, Any], example: Mapping[str, Any]) -> None:
    """Put an example beside each schema of what is sent, and of what is answered when all is well."""
    for media, body in example.get("requests", {}).items():
        made["requestBody"]["content"][media]["example"] = body
    for status, body in example.get("answers", {}).items():
        content = made["responses"][status].get("content", {})
        for shown in list(content.values())[:1]:
            shown["example"] = body


def _request(spec: APISpec, request: type[Schema] | str) -> dict[str, Any]:
    if isinstance(request, str):
        return ref(request)
    if request.__name__ not in spec.components.schemas:
        spec.components.schema(request.__name__, schema=request)
        shape = spec.components.schemas[request.__name__]
        if (details := details_opened_by(request)) is not None:
            shape["properties"]["details"] = _said(shape, "details") | _describe_details(spec, details)
        if conditions := getattr(request, "CONDITIONS", ()):
            shape["allOf"] = [*conditions]
    return ref(request.__name__)


def _param(param: Param[Any]) -> dict[str, Any]:
    return {
        "name": param.name,
        "in": param.place,
        "required": param.required,
        "description": param.text,
        "schema": dict(param.schema),
    }


def _answer(answer: Any, media: str) -> dict[str, Any]:
    if answer is None and media == "application/json":
        return {"description": "Done."}
    # A workbook or a picture is no text; generated code then gives its bytes.
    alone = {"type": "string"} if media.startswith("text/") else {"type": "string", "format": "binary"}
    schema = alone if answer is None else _schema_of(answer)
    content = {each: {"schema": schema} for each in media.split(", ")}
    return {"description": _text_of(answer), "content": content}


def _text_of(answer: Any) -> str:
    named = answer[0] if isinstance(answer, tuple) else next(iter(get_args(answer)), answer)
    return "The text." if named is None else (named.__doc__ or named.__name__)


def _schema_of(answer: Any) -> dict[str, Any]:
    if isinstance(answer, tuple):
        return {"oneOf": [ref(each.__name__) for each in answer]}
    if answer is dict:
        return {"type": "object", "additionalProperties": True}
    if get_origin(answer) is list:
        return {"type": "array", "items": ref(get_args(answer)[0].__name__)}
    return ref(answer.__name__)


def _of_lines(media: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Describe a text of one JSON value a line; JSON Schema can only name what a line is."""
    if media != NDJSON:
        return schema
    return {"type": "string", "contentMediaType": NDJSON, "contentSchema": schema}


def _problem(codes: Sequence[str]) -> dict[str, Any]:
    return {
        "description": f"A problem: {', '.join(codes)}.",
        "x-problem-codes": list(codes),
        "content": {"application/problem+json": {"schema": ref("Problem")}},
    }
