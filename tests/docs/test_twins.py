"""Pages in two languages say the same, all links lead somewhere, and the index leaves no page out."""

import re
from pathlib import Path

import pytest

from tests.support.pages import DOCS

ROOT = DOCS.parent
PAGES = [*ROOT.glob("*.md"), *DOCS.glob("*.md"), *DOCS.glob("adr/*.md"), *DOCS.glob("concepts/*.md")]


def outline(page: Path) -> list[str]:
    """Return the depths of the headings, and the lines of lists and tables, in order."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^(#+|[|-])(?= |\|)", text, flags=re.MULTILINE)


def commands(page: Path) -> list[str]:
    """Return what a reader would type, and the JSON that comes out, without the remarks."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^```(?!text)\w+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [re.sub(r" {2,}# .*", "", line).rstrip() for block in blocks for line in block.splitlines()]


@pytest.mark.parametrize("name", ["README", "docs/clients"])
def test_the_chinese_page_has_the_same_sections_and_commands(name: str) -> None:
    english, chinese = ROOT / f"{name}.md", ROOT / f"{name}.zh.md"

    assert outline(english) == outline(chinese)
    assert len(commands(english)) > 10
    assert commands(english) == commands(chinese)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))

    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


def test_the_index_names_every_page() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")

    assert {page.name for page in DOCS.glob("*.md")} - {"README.md"} <= set(
        re.findall(r"\(([\w.]+)\)", index)
    )
