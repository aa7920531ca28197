"""The parts of a name by which it is found, and whether a name is what somebody looks for (ADR 51).

A name is searched without blanks, dots and strokes. Its parts are its characters two by two, letters three by
three, the readings of two characters that stand side by side, and the initials of the whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise, product

from domain.fields import Choice
from domain.normal import normal_name
from domain.sounds import Sounds, completions, is_syllable, sounds_of, spoken

# What a part is of: how the name is written, how it sounds, what its syllables begin with.
WRITTEN, SOUND, INITIALS = "written", "sound", "initials"
Part = tuple[str, str]
# Nobody types those of longer names; the likeliest readings come first.
_MOST_INITIALS = 32
_LONGEST_INITIALS = 6
_BETWEEN = str.maketrans("", "", "·-'’.")


class Match(Choice):
    """How a name answers to what was looked for, the best first."""

    WHOLE = "whole", "全名", "whole name"
    PREFIX = "prefix", "开头", "beginning"
    PART = "part", "部分", "part"
    SOUND = "sound", "读音", "sound"
    PART_OF_SOUND = "part_of_sound", "部分读音", "part of the sound"
    INITIALS = "initials", "拼音首字母", "initials"


ORDER = {match: number for number, match in enumerate(Match)}


def searched(name: str, /) -> str:
    """Return what of a name is compared: its normal form without what may stand between its parts."""
    return normal_name(name).translate(_BETWEEN)


def parts_of(name: str, /) -> frozenset[Part]:
    """Return the parts of a name."""
    text = searched(name)
    if not text:
        return frozenset()
    sounds = sounds_of(text)
    parts = {(WRITTEN, window) for window in _windows(text) or (text,)}
    parts |= {
        (SOUND, f"{one} {two}") for before, after in pairwise(sounds) for one in before for two in after
    }
    if len(sounds) == 1:
        parts |= {(SOUND, syllable) for syllable in sounds[0]}
    elif len(sounds) <= _LONGEST_INITIALS and all(sounds):
        letters = [dict.fromkeys(syllable[0] for syllable in readings) for readings in sounds]
        parts |= {(INITIALS, "".join(each)) for each in islice(product(*letters), _MOST_INITIALS)}
    return frozenset(parts)


def _windows(text: str) -> tuple[str, ...]:
    """Return the windows through which a text is seen: two characters, or three letters."""
    return tuple(window for start in range(len(text)) if (window := _window(text, start)) is not None)


def _window(text: str, start: int) -> str | None:
    two = text[start : start + 2]
    if len(two) == 2 and not two.isascii():
        return two
    three = text[start : start + 3]
    return three if len(three) == 3 and three.isascii() else None


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for: part of a name, its sound as letters, or its initials."""

    text: str

    @cached_property
    def written(self) -> str:
        """What is compared with how names are written."""
        return searched(self.text)

    @cached_property
    def ways(self) -> tuple[tuple[str, ...], ...]:
        """The ways in which it reads as syllables."""
        return spoken(self.text)

    @cached_property
    def initials(self) -> str:
        """The initials that it may be; "" where it can't be any."""
        word = self.written
        return word if 1 < len(word) <= _LONGEST_INITIALS and word.isascii() and word.isalpha() else ""

    @cached_property
    def alternatives(self) -> tuple[frozenset[Part], ...]:
        """The sets of parts of which a name that is meant has all of one."""
        sets: dict[frozenset[Part], None] = {}
        if self.written:
            sets[frozenset((WRITTEN, each) for each in _windows(self.written) or (self.written,))] = None
        for way in self.ways:
            *firsts, last = way
            if len(firsts) > 1 and not is_syllable(last):
                sets[_pairs(firsts)] = None
            elif len(firsts) > 1:
                sets |= dict.fromkeys(_pairs([*firsts, each]) for each in completions(last))
            elif not firsts and is_syllable(last):
                sets[frozenset({(SOUND, last)})] = None
        if self.initials:
            sets[frozenset({(INITIALS, self.initials)})] = None
        return tuple(sets)

    @cached_property
    def ends(self) -> frozenset[Part]:
        """The pairs of syllables of which a name that is meant has one, where two were typed: the second may
        be the beginning of a longer one."""
        return frozenset().union(
            *(_pairs([way[0], each]) for way in self.ways if len(way) == 2 for each in completions(way[1]))
        )

    @cached_property
    def short(self) -> bool:
        """Whether parts of names may be meant that are too short to be found by a part."""
        return bool(self.written) and not (_windows(self.written) and all(len(way) > 1 for way in self.ways))

    def match(self, name: str) -> Match | None:
        """Return how a name answers to it; None where it doesn't."""
        text = searched(name)
        if not self.written:
            return None
        if self.written in text:
            if text == self.written:
                return Match.WHOLE
            return Match.PREFIX if text.startswith(self.written) else Match.PART
        sounds = sounds_of(text)
        heard = [at for way in self.ways for at in _heard(way, sounds)]
        if heard:
            return Match.SOUND if any(heard) else Match.PART_OF_SOUND
        return Match.INITIALS if self._begins(sounds) else None

    def _begins(self, sounds: Sounds) -> bool:
        return len(self.initials) == len(sounds) and all(
            any(syllable[0] == letter for syllable in readings)
            for letter, readings in zip(self.initials, sounds, strict=True)
        )


def _pairs(syllables: Sequence[str]) -> frozenset[Part]:
    return frozenset((SOUND, f"{one} {two}") for one, two in pairwise(syllables))


def _heard(way: tuple[str, ...], sounds: Sounds) -> Iterator[bool]:
    """Go through the places where a way to read stands in a name: whether it is the whole name there."""
    *firsts, last = way
    for start in range(len(sounds) - len(way) + 1):
        here = sounds[start : start + len(way)]
        if all(word in readings for word, readings in zip(firsts, here, strict=False)) and any(
            reading.startswith(last) for reading in here[-1]
        ):
            yield last in here[-1] and len(way) == len(sounds)
