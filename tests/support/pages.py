"""Pages of the documentation as programs: their blocks of code, and what they say comes out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_OUTPUT = {"json", "text"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block of code, and the output that the page shows below it; None where it shows none."""

    language: str
    code: str
    shown: str | None = None


def blocks(page: str) -> list[Block]:
    """Return the blocks of a page in order, each with the output block that follows it."""
    return list(_paired(_BLOCK.findall(page)))


def _paired(found: list[tuple[str, str]]) -> Iterator[Block]:
    for (language, code), (after, text) in zip(found, [*found[1:], ("", "")], strict=True):
        if language not in _OUTPUT:
            yield Block(language=language, code=code, shown=text if after in _OUTPUT else None)


def console(page: str) -> Iterator[tuple[str, str]]:
    """Return each command of the `console` blocks of a page, with what it is shown to answer."""
    for language, text in _BLOCK.findall(page):
        if language == "console":
            for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                command, _, shown = part.partition("\n")
                yield command, shown


def agrees(shown: str, said: str) -> bool:
    """Return whether what a program said is what a page shows.

    `…` stands for anything on a line, and on a line of its own for any number of lines.
    """
    given = said.strip().splitlines()
    ends = {0}
    for line in shown.strip().splitlines():
        if line == "…":
            ends = set(range(min(ends), len(given) + 1))
        else:
            ends = {end + 1 for end in ends if end < len(given) and _line_agrees(line, given[end])}
        if not ends:
            return False
    return len(given) in ends


def _line_agrees(shown: str, said: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, shown.split("…"))), said) is not None
