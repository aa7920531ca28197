"""Telephone numbers as people write them, and the one form by which they are compared."""

import re
import unicodedata

from domain.normal import normal_number

_HOME, _COUNTRY_CODE = "CN", 86
_MOBILE, _LOCAL = re.compile(r"1[3-9][0-9]{9}"), re.compile(r"[2-9][0-9]{6,7}")
_BETWEEN = re.compile(r"[、,;/|\n]+|(?<=\d{7})\s+(?=(?:\+?86[- ]?)?1[3-9]\d)|\s{2,}|或")
_EXTENSION = re.compile(
    r"\s*(?:转|轉|分机|分機|EXT\.?|#|(?<=\d{7})-(?=\d{1,5}$))\s*(\d{1,6})$", re.IGNORECASE
)
_DIGITS = re.compile(r"\+?\d+")
_SEPARATING = re.compile(r"[\s\-–—()（）.]")
# What people put beside a number: a word of whose it is, in brackets or not.
_WORDS = re.compile(r"[(（]?[^\d+()（）、,;/|\n]*[^\W\d_][^\d+()（）、,;/|\n]*[)）]?")


def normal_phone(text: str, /) -> str:
    """Return the normal form of a telephone number, or of several in one text.

    A text that is no such number has the normal form of any number.
    """
    if _MOBILE.fullmatch(text):
        return text
    found = [_number(each) for each in _parted(text)]
    return "、".join(each or "" for each in found) if found and all(found) else normal_number(text)


def is_phone(text: str, /) -> bool:
    """Return whether a text is of telephone numbers, words of whose they are aside."""
    if _MOBILE.fullmatch(text):
        return True
    if (found := [_number(each) for each in _parted(text)]) and all(found):
        return True
    without = _parted(_WORDS.sub("、", unicodedata.normalize("NFKC", text)))
    return bool(without) and all(map(_number, without))


def _parted(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text).strip()
    return [each for part in _BETWEEN.split(plain) if (each := part.strip())]


def _number(text: str) -> str | None:
    """Return one number in its normal form; None where it is none."""
    # Not at the top: its tables take a third of a second to load, and most numbers need none of them.
    import phonenumbers

    extension = _EXTENSION.search(text)
    alone = text[: extension.start()] if extension else text
    digits = _SEPARATING.sub("", alone)
    behind = f"-{extension[1]}" if extension else ""
    if _MOBILE.fullmatch(digits) or _LOCAL.fullmatch(digits):
        return digits + behind
    if not _DIGITS.fullmatch(digits):
        return None
    try:
        number = phonenumbers.parse(digits, _HOME)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    if number.country_code != _COUNTRY_CODE:
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) + behind
    national = phonenumbers.national_significant_number(number)
    area = phonenumbers.length_of_geographical_area_code(number)
    return (f"0{national[:area]}-{national[area:]}" if area else national) + behind
