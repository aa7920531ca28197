"""The words of papers as `words.toml` lists them, and those that an office adds."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

_DRESS = re.compile(r"\(必填\)|\(选填\)|[\s:：*＊“”\"'‘’《》、，,。;；]")


# How a questionnaire numbers what it asks.
_NUMBERED = re.compile(r"^\s*\d{1,2}\s*[、.．)）]\s*")
# No word is longer, its dress included.
_LONGEST = 40


class Role(Enum):
    """What is done with what stands under a heading."""

    COLUMN = "columns"
    # It says which of two children of one name is meant.
    WHO = "who"
    # It belongs to the person of another column.
    WHOSE = "whose"
    # One word about both parents.
    BOTH_PARENTS = "both_parents"
    # Known, without a field: kept as a remark.
    REMARK = "remarks"
    # Counted or compared, not kept.
    PASSED = "passed"
    # The heading says the kind, and names stand below it.
    KIND = "kind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What a heading means: the column that it stands for, by the name that the table has for it."""

    role: Role
    column: str
    given: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Nobody:
    """How a record says that nobody was reached: `said` finds it where `though` has been taken out."""

    said: re.Pattern[str]
    though: re.Pattern[str]

    def is_in(self, text: str) -> bool:
        """Return whether a text may say so."""
        return self.said.search(self.though.sub("，", _simplified(text))) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetWords:
    """The words of one kind of sheet. Words are in the form that `normal` gives them.

    `people` are words that mean one person, by the word that stands for them.
    """

    needs: Sequence[frozenset[str]]
    least: Sequence[frozenset[str]]
    headings: Mapping[str, Heading]
    groups: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    kinds: Mapping[str, str]
    took_place: Mapping[str, str]
    people: Mapping[str, str]
    misses: frozenset[str]
    nobody: "Nobody | None"
    others: Mapping[str, frozenset[str]]

    def role(self, column: str) -> Role | None:
        """Return what is done with a column of the form; None where there is none."""
        found = self.headings.get(normal(column))
        return found.role if found is not None and found.column == column else None

    def heading(self, word: str, *, above: str = "") -> Heading | None:
        """Return what a heading means, under an upper heading `above` where there is one."""
        group = self.groups.get(normal(above))
        if group:
            found = self.headings.get(normal(group + word))
            if found is not None:
                return found
        return self.headings.get(normal(word)) or self.headings.get(normal(_NUMBERED.sub("", word)))

    def columns(self, words: Iterable[str]) -> set[str]:
        """Return the columns of the form that headings mean, of those that mean any."""
        return {found.column for word in words if (found := self.heading(word)) is not None}

    def is_group(self, word: str) -> bool:
        """Return whether a word stands above others in a header of two lines."""
        return normal(word) in self.groups

    def value(self, column: str, text: str) -> str | None:
        """Return the word of the form that a cell of a column means; None where it is not known."""
        return self.values.get(column, {}).get(normal(text))

    def says_else(self, column: str, text: str) -> bool:
        """Return whether a cell of a column says something else than it asks."""
        said = normal(text)
        return any(
            column.endswith(asked) and any(word in said for word in words)
            for asked, words in self.others.items()
        )

    def speaks_of_nobody(self, text: str) -> bool:
        """Return whether a record may say that nobody was reached."""
        said = normal(text)
        return any(word in said for word in self.misses) or (
            self.nobody is not None and self.nobody.is_in(text)
        )

    def known(self, column: str) -> tuple[str, ...]:
        """Return the words that the cells of a column may say, those of the form."""
        return tuple(dict.fromkeys(self.values.get(column, {}).values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """All words. `anywhere` are those of any paper, by what they say."""

    sheets: Mapping[str, SheetWords]
    anywhere: Mapping[str, frozenset[str]]

    def says(self, what: str, text: str) -> bool:
        """Return whether a text is one of the words that say this."""
        return len(text) <= _LONGEST and normal(text) in self.anywhere[what]

    def contains(self, what: str, text: str) -> bool:
        """Return whether one of the words that say this is part of a text."""
        return any(word in normal(text) for word in self.anywhere[what])

    def begins(self, what: str, text: str) -> bool:
        """Return whether a text begins with one of the words that say this."""
        return normal(text).startswith(tuple(self.anywhere[what]))

    def behind(self, what: str, text: str) -> str | None:
        """Return what stands behind one of the words that say this; None where there is none."""
        said = re.sub(r"\s", "", _simplified(text))
        places = [at + len(word) for word in self.anywhere[what] if (at := said.find(word)) >= 0]
        return said[max(places) :].lstrip(":(") if places else None


def words(own: Mapping[str, Any] | None = None) -> Words:
    """Return the words that are known, with those of an office, which has a file of the same form."""
    return _of(_merged(shipped(), own)) if own else _known()


@cache
def _known() -> Words:
    return _of(shipped())


@cache
def shipped() -> Mapping[str, Any]:
    """Return the tables of the words that ship, as they are written."""
    text = files("application.intake.papers").joinpath("words.toml").read_text(encoding="utf-8")
    return MappingProxyType(tomllib.loads(text))


@cache
def surnames() -> frozenset[str]:
    """Return the characters that are the usual surnames."""
    return frozenset("".join(shipped()["surnames"]))


@cache
def provinces() -> tuple[str, ...]:
    """Return what the names of places begin with."""
    return tuple(shipped()["provinces"])


@cache
def _folds() -> tuple[Mapping[int, str], Sequence[tuple[str, str]]]:
    pairs = "".join(shipped()["fold"])
    return (
        str.maketrans(dict(zip(pairs[::2], pairs[1::2], strict=True))),
        tuple(shipped()["instead"].items()),
    )


def _simplified(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_folds()[0])


@lru_cache(maxsize=1 << 14)
def normal(word: str) -> str:
    """Return a word as it is compared: without its dress, and in the simplified script."""
    folds, instead = _folds()
    text = _DRESS.sub("", unicodedata.normalize("NFKC", word)).translate(folds).upper()
    for said, meant in instead:
        text = text.replace(said, meant)
    return text


def _merged(shipped: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return tables in which lists are what both have, one after the other."""
    found: dict[str, Any] = dict(shipped)
    for name, more in own.items():
        there = found.get(name)
        if isinstance(there, Mapping) and isinstance(more, Mapping):
            found[name] = _merged(there, more)
        elif isinstance(there, list) and isinstance(more, list):
            found[name] = [*there, *more]
        else:
            found[name] = more
    return found


def _of(tables: Mapping[str, Any]) -> Words:
    return Words(
        sheets={name: _sheet(tables[name]) for name in ("roster", "care_log")},
        anywhere={what: frozenset(map(normal, said)) for what, said in tables["anywhere"].items()},
    )


def _sheet(table: Mapping[str, Any]) -> SheetWords:
    values = {column: dict(_pairs(said)) for column, said in table.get("words", {}).items()}
    headings = dict(_headings(table))
    for word, kind in values.get("结对类型", {}).items():
        headings.setdefault(word, Heading(role=Role.KIND, column="结对帮扶人", given=kind))
    return SheetWords(
        needs=tuple(map(frozenset, table["needs"])),
        least=tuple(map(frozenset, table.get("least", ()))),
        headings=headings,
        groups=dict(_groups(table)),
        values=values,
        kinds=dict(_pairs(table.get("kinds", {}))),
        people=dict(_pairs(table.get("people", {}))),
        misses=_misses(table),
        nobody=_nobody(table.get("nobody", {})),
        others={asked: frozenset(map(normal, said)) for asked, said in table.get("says_else", {}).items()},
        took_place={normal(t): said for said, types in table.get("took_place", {}).items() for t in types},
    )


def _misses(table: Mapping[str, Any]) -> frozenset[str]:
    """Return the longer words for what did not come about."""
    well = set(table.get("took_place", ())) | set(table.get("well", ()))
    said = table["words"].get("结果", {}).items()
    misses = {word for meant, others in said if meant not in well for word in (meant, *others)}
    return frozenset(normal(word) for word in misses if len(word) > 1)


def _nobody(table: Mapping[str, Sequence[str]]) -> Nobody | None:
    """Return what finds that nobody was reached: a word, or a negation up to two characters before a verb."""
    if not table:
        return None
    words, denied, reached, though = (
        "|".join(re.escape(_simplified(word)) for word in table[name])
        for name in ("words", "not", "reached", "though")
    )
    return Nobody(said=re.compile(rf"{words}|(?:{denied})\w{{0,2}}?(?:{reached})"), though=re.compile(though))


def _groups(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Go through the words of upper lines; a person who has a column of names may stand there too."""
    for group, said in table.get("groups", {}).items():
        for word in (*table["columns"].get(f"{group}姓名", ()), *said, group):
            yield normal(word), group


def _headings(table: Mapping[str, Any]) -> Iterator[tuple[str, Heading]]:
    # What comes last is taken: a column of the form before anything else.
    for role in reversed(Role):
        for column, said in table.get(role.value, {}).items():
            for word in (*said, column):
                yield normal(word), Heading(role=role, column=column)


def _pairs(said: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, str]]:
    for word, others in said.items():
        for other in (*others, word):
            yield normal(other), word
