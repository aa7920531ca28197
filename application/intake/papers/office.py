"""The words that one office knows: those that ship, its own file, and what headings were said to mean."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from application.intake.papers.words import Role, Words, words
from domain.refusal import Reason, invalid, refuses

PASSED = "-"
BAD_MAPPING = Reason(
    code="bad_mapping",
    zh="对应关系应写作“表头=栏目”；栏目可为本程序的栏目、“备注”或“-”（不读）",
    en="Write HEADING=COLUMN. The column is one of `careledger import columns`, or - to pass it over.",
)


@refuses(BAD_MAPPING)
def office_words(file: Path, *, kind: str, mapped: Sequence[str] = ()) -> Words:
    """Return the words of an office, whose own `file` may be there, and of its mappings for a kind of paper.

    Of two mappings of one heading the later one holds. Raises `Invalid`.
    """
    own: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    known = words(own)
    meant: dict[str, str] = {}
    for each in mapped:
        heading, mark, column = each.partition("=")
        if not mark or not heading or not column:
            raise invalid(BAD_MAPPING)
        meant[heading] = column
    for heading, column in meant.items():
        role = Role.PASSED if column == PASSED else known.sheets[kind].role(column)
        if role is None:
            raise invalid(BAD_MAPPING)
        said = own.setdefault(kind, {}).setdefault(role.value, {})
        said.setdefault(heading if column == PASSED else column, []).append(heading)
    return words(own)
