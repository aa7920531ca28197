"""What a correction makes of an entry."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec

from domain.event import Details, Occurred
from domain.fields import fields_of
from domain.reasons import NOTHING_CORRECTED, UNKNOWN_FIELD, WRONG_VALUE
from domain.refusal import escaped, invalid
from domain.wire import from_wire, to_wire

# The first and the last years there are hold moments that have no Shanghai day.
_YEARS = range(2, 9999)
# What a correction may name, and what it must be.
CORRECTABLE: Mapping[str, Any] = {
    "occurred_on": date,
    "occurred_at": datetime,
    "written_on": date,
    "details": dict[str, Any],
}


def corrected(
    occurred: Occurred, written_on: date | None, details: Details, fields: Mapping[str, Any]
) -> tuple[Occurred, date | None, Details]:
    """Return the entry as it stands after `fields`.

    Raises `Invalid` where a correction is unknown, mistyped or leaves the details out of bounds; a
    correction that was decided before never raises again.
    """
    _refuse_unnamed(fields)
    if "occurred_at" in fields:
        occurred = Occurred.moment(_convert(fields, "occurred_at", datetime))
    elif "occurred_on" in fields:
        occurred = Occurred.on(_convert(fields, "occurred_on", date))
    if "written_on" in fields:
        written_on = _convert(fields, "written_on", date)
    if "details" in fields:
        details = _patched(details, _convert(fields, "details", dict[str, Any]))
    return occurred, written_on, details


def refuse_misread(fields: Mapping[str, Any]) -> None:
    """Raise `Invalid` for fields that no entry could be corrected by: none, unknown ones, wrong types."""
    _refuse_unnamed(fields)
    for name in fields:
        _convert(fields, name, CORRECTABLE[name])


def _refuse_unnamed(fields: Mapping[str, Any]) -> None:
    if not fields:
        raise invalid(NOTHING_CORRECTED, "/details/fields")
    for name in fields:
        if name not in CORRECTABLE:
            raise invalid(UNKNOWN_FIELD, f"/details/fields/{escaped(name)}")


def _convert(fields: Mapping[str, Any], name: str, wanted: Any) -> Any:
    try:
        value = msgspec.convert(fields[name], type=wanted)
    except msgspec.ValidationError:
        raise invalid(WRONG_VALUE, f"/details/fields/{name}") from None
    if isinstance(value, datetime) and (value.tzinfo is None or value.year not in _YEARS):
        raise invalid(WRONG_VALUE, f"/details/fields/{name}")
    return value


def _patched(details: Details, patch: Mapping[str, Any]) -> Details:
    """Merge as RFC 7396 does: null takes a field away."""
    known = {field.name for field in fields_of(type(details))}
    # An empty text that was stored is a default and says nothing.
    merged = {name: value for name, value in to_wire(details).items() if value != ""} | dict(patch)
    words = {name: value for name, value in merged.items() if value is not None or name not in known}
    return from_wire(type(details), words, at="/details/fields/details")
