"""Values that schemas allow: the examples of what no test has sent or been answered."""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
_FORMATS = {
    "uuid": "6f1d7a52-0c1e-4b6e-9a53-2f6d1c0b7e44",
    "date": "2026-05-06",
    "date-time": "2026-05-06T10:00:00+08:00",
}
_BY_TYPE: Mapping[str, Any] = {"string": "…", "integer": 1, "number": 1, "boolean": True, "null": None}


def put_samples(document: dict[str, Any]) -> None:
    """Put an example beside each body, and the first format of each success, that has none."""
    components = document["components"]["schemas"]
    for content in _contents(document):
        if "example" not in content:
            content["example"] = sample_of(content["schema"], components)


def sample_of(schema: Schema, components: Mapping[str, Schema]) -> Any:
    """Return a value that a schema allows, with the fields that must be there."""
    if "$ref" in schema:
        return sample_of(components[schema["$ref"].rpartition("/")[2]], components)
    for word in ("anyOf", "oneOf"):
        if word in schema and "properties" not in schema:
            return sample_of(schema[word][0], components)
    if "allOf" in schema and "properties" not in schema and "type" not in schema:
        # What the last part says is narrower than what the first one does.
        parts = (sample_of(part, components) for part in schema["allOf"])
        return {name: value for part in parts for name, value in part.items()}
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    kind = schema.get("type", "object")
    kind = kind if isinstance(kind, str) else kind[0]
    if kind == "object":
        fields = schema.get("properties", {})
        made = {name: sample_of(fields.get(name, {}), components) for name in _needed(schema)}
        if made or not schema.get("minProperties"):
            return made
        return {name: sample_of(said, components) for name, said in list(fields.items())[:1]} or {"…": "…"}
    if kind == "array":
        return [sample_of(schema["items"], components)]
    if kind == "integer":
        return max(1, schema.get("minimum", 1))
    return _FORMATS.get(schema.get("format", ""), _BY_TYPE[kind])


def _needed(schema: Schema) -> Iterator[str]:
    """Go through the fields that an object must have, and the first of those of which it must have one."""
    yield from schema.get("required", ())
    for condition in schema.get("allOf", ()):
        yield from condition.get("oneOf", [{}])[0].get("required", ())


def _contents(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for operations in document["paths"].values():
        for method, operation in operations.items():
            if method != "parameters":
                yield from operation.get("requestBody", {}).get("content", {}).values()
                for status, answer in operation["responses"].items():
                    if status < "400":
                        yield from list(answer.get("content", {}).values())[:1]
