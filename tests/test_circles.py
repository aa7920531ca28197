"""No module needs itself: neither when it runs nor for the types of its signatures."""

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("domain", "application", "projections", "reports", "api", "workers", "cli")


def _modules(root: Path) -> dict[str, Path]:
    return {
        ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): file
        for package in PACKAGES
        for file in (root / package).rglob("*.py")
    }


def _imported(tree: ast.Module) -> Iterator[str]:
    """Yield what a module imports anywhere: at its top, in a function, or for the type checker alone."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
            yield str(node.module)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def _graph(root: Path) -> Mapping[str, set[str]]:
    modules = _modules(root)
    return {
        module: {
            name
            for name in _imported(ast.parse(file.read_text(encoding="utf-8")))
            # A package has no code of its own.
            if name in modules and name != module and modules[name].name != "__init__.py"
        }
        for module, file in modules.items()
    }


def _circle(graph: Mapping[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_circle_of_imports() -> None:
    assert _circle(_graph(ROOT)) == []


@pytest.mark.parametrize(
    "way_back",
    [
        "from {package}.one import ONE",
        "from {package} import one",
        "import {package}.one",
        "def f():\n    from {package}.one import ONE",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from {package}.one import ONE",
    ],
)
def test_a_circle_is_found_however_it_is_closed(tmp_path: Path, way_back: str) -> None:
    package = tmp_path / "domain"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "one.py").write_text("from domain.other import TWO\nONE = 1\n", encoding="utf-8")
    (package / "other.py").write_text(way_back.format(package="domain") + "\nTWO = 2\n", encoding="utf-8")

    assert set(_circle(_graph(tmp_path))) == {"domain.one", "domain.other"}
