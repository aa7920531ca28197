"""Which of our two languages somebody reads."""

from functools import lru_cache
from typing import Literal

from domain.refusal import Reason, Text

Language = Literal["zh", "en"]
DEFAULT: Language = "zh"


@lru_cache(maxsize=256)
def chosen(header: str | None) -> Language:
    """Choose by an Accept-Language header; whoever asks for neither language gets Chinese."""
    best: tuple[float, Language] = (0.0, DEFAULT)
    for part in (header or "").lower().split(",")[:20]:
        tag, _, parameters = part.strip().partition(";")
        language = tag.strip().split("-")[0]
        weight = _weight(parameters)
        if language == "zh" and weight > best[0]:
            best = (weight, "zh")
        elif language == "en" and weight > best[0]:
            best = (weight, "en")
    return best[1]


def in_language(text: Text | Reason, language: Language) -> str:
    """Return the text in the language."""
    return text.zh if language == "zh" else text.en


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(float(value), 1.0)
    except ValueError:
        return 0.0
