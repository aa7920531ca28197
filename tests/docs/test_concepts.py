"""The concept pages: each has its picture and is listed; what they show of tests is what the tests say."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.support.pages import DOCS, blocks

FOLDER = DOCS / "concepts"
PAGES = sorted(page for page in FOLDER.glob("*.md") if page.name != "README.md")
EXEMPLARS = (
    "tests/domain/rules/test_two_visits_a_month.py",
    "tests/scenarios/test_silence_is_told.py",
    "tests/api/test_correcting_an_entry.py",
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_concept_has_a_page_and_a_picture_for_light_and_dark(page: Path) -> None:
    picture = FOLDER / f"{page.stem}.svg"
    drawn = picture.read_text(encoding="utf-8")

    assert f"({picture.name})" in page.read_text(encoding="utf-8")
    assert ET.fromstring(drawn).tag.endswith("svg")
    assert "prefers-color-scheme:dark" in drawn
    assert f"({page.name})" in (FOLDER / "README.md").read_text(encoding="utf-8")


def test_what_is_shown_of_tests_stands_in_them() -> None:
    tests = "\n".join((DOCS.parent / path).read_text(encoding="utf-8") for path in EXEMPLARS)
    page = (FOLDER / "testing.md").read_text(encoding="utf-8")
    shown = [block.code.strip() for block in blocks(page) if block.language == "python"]

    assert len(shown) == len(EXEMPLARS)
    assert [code for code in shown if code not in tests] == []
    assert all(f"../../{path}" in page for path in EXEMPLARS)


def test_the_steps_of_silence_are_those_of_the_policy() -> None:
    policy = (DOCS.parent / "domain" / "policy.toml").read_text(encoding="utf-8")
    # Those of other kinds of alerts stand in tables of their own.
    policy = policy.partition("[unseen]")[0]
    days = re.findall(r"^(info|warning|high|critical) = (\d+)$", policy, re.MULTILINE)
    picture = (FOLDER / "the-watch.svg").read_text(encoding="utf-8")

    assert len(days) == 4
    assert [f"{number} {step}" for step, number in days if f">{number} {step}<" not in picture] == []
