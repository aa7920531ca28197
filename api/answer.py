"""What an operation answers with: a typed value that is declared once, and encoded, described and shown.

Each field says what it is in Chinese and English, and how far it may go.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import cache, partial
from operator import attrgetter
from types import UnionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Generic,
    NamedTuple,
    Self,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)
from uuid import UUID

import msgspec
import orjson
from msgspec import UNSET, Meta, UnsetType

from api.details_schemas import DETAILS
from api.language import Language, in_language
from application.access import Actor
from application.visibility import Purpose, Relation, Sensitivity, visible
from domain.choices import Precision
from domain.refusal import Reason

T = TypeVar("T")


def wire_name(name: str) -> str:
    """Return the name of a field as clients know it: `from_` is `from`, which is a word of Python."""
    return name.rstrip("_")


class Answer(msgspec.Struct, kw_only=True, gc=False, rename=wire_name):
    """The base of all answers: their docstrings and fields make the schemas of the document.

    What may be missing is UNSET by default. `ORDER` names the fields that come first, where a class has
    others of its base in between; notes come last. `LISTS` names the field that is the whole answer where it
    comes as lines or as a table: of a list its items.
    """

    ORDER: ClassVar[tuple[str, ...]] = ()
    LISTS: ClassVar[str] = "items"

    @classmethod
    def of(cls, source: object, **more: Any) -> Self:
        """Make one of what has fields of the same names, and of what it has otherwise."""
        names, values = _taken(cls, tuple(more))
        return cls(**dict(zip(names, values(source), strict=True)), **more)


def shown(zh: str, en: str, text: str = "", *, sensitivity: Sensitivity = Sensitivity.OPEN) -> Meta:
    """Say of a field what it is, and in `text` what its name does not tell."""
    said = f"{zh} · {en}." if not text else f"{zh} · {en}. {text}"
    return Meta(title=en, description=said, extra={"sensitivity": sensitivity, "title": {"zh": zh, "en": en}})


def detailed(details: type) -> Meta:
    """Say of an object that it is what a type of event says, as the class of its details describes it."""
    return Meta(extra_json_schema={DETAILS: details.__name__})


def personal(zh: str, en: str, text: str = "") -> Meta:
    """Say of a field about a person what it is; whoever may not see it is answered null."""
    return shown(zh, en, text, sensitivity=Sensitivity.PERSONAL)


# As RFC 3339 writes it.
Moment = Annotated[datetime, Meta(tz=True)]
Version = Annotated[int, shown("版本", "Version", "Its ETag; `If-Match` names it.")]
Org = Annotated[str, shown("机构", "Organisation", "Its path: county/township/school/grade/class.")]
Next = Annotated[str | None, shown("下一页", "Next page", "The `cursor` of the next page; null on the last.")]
Exactness = Annotated[
    Precision,
    shown(
        "时间精度",
        "Precision",
        "How exact it is. `ten_days`, `month` and `year` may follow: the day is then the first of them.",
    ),
]
ChildId = Annotated[UUID, shown("儿童编号", "Id of the child")]
MergedInto = Annotated[
    UUID | None,
    shown("并入", "Merged into", "The child in whose file this one goes on; null where it is its own."),
]
# What is about a child today may be about another subject, or about nobody known, one day.
ChildIdIfAny = Annotated[
    UUID | None, shown("儿童编号", "Id of the child", "Null where it is about another subject.")
]
CaseNo = Annotated[
    str, shown("个案编号", "Case number", "Ours: of every child from the first day on, for ever the same.")
]
CaseNoIfAny = Annotated[
    str | None, shown("个案编号", "Case number", "Of the child; null where it is about another subject.")
]
StudentNo = Annotated[
    str | None, personal("学籍号", "Student number", "Null where there is none, or it was erased.")
]
ChildName = Annotated[
    str | None,
    personal("儿童姓名", "Name of the child", "Null where the key may not read it, and of one erased."),
]
EventId = Annotated[UUID, shown("事件编号", "Id of the event")]


class Note(Answer):
    """What an answer has to say of itself, where its figures alone would mislead."""

    code: Annotated[str, shown("代码", "Code", "Stays for ever; see /errors/{code}.")]
    text: Annotated[str, shown("说明", "Text", "In the language of Accept-Language.")]


class Label(Answer):
    """One text in both languages."""

    zh: Annotated[str, shown("中文", "In Chinese")]
    en: Annotated[str, shown("英文", "In English")]


class Clocks(Answer):
    """What an answer goes by: what is true of a day, as it was known at a moment."""

    as_of: Annotated[date, shown("日期", "As of", "A Shanghai day.")]
    as_known_at: Annotated[Moment, shown("知情时间", "As known at")]
    clipped: Annotated[bool, shown("已限定", "Clipped", "Whether a later moment was asked for.")]


class ProblemError(Answer):
    """One fault."""

    pointer: Annotated[
        str,
        shown("位置", "Pointer", "A JSON pointer into the body, or `/` and the name of a parameter."),
    ]
    code: Annotated[str, shown("代码", "Code")]
    detail: Annotated[str, shown("说明", "Detail")]
    allowed: Annotated[
        list[str] | UnsetType, shown("可用的词", "Allowed", "The words that may stand there.")
    ] = UNSET
    nearest: Annotated[
        str | UnsetType, shown("最相近的字段", "Nearest", "The known field that was perhaps meant.")
    ] = UNSET


class Problem(Answer):
    """What is in the way of a request (RFC 9457). Its code and detail are those of the first fault."""

    type: Annotated[str, shown("类型", "Type", "Leads to what the code means and what to do.")]
    title: Annotated[str, shown("标题", "Title")]
    status: Annotated[int, shown("状态码", "Status")]
    detail: Annotated[str, shown("说明", "Detail", "In the language of Accept-Language.")]
    instance: Annotated[str, shown("请求编号", "Instance", "The id of the request.")]
    code: Annotated[str, shown("代码", "Code", "Stays for ever.")]
    errors: Annotated[list[ProblemError], shown("各项错误", "Errors")]


Notes = Annotated[list[Note] | UnsetType, shown("说明", "Notes", "Missing where there is none.")]


class Noted(Answer, kw_only=True):
    """An answer that may have something to say of itself."""

    notes: Notes = UNSET


class Page(Noted, Generic[T], kw_only=True):
    """A page of a list."""

    items: Annotated[list[T], shown("条目", "Items")]
    next: Next


def notes_of(reasons: list[Reason], language: Language) -> list[Note] | UnsetType:
    """Write what an answer has to say of itself."""
    return [Note(code=each.code, text=in_language(each, language)) for each in reasons] or UNSET


_Values = Callable[[Any], tuple[Any, ...]]


@cache
def _taken(answer: type[Answer], given: tuple[str, ...]) -> tuple[tuple[str, ...], _Values]:
    """Return which fields an answer takes of its source, beside those that are given, and what takes them."""
    needed = (field.name for field in msgspec.structs.fields(answer) if field.required)
    names = tuple(name for name in needed if name not in given)
    return names, _values_of(names)


def _values_of(names: tuple[str, ...]) -> _Values:
    if len(names) < 2:
        return lambda source: tuple(getattr(source, name) for name in names)
    return attrgetter(*names)


@cache
def _ordered(answer: Any) -> tuple[str, ...]:
    first: tuple[str, ...] = answer.ORDER
    others = [name for name in answer.__struct_fields__ if name not in first]
    return (*first, *sorted(others, key=lambda name: name == "notes"))


@cache
def sensitivities(answer: type[Answer]) -> Mapping[str, Sensitivity]:
    """Return how far each field of an answer may go. Raises TypeError for one that does not say."""
    hints = get_type_hints(answer, include_extras=True)
    return {name: _sensitivity(answer, name, hints[name]) for name in answer.__struct_fields__}


def _sensitivity(answer: type, name: str, hint: Any) -> Sensitivity:
    for meta in _metas(hint):
        if meta.extra:
            return Sensitivity(meta.extra["sensitivity"])
    raise TypeError(f"{answer.__name__}.{name} does not say what it is: see api/answer.py, `shown`")


def _metas(hint: Any) -> Iterator[Meta]:
    """Go through what is said of a hint, also where it is one of several or may be missing."""
    if get_origin(hint) is Annotated:
        yield from (each for each in get_args(hint)[1:] if isinstance(each, Meta))
    elif get_origin(hint) in (Union, UnionType):
        for each in get_args(hint):
            yield from _metas(each)


def encoder(
    *,
    principal: Actor | None,
    relation: Relation = Relation.WITHIN,
    purpose: Purpose = Purpose.ANSWER,
) -> Callable[[object], bytes]:
    """Return what encodes answers for somebody as JSON.

    What the principal is not shown becomes null, and `withheld` names it. What it is shown of each kind of
    answer is asked once.
    """
    known: dict[type, _Encoding] = {}

    def encoding_of(kind: Any) -> _Encoding:
        if not issubclass(kind, Answer):
            raise TypeError(f"{kind.__name__} is no answer")
        said = sensitivities(kind)
        known[kind] = _encoding(kind, frozenset(said) - visible(said, principal, relation, purpose))
        return known[kind]

    def fields_of(value: object) -> dict[str, object]:
        # Of thousands of answers in a list: in one call each.
        encoding = known.get(type(value)) or encoding_of(type(value))
        found = dict(zip(encoding.wire, encoding.values(value), strict=True))
        if encoding.withheld:
            found = encoding.withheld | found | encoding.nothing
        for name in encoding.optional:
            if found[name] is UNSET:
                del found[name]
        return found

    return partial(orjson.dumps, default=fields_of)


def encoded(body: object, *, principal: Actor | None) -> bytes:
    """Encode one answer for somebody as JSON; see `encoder`."""
    return encoder(principal=principal)(body)


class _Encoding(NamedTuple):
    """How an answer of one kind becomes a dictionary: the names that clients know, and what takes the values.

    `optional` are those that may be missing. Where something is hidden, `withheld` says what, and `nothing`
    has null for each.
    """

    wire: tuple[str, ...]
    values: _Values
    optional: tuple[str, ...]
    withheld: dict[str, object]
    nothing: dict[str, object]


@cache
def _encoding(kind: type[Answer], hidden: frozenset[str]) -> _Encoding:
    names = _ordered(kind)
    optional = {field.name for field in msgspec.structs.fields(kind) if not field.required}
    return _Encoding(
        wire=tuple(map(wire_name, names)),
        values=_values_of(names),
        optional=tuple(wire_name(name) for name in names if name in optional),
        withheld={"withheld": sorted(map(wire_name, hidden))} if hidden else {},
        nothing=dict.fromkeys(wire_name(name) for name in names if name in hidden),
    )
