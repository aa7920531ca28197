"""How Chinese names sound: the readings of their characters, without tones, and syllables typed as letters.

The readings are data of this program and not asked of a library: digests are made of them, and one that was
made otherwise would find nothing. They were taken from pypinyin, which a test compares them with (ADR 51).
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from itertools import islice

import msgspec

Sounds = tuple[tuple[str, ...], ...]
# Ways to divide a word into syllables that are looked at.
_MOST_WAYS = 16
_PARTED = re.compile(r"[\s'’·.-]+")
_LETTERS = re.compile(r"[a-z]+")


def sounds_of(name: str, /) -> Sounds:
    """Return the readings of each character of a name, the likeliest first; of some it is ()."""
    found = [_readings().get(character, ()) for character in name]
    for length in (2, 1):
        if (said := _data().surnames.get(name[:length])) is not None:
            found[:length] = [
                tuple(dict.fromkeys((first, *others)))
                for first, others in zip(said, found[:length], strict=True)
            ]
            break
    return tuple(found)


def spoken(text: str, /) -> tuple[tuple[str, ...], ...]:
    """Return the ways in which letters read as syllables, with or without blanks and tones.

    Where they may end within a syllable, its beginning is the last of a way: `zhangx` reads `zhang`, `x`.
    """
    words = [word for word in _PARTED.split(_untoned(text)) if word]
    if not words or not all(_LETTERS.fullmatch(word) for word in words):
        return ()
    ways: list[tuple[str, ...]] = [()]
    for number, word in enumerate(words, start=1):
        # Passports write yu for ü, so that `yanyu` is either of two names.
        spellings = dict.fromkeys((word, re.sub("([ln])yu", r"\1v", word)))
        divided = [way for each in spellings for way in _divided(each, unfinished=number == len(words))]
        ways = [(*before, *after) for before in ways for after in divided][:_MOST_WAYS]
    return tuple(ways)


def is_syllable(word: str, /) -> bool:
    """Return whether this is a whole syllable."""
    return word in _syllables()


@cache
def completions(beginning: str, /) -> tuple[str, ...]:
    """Return the syllables that begin so, the one that is no longer first."""
    return tuple(sorted(syllable for syllable in _syllables() if syllable.startswith(beginning)))


def _divided(word: str, *, unfinished: bool) -> tuple[tuple[str, ...], ...]:
    ways = tuple(islice(_ways(word), _MOST_WAYS))
    if not unfinished:
        return ways
    # Also where it reads as whole syllables: `gun` may be the beginning of `guning`.
    begun = (
        (*before, word[end:])
        for end in range(max(0, len(word) - 5), len(word))
        if word[end:] in _beginnings()
        for before in islice(_ways(word[:end]), _MOST_WAYS)
    )
    return tuple(dict.fromkeys((*ways, *begun)))


def _ways(word: str) -> Iterator[tuple[str, ...]]:
    """Go through the ways to divide a word into whole syllables, long ones first."""
    ends = {len(word)}
    for start in range(len(word) - 1, -1, -1):
        if any(word[start:end] in _syllables() for end in ends if start < end <= start + 6):
            ends.add(start)
    stack: list[tuple[int, tuple[str, ...]]] = [(0, ())]
    while stack:
        start, before = stack.pop()
        if start == len(word):
            yield before
        stack += [
            (end, (*before, word[start:end]))
            for end in range(start + 1, min(start + 6, len(word)) + 1)
            if end in ends and word[start:end] in _syllables()
        ]


def _untoned(text: str) -> str:
    """Return letters without the marks and figures of tones; ü is v."""
    parted = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    plain = parted.replace("u\u0308", "v").replace("u:", "v")
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    letters = re.sub(r"(?<=[a-z])[1-5]", " ", letters)
    return re.sub("([ln])ue", r"\1ve", letters)


class _Data(msgspec.Struct, frozen=True):
    """What the file holds: how surnames are read where it is not as the character is for the most part, and
    of each syllable the characters that are read so for the most part, and those that may be."""

    surnames: dict[str, tuple[str, ...]]
    syllables: dict[str, tuple[str, str]]


@cache
def _data() -> _Data:
    text = resources.files("domain").joinpath("readings.json").read_bytes()
    return msgspec.json.decode(text, type=_Data)


@cache
def _readings() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for syllable, (first, _) in _data().syllables.items():
        found |= dict.fromkeys(first, (syllable,))
    for syllable, (_, others) in _data().syllables.items():
        for character in others:
            found[character] = (*found[character], syllable)
    return found


@cache
def _syllables() -> frozenset[str]:
    return frozenset(_data().syllables)


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(each[:end] for each in _data().syllables for end in range(1, len(each)))
