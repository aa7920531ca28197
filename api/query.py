"""Reading query parameters: the two clocks, days, choices, pages."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import UUID

import falcon
import orjson
from marshmallow import ValidationError

from api.fields import fault_of, no, read_day, read_moment
from application.eventstore.log import EventLog
from application.reports.query_clocks import clocks_of
from domain.days import local_day
from domain.fields import text_faults
from domain.normal import is_blank
from domain.reasons import WRONG_VALUE
from domain.refusal import Invalid, Reason, invalid
from domain.rules.clocks import Clocks

DEFAULT_PAGE = 100
LARGEST_PAGE = 500
LONGEST_TEXT = 300
BAD_CURSOR = Reason(
    code="bad_cursor",
    zh="分页标记无效，或与其他参数不符",
    en="The cursor is not valid, or belongs to other parameters.",
)
WHOLE_ANSWER = Reason(
    code="whole_answer",
    zh="此格式一次给出全部内容，不分页",
    en="This format returns everything at once and has no pages.",
)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedClocks:
    """The two clocks as somebody asked for them; None is now."""

    as_of: date | None
    as_known_at: date | datetime | None

    @property
    def current(self) -> bool:
        """Whether the present state is asked for, as it is known now."""
        return self.as_of is None and self.as_known_at is None

    def resolved(self, log: EventLog, *, now: datetime) -> Clocks:
        """Return the clocks that the answer goes by."""
        return clocks_of(log, now=now, as_of=self.as_of, as_known_at=self.as_known_at)


def clocks_asked(req: falcon.Request) -> AskedClocks:
    """Read `as_of` and `as_known_at`. Raises `Invalid`."""
    as_of = read(req, "as_of", day_or_moment)
    return AskedClocks(
        as_of=local_day(as_of) if isinstance(as_of, datetime) else as_of,
        as_known_at=moment_asked(req, "as_known_at"),
    )


def day_asked(req: falcon.Request, name: str) -> date | None:
    """Read a day. Raises `Invalid`."""
    return read(req, name, read_day)


def moment_asked(req: falcon.Request, name: str) -> date | datetime | None:
    """Read a day, or a moment with its offset. Raises `Invalid`."""
    return read(req, name, day_or_moment)


def flag_asked(req: falcon.Request, name: str) -> bool | None:
    """Read true or false. Raises `Invalid`."""
    return read(req, name, lambda text: one_of(text, {"true": True, "false": False}))


def text_asked(req: falcon.Request, name: str, *, longest: int = LONGEST_TEXT) -> str | None:
    """Read a text of bounded length. Raises `Invalid`."""
    return read(req, name, lambda said: text(said, longest=longest))


def word_asked(req: falcon.Request, name: str, words: Sequence[str]) -> str | None:
    """Read one of these words. Raises `Invalid`."""
    return read(req, name, lambda text: one_of(text, {word: word for word in words}))


def limit_asked(req: falcon.Request) -> int:
    """Read how many items a page may have. Raises `Invalid`."""
    return whole_asked(req, "limit", least=1, most=LARGEST_PAGE, default=DEFAULT_PAGE)


def whole_asked(req: falcon.Request, name: str, *, most: int, least: int = 0, default: int = 0) -> int:
    """Read a whole number within bounds. Raises `Invalid`."""
    found = read(req, name, lambda text: whole(text, range(least, most + 1)))
    return default if found is None else found


def after_asked(req: falcon.Request) -> list[Any] | None:
    """Read where the page before ended; None on the first. Raises `Invalid`."""
    text = req.get_param("cursor")
    if text is None:
        return None
    try:
        digest, *after = list(orjson.loads(base64.urlsafe_b64decode(text.encode("ascii"))))
    except (ValueError, TypeError, binascii.Error):
        raise invalid(BAD_CURSOR, "/cursor") from None
    if digest != _digest(req):
        raise invalid(BAD_CURSOR, "/cursor")
    return after


def refuse_pages(req: falcon.Request) -> None:
    """Raise `Invalid` for a page of an answer that comes whole."""
    for name in ("cursor", "limit"):
        if req.get_param(name) is not None:
            raise invalid(WHOLE_ANSWER, f"/{name}")


def cursor_after(req: falcon.Request, *after: Any) -> str:
    """Make the cursor of the page that begins after these values."""
    return base64.urlsafe_b64encode(orjson.dumps([_digest(req), *after])).decode("ascii")


def moment(after: list[Any], index: int) -> datetime:
    """Read a moment out of a cursor. Raises `Invalid` where it is none of ours."""
    try:
        return datetime.fromisoformat(after[index]).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        raise invalid(BAD_CURSOR, "/cursor") from None


def position(after: list[Any] | None) -> int | None:
    """Read where a list by position goes on. Raises `Invalid` where the cursor is none of ours."""
    if after is None:
        return None
    if len(after) != 1 or type(after[0]) is not int or not 0 < after[0] < 2**63:
        raise invalid(BAD_CURSOR, "/cursor")
    return int(after[0])


def moment_and_id(after: list[Any] | None) -> tuple[datetime, UUID] | None:
    """Read where a list by moment and id goes on. Raises `Invalid` where the cursor is none of ours."""
    if after is None:
        return None
    try:
        return moment(after, 0), UUID(after[1])
    except (ValueError, TypeError, IndexError, AttributeError):
        raise invalid(BAD_CURSOR, "/cursor") from None


def id_of(after: list[Any] | None) -> UUID | None:
    """Read where a list by id goes on. Raises `Invalid` where the cursor is none of ours."""
    if after is None:
        return None
    try:
        return UUID(after[0])
    except (ValueError, TypeError, IndexError, AttributeError):
        raise invalid(BAD_CURSOR, "/cursor") from None


def text_of(after: list[Any] | None) -> str | None:
    """Read where a list by name goes on. Raises `Invalid` where the cursor is none of ours."""
    if after is None:
        return None
    if len(after) != 1 or not isinstance(after[0], str):
        raise invalid(BAD_CURSOR, "/cursor")
    return after[0]


def text_and_id(after: list[Any] | None) -> tuple[str, UUID] | None:
    """Read where a list by name and id goes on. Raises `Invalid` where the cursor is none of ours."""
    if after is None:
        return None
    text, last = text_of(after[:1]), id_of(after[1:])
    assert text is not None
    assert last is not None
    return text, last


def name_place(after: list[Any] | None) -> tuple[bool, int, str, UUID] | None:
    """Read where a search by name goes on. Raises `Invalid` where the cursor is none of ours."""
    if after is None:
        return None
    try:
        former, match, org, child_id = after
        return bool(former), int(match), str(org), UUID(child_id)
    except (ValueError, TypeError, AttributeError):
        raise invalid(BAD_CURSOR, "/cursor") from None


def _digest(req: falcon.Request) -> str:
    others = sorted(
        (name, str(value)) for name, value in req.params.items() if name not in ("cursor", "limit")
    )
    return hashlib.sha256(repr((req.uri_template, others)).encode()).hexdigest()[:16]


def read(req: falcon.Request, name: str, reader: Callable[[str], T]) -> T | None:
    """Read a parameter; None where it is not given. Raises `Invalid`."""
    text = req.get_param(name)
    if text is None:
        return None
    try:
        return reader(text)
    except ValidationError as error:
        raise Invalid(fault_of(str(error.messages[0]), f"/{name}")) from None


def day_or_moment(said: str) -> date | datetime:
    """Read a day, or a moment with its offset. Raises ValidationError with a code."""
    return read_day(said) if len(said) == len("2026-03-01") else a_moment(said)


def an_id(said: str) -> UUID:
    """Read an id. Raises ValidationError."""
    try:
        return UUID(said)
    except ValueError:
        raise ValidationError(WRONG_VALUE.code) from None


def a_moment(said: str) -> datetime:
    """Read a moment. Raises ValidationError."""
    # An unescaped plus sign of an offset arrives as a blank.
    return read_moment(said.replace(" ", "+"))


def text(said: str, *, longest: int) -> str:
    """Read a text of bounded length. Raises ValidationError with a code."""
    for fault in text_faults(said, "", max_length=longest):
        raise no(fault.reason)
    return said


def seen_text(said: str, *, longest: int) -> str:
    """Read a text of bounded length that says something. Raises ValidationError with a code."""
    if is_blank(said):
        raise no(WRONG_VALUE)
    return text(said, longest=longest)


def one_of(said: str, values: Mapping[str, T]) -> T:
    """Read one of some words. Raises ValidationError with a code."""
    if said not in values:
        raise no(WRONG_VALUE, *values)
    return values[said]


def whole(said: str, bounds: range) -> int:
    """Read a whole number within bounds. Raises ValidationError with a code."""
    if not (said.isascii() and said.isdigit() and len(said) < 5 and int(said) in bounds):
        raise ValidationError(WRONG_VALUE.code)
    return int(said)
