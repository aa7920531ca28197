"""What no engine takes as a value, whichever of them it is given to."""

from datetime import datetime


def refuse_nul(text: str) -> None:
    """Raise ValueError for text that PostgreSQL cannot store."""
    if "\x00" in text:
        raise ValueError("text must not hold a NUL")


def refuse_naive(moment: datetime) -> None:
    """Raise ValueError for a datetime that names no moment."""
    if moment.tzinfo is None:
        raise ValueError("a datetime without a time zone names no moment")
