"""What an operation says of itself beside its code: for the OpenAPI document and the check of its query."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

import falcon
from marshmallow import Schema

from api import patterns, query
from api.fields import NAMED, read_day
from api.query import DEFAULT_PAGE, LARGEST_PAGE
from application.access import Action
from application.basis import Needed
from domain.catalogue import submitted_types
from domain.fields import Choice
from domain.reasons import MISSING
from domain.refusal import Reason, invalid

C = TypeVar("C", bound=Choice)
# A type, a list of one, several of which it is one; None is an answer without JSON.
AnswerType = Any
T = TypeVar("T")

# Among the codes of an operation: every code of the group `care` in the catalogue of errors.
CARE = "*care"


@dataclass(frozen=True, kw_only=True)
class Param(Generic[T]):
    """A query parameter or a header. `schema` is JSON Schema; `read` makes a value of the text."""

    name: str
    schema: Mapping[str, Any]
    text: str
    place: str = "query"
    required: bool = False
    read: Callable[[str], T] | None = None

    def asked(self, req: falcon.Request) -> T | None:
        """Read it of a request; None where it is not given and need not be. Raises `Invalid`."""
        assert self.read is not None
        said = query.read(req, self.name, self.read)
        if said is None and self.required:
            raise invalid(MISSING, f"/{self.name}")
        return said


@dataclass(frozen=True, slots=True, kw_only=True)
class Deprecated:
    """That an operation is given up: since when, what to use instead, and until when it works at least."""

    since: datetime
    sunset: datetime
    see: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one route.

    `answers` gives the type of the answer by status, None for an answer without JSON; `also` the
    schemas of other formats of the first answer, of lines that of a line. `request` is a schema of
    marshmallow, or the name of one that is described by hand; `request_lines` that of a line where lines
    are read too. `by_type` says that a key which is bound to types of events may do this, and little else.
    `action` is what the key must be allowed to do at all. `uses` are the use cases that it calls: the
    codes of its problems follow from what these refuse; `codes` are those that don't. `tells_version` says
    that an answer has an ETag, `tells_next` that its Link leads to what follows. `leads_to` names the
    operations that what is answered leads to.
    `takes_file` says that the body is a file as it is. `media` is that of an answer without JSON, or several.
    `lists` says that it answers a list, which comes whole in other formats.
    """

    summary: str
    answers: Mapping[int, AnswerType]
    name: str
    description: str
    tag: str
    action: Action | None = None
    uses: tuple[Reason | Callable[..., Any], ...] = ()
    tells_version: bool = False
    tells_next: bool = False
    leads_to: tuple[str, ...] = ()
    params: tuple[Param[Any], ...] = ()
    request: type[Schema] | str | None = None
    media: str = "application/json"
    also: Mapping[str, AnswerType] = field(default_factory=dict)
    request_lines: str | None = None
    deprecated: Deprecated | None = None
    by_type: bool = False
    takes_file: bool = False
    codes: tuple[str, ...] = ()
    lists: bool = False

    @property
    def conditional(self) -> bool:
        """Whether it reads `If-Match`."""
        return any(param.name == IF_MATCH.name for param in self.params)

    @property
    def creates(self) -> bool:
        """Whether it reads `If-None-Match`."""
        return IF_NEW in self.params

    @property
    def needed(self) -> Needed:
        """Whether `If-Match` must name a version."""
        return next((needed for param, needed in _NEEDED if param in self.params), Needed.NOWHERE)


class SentOver(Choice):
    """How a submission came."""

    API = "api", "在线", "online"
    OFFLINE = "offline", "离线", "offline"


_OPERATIONS: dict[Any, Operation] = {}


def describe(responder: Callable[..., Any], described: Operation) -> None:
    """Keep what an operation says of itself beside what answers it."""
    _OPERATIONS[responder] = described


def operations_of(kind: object) -> dict[str, Operation]:
    """Return the operations of a class of resources by HTTP method."""
    responders = {name[3:].upper(): getattr(kind, name) for name in dir(kind) if name.startswith("on_")}
    return {method: _OPERATIONS[responder] for method, responder in responders.items()}


DAY = {"type": "string", "format": "date", "pattern": patterns.DAY}
MOMENT = {"type": "string", "format": "date-time", "pattern": patterns.MOMENT}


def day(name: str, text: str) -> Param[date]:
    """Make a parameter that is a calendar day."""
    return Param(name=name, schema=DAY, text=text, read=read_day)


def flag(name: str, text: str) -> Param[bool]:
    """Make a parameter that is true or false."""
    words = {"true": True, "false": False}
    return Param(
        name=name, schema={"type": "boolean"}, text=text, read=lambda said: query.one_of(said, words)
    )


def word(name: str, words: Sequence[str], text: str, *, default: str | None = None) -> Param[str]:
    """Make a parameter that is one of some words."""
    schema = {"type": "string", "enum": list(words)} | ({"default": default} if default else {})
    return Param(
        name=name, schema=schema, text=text, read=lambda said: query.one_of(said, {w: w for w in words})
    )


def choice(name: str, words: type[C], text: str, *, default: C | None = None) -> Param[C]:
    """Make a parameter that is a word of a closed list, which the document names."""
    schema = {"enum": list(words), NAMED: words.__name__} | ({"default": default.value} if default else {})
    by_word = {each.value: each for each in words}
    return Param(name=name, schema=schema, text=text, read=lambda said: query.one_of(said, by_word))


def whole(name: str, text: str, *, most: int, least: int = 0, default: int = 0) -> Param[int]:
    """Make a parameter that is a whole number."""
    schema = {"type": "integer", "minimum": least, "maximum": most, "default": default}
    bounds = range(least, most + 1)
    return Param(name=name, schema=schema, text=text, read=lambda said: query.whole(said, bounds))


def words_of(
    name: str,
    text: str,
    *,
    longest: int = query.LONGEST_TEXT,
    pattern: str = patterns.TEXT,
    blank: bool = True,
) -> Param[str]:
    """Make a parameter that is a text of bounded length; `pattern` tells clients more of it."""
    schema = {"type": "string", "maxLength": longest, "pattern": pattern}
    read = query.text if blank else query.seen_text
    return Param(name=name, schema=schema, text=text, read=lambda said: read(said, longest=longest))


def an_id(name: str, text: str) -> Param[UUID]:
    """Make a parameter that is an id."""
    return Param(name=name, schema={"type": "string", "format": "uuid"}, text=text, read=query.an_id)


def moment(name: str, text: str) -> Param[datetime]:
    """Make a parameter that is a moment."""
    return Param(name=name, schema=MOMENT, text=text, read=query.a_moment)


def needed(param: Param[T]) -> Param[T]:
    """Return a parameter as one that must be given, and not as an empty text."""
    schema = dict(param.schema)
    if schema.get("pattern") == patterns.PATH_OR_ALL:
        schema["pattern"] = patterns.PATH
    return replace(param, required=True, schema=schema)


def _of_header(name: str, text: str, **schema: Any) -> Param[str]:
    return Param(name=name, place="header", schema={"type": "string", **schema}, text=text)


def _moment(name: str, text: str) -> Param[date | datetime]:
    moment = {word: said for word, said in MOMENT.items() if word != "type"}
    schema = {"type": "string", "anyOf": [DAY, moment]}
    return Param(name=name, schema=schema, text=text, read=query.day_or_moment)


LIMIT = whole("limit", "How many items at most.", least=1, most=LARGEST_PAGE, default=DEFAULT_PAGE)
CURSOR = words_of(
    "cursor", "Where the page before ended: its `next`. All other parameters stay the same.", longest=500
)
PAGE = (CURSOR, LIMIT)
AS_OF = _moment("as_of", "What is true of this Shanghai day; today unless said otherwise.")
AS_KNOWN_AT = _moment("as_known_at", "As it was known at this moment; a day means its end in Shanghai.")
CLOCKS = (AS_OF, AS_KNOWN_AT)
SubmittedType: Any = cast("Any", Choice)(
    "SubmittedType",
    [(each.type.upper(), (each.type, each.label.zh, each.label.en)) for each in submitted_types().values()],
)
TYPE = choice("type", SubmittedType, "Only entries of this type.")
FROM = day("from", "Only what happened on this day or later.")
TO = day("to", "Only what happened on this day or earlier.")
LATE = flag("late", "Only what was written down late, or only what was not.")
ORG = words_of("org", "The path of an organisation: it and all below it.", pattern=patterns.PATH_OR_ALL)
IF_MATCH = _of_header(
    "If-Match",
    "The version that a decision is based on, as the ETag gave it; 412 where it is another by now.",
    pattern='^"[0-9]{1,9}"$',
)
IF_STILL = _of_header(
    IF_MATCH.name,
    "Only where this is still the version, as the ETag gave it, or * for any; else 412.",
    pattern=r'^("[0-9]{1,9}"|\*)$',
)
IF_REPLACED = replace(
    IF_STILL,
    text="Needed to replace what is there, else 428: the version that was read, as the ETag gave it, "
    "or * for any; 412 where it is another by now.",
)
IF_DECIDED = needed(IF_MATCH)
IF_NEW = _of_header(
    "If-None-Match",
    "`*`: only where nothing is there under this id yet; else 412.",
    pattern=r"^\*$",
)
# What each says of whether a version must be named. Of the entries of a stream that depends on their type.
_NEEDED = ((IF_DECIDED, Needed.ALWAYS), (IF_REPLACED, Needed.TO_REPLACE))
IDEMPOTENCY_KEY = _of_header(
    "Idempotency-Key",
    "Chosen once by the sender: sent again with it, this is the same answer, whatever has happened since.",
    pattern=r'^("[ !#-\[\]-~]{1,255}"|[!#-\[\]-~]{1,255})$',
)
CHANNEL = _of_header(
    "X-CareLedger-Channel",
    "`offline` marks what a phone kept while it had no network.",
    **{"enum": list(SentOver), NAMED: SentOver.__name__},
)
