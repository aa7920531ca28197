"""What clerks write where a form asks whether a parent is away for work: 浙江打工, 外出（广东东莞）."""

import re

from application.intake.papers.values import plain
from application.intake.papers.words import provinces

_HAN = r"[\u4e00-\u9fff]"
_ADVERBS = re.compile(r"^(?:父亲|母亲|常年|长期|一直|现在|目前|现)+")
_WORKS = "(?:务工|打工|上班|经商|做工|做生意|工作)"
_WORKS_THERE = re.compile(rf"(?:在|去|到|于|赴)?({_HAN}{{2,12}}?)(?:外出)?{_WORKS}")
_AWAY_AT = re.compile(rf"(?:是|外出{_WORKS}?|{_WORKS})[(,:、\-—/到至在去赴]+({_HAN}{{2,20}})\)?")
# Not away, or not any more, or nobody can tell from such a word.
_NEAR = re.compile("[不未没无曾回返家村镇乡本农]|附近|当地|县[内城]|就近")
_NOWHERE = frozenset(("在外", "外地", "外省", "省外", "外县", "县外"))


def works_at(said: str) -> str | None:
    """Return where a parent works away, "" where only that it does; None where the words say neither."""
    text = _ADVERBS.sub("", re.sub(r"\s", "", plain(said)))
    found = _WORKS_THERE.fullmatch(text) or _AWAY_AT.fullmatch(text)
    place = found[1] if found else text if text.startswith(provinces()) else None
    if place is None or _NEAR.search(place):
        return None
    return "" if place in _NOWHERE else place


def is_away_at(place: str) -> bool:
    """Return whether who works at a place is away: it names one, and none near by."""
    text = plain(place)
    return bool(works_at(text) or works_at(f"{text}务工"))
