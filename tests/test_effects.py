"""A type of care action declares what it brings about: no module asks for its class, or names it in SQL."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from domain.catalogue import care_actions_by_type

TREE = Path(__file__).parents[1]
ROOMS = ("domain", "application", "projections", "reports", "api", "workers", "cli")


def sources() -> Iterator[tuple[str, ast.Module]]:
    for room in ROOMS:
        for file in (TREE / room).rglob("*.py"):
            yield file.relative_to(TREE).as_posix(), ast.parse(file.read_text(encoding="utf-8"))


def test_no_module_but_its_own_asks_for_the_class_of_a_care_action() -> None:
    classes = {action.details.__name__ for action in care_actions_by_type().values()}
    classes -= {"EventCorrected", "EventVoided"}

    asked = {
        (path, alias.name)
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and not path.startswith("domain/care_actions/")
        for alias in node.names
        if alias.name in classes
    }

    assert asked == set(), "declare an effect (domain/effects.py) and ask for that"


def test_no_statement_names_a_type_of_care_action() -> None:
    named = re.compile("|".join(f"'{name}'" for name in care_actions_by_type()))

    statements = [
        (path, node.value)
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if named.search(node.value) and re.search(r"\b(SELECT|WHERE|FROM|topic|IN)\b", node.value)
    ]

    assert statements == []
