"""Between the words on the wire and the typed details of an event, and back."""

import dataclasses
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

import msgspec

from domain.fields import faults_of
from domain.normal import is_blank
from domain.reasons import UNKNOWN_FIELD, WRONG_VALUE
from domain.refusal import Fault, Invalid, escaped

D = TypeVar("D")


def to_wire(details: object) -> dict[str, Any]:
    """Return the fields of a details object as JSON values; absent optional fields are left out."""
    words = msgspec.to_builtins(details)
    return {name: value for name, value in words.items() if value is not None}


def from_wire(details: type[D], words: Mapping[str, object], *, at: str = "/details") -> D:
    """Make typed details of JSON values and check every described bound.

    Raises `Invalid` with the pointer of each field that is unknown, mistyped or out of bounds.
    """
    wanted: Any = details
    known = _names(wanted)
    if not words.keys() <= known.keys():
        unknown = [name for name in words if name not in known]
        raise Invalid(*(Fault(reason=UNKNOWN_FIELD, pointer=f"{at}/{escaped(n)}") for n in unknown))
    said = {
        k: None if isinstance(v, str) and _is_no_text(v, optional=known[k]) else v for k, v in words.items()
    }
    try:
        made = msgspec.convert(said, type=details)
    except msgspec.ValidationError as error:
        raise Invalid(Fault(reason=WRONG_VALUE, pointer=at + _pointer(str(error)))) from None
    faults = tuple(faults_of(made, at=at))
    if faults:
        raise Invalid(*faults)
    return made


@cache
def _names(details: Any) -> Mapping[str, bool]:
    """Return the names of the fields, and of each whether it may be left out."""
    return {f.name: f.default is not dataclasses.MISSING for f in dataclasses.fields(details)}


def _is_no_text(text: str, *, optional: bool) -> bool:
    """Return whether blank text is to be taken for none."""
    return is_blank(text) if optional else not text.strip()


def _pointer(message: str) -> str:
    """Read the JSON pointer off msgspec's "… - at `$.a[0].b`"; it holds field names only."""
    _, found, path = message.rpartition(" - at `$")
    if not found:
        return ""
    return path.rstrip("`").replace("[...]", "").replace("[", "/").replace("]", "").replace(".", "/")
