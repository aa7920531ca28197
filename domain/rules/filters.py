"""What an event lacks for a filter to let it pass; one table of questions, asked of its declared fields."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any, Protocol

from domain.child import Child
from domain.choices import CarerKind, Party
from domain.days import SHANGHAI
from domain.event import Details
from domain.fields import Field, fields_of
from domain.ledger.fact import Fact
from domain.rules.predicates import holds
from domain.rules.rule import Filter, Requirement, words_allowed
from domain.rules.words import Weekday, Why

_PEOPLE = frozenset({"child", "father", "mother", "parent", "guardian"})
YES_NO = {True: "yes", False: "no"}
RANK = {why: rank for rank, why in enumerate(Why)}
_WEEKDAYS = tuple(Weekday)


class Asked(Protocol):
    """Of whom a filter may ask more than the event says."""

    def paired(self, fact: Fact, kind: CarerKind) -> bool:
        """Return whether a carer of the event is paired with its child as this kind on that day."""

    def child_of(self, fact: Fact) -> Child | None:
        """Return the child that an event is about."""


def why_not(requirement: Requirement, fact: Fact, asked: Asked) -> Why | None:
    """Return None where a filter lets the event pass, else what the nearest filter lacks first."""
    nearest: Why | None = None
    for wanted in requirement.any_of:
        if wanted.type != fact.type:
            continue
        first = min(_lacks(wanted, fact, asked), key=RANK.__getitem__, default=None)
        if first is None:
            return None
        if nearest is None or RANK[first] > RANK[nearest]:
            nearest = first
    return nearest


def passes(where: Mapping[str, tuple[str, ...]], details: Any) -> bool:
    """Return whether the words of an entry are among those that are wanted."""
    fields = fields_by_name(type(details))
    return all(_has_word(getattr(details, n), _allowed(words, fields[n])) for n, words in where.items())


def fields_by_name(details: type[Details]) -> Mapping[str, Field]:
    """Return the fields of a type by their names."""
    if details not in _BY_NAME:
        _BY_NAME[details] = {field.name: field for field in fields_of(details)}
    return _BY_NAME[details]


_BY_NAME: dict[type[Details], Mapping[str, Field]] = {}


def ends_of(details: type[Details]) -> tuple[str, ...]:
    """Return the names of the fields that say who was at the two ends, as of a call or a letter."""
    return tuple(f.name for f in fields_by_name(details).values() if f.base is Party and not f.many)


def _lacks(wanted: Filter, fact: Fact, asked: Asked) -> Iterator[Why]:
    fields = fields_by_name(type(fact.details))
    for name, words in wanted.where.items():
        if not _has_word(getattr(fact.details, name), _allowed(words, fields[name])):
            yield _why_of_field(fields[name], words)
    if wanted.min_minutes is not None and (fact.details.minutes or 0) < wanted.min_minutes:
        yield Why.TOO_SHORT
    if wanted.by is not None and not asked.paired(fact, wanted.by):
        yield Why.WRONG_ACTOR
    if wanted.record and not fact.has_record:
        yield Why.NO_RECORD
    for name, question in _FURTHER:
        said = getattr(wanted, name)
        if said is not None and (why := question(said, fact, asked)) is not None:
            yield why


def _allowed(words: tuple[str, ...], field: Field) -> frozenset[str]:
    return frozenset(words) if field.base is bool else words_allowed(words, field.base)


def _has_word(value: object, words: frozenset[str]) -> bool:
    if isinstance(value, bool):
        return YES_NO[value] in words
    return any(item in words for item in value) if isinstance(value, tuple) else value in words


def _why_of_field(field: Field, words: tuple[str, ...]) -> Why:
    if field.name == "outcome":
        return {"met": Why.NOT_MET, "connected": Why.NOT_CONNECTED}.get(words[0], Why.WRONG_OUTCOME)
    if field.base is bool:
        return Why.WRONG_KIND
    return Why.WRONG_PARTY if _PEOPLE & set(field.base) else Why.WRONG_KIND


def _all_there(wanted: Mapping[str, tuple[str, ...]], fact: Fact, _asked: Asked) -> Why | None:
    for name, words in wanted.items():
        if not set(words) <= set(getattr(fact.details, name) or ()):
            return Why.PARTY_MISSING
    return None


def _says(wanted: Mapping[str, tuple[str, ...]], fact: Fact, _asked: Asked) -> Why | None:
    for name, words in wanted.items():
        said = getattr(fact.details, name) or ""
        texts = said if isinstance(said, tuple) else (said,)
        if not any(word in text for word in words for text in texts):
            return Why.WRONG_KIND
    return None


def _filled(wanted: tuple[str, ...], fact: Fact, _asked: Asked) -> Why | None:
    empty = any(getattr(fact.details, name) in (None, (), "") for name in wanted)
    return Why.NOT_FILLED if empty else None


def _at_least(wanted: Mapping[str, int], fact: Fact, _asked: Asked) -> Why | None:
    for name, least in wanted.items():
        value = getattr(fact.details, name)
        if (len(value) if isinstance(value, tuple) else value or 0) < least:
            return Why.TOO_FEW
    return None


def _parties(wanted: tuple[tuple[str, ...], ...], fact: Fact, _asked: Asked) -> Why | None:
    ends = [getattr(fact.details, name) for name in ends_of(type(fact.details))]
    groups = [words_allowed(group, Party) for group in wanted]
    pairs = (zip(ends, groups, strict=False), zip(reversed(ends), groups, strict=False))
    there = any(all(end in group for end, group in pairing) for pairing in pairs)
    return None if there else Why.WRONG_PARTY


def _open(wanted: tuple[str, str], fact: Fact, _asked: Asked) -> Why | None:
    at, minutes = fact.occurred.at, getattr(fact.details, "minutes", None)
    if at is None or minutes is None:
        return Why.WRONG_HOURS
    begins = at.astimezone(SHANGHAI)
    first, last = (datetime.combine(fact.day, time.fromisoformat(word), SHANGHAI) for word in wanted)
    return None if begins <= first and begins + timedelta(minutes=minutes) >= last else Why.WRONG_HOURS


def _on(wanted: tuple[Weekday, ...], fact: Fact, _asked: Asked) -> Why | None:
    return None if _WEEKDAYS[fact.day.weekday()] in wanted else Why.WRONG_DAY


def _role(wanted: tuple[str, ...], fact: Fact, _asked: Asked) -> Why | None:
    return None if fact.event.metadata.role in wanted else Why.WRONG_ACTOR


def _holds(wanted: tuple[Any, ...], fact: Fact, asked: Asked) -> Why | None:
    child = asked.child_of(fact)
    return next((why for each in wanted if (why := holds(each, fact, child)) is not None), None)


# By the name of the field of a filter.
_FURTHER: tuple[tuple[str, Callable[[Any, Fact, Asked], Why | None]], ...] = (
    ("all_of", _all_there),
    ("says", _says),
    ("filled", _filled),
    ("at_least", _at_least),
    ("parties", _parties),
    ("open", _open),
    ("on", _on),
    ("role", _role),
    ("holds", _holds),
)
