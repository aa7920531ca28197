"""Fields of request schemas: each checks a JSON value strictly and gives it back as it goes on the wire.

What is wrong is told by the code of a domain reason, never in words that repeat the value.
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from marshmallow import ValidationError, fields

from api import patterns
from application.reasons import IMPLAUSIBLE_YEAR
from domain.fields import MAX_TEXT, Choice, text_faults
from domain.normal import is_blank
from domain.reasons import (
    BLANK,
    CONTROL_CHARACTER,
    MISSING,
    TOO_FEW,
    TOO_LARGE,
    TOO_LONG,
    TOO_MANY,
    TOO_SMALL,
    UNKNOWN_FIELD,
    WRONG_VALUE,
)
from domain.refusal import Fault, Reason

REASONS: Mapping[str, Reason] = {
    reason.code: reason
    for reason in (
        BLANK,
        CONTROL_CHARACTER,
        IMPLAUSIBLE_YEAR,
        MISSING,
        TOO_FEW,
        TOO_LARGE,
        TOO_LONG,
        TOO_MANY,
        TOO_SMALL,
        UNKNOWN_FIELD,
        WRONG_VALUE,
    )
}
# Names, in a schema on its way into the document, the closed list that its words are of.
NAMED = "x-words"
YEARS = range(1900, 2200)
LONGEST_PATH = 300
_MOST = 2**53 - 1
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([Zz]|[+-](0[0-9]|1[0-4]):[0-5][0-9])"
)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_CODES = {"required": MISSING.code} | dict.fromkeys(
    ("null", "invalid", "type", "invalid_utf8", "validator_failed"), WRONG_VALUE.code
)


def no(reason: Reason, *allowed: str) -> ValidationError:
    """Make the error for a value that is refused for this reason, with the words that are allowed."""
    return ValidationError("|".join((reason.code, *allowed)))


def fault_of(message: str, pointer: str) -> Fault:
    """Make a fault of the message of an error; see `no`."""
    code, *allowed = message.split("|")
    return Fault(reason=REASONS.get(code, WRONG_VALUE), pointer=pointer, allowed=tuple(allowed))


def unknown(name: str, known: Iterable[str], pointer: str) -> Fault:
    """Make the fault for a name that is not known, with the one that was perhaps meant."""
    nearest = next(iter(get_close_matches(name, [*known], n=1)), None)
    return Fault(reason=UNKNOWN_FIELD, pointer=pointer, nearest=nearest)


class Text(fields.String):
    """Text of bounded length in code points, without control characters; `blank` text only where allowed."""

    def __init__(
        self, *, longest: int = MAX_TEXT, blank: bool = True, pattern: str | None = None, **more: Any
    ) -> None:
        said = f"^{pattern}$" if pattern else patterns.TEXT if blank else patterns.SEEN_TEXT
        described: dict[str, Any] = {"maxLength": longest, "pattern": said}
        if not blank:
            described["minLength"] = 1
        super().__init__(**_common(more, described))
        self._longest = longest
        self._blank = blank
        self._pattern = re.compile(pattern) if pattern else None

    def _deserialize(self, value: Any, attr: Any, data: Any, **_more: Any) -> Any:
        if not isinstance(value, str):
            raise no(WRONG_VALUE)
        for fault in text_faults(value, "", max_length=self._longest):
            raise no(fault.reason)
        if not self._blank and is_blank(value):
            raise no(BLANK)
        if self._pattern and not self._pattern.fullmatch(value):
            raise no(WRONG_VALUE)
        return value


class Path(Text):
    """The path of an organisation: up to five names, none of them blank."""

    def __init__(self, **more: Any) -> None:
        super().__init__(longest=LONGEST_PATH, blank=False, metadata={"pattern": patterns.PATH}, **more)


class Word(fields.String):
    """A word from a closed list."""

    def __init__(self, *, choice: type[Choice], **more: Any) -> None:
        labels = "; ".join(f"{m.value} {m.zh} ({m.en})" for m in choice)
        described = {"enum": [m.value for m in choice], "description": labels, NAMED: choice.__name__}
        super().__init__(**_common(more, described))
        self._words = tuple(m.value for m in choice)

    def _deserialize(self, value: Any, attr: Any, data: Any, **_more: Any) -> Any:
        if not isinstance(value, str) or value not in self._words:
            raise no(WRONG_VALUE, *self._words)
        return value


class Identifier(fields.String):
    """A UUID in its common form, given on in lower case."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**_common(more, {"format": "uuid", "pattern": f"^{_UUID.pattern}$"}))

    def _deserialize(self, value: Any, attr: Any, data: Any, **_more: Any) -> Any:
        if not isinstance(value, str) or not _UUID.fullmatch(value):
            raise no(WRONG_VALUE)
        return value.lower()


class Day(fields.String):
    """A calendar day as YYYY-MM-DD; `pattern` tells clients of its years."""

    def __init__(self, *, pattern: str = patterns.DAY, **more: Any) -> None:
        super().__init__(**_common(more, {"format": "date", "pattern": pattern}))

    def _deserialize(self, value: Any, attr: Any, data: Any, **_more: Any) -> Any:
        if not isinstance(value, str):
            raise no(WRONG_VALUE)
        read_day(value)
        return value


class Moment(fields.String):
    """A moment with its offset, as RFC 3339 writes it; `pattern` tells clients of its years."""

    def __init__(self, *, pattern: str = patterns.MOMENT, **more: Any) -> None:
        super().__init__(**_common(more, {"format": "date-time", "pattern": pattern}))

    def _deserialize(self, value: Any, attr: Any, data: Any, **_more: Any) -> Any:
        if not isinstance(value, str):
            raise no(WRONG_VALUE)
        return read_moment(value).isoformat()


class Whole(fields.Integer):
    """A whole number; 5.0 is one as well, as in JSON Schema."""

    def __init__(self, *, least: int | None = None, most: int | None = None, **more: Any) -> None:
        self._least = -_MOST if least is None else least
        self._most = _MOST if most is None else most
        super().__init__(**_common(more, {"minimum": self._least, "maximum": self._most}))

    def _deserialize(self, value: Any, attr: Any, data: Any, **_more: Any) -> Any:
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool) or not whole:
            raise no(WRONG_VALUE)
        if value < self._least:
            raise no(TOO_SMALL)
        if value > self._most:
            raise no(TOO_LARGE)
        return int(value)


class Flag(fields.Boolean):
    """True or false, and nothing that looks like it."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**_common(more, {}))

    def _deserialize(self, value: Any, attr: Any, data: Any, **_more: Any) -> Any:
        if not isinstance(value, bool):
            raise no(WRONG_VALUE)
        return value


class Many(fields.List):  # type: ignore[type-arg]  # generic only for the type checker, in some versions
    """A list of bounded length."""

    def __init__(self, inner: Any, *, least: int = 0, most: int, **more: Any) -> None:
        super().__init__(inner, **_common(more, {"minItems": least, "maxItems": most}))
        self._least, self._most = least, most

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        if not isinstance(value, list):
            raise no(WRONG_VALUE)
        if len(value) < self._least:
            raise no(TOO_FEW)
        if len(value) > self._most:
            raise no(TOO_MANY)
        if not self.inner.validators:
            # Most are in order; of what isn't marshmallow says where it stands.
            read = self.inner._deserialize  # noqa: SLF001  as a field has it
            with suppress(ValidationError):
                return [read(each, attr, data, **more) for each in value]
        return super()._deserialize(value, attr, data, **more)


class Open(fields.Dict):
    """An object whose fields are judged further in."""

    def __init__(self, *, least: int = 0, **more: Any) -> None:
        super().__init__(**_common(more, {"minProperties": least} if least else {}))
        self._least = least

    def _deserialize(self, value: Any, attr: Any, data: Any, **_more: Any) -> Any:
        if not isinstance(value, dict):
            raise no(WRONG_VALUE)
        if len(value) < self._least:
            raise no(TOO_FEW)
        return value


class Part(fields.Nested):
    """An object within an object."""

    def __init__(self, nested: Any, **more: Any) -> None:
        super().__init__(nested, **_common(more, {}))


def read_day(text: str) -> date:
    """Read YYYY-MM-DD. Raises ValidationError with a code."""
    if not _DAY.fullmatch(text):
        raise no(WRONG_VALUE)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise no(WRONG_VALUE) from None
    if day.year not in YEARS:
        raise no(IMPLAUSIBLE_YEAR)
    return day


def read_moment(text: str) -> datetime:
    """Read a moment with its offset. Raises ValidationError with a code."""
    if not _MOMENT.fullmatch(text):
        raise no(WRONG_VALUE)
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        raise no(WRONG_VALUE) from None
    if moment.year not in YEARS:
        raise no(IMPLAUSIBLE_YEAR)
    return moment


def described(zh: str, en: str, text: str = "") -> dict[str, str]:
    """Describe a field: what it is in both languages, and in `text` what its name does not tell."""
    return {"title": en, "description": f"{zh} · {en}. {text}".strip()}


def _common(more: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    said = {name: more.pop(name) for name in ("zh", "en", "text") if name in more}
    metadata = schema | (described(**said) if said else {}) | more.pop("metadata", {})
    return more | {"metadata": metadata, "error_messages": _CODES}
