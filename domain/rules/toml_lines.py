"""In which line of a TOML text something stands that was named by its JSON pointer."""

import re
from collections.abc import Iterator, Mapping

_TABLE = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_.\"'-]+)\s*=")
_AT_LINE = re.compile(r"at line ([0-9]+)")


def line_of(text: str, pointer: str) -> int | None:
    """Return the line, from 1, of the nearest table or key around what a pointer names; None without any."""
    known = dict(_places(text))
    steps = pointer.split("/")
    for length in range(len(steps), 1, -1):
        if (line := known.get("/".join(steps[:length]))) is not None:
            return line
    return None


def line_of_error(error: Exception) -> int | None:
    """Return the line that an error of the parser names."""
    found = _AT_LINE.search(str(error))
    return int(found.group(1)) if found else None


def _places(text: str) -> Iterator[tuple[str, int]]:
    """Go through the tables and keys of a text, each by its pointer, with its line."""
    counts: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _TABLE.match(line):
            table = _pointer(_steps(found.group(2)), counts, new=found.group(1) == "[[")
            yield table, number
        elif found := _KEY.match(line):
            yield "/".join((table, *_steps(found.group(1)))), number


def _pointer(steps: list[str], counts: dict[str, int], *, new: bool) -> str:
    """Return the pointer of a table; one in a list of tables has its number, the latest where it is named."""
    pointer = ""
    for step in steps[:-1]:
        pointer = _latest(f"{pointer}/{step}", counts)
    pointer = f"{pointer}/{steps[-1]}"
    if new:
        counts[pointer] = counts.get(pointer, -1) + 1
    return _latest(pointer, counts)


def _latest(pointer: str, counts: Mapping[str, int]) -> str:
    return f"{pointer}/{counts[pointer]}" if pointer in counts else pointer


def _steps(name: str) -> list[str]:
    return [step.strip().strip("\"'") for step in name.split(".")]
