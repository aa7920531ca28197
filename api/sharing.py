"""What many places of the document say alike, said once under `components` and referred to."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import orjson

# What is said less often, or in fewer bytes, reads better where it stands.
_TIMES, _BYTES = 4, 120
# As RFC 9110 calls them; their names in Python differ by its version.
_PHRASES = {413: "Content Too Large", 422: "Unprocessable Content"}


def shared(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with what stands in many places under `components`; it means the same.

    Of a status, of a field or of a parameter that is the wording that most places have: another one of the
    same name stays where it is, so that a name tells what is behind it.
    """
    made: dict[str, Any] = orjson.loads(orjson.dumps(document))
    components = made["components"]
    _share(_problems(made), "responses", components.setdefault("responses", {}))
    _share(_parameters(made), "parameters", components.setdefault("parameters", {}))
    _share(_fields(components["schemas"]), "schemas", components["schemas"])
    return made


# A name under `components`, and where what it is for stands: what holds it, and its place in that.
_Place = tuple[str, Any, Any]


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in document["paths"].values():
        yield from (made for method, made in methods.items() if method != "parameters")


def _problems(document: dict[str, Any]) -> Iterator[_Place]:
    for made in _operations(document):
        for status in made["responses"]:
            if int(status) >= HTTPStatus.BAD_REQUEST:
                phrase = _PHRASES.get(int(status)) or HTTPStatus(int(status)).phrase
                yield _pascal(phrase), made["responses"], status


def _parameters(document: dict[str, Any]) -> Iterator[_Place]:
    lists = [methods.get("parameters", []) for methods in document["paths"].values()]
    lists += [made.get("parameters", []) for made in _operations(document)]
    for params in lists:
        for at, param in enumerate(params):
            if "name" in param:
                yield _pascal(f"{param['name']} in {param['in']}"), params, at


def _fields(schemas: dict[str, Any]) -> Iterator[_Place]:
    for schema in list(schemas.values()):
        for name in schema.get("properties", ()):
            yield _pascal(name), schema["properties"], name


def _share(places: Iterator[_Place], kind: str, known: dict[str, Any]) -> None:
    alike: defaultdict[str, Counter[bytes]] = defaultdict(Counter)
    found = list(places)
    said = [orjson.dumps(holder[at], option=orjson.OPT_SORT_KEYS) for _, holder, at in found]
    for (name, _, _), text in zip(found, said, strict=True):
        alike[name][text] += 1
    chosen = {name: counted.most_common(1)[0] for name, counted in alike.items() if name not in known}
    for (name, holder, at), text in zip(found, said, strict=True):
        if name in chosen and chosen[name][0] == text and chosen[name][1] >= _TIMES and len(text) >= _BYTES:
            known[name] = orjson.loads(text)
            holder[at] = {"$ref": f"#/components/{kind}/{name}"}


def _pascal(name: str) -> str:
    words = "".join(c if c.isalnum() else " " for c in name).split()
    return "".join(word[:1].upper() + word[1:] for word in words)
