"""The normal form of numbers and names: what of their spelling makes no difference, decided for ever.

It is what digests are made of, by which words are compared, and by which they are found; what is stored and
shown stays as it was written. A change would open a second file for children who have one: see ADR 31.
"""

import re
import unicodedata
from collections.abc import Callable

# Beside Unicode's Cf: what has no shape of its own, such as the selectors of variants of a character.
_SHAPELESS = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    "\U000e0000-\U000e0fff"
)
_GONE = re.compile(f"[\\s\u2800{_SHAPELESS}]")
# Dots in the middle of names, as keyboards and fonts have them.
_DOTS = re.compile("[\u2022\u2027\u2219\u22c5\u2e31\u2e33\u30fb\ua78f]")
_DOT = "\u00b7"
# What stands between the parts of a name: also a full stop, but not the one of D. Smith.
_HAN = "[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_BETWEEN_PARTS = re.compile(f"(?<={_HAN})[.{_DOT}]+(?={_HAN})|{_DOT}")


def normal_number(text: str, /) -> str:
    """Return the normal form of a number: NFKC, without blanks and format characters, in capitals."""
    return _settled(text, str.upper)


def normal_name(text: str, /) -> str:
    """Return the normal form of a name: as that of a number but case folded, with one middle dot."""
    return _DOTS.sub(_DOT, _settled(text, str.casefold))


def undotted(text: str, /) -> str:
    """Return the form by which names are compared: the normal form without dots, which papers leave out.

    A full stop between Chinese characters is such a dot.
    Ids are made of the normal form, and stay as they are.
    """
    return _BETWEEN_PARTS.sub("", normal_name(text))


def normal_path(path: str, /) -> str:
    """Return the normal form of the path of an organisation: that of each name in it."""
    # A full-width slash in a name divides nothing.
    return "/".join(normal_name(part).replace("/", "\uff0f") for part in path.split("/"))


def is_blank(text: str, /) -> bool:
    """Return whether a text has nothing to be seen in it: blanks and characters without a shape alone."""
    for character in text:
        if not _GONE.match(character) and unicodedata.category(character) != "Cf":
            return False
    return True


def shown(text: str | None, /) -> str | None:
    """Return a text without blanks around it; None where nothing of it can be seen."""
    return None if text is None or is_blank(text) else text.strip()


def _settled(text: str, fold: Callable[[str], str]) -> str:
    if text.isascii() and text.isalnum():
        return fold(text)
    while (once := _once(text, fold)) != text:
        text = once
    return text


def _once(text: str, fold: Callable[[str], str]) -> str:
    plain = _GONE.sub("", unicodedata.normalize("NFKC", text))
    # What is printable has no character of Cf, and nearly everything is.
    kept = plain if plain.isprintable() else "".join(c for c in plain if unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFKC", fold(kept))
