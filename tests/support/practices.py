"""The table of practices, as `docs/practices.md` shows it; made of `docs/practices.toml`."""

import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TABLE, PAGE = ROOT / "docs" / "practices.toml", ROOT / "docs" / "practices.md"
COMMAND = ".venv/bin/python -m tests.support.practices > docs/practices.md"
# So many practices of each group there are.
ROWS: Mapping[str, int] = {"A": 18, "G": 11, "H": 30, "D": 11, "O": 14, "P": 24}
_HEAD = """# Practices · 做法

What schools and villages do for children, and where it is kept here: by which types of entries, in which
streams and reports, and by which test it is proved with its own numbers.

学校与村居的做法，在这里由哪些记录、哪些事项、哪些报表承载，由哪个测试以其自身的数字证明。

A practice is kept by types of entries with fields of their own, never as free text. What is not possible so
far is said under *not yet* · 尚不能. This page is made of [practices.toml](practices.toml): `{command}`.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """One practice: what it is, by what it is kept, what proves it, and what is not possible yet."""

    id: str
    zh: str
    en: str
    types: tuple[str, ...]
    streams: tuple[str, ...]
    reports: tuple[str, ...]
    tests: tuple[str, ...]
    yet: Mapping[str, str] | None = None


def groups() -> Iterator[tuple[Mapping[str, str], tuple[Practice, ...]]]:
    """Go through the groups of practices, each with its title."""
    said = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    files = said.pop("files")
    for group in said.values():
        yield group["title"], tuple(_practice(name, row, files) for name, row in group["rows"].items())


def practices() -> tuple[Practice, ...]:
    """Return every practice."""
    return tuple(each for _, some in groups() for each in some)


def as_text() -> str:
    """Return the page."""
    parts = [_HEAD.format(command=COMMAND)]
    for title, some in groups():
        parts.append(f"## {title['zh']} · {title['en']}\n")
        parts.append(
            "| | Practice · 做法 | Types · 记录 | Streams · 事项 | Reports · 报表 | Proved by · 证明 |"
        )
        parts.append("|---|---|---|---|---|---|")
        parts.extend(_line(each) for each in some)
        parts.append("")
    return "\n".join(parts)


def _line(row: Practice) -> str:
    yet = f"<br>*not yet: {row.yet['en']}* · *尚不能：{row.yet['zh']}*" if row.yet else ""
    tests = "<br>".join(f"[{_told(test)}](../{test.partition('::')[0]})" for test in row.tests)
    cells = (
        f"{row.zh} · {row.en}{yet}",
        *(_code(each) for each in (row.types, row.streams, row.reports)),
        tests,
    )
    return f"| {row.id} | {' | '.join(cells)} |"


def _code(names: tuple[str, ...]) -> str:
    return " ".join(f"`{name}`" for name in names)


def _told(test: str) -> str:
    return test.partition("::test_")[2].replace("_", " ")


def _practice(name: str, row: Mapping[str, Any], files: Mapping[str, str]) -> Practice:
    places = (test.partition(":") for test in row["tests"])
    return Practice(
        id=name,
        zh=row["zh"],
        en=row["en"],
        types=tuple(row["types"]),
        streams=tuple(row["streams"]),
        reports=tuple(row["reports"]),
        tests=tuple(f"{files[file]}::{test}" for file, _, test in places),
        yet=row.get("yet"),
    )


if __name__ == "__main__":
    sys.stdout.buffer.write(as_text().encode())
