"""Names of people as cells have them: several in one, with titles, parted by blanks."""

import re

from application.intake.papers.values import plain
from application.intake.papers.words import surnames

_BETWEEN_PEOPLE = re.compile(r"[、,，;；/／\\|+＋&＆\n]")
_TITLE = "(?:老师|教师|班主任|主任|校长|书记|村长|组长|会计|医生|同志|先生|女士|阿姨|大娘|大爷)"
_TITLED = re.compile(rf"(.{{2,}}){_TITLE}(?:[(].*[)])?")
_WHOLE_NAME = re.compile(rf"(?!{_TITLE}$)[\u4e00-\u9fff]{{2,4}}|[\u4e00-\u9fff]{{1,4}}{_TITLE}")
# What may be a name of two parts or two names: who of both is meant is asked.
_ONE_OR_TWO = re.compile(
    rf"\s*(?:.{{2,}}[和与及跟].{{2,}}|[\u4e00-\u9fff]{{2,4}}\s+(?!{_TITLE}\s*$)[\u4e00-\u9fff]{{2,4}})\s*"
)
_AND = re.compile("[和与及跟]|\\s+")


def people(text: str) -> list[str]:
    """Return the names of several people in one cell."""
    return [name for each in _BETWEEN_PEOPLE.split(text) for name in _by_blanks(each.strip()) if name]


def _by_blanks(text: str) -> list[str]:
    """Return the names that blanks part, where each is a whole one: 王芳 李强, but not 王 芳, 孙 老师."""
    words = plain(text).split()
    if len(words) > 1 and all(_WHOLE_NAME.fullmatch(each) and each[0] in surnames() for each in words):
        return words
    return [text]


def may_be_several(name: str) -> bool:
    """Return whether nobody can say if a text is one name or two."""
    return _ONE_OR_TWO.fullmatch(name) is not None


def parted(name: str) -> list[str]:
    """Return the names that a text is of if it is none itself."""
    return [each for each in _AND.split(name) if each]


def spellings(name: str) -> list[str]:
    """Return how somebody may be named: as written, without the title behind the name, and with one.

    A surname alone is nobody's name: 孙老师 is not 孙.
    """
    found = _TITLED.fullmatch(plain(name).replace(" ", ""))
    return [name, found[1]] if found else [name, f"{name}老师"]
