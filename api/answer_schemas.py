"""The schemas of answers, made of their types.

Answers are open, as docs/api.md promises: fields may be added, and a word may be one that is not listed yet.
What is of a person may be null where it is withheld.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

from api.answer import Answer, sensitivities, wire_name
from api.fields import NAMED
from application.visibility import Sensitivity
from domain.fields import Choice

T = TypeVar("T")
Shape = dict[str, Any]
_PREFIX = "#/components/schemas/"
_NULL = {"type": "null"}
_WITHHELD: Shape = {
    "title": "Withheld",
    "description": "未提供的字段 · Fields that are null because this key is not shown them.",
    "type": "array",
    "items": {"type": "string"},
}


def answer_components(types: Iterable[type]) -> dict[str, Shape]:
    """Return the schemas of some answers and of all that they are made of, by name."""
    _, found = msgspec.json.schema_components(types, ref_template=_PREFIX + "{name}")
    enums = {name for name, shape in found.items() if "enum" in shape}
    answers = {each.__name__: each for each in _subclasses(Answer)}
    shapes = {name: shape if name in enums else _opened(shape, enums) for name, shape in found.items()}
    for name, shape in shapes.items():
        if name in answers:
            _let_withhold(shape, answers[name])
    return shapes | {name: enum_component(choices()[name]) for name in enums if name in choices()}


def enum_component(choice: type[Choice]) -> Shape:
    """Return the schema of a closed list of words, with their labels."""
    labels = "; ".join(f"{word.value} {word.zh} ({word.en})" for word in choice)
    words = [word.value for word in choice]
    return {"type": "string", "title": choice.__name__, "description": labels, "enum": words}


def share_words(shape: Any, into: dict[str, Shape]) -> Any:
    """Return a part of the document with closed lists of words by their names, whose schemas go `into`."""
    if isinstance(shape, list):
        return [share_words(each, into) for each in shape]
    if not isinstance(shape, dict):
        return shape
    if NAMED not in shape:
        return {name: share_words(said, into) for name, said in shape.items()}
    named = choices()[shape[NAMED]]
    into[named.__name__] = enum_component(named)
    kept = {name: said for name, said in shape.items() if name in ("title", "default", "description")}
    words = {"$ref": _PREFIX + named.__name__}
    return {"anyOf": [words, _NULL]} | kept if "null" in shape.get("type", ()) else words | kept


def choices() -> dict[str, type[Choice]]:
    """Return every closed list of words by its name. Raises `ValueError` where two have one name."""
    found: dict[str, type[Choice]] = {}
    for each in _subclasses(Choice):
        if found.setdefault(each.__name__, each) is not each:
            raise ValueError(f"{each.__module__} and another module both have a list {each.__name__}")
    return found


def _subclasses(base: type[T]) -> Iterable[type[T]]:
    for each in base.__subclasses__():
        yield each
        yield from _subclasses(each)


def _opened(shape: Any, enums: set[str]) -> Any:
    """Let a word of an answer be one that is not listed yet."""
    if isinstance(shape, list):
        return [_opened(each, enums) for each in shape]
    if not isinstance(shape, dict):
        return shape
    if str(shape.get("$ref", "")).removeprefix(_PREFIX) in enums:
        others = {name: said for name, said in shape.items() if name != "$ref"}
        return {"anyOf": [{"$ref": shape["$ref"]}, {"type": "string"}]} | others
    if len(shape.get("enum", ())) == 1:
        others = {name: said for name, said in shape.items() if name != "enum"}
        return {"type": "string", "const": shape["enum"][0]} | others
    if shape.get("type") == "object" and "properties" not in shape:
        # Said outright, because generated code else takes it for an object without any fields.
        shape = {"additionalProperties": True} | shape
    return {name: _opened(said, enums) for name, said in shape.items()}


def _let_withhold(shape: Shape, answer: type[Answer]) -> None:
    """Let what is of a person be null, and say which fields those are."""
    kept = [wire_name(n) for n, how in sensitivities(answer).items() if how is not Sensitivity.OPEN]
    for name in kept:
        shape["properties"][name] = _nullable(shape["properties"][name])
    if kept:
        shape["properties"].setdefault("withheld", dict(_WITHHELD))


def _nullable(shape: Shape) -> Shape:
    if _NULL in shape.get("anyOf", ()):
        return shape
    said = {name: shape[name] for name in ("title", "description") if name in shape}
    return said | {"anyOf": [{n: s for n, s in shape.items() if n not in said}, _NULL]}
