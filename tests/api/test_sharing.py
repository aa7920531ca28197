"""The published document says once what many places say alike, and means what the whole one means."""

from typing import Any

from api.document import published, whole_document


def test_what_is_referred_to_is_what_stood_there() -> None:
    whole, shared = whole_document(), published()

    assert _with_places_filled(shared["paths"], shared, whole["components"]) == whole["paths"]
    for name, schema in whole["components"]["schemas"].items():
        assert (
            _with_places_filled(shared["components"]["schemas"][name], shared, whole["components"]) == schema
        )


def test_it_is_smaller_by_a_quarter() -> None:
    assert len(str(published())) < 0.75 * len(str(whole_document()))


def _with_places_filled(part: Any, document: dict[str, Any], before: dict[str, Any]) -> Any:
    """Put back what is referred to and was under no name before."""
    if isinstance(part, list):
        return [_with_places_filled(each, document, before) for each in part]
    if not isinstance(part, dict):
        return part
    _, _, path = part.get("$ref", "").partition("#/components/")
    kind, _, name = path.partition("/")
    if path and name not in before.get(kind, {}):
        return _with_places_filled(document["components"][kind][name], document, before)
    return {key: _with_places_filled(value, document, before) for key, value in part.items()}
