"""Why something is refused is written once: one code, one definition, in one place for all who give it."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("domain", "application", "projections", "reports", "api", "workers", "cli")
# What makes a reason, and how many of its arguments come before the code.
MAKERS = ("Reason", "reason")
# Modules that hold what others share; a note is a reason that stands beside an answer.
SHARED = ("reasons", "notes")


def _trees() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            yield name, ast.parse(file.read_text(encoding="utf-8"))


def _code(node: ast.AST) -> str | None:
    """Return the code of a reason where it is written down; None where it is that of another reason."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS):
        return None
    given = [k.value for k in node.keywords if k.arg == "code"] or node.args[:1]
    return next((str(each.value) for each in given if isinstance(each, ast.Constant)), None)


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    return dict(_trees())


def test_one_code_has_one_definition(trees: dict[str, ast.Module]) -> None:
    codes = Counter(code for tree in trees.values() for node in ast.walk(tree) if (code := _code(node)))

    assert len(codes) > 200
    assert [code for code, times in codes.items() if times > 1] == []


def test_no_module_takes_a_reason_from_a_sibling(trees: dict[str, ast.Module]) -> None:
    defined = {
        (module, target.id)
        for module, tree in trees.items()
        for node in tree.body
        if isinstance(node, ast.Assign) and _code(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    sideways = [
        f"{module} takes {alias.name} from {node.module}"
        for module, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
        if (node.module, alias.name) in defined and node.module.rpartition(".")[2] not in SHARED
    ]

    assert sideways == []
