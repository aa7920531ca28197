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
    """Give the blocks of a page in order, each with the output block that follows it."""
    return list(_paired(_BLOCK.findall(page)))


def _paired(found: list[tuple[str, str]]) -> Iterator[Block]:
    for (language, code), (after, text) in zip(found, [*found[1:], ("", "")], strict=True):
        if language not in _OUTPUT:
            yield Block(language=language, code=code, shown=text if after in _OUTPUT else None)


def agrees(shown: str, said: str) -> bool:
    """Tell whether what a program said is what a page shows, where `…` stands for anything on a line."""
    wanted = "[^\n]*".join(re.escape(part) for part in shown.strip().split("…"))
    return re.fullmatch(wanted, said.strip()) is not None
