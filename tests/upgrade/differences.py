"""Where an answer differs from that of a released version, and which differences users were told of."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import orjson

from domain.refusal import escaped
from tests.upgrade.questions import Answer

ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"
# By which an item of a list is told from the others, the first of these that all of them bear.
_KEYS = (
    *(
        "event_id",
        "delivery_id",
        "alert_id",
        "item_id",
        "child_id",
        "id",
        "recipient_id",
        "key_id",
        "rule_id@version",
    ),
    *("line", "parent", "rule_id", "student_no"),
)
_SHOWN = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One place where two answers differ; `at` is a JSON pointer, in which an item of a list bears its id."""

    at: str
    how: str
    was: Any = None
    now: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """A difference that users were told of.

    `changelog` is what CHANGELOG.md says of it, word for word. `questions` and `at` are patterns over names
    of questions and pointers: * stands for anything. Where values are known beforehand, `fits` holds the old
    and the new one against them. Be narrow: name the children.
    """

    changelog: str
    questions: str
    at: str
    how: str
    fits: Callable[[Any, Any], bool] = lambda _was, _now: True


@dataclass(kw_only=True)
class Comparison:
    """Holds answers against those of a released version, and tells what was not allowed."""

    allowed: Sequence[Allowed] = ()
    used: set[Allowed] = field(default_factory=set)
    found: list[str] = field(default_factory=list)

    def hold(self, name: str, was: Answer, now: Answer) -> None:
        """Compare two answers to a question."""
        self._sort(name, answers_differ(was, now))

    def hold_values(self, name: str, was: Any, now: Any) -> None:
        """Compare two JSON values."""
        self._sort(name, differences(was, now))

    def _sort(self, name: str, found: Iterable[Difference]) -> None:
        for each in found:
            fitting = [a for a in self.allowed if _fits(a, name, each)]
            self.used.update(fitting)
            if not fitting:
                self.found.append(f"{name}: {each.at or '/'} {each.how}: {each.was!r} -> {each.now!r}"[:600])

    @property
    def unused(self) -> list[Allowed]:
        """What is allowed and does not happen: take it away."""
        return [a for a in self.allowed if a not in self.used]

    def require(self, *, all_used: bool) -> None:
        """Fail where anything differs that may not, or, where `all_used`, something that may does not."""
        told = "\n".join(self.found[:_SHOWN])
        assert not self.found, f"{len(self.found)} differences that are not allowed:\n{told}"
        assert not (all_used and self.unused), f"allowed, and no difference: {self.unused}"


def answers_differ(was: Answer, now: Answer) -> Iterator[Difference]:
    """Compare status, version and bytes; of JSON say where it differs."""
    if (was.status, was.etag) != (now.status, now.etag):
        yield Difference(at="#status", how=CHANGED, was=[was.status, was.etag], now=[now.status, now.etag])
    if was.body == now.body:
        return
    try:
        old, new = orjson.loads(was.body), orjson.loads(now.body)
    except orjson.JSONDecodeError:
        yield from _lines_differ(was.body, now.body)
        return
    told = list(differences(old, new))
    yield from told
    if not told:
        yield Difference(at="#bytes", how=CHANGED, was=was.body, now=now.body)


def differences(was: Any, now: Any, at: str = "") -> Iterator[Difference]:
    """Go through all places where two JSON values differ."""
    if isinstance(was, dict) and isinstance(now, dict):
        yield from _objects_differ(was, now, at)
    elif isinstance(was, list) and isinstance(now, list):
        yield from _lists_differ(was, now, at)
    elif was != now:
        yield Difference(at=at, how=CHANGED, was=was, now=now)


def _objects_differ(was: Mapping[str, Any], now: Mapping[str, Any], at: str) -> Iterator[Difference]:
    for name in was | now:
        pointer = f"{at}/{escaped(name)}"
        if name not in now:
            yield Difference(at=pointer, how=REMOVED, was=was[name])
        elif name not in was:
            yield Difference(at=pointer, how=ADDED, now=now[name])
        else:
            yield from differences(was[name], now[name], pointer)


def _lists_differ(was: list[Any], now: list[Any], at: str) -> Iterator[Difference]:
    key = _key(was, now)
    if key is None:
        old, new = dict(enumerate(was)), dict(enumerate(now))
    else:
        old, new = ({_borne(item, key): item for item in items} for items in (was, now))
        both = [list(filter(other.__contains__, this)) for this, other in ((old, new), (new, old))]
        if both[0] != both[1]:
            yield Difference(at=at, how=MOVED, was=both[0], now=both[1])
    yield from _objects_differ({str(k): v for k, v in old.items()}, {str(k): v for k, v in new.items()}, at)


def _key(was: list[Any], now: list[Any]) -> str | None:
    """Find by what the items of two lists are told apart; None where by their places alone."""
    items = [*was, *now]
    if not items or not all(isinstance(item, dict) for item in items):
        return None
    borne = (key for key in _KEYS if all(part in item for item in items for part in key.split("@")))
    return next((key for key in borne if all(_tells_apart(side, key) for side in (was, now))), None)


def _tells_apart(items: list[Any], key: str) -> bool:
    return len({_borne(item, key) for item in items}) == len(items)


def _borne(item: Any, key: str) -> str:
    """Return by what an item is told apart: one field, or several that are named with @ between them."""
    return "@".join(str(item[part]) for part in key.split("@"))


def _lines_differ(was: str, now: str) -> Iterator[Difference]:
    old, new = was.splitlines(), now.splitlines()
    for number in range(max(len(old), len(new))):
        pair = [side[number] if number < len(side) else None for side in (old, new)]
        if pair[0] != pair[1]:
            yield Difference(at=f"#line/{number + 1}", how=CHANGED, was=pair[0], now=pair[1])


def _fits(allowed: Allowed, name: str, found: Difference) -> bool:
    return (
        found.how == allowed.how
        and fnmatchcase(name, allowed.questions)
        and fnmatchcase(found.at, allowed.at)
        and allowed.fits(found.was, found.now)
    )
