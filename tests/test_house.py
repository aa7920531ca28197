"""How long functions and files may grow: figures that may only sink."""

import ast
from collections.abc import Iterator
from pathlib import Path

TREE = Path(__file__).parents[1]
ROOMS = ("domain", "application", "projections", "api", "workers", "cli")
LONGEST_FUNCTION = 40
LONGEST_FILE = 400
# These are longer. The lists may only grow shorter.
LONG_FUNCTIONS = {
    "api/child_state.py shown",
    "api/history.py answer_history",
    "api/streams.py _stream_resource",
    "application/eventstore/mapper.py to_event",
    "application/keys/settled.py settle",
    "application/recording/recording.py record_proposals",
    "application/reports/reporting.py child_compliance",
    "application/reports/reporting.py org_compliance",
    "application/system.py _put_together",
    "application/system.py open_system",
    "application/upkeep/backup.py _written",
    "cli/checking.py check",
    "cli/dead_letters.py list_letters",
    "cli/dead_letters.py retry",
    "cli/importing.py roster",
    "cli/importing.py undo",
    "cli/judging.py compliance",
    "cli/keying.py create",
    "cli/keying.py merge",
    "cli/organising.py add_recipient",
    "cli/reading.py children",
    "cli/ruling.py bind",
    "cli/transfers.py transfers",
    "cli/upkeep.py rebuild",
}
LONG_FILES = {
    "api/answers.py",
    "api/schemas.py",
    "application/reports/changes.py",
}


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
