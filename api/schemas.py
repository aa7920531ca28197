"""Request schemas: what each refuses, and those that are derived from the class of details."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, ClassVar, TypeVar, cast, get_origin

import msgspec
from marshmallow import RAISE, Schema, ValidationError

from api import fields as f
from domain.fields import MAX_TEXT, Choice, Field, fields_of
from domain.reasons import UNKNOWN_FIELD, WRONG_VALUE
from domain.refusal import Fault, Invalid, escaped

T = TypeVar("T")


class Strict(Schema):
    """A schema that refuses what it does not know.

    `CONDITIONS` tell, as JSON Schema, what must hold between its fields.
    """

    CONDITIONS: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    error_messages = {"unknown": UNKNOWN_FIELD.code, "type": WRONG_VALUE.code}  # noqa: RUF012

    class Meta:
        """What is not known is refused."""

        unknown = RAISE


class _OfOrg(Strict):
    org = f.Path(required=True, zh="机构", en="Organisation")


def exactly_one(*names: str) -> dict[str, Any]:
    """Make the condition that one of these fields is given, and no more."""
    return {"oneOf": [{"required": [name]} for name in names]}


def exactly_one_text(*names: str) -> dict[str, Any]:
    """Make the condition that one of these fields is a text, and the others null or not given."""
    return {"oneOf": [{"required": [n], "properties": {n: {"type": "string"}}} for n in names]}


def some_of(*names: str) -> dict[str, Any]:
    """Make the condition that of these lists one at least has an item."""
    return {"anyOf": [{"required": [name], "properties": {name: {"minItems": 1}}} for name in names]}


def details_schema(details: type) -> type[Schema]:
    """Derive the schema of a details class, or of an object inside one."""
    if details not in _DETAILS:
        named = {field.name: _field(field) for field in fields_of(details)}
        _DETAILS[details] = Strict.from_dict(named, name=details.__name__)
    return _DETAILS[details]


_DETAILS: dict[type, type[Schema]] = {}


def let_hold(details: type, *conditions: Mapping[str, Any]) -> None:
    """Tell of a class of details what must hold between its fields, as `Strict.CONDITIONS` do."""
    details_schema(details).CONDITIONS = conditions  # type: ignore[attr-defined]  # marshmallow says Schema


def conditions_of_details() -> Mapping[str, list[Mapping[str, Any]]]:
    """Return the conditions of classes of details by their names; most have none."""
    return {
        kind.__name__: [*conditions]
        for kind, schema in _DETAILS.items()
        if (conditions := getattr(schema, "CONDITIONS", ()))
    }


def body_of_org(details: type, *, without: frozenset[str] = frozenset()) -> type[Schema]:
    """Derive the schema of a body with the fields of a details class and the organisation it belongs to."""
    return body_with(_OfOrg, details, without=without)


def body_with(
    base: type[Strict],
    details: type,
    *,
    without: frozenset[str] = frozenset(),
    conditions: tuple[Mapping[str, Any], ...] = (),
) -> type[Schema]:
    """Derive the schema of a body with the fields of a details class beside those of an envelope."""
    named = {field.name: _field(field) for field in fields_of(details) if field.name not in without}
    made = base.from_dict(named, name=f"{details.__name__}In")
    made.CONDITIONS = (*base.CONDITIONS, *conditions)  # type: ignore[attr-defined]  # marshmallow says Schema
    return made


def loaded(schema: type[Schema], words: object, *, at: str = "") -> dict[str, Any]:
    """Check words against a schema. Raises `Invalid` with the pointer, below `at`, of each fault."""
    if isinstance(words, dict):
        try:
            return _without_fault(schema, words)
        except (ValidationError, KeyError):
            # marshmallow then says all that is wrong.
            pass
    checked = _instance(schema)
    try:
        read: dict[str, Any] = checked.load(words)  # type: ignore[arg-type]
    except ValidationError as error:
        raise Invalid(*_faults(error.messages, at, checked)) from None
    return read


def fits(details: type, some: Mapping[str, Any]) -> bool:
    """Return whether some fields could stand in details of a class, whatever is missing beside them."""
    return not _instance(details_schema(details)).validate(some, partial=True)


def typed(kind: type[T], words: Mapping[str, Any], *, at: str = "") -> T:
    """Make a typed value of words that their schema has passed."""
    try:
        return msgspec.convert(words, type=kind)
    except msgspec.ValidationError:
        raise Invalid(Fault(reason=WRONG_VALUE, pointer=at)) from None


def _without_fault(schema: type[Schema], words: Mapping[str, Any]) -> dict[str, Any]:
    """Read what is in order, by the fields that are given alone: most of them are absent most of the time.

    Raises whatever comes of a fault.
    """
    for name in _required(schema):
        words[name]
    known = _readers(schema)
    return {name: known[name](value, name, words) for name, value in words.items()}


@cache
def _readers(schema: type[Schema]) -> Mapping[str, Callable[[Any, str, Any], Any]]:
    """Return what reads the value of each field that is given: none has to be told that it is absent.

    To null a field says that it is wrong, and marshmallow then whether it may be left out so.
    """
    return {
        name: field.deserialize if field.validators else field._deserialize  # noqa: SLF001  as a field has it
        for name, field in _instance(schema).load_fields.items()
    }


@cache
def _required(schema: type[Schema]) -> tuple[str, ...]:
    return tuple(name for name, field in _instance(schema).load_fields.items() if field.required)


@cache
def _instance(schema: type[Schema]) -> Schema:
    return schema()


def _faults(messages: Any, at: str, node: Any, known: Iterable[str] = (), name: str = "") -> Iterator[Fault]:
    """Go through marshmallow's tree of messages, which are codes, beside the tree of what is read."""
    if isinstance(messages, dict):
        fields = _fields_of(node)
        for key, inner in messages.items():
            place = at if key == "_schema" else f"{at}/{escaped(key)}"
            below = node.inner if isinstance(node, f.Many) else fields.get(key)
            yield from _faults(inner, place, below, fields, str(key))
        return
    for code in messages:
        yield f.unknown(name, known, at) if code == UNKNOWN_FIELD.code else f.fault_of(code, at)


def _fields_of(node: Any) -> Mapping[str, Any]:
    schema = node.schema if isinstance(node, f.Part) else node
    return schema.load_fields if isinstance(schema, Schema) else {}


def _field(field: Field) -> Any:
    spec = field.spec
    metadata = f.described(spec.label.zh, spec.label.en, spec.hint or "")
    common: dict[str, Any] = {"required": field.required, "allow_none": field.optional}
    if not field.many:
        return _of_base(field, longest=spec.max_length, blank=not (spec.min_length or field.required))(
            **common, metadata=metadata
        )
    inner = _of_base(field, longest=MAX_TEXT, blank=not (spec.min_length or field.required))()
    return f.Many(inner, least=spec.min_length, most=spec.max_length, **common, metadata=metadata)


def _of_base(field: Field, *, longest: int, blank: bool) -> Any:
    base, spec = field.base, field.spec
    if get_origin(base) is not None and issubclass(get_origin(base), Mapping):
        return lambda **more: f.Open(least=spec.min_length, **more)
    if dataclasses.is_dataclass(base):
        return lambda **more: f.Part(details_schema(cast("type", base)), **more)
    if issubclass(base, Choice):
        return lambda **more: f.Word(choice=base, **more)
    if issubclass(base, bool):
        return f.Flag
    if issubclass(base, int):
        return lambda **more: f.Whole(least=spec.minimum, most=spec.maximum, **more)
    if issubclass(base, str):
        return lambda **more: f.Text(longest=longest, blank=blank, **more)
    return {"date": f.Day, "UUID": f.Identifier, "datetime": f.Moment}[base.__name__]
