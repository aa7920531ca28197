"""What an operation says of itself beside its code: for the OpenAPI document and the check of its query."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeVar

from marshmallow import Schema

from api.query import DEFAULT_PAGE, LARGEST_PAGE

F = TypeVar("F", bound=Callable[..., Any])

# Among the codes of an operation: every code of the group `care` in the catalogue of errors.
CARE = "*care"


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """A query parameter or a header. `schema` is JSON Schema."""

    name: str
    schema: Mapping[str, Any]
    text: str
    place: str = "query"
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Deprecated:
    """That an operation is given up: since when, what to use instead, and until when it works at least."""

    since: datetime
    sunset: datetime
    see: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one route.

    `answers` gives the name of the answer's schema by status, None for an answer without JSON; `also` the
    schemas of other formats of the first answer, of lines that of a line. `request` is a schema of
    marshmallow, or the name of one that is described by hand; `request_lines` that of a line where lines
    are read too. `by_type` says that a key which is bound to types of events may do this, and little else.
    `codes` are those of problems that don't follow from all this; see `api.codes`.
    """

    summary: str
    answers: Mapping[int, str | None]
    params: tuple[Param, ...] = ()
    request: type[Schema] | str | None = None
    problems: tuple[int, ...] = field(default=())
    media: str = "application/json"
    also: Mapping[str, str | None] = field(default_factory=dict)
    request_lines: str | None = None
    deprecated: Deprecated | None = None
    by_type: bool = False
    codes: tuple[str, ...] = ()


_OPERATIONS: dict[Any, Operation] = {}


def operation(
    summary: str,
    *,
    answers: Mapping[int, str | None],
    params: tuple[Param, ...] = (),
    request: type[Schema] | str | None = None,
    problems: tuple[int, ...] = (),
    media: str = "application/json",
    also: Mapping[str, str | None] = MappingProxyType({}),
    request_lines: str | None = None,
    deprecated: Deprecated | None = None,
    by_type: bool = False,
    codes: tuple[str, ...] = (),
) -> Callable[[F], F]:
    """Describe a responder."""

    def described(responder: F) -> F:
        _OPERATIONS[responder] = Operation(
            summary=summary,
            answers=answers,
            params=params,
            request=request,
            problems=problems,
            media=media,
            also=also,
            request_lines=request_lines,
            deprecated=deprecated,
            by_type=by_type,
            codes=codes,
        )
        return responder

    return described


def operations_of(kind: object) -> dict[str, Operation]:
    """Return the operations of a class of resources by HTTP method."""
    responders = {name[3:].upper(): getattr(kind, name) for name in dir(kind) if name.startswith("on_")}
    return {method: _OPERATIONS[responder] for method, responder in responders.items()}


DAY = {"type": "string", "format": "date"}
LIMIT = Param(
    name="limit",
    schema={"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": DEFAULT_PAGE},
    text="How many items at most.",
)
CURSOR = Param(
    name="cursor",
    schema={"type": "string", "maxLength": 500},
    text="Where the page before ended: its `next`. All other parameters stay the same.",
)
AS_OF = Param(
    name="as_of",
    schema={"type": "string", "anyOf": [DAY, {"format": "date-time"}]},
    text="What is true of this Shanghai day; today unless said otherwise.",
)
AS_KNOWN_AT = Param(
    name="as_known_at",
    schema={"type": "string", "anyOf": [DAY, {"format": "date-time"}]},
    text="As it was known at this moment; a day means its end in Shanghai.",
)
CLOCKS = (AS_OF, AS_KNOWN_AT)
ORG = Param(
    name="org",
    schema={"type": "string", "maxLength": 300},
    text="The path of an organisation: it and all below it.",
)
IF_MATCH = Param(
    name="If-Match",
    place="header",
    schema={"type": "string", "pattern": '^"[0-9]{1,9}"$'},
    text="The version that a decision is based on, as the ETag gave it; 412 where it is another by now.",
)
IF_STILL = Param(
    name=IF_MATCH.name,
    place="header",
    schema={"type": "string", "pattern": r'^("[0-9]{1,9}"|\*)?$'},
    text="Only where this is still the version, as the ETag gave it, or * for any; else 412.",
)
CHANNEL = Param(
    name="X-CareLedger-Channel",
    place="header",
    schema={"type": "string", "enum": ["api", "offline"]},
    text="`offline` marks what a phone kept while it had no network.",
)
