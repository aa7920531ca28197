"""What contributors are told to run is what the Makefile runs."""

import re

import yaml

from tests.support.pages import DOCS

ROOT = DOCS.parent


def test_the_hooks_check_what_make_lint_checks() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    packages = re.search(r"^PACKAGES := (.*)$", makefile, re.MULTILINE)
    lint = re.search(r"^lint:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert packages
    assert lint
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    hooks = [hook["entry"] for hook in config["repos"][0]["hooks"]]

    said = lint[1].replace("$(VENV)", ".venv").replace("$(PACKAGES)", packages[1])
    wanted = [re.sub(r" (?:--check )?\.$", "", line.strip()) for line in said.splitlines()]
    assert [hook.removesuffix(" --force-exclude") for hook in hooks] == wanted


def test_the_workflow_runs_make_test_on_every_supported_python() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8"))
    job = workflow["jobs"]["test"]
    supported = re.findall(r"Python (3\.\d+) to (3\.\d+)", (ROOT / "README.md").read_text(encoding="utf-8"))

    versions = job["strategy"]["matrix"]["python"]
    assert (versions[0], versions[-1]) == supported[0]
    assert any(step.get("run", "").startswith("make test ") for step in job["steps"])
