"""How papers name grades and classes: 三年级1班, 三(1)班, 301班, 3-1, 初一(3)班 and so on."""

import re

from application.intake.papers.values import plain

_DIGITS = {each: n for n, each in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_GRADES = ("", *"一二三四五六七八九", "十", "十一", "十二")
_STAGES = (("小学", 0), ("小", 0), ("初中", 6), ("初", 6), ("高中", 9), ("高", 9), ("", 0))
_NUMBER = r"[一二三四五六七八九十〇零\d]{1,3}"
_WHOLE = re.compile(
    rf"(?P<stage>小学|初中|高中|小|初|高)?(?P<grade>{_NUMBER}?)(?:年级|年)?[\s/(（.\-_]*(?P<group>{_NUMBER})?[)）\s]*(?:班|中队)?"
)


def unit_of(text: str) -> tuple[int | None, int | None] | None:
    """Return grade and class as numbers, 7 to 9 for 初中 and 10 to 12 for 高中; None where the text says
    neither.

    Each is None where it isn't said.
    """
    said = re.sub(r"\s", "", plain(text))
    if not said:
        return None
    if re.fullmatch(r"[1-9]0\d班?", said):
        return int(said[0]), int(said[2])
    if found := re.fullmatch(r"([一二三四五六七八九])([一二三四五六七八九])班", said):
        return _number(found[1]), _number(found[2])
    if found := re.fullmatch(r"\(?([一二三四五六七八九十〇零]{1,3}|\d{1,3})\)?(?:班|中队)", said):
        return None, _number(found[1])
    found = _WHOLE.fullmatch(said)
    if found is None or not (found["grade"] or found["group"]):
        return None
    more = dict(_STAGES)[found["stage"] or ""]
    grade = _number(found["grade"]) + more if found["grade"] else None
    return grade, _number(found["group"]) if found["group"] else None


def parted(text: str) -> tuple[str, str] | None:
    """Return the grade and the class that one text says together; None where it doesn't say both."""
    said = re.sub(r"\s", "", plain(text))
    if found := re.fullmatch(r"(.*?(?:年级|初[一二三]|高[一二三]))[(.\-]?(.*?)\)?(班?)", said):
        return (found[1], f"{found[2]}班") if found[2] else None
    grade, group = unit_of(said) or (None, None)
    return None if grade is None or group is None else (f"{_GRADES[grade]}年级", f"{group}班")


def class_said(grade: str, group: str) -> str:
    """Return the whole of a class; where 八(1)班 says its grade, that counts and not a title's."""
    says_both = None not in (unit_of(group) or (None,))
    return group if says_both else f"{grade}{group}"


def place_of(path: str) -> tuple[int | None, int | None] | None:
    """Return grade and class of a unit as numbers, by its path below the school.

    None where it says neither; a bare number may be either.
    """
    return None if path.isdigit() else unit_of(class_said(*path.partition("/")[::2]))


def group_of(text: str) -> object:
    """Return which class a text says that may say its grade too: 1班, 一班 and 四(1)班 are one."""
    grade, group = unit_of(text) or (None, None)
    return text if grade is group is None else grade if group is None else group


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    tens, mark, ones = text.partition("十")
    if mark:
        return (_DIGITS.get(tens, 0) if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
    return int("".join(str(_DIGITS[each]) if each in _DIGITS else each for each in text))


def same_unit(said: str, path: str) -> bool:
    """Return whether what a paper says of a class may be the unit `path`, the path below the school."""
    there = place_of(path)
    meant = unit_of(said)
    if there is None or meant is None:
        return plain(said).replace(" ", "") == path.replace("/", "")
    return all(m is None or m == t for m, t in zip(meant, there, strict=True))
