"""The guides at `/docs/guides`: every link in them, and of the document to them, leads somewhere."""

import gzip
import re
import shutil
import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from api.document import whole_document
from tests.api.serving import ROOT
from tests.api.support import ApiWorld

START = "/docs/guides"


class Links(HTMLParser):
    """Where a page leads, and what in it may be named."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.to: list[str] = []
        self.ids: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.to += [said[name] for name in ("href", "src") if name in said]
        self.ids |= {said["id"]} if "id" in said else set()


def walked(world: ApiWorld, start: str) -> tuple[dict[str, Links], list[str]]:
    """Follow every link from a page on, and return the pages and the links that lead nowhere."""
    pages: dict[str, Links] = {}
    broken: list[str] = []
    waiting = [(start, start)]
    while waiting:
        source, address = waiting.pop()
        parts = urlsplit(address)
        if parts.scheme or not parts.path.startswith(("/docs", "/openapi.json", "/style.css")):
            continue
        where = parts._replace(fragment="").geturl()
        if where not in pages:
            answered = world.http.simulate_get(where, headers={"Accept-Language": "en"})
            if answered.status_code != 200:
                broken.append(f"{source}: {address}")
                continue
            html = answered.text if "html" in answered.headers["Content-Type"] else ""
            pages[where] = Links(html)
            waiting += [(where, urljoin(where, to)) for to in pages[where].to]
        if parts.fragment and parts.fragment not in pages[where].ids:
            broken.append(f"{source}: {address}")
    return pages, broken


def test_every_link_between_guides_leads_somewhere(small_world: ApiWorld) -> None:
    pages, broken = walked(small_world, "/docs")

    assert broken == []
    reached = {urlsplit(each).path.removeprefix(f"{START}/") for each in pages}
    assert {"clients", "api", "errors", "changelog", "concepts", "concepts-two-clocks"} <= reached
    assert f"{START}/concepts-two-clocks.svg" in pages
    assert f"{START}/clients?lang=zh" in pages
    assert all(urlsplit(to).scheme in ("", "https", "data") for page in pages.values() for to in page.to)


def test_the_document_leads_to_the_guides(small_world: ApiWorld) -> None:
    document = whole_document()
    given = [document["externalDocs"], *(tag["externalDocs"] for tag in document["tags"])]

    for each in given:
        where, _, fragment = each["url"].partition("#")
        answered = small_world.http.simulate_get(where, headers={"Accept-Language": "en"})
        assert answered.status_code == 200, each
        assert not fragment or fragment in Links(answered.text).ids, each


def test_a_guide_is_in_the_language_of_the_reader_and_needs_no_key(small_world: ApiWorld) -> None:
    def read(language: str, **params: Any) -> str:
        headers = {"Accept-Language": language}
        return small_world.http.simulate_get(f"{START}/clients", headers=headers, params=params).text

    assert "<h1" in read("en")
    assert "客户端" in read("zh-CN")
    assert read("en", lang="zh") == read("zh-CN", lang="zh")
    assert read("en") != read("zh-CN")


def test_a_heading_is_found_under_one_address_in_both_languages(small_world: ApiWorld) -> None:
    def ids(lang: str) -> set[str]:
        return Links(small_world.http.simulate_get(f"{START}/clients", params={"lang": lang}).text).ids

    assert ids("en") == ids("zh") >= {"1-enrol-a-child-and-pair-it", "1-建档并结对", "generated-clients"}


def test_a_guide_comes_compressed_to_whoever_takes_it(small_world: ApiWorld) -> None:
    packed, plain = (
        small_world.http.simulate_get(f"{START}/errors", headers={"Accept-Encoding": encoding})
        for encoding in ("gzip", "identity")
    )

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) < len(plain.content) / 3


def test_a_guide_is_text_under_a_strict_policy(small_world: ApiWorld) -> None:
    answered = small_world.http.simulate_get(f"{START}/errors")

    policy = answered.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert "script" not in policy
    assert "<script" not in answered.text
    assert "<table" in answered.text
    assert "&lt;br" not in answered.text


@pytest.mark.parametrize("name", ["secrets", "..%2Fclients", "clients.md", "clients.svg"])
def test_nothing_else_is_served_there(small_world: ApiWorld, name: str) -> None:
    assert small_world.http.simulate_get(f"{START}/{name}").status_code == 404


def test_the_distribution_holds_the_guides_whole(tmp_path: Path) -> None:
    tree, wheels = tmp_path / "tree", tmp_path / "wheels"
    for folder in ("api", "docs"):
        shutil.copytree(
            ROOT / folder, tree / folder, symlinks=True, ignore=shutil.ignore_patterns("__pycache__")
        )
    for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"):
        shutil.copy(ROOT / name, tree)
    built = "from setuptools import build_meta; print(build_meta.build_wheel('../wheels'))"
    wheels.mkdir()

    done = subprocess.run(
        [sys.executable, "-c", built], cwd=tree, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next(wheels.iterdir())) as wheel:
        held = {name: wheel.read(name) for name in wheel.namelist() if name.startswith("api/guides/")}
    for page in ("clients.md", "clients.zh.md", "errors.md", "concepts/two-clocks.svg"):
        assert held[f"api/guides/{page}"] == (ROOT / "docs" / page).read_bytes()
    assert re.match(rb"# Changelog", held["api/guides/CHANGELOG.md"])
