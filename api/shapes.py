"""The words in which the shapes of answers are written: JSON Schema, in short."""

from typing import Any

Shape = dict[str, Any]

TEXT: Shape = {"type": "string"}
UUID: Shape = {"type": "string", "format": "uuid"}
DAY: Shape = {"type": "string", "format": "date"}
MOMENT: Shape = {"type": "string", "format": "date-time"}
WHOLE: Shape = {"type": "integer"}
FLAG: Shape = {"type": "boolean"}
ANY_OBJECT: Shape = {"type": "object"}
LABEL: Shape = {
    "type": "object",
    "properties": {"zh": TEXT, "en": TEXT},
    "required": ["zh", "en"],
    "additionalProperties": False,
}


def many(shape: Shape) -> Shape:
    """A list of these."""
    return {"type": "array", "items": shape}


def maybe(shape: Shape) -> Shape:
    """This, or null."""
    return {"anyOf": [shape, {"type": "null"}]}


def one_of(*words: str) -> Shape:
    """One of these words."""
    return {"type": "string", "enum": list(words)}


def ref(name: str) -> Shape:
    """A shape by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def obj(optional: tuple[str, ...] = (), /, **shapes: Shape) -> Shape:
    """An object with these fields and no others; all but the optional ones are there."""
    return {
        "type": "object",
        "properties": shapes,
        "required": [name for name in shapes if name not in optional],
        "additionalProperties": False,
    }


# What an answer says beside its items.
NOTED = many(ref("Note"))
