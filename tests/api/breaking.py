"""What a new OpenAPI document takes away from the clients of an old one, by the rules of docs/api.md.

Schemas are compared as they are written, by the words of JSON Schema that this project's documents use. In a
request, less may be asked and more allowed; in an answer, more may be told and nothing be missing. A new word
among those of an answer breaks nobody who keeps to the rules for clients; a word that is gone does.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Document = Mapping[str, Any]
Schema = Mapping[str, Any]
# A bound may move outwards in a request, inwards in an answer.
_LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_EXACT = ("format", "pattern", "const", "contentMediaType")
_MAX_DEPTH = 40


def breaks(old: Document, new: Document) -> list[str]:
    """Return what breaks, each with its place; nothing where every client of `old` goes on working."""
    return list(dict.fromkeys(_Comparison(old, new).found()))


class _Comparison:
    """Two documents side by side; pairs of named schemas are compared once for each direction."""

    def __init__(self, old: Document, new: Document) -> None:
        self._old, self._new = old, new
        self._seen: set[tuple[str, str, bool]] = set()

    def found(self) -> Iterator[str]:
        for path, methods in self._old["paths"].items():
            if path not in self._new["paths"]:
                yield f"{path}: the path is gone"
                continue
            for method, operation in methods.items():
                if method == "parameters":
                    continue
                at = f"{method.upper()} {path}"
                if method not in self._new["paths"][path]:
                    yield f"{at}: the operation is gone"
                    continue
                yield from self._operation(
                    operation,
                    self._new["paths"][path][method],
                    shared=(methods.get("parameters", []), self._new["paths"][path].get("parameters", [])),
                    at=at,
                )
        yield from (
            f"code {code}: no problem carries it any more" for code in _codes(self._old) - _codes(self._new)
        )

    def _operation(
        self, old: Schema, new: Schema, *, shared: tuple[list[Schema], list[Schema]], at: str
    ) -> Iterator[str]:
        if old["operationId"] != new["operationId"]:
            yield f"{at}: the operationId has changed"
        if old.get("security") == [] and new.get("security") != []:
            yield f"{at}: a key is needed now"
        yield from self._parameters(
            [*shared[0], *old.get("parameters", [])], [*shared[1], *new.get("parameters", [])], at=at
        )
        yield from self._body(old.get("requestBody"), new.get("requestBody"), at=at)
        for status, answer in old["responses"].items():
            if status not in new["responses"]:
                if status < "400":
                    yield f"{at}: the answer {status} is gone"
                continue
            for media, content in answer.get("content", {}).items():
                offered = new["responses"][status].get("content", {})
                if media not in offered:
                    yield f"{at}: the answer {status} no longer comes as {media}"
                    continue
                yield from self._schema(
                    content["schema"], offered[media]["schema"], asked=False, at=f"{at} {status}"
                )
        for status in new["responses"]:
            if status < "400" and status not in old["responses"]:
                yield f"{at}: a new answer {status} means success"

    def _parameters(self, old: list[Schema], new: list[Schema], *, at: str) -> Iterator[str]:
        before = {(p["in"], p["name"]): p for p in old}
        after = {(p["in"], p["name"]): p for p in new}
        for key, parameter in before.items():
            place = f"{at} {key[0]} {key[1]}"
            if key not in after:
                yield f"{place}: the parameter is gone"
                continue
            if after[key].get("required") and not parameter.get("required"):
                yield f"{place}: the parameter must be given now"
            yield from self._schema(parameter["schema"], after[key]["schema"], asked=True, at=place)
            if parameter["schema"].get("default") != after[key]["schema"].get("default"):
                yield f"{place}: the default has changed"
        for key, parameter in after.items():
            if key not in before and parameter.get("required"):
                yield f"{at} {key[0]} {key[1]}: a new parameter must be given"

    def _body(self, old: Schema | None, new: Schema | None, *, at: str) -> Iterator[str]:
        if old is None or new is None:
            if old is not None:
                yield f"{at}: the body is no longer read"
            elif new is not None and new.get("required"):
                yield f"{at}: a body must be given now"
            return
        if new.get("required") and not old.get("required"):
            yield f"{at}: a body must be given now"
        for media, content in old["content"].items():
            if media not in new["content"]:
                yield f"{at}: a body of {media} is no longer read"
                continue
            yield from self._schema(
                content["schema"], new["content"][media]["schema"], asked=True, at=f"{at} body"
            )

    def _schema(self, old: Any, new: Any, *, asked: bool, at: str, depth: int = 0) -> Iterator[str]:
        """Compare what is `asked` of clients, or told to them."""
        if "$ref" in old and "$ref" in new:
            pair = (old["$ref"], new["$ref"], asked)
            if pair in self._seen:
                return
            self._seen.add(pair)
        if depth > _MAX_DEPTH:
            return
        old, new = _united(self._old, old), _united(self._new, new)
        if not asked and "anyOf" in new and "properties" in old:
            # Whichever of them is told, it must be what was told before.
            for each in new["anyOf"]:
                yield from self._schema(old, each, asked=asked, at=at, depth=depth + 1)
            return
        yield from _types(old, new, asked=asked, at=at)
        yield from _bounds(old, new, asked=asked, at=at)
        yield from self._object(old, new, asked=asked, at=at, depth=depth)
        for word in ("items", "contentSchema", "additionalProperties"):
            if isinstance(old.get(word), Mapping) and isinstance(new.get(word), Mapping):
                yield from self._schema(old[word], new[word], asked=asked, at=f"{at}/*", depth=depth + 1)
        for word in ("oneOf", "anyOf", "allOf"):
            yield from self._choices(
                old.get(word, []), new.get(word, []), word, asked=asked, at=at, depth=depth
            )

    def _object(self, old: Schema, new: Schema, *, asked: bool, at: str, depth: int) -> Iterator[str]:
        fields, others = old.get("properties", {}), new.get("properties", {})
        needed, needed_now = set(old.get("required", ())), set(new.get("required", ()))
        for name in fields:
            if name in others:
                yield from self._schema(
                    fields[name], others[name], asked=asked, at=f"{at}/{name}", depth=depth + 1
                )
            elif not asked or _closed(new):
                yield f"{at}/{name}: the field is gone"
        if asked:
            yield from (f"{at}/{name}: the field must be given now" for name in sorted(needed_now - needed))
            if not _closed(old) and _closed(new):
                yield f"{at}: fields that are not named are refused now"
        else:
            gone = sorted(name for name in needed - needed_now if name in others)
            yield from (f"{at}/{name}: the field may be missing now" for name in gone)

    def _choices(
        self, old: list[Any], new: list[Any], word: str, *, asked: bool, at: str, depth: int
    ) -> Iterator[str]:
        """Compare alternatives by name, those without one by their order."""
        if word == "allOf" and asked and len(new) > len(old):
            yield f"{at}: more conditions must hold now"
        if word != "allOf" and not asked and len(new) > len(old) > 0:
            yield f"{at}: the answer may be something else now"
        if word == "oneOf" and asked and not old and new:
            yield f"{at}: more conditions must hold now"
        if word != "allOf" and len(new) < len(old) and (asked or word == "oneOf"):
            yield f"{at}: {len(old) - len(new)} of the alternatives are gone"
        named = {c["$ref"]: c for c in new if "$ref" in c}
        for place, before in enumerate(old):
            if "$ref" not in before:
                if place < len(new):
                    yield from self._schema(before, new[place], asked=asked, at=at, depth=depth + 1)
            elif before["$ref"] in named:
                yield from self._schema(before, named[before["$ref"]], asked=asked, at=at, depth=depth + 1)
            else:
                yield f"{at}: {before['$ref'].rpartition('/')[2]} is none of the alternatives now"


def _types(old: Schema, new: Schema, *, asked: bool, at: str) -> Iterator[str]:
    before, after = _type_names(old), _type_names(new)
    held, holding = (before, after) if asked else (after, before)
    if not asked and before is not None and after is not None and after - before == {"null"}:
        yield f"{at}: it may be null now"
    elif holding is not None and (held is None or not held <= holding):
        yield f"{at}: the type has changed"
    words, words_now = old.get("enum"), new.get("enum")
    if words is not None:
        gone = [w for w in words if words_now is not None and w not in words_now]
        yield from (f"{at}: the word {word} is gone" for word in gone)
        if words_now is None and not asked:
            yield f"{at}: any word may be told now"
    elif words_now is not None and asked:
        yield f"{at}: only some words are allowed now"


def _bounds(old: Schema, new: Schema, *, asked: bool, at: str) -> Iterator[str]:
    for names, sign in ((_LEAST, 1), (_MOST, -1)):
        for name in names:
            before, after = old.get(name), new.get(name)
            inner, outer = (after, before) if asked else (before, after)
            if inner is not None and (outer is None or (inner - outer) * sign > 0):
                yield f"{at}: {name} has changed"
    for name in _EXACT:
        before, after = old.get(name), new.get(name)
        if before != after and (after if asked else before) is not None:
            yield f"{at}: {name} has changed"
    if asked and new.get("uniqueItems") and not old.get("uniqueItems"):
        yield f"{at}: uniqueItems has changed"


def _united(document: Document, schema: Schema) -> Schema:
    """Write alternatives that are one type, or null, or a text beside a list of words, as one schema.

    So is an object of which several schemas each tell a part.
    """
    schema = _resolved(document, schema)
    parts = [_resolved(document, each) for each in schema.get("allOf", ())]
    if parts and "properties" not in schema and all("properties" in each for each in parts):
        fields = {name: said for each in parts for name, said in each["properties"].items()}
        needed = [name for each in parts for name in each.get("required", ())]
        return {"type": "object", "properties": fields, "required": needed}
    if "anyOf" not in schema or "type" in schema:
        return schema
    choices = [_united(document, each) for each in schema["anyOf"]]
    kept = [each for each in choices if each.get("type") != "null"]
    null = ["null"] if len(kept) < len(choices) else []
    if len(kept) > 1 and all(each.get("type") == "string" for each in kept):
        return {"type": ["string", *null]}
    return {**kept[0], "type": [*(_type_names(kept[0]) or ()), *null]} if len(kept) == 1 else schema


def _closed(schema: Schema) -> bool:
    return schema.get("additionalProperties", True) is False


def _type_names(schema: Schema) -> frozenset[str] | None:
    """Return the types of values; None is any. A whole number is a number as well."""
    named = schema.get("type")
    if named is None:
        return None
    names = {named} if isinstance(named, str) else set(named)
    return frozenset(names | ({"integer"} if "number" in names else set()))


def _resolved(document: Document, schema: Schema) -> Schema:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _codes(document: Document) -> set[str]:
    return {
        code
        for operations in document["paths"].values()
        for method, operation in operations.items()
        if method != "parameters"
        for answer in operation["responses"].values()
        for code in answer.get("x-problem-codes", ())
    }
