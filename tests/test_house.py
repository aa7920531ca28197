"""How long functions and files may grow: figures that may only sink."""

import ast
from collections.abc import Iterator
from pathlib import Path

TREE = Path(__file__).parents[1]
ROOMS = ("domain", "application", "projections", "reports", "api", "workers", "cli")
LONGEST_FUNCTION = 40
LONGEST_FILE = 400
# These are longer. The lists may only grow shorter.
LONG_FUNCTIONS = {
    "application/eventstore/mapper.py to_event",
}
LONG_FILES: set[str] = set()


def files() -> Iterator[tuple[str, str]]:
    for room in ROOMS:
        for file in sorted((TREE / room).rglob("*.py")):
            yield file.relative_to(TREE).as_posix(), file.read_text(encoding="utf-8")


def test_no_function_grows_long() -> None:
    long = {
        f"{path} {node.name}"
        for path, text in files()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    }

    assert long - LONG_FUNCTIONS == set(), "part these functions"
    assert LONG_FUNCTIONS - long == set(), "take these from the list"


def test_no_file_grows_long() -> None:
    long = {path for path, text in files() if len(text.splitlines()) > LONGEST_FILE}

    assert long - LONG_FILES == set(), "part these files"
    assert LONG_FILES - long == set(), "take these from the list"
