"""What is installed and what it is installed from."""

import json
import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from application.program import VERSION

ROOT = Path(__file__).parent.parent
TOP_LEVEL = ("domain", "application", "projections", "reports", "api", "workers", "cli")
PINNED = ("requirements/runtime.txt", "requirements/dev.txt")


@pytest.mark.parametrize("name", TOP_LEVEL)
def test_no_other_distribution_owns_our_names(name: str) -> None:
    assert set(packages_distributions()[name]) == {"careledger"}


def test_the_packages_are_listed_one_by_one() -> None:
    found = _project()["tool"]["setuptools"]["packages"]["find"]["include"]

    assert found == [pattern for name in TOP_LEVEL for pattern in (name, f"{name}.*")]


def test_the_program_knows_its_version() -> None:
    image = f"image: careledger:{VERSION}"

    assert _project()["project"]["version"] == VERSION
    assert image in (ROOT / "docker-compose.yml").read_text(encoding="utf-8")


def test_the_distribution_is_private() -> None:
    assert "Private :: Do Not Upload" in _project()["project"]["classifiers"]


@pytest.mark.parametrize(
    "path", [*PINNED, "pyproject.toml", "Makefile", "requirements/install.sh", "Dockerfile"]
)
def test_no_file_names_a_package_host(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")

    assert re.findall(r"https?://\S+", text) == []
    assert (
        re.findall(
            r"--(?:extra-)?index-url|--find-links|--trusted-host|\bpypi\b",
            text.replace("--no-emit-index-url", ""),
        )
        == []
    )


def test_packages_of_node_are_pinned_by_hash_and_name_no_host() -> None:
    locked = json.loads((ROOT / "tests/clients/package-lock.json").read_text(encoding="utf-8"))["packages"]
    fetched = {name: each for name, each in locked.items() if name}

    assert fetched
    assert [name for name, each in fetched.items() if "resolved" in each] == []
    assert [name for name, each in fetched.items() if not each.get("integrity")] == []


@pytest.mark.parametrize("path", PINNED)
def test_every_pin_is_exact_and_has_a_hash(path: str) -> None:
    logical = (ROOT / path).read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    pins = [line for line in logical if line.strip() and not line.startswith("#")]

    assert pins
    assert all(re.match(r"[a-z0-9-]+==\S+ ", pin) and "--hash=sha256:" in pin for pin in pins)


def test_the_development_set_holds_the_runtime_set() -> None:
    runtime, dev = (_pins(path) for path in PINNED)

    assert runtime.items() <= dev.items()


def test_what_the_project_asks_for_is_pinned() -> None:
    asked = {re.split(r"[\[<>=!~; ]", wanted)[0] for wanted in _project()["project"]["dependencies"]}

    assert asked <= set(_pins("requirements/runtime.txt"))


def _project() -> dict[str, dict[str, dict]]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _pins(path: str) -> dict[str, str]:
    return dict(
        re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / path).read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
