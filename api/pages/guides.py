"""The guides for people who write clients: pages of Markdown, with links that lead from one to another."""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise
from types import MappingProxyType

import falcon
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from api.exchange import exchange_of
from api.language import Language
from api.pages.rendering import POLICY, Page, begin, render

AT = "/docs/guides"
# Where each stands in docs/, by which they refer to one another.
_CHANGELOG = "../CHANGELOG.md"
_CHINESE = ".zh"
_ELSEWHERE: Mapping[str, str] = MappingProxyType({"openapi.json": "/openapi.json"})
_FIRST = ("clients", "api", "errors", "concepts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """A guide in one language as HTML. Its titles are those of its first heading, Chinese and English."""

    title: str
    html: Markup
    anchors: frozenset[str]


class GuidesPage(Page):
    """The list of all guides."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List the guides; nobody needs a key to read them."""
        begin(req, resp)
        language = exchange_of(req).language
        guides = [(name, guide(name, language).title) for name in names()]
        render(req, resp, "guides.html", visitor=None, guides=guides, at=AT)


class GuidePage(Page):
    """One guide."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, name: str) -> None:
        """Show a guide; nobody needs a key to read it."""
        begin(req, resp)
        if name not in names():
            raise falcon.HTTPNotFound
        resp.set_header("Content-Security-Policy", f"{POLICY}; img-src 'self'")
        render(req, resp, "guide.html", visitor=None, guide=guide(name, exchange_of(req).language), at=AT)


class GuidePicture(Page):
    """A picture in a guide."""

    def on_get(self, _req: falcon.Request, resp: falcon.Response, name: str) -> None:
        """Answer with the picture."""
        if name not in _pictures():
            raise falcon.HTTPNotFound
        resp.content_type = "image/svg+xml"
        resp.set_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        resp.data = _pictures()[name].read_bytes()


@cache
def names() -> tuple[str, ...]:
    """Return the names of the guides, those first that most people begin with."""
    found = {_name(place) for place in _pages()}
    return (*_FIRST, *sorted(found.difference(_FIRST)))


@cache
def guide(name: str, language: Language) -> Guide:
    """Return a guide, in the language where it is there in that."""
    wanted = {place: file for place, file in _pages().items() if _name(place) == name}
    chinese = [place for place in wanted if _CHINESE in place]
    place = (
        chinese[0] if chinese and language == "zh" else next(each for each in wanted if each not in chinese)
    )
    tokens = _parsed(wanted[place])
    anchors = frozenset(_with_anchors(tokens, *(_parsed(wanted[each]) for each in wanted if each != place)))
    _lead_on(tokens, place)
    html = _reader().renderer.render(tokens, _reader().options, {}).replace("&lt;br&gt;", "<br>")
    title = next(tokens[at + 1].content for at, each in enumerate(tokens) if each.type == "heading_open")
    return Guide(title=title, html=Markup(html), anchors=anchors)  # noqa: S704  markup in the pages is off


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


@cache
def _pages() -> Mapping[str, Traversable]:
    """Return the files by their places in docs/."""
    found = {place: each for place, each in _files() if place.endswith(".md")}
    return {_CHANGELOG if place == "CHANGELOG.md" else place: each for place, each in found.items()}


@cache
def _pictures() -> Mapping[str, Traversable]:
    return {_name(place): each for place, each in _files() if place.endswith(".svg")}


def _files() -> Iterator[tuple[str, Traversable]]:
    for each in files("api.guides").iterdir():
        if each.is_dir():
            yield from ((f"{each.name}/{inner.name}", inner) for inner in each.iterdir())
        else:
            yield each.name, each


def _name(place: str) -> str:
    """Return the name of a page or picture by its place: `concepts-streams` of `concepts/streams.md`."""
    stem = posixpath.splitext(place.removeprefix("../"))[0].removesuffix(_CHINESE).removesuffix("/README")
    return stem.lower().replace("/", "-")


def _parsed(page: Traversable) -> list[Token]:
    return _reader().parse(page.read_text(encoding="utf-8"))


def _with_anchors(tokens: Sequence[Token], *others: Sequence[Token]) -> Iterator[str]:
    """Give each heading the id that links name, as code hosts make it of its text.

    `others` are the same page in other languages: their ids lead to the same headings.
    """
    seen: set[str] = set()
    headings = list(_headings(tokens))
    for opening, _, anchor in headings:
        if anchor not in seen:
            seen.add(anchor)
            opening.attrSet("id", anchor)
    for other in others:
        for (_, text, _), (_, _, anchor) in zip(headings, _headings(other), strict=False):
            if anchor not in seen and text.children is not None:
                seen.add(anchor)
                text.children.insert(0, Token("html_inline", "", 0, content=f'<a id="{escape(anchor)}"></a>'))
    yield from seen


def _headings(tokens: Sequence[Token]) -> Iterator[tuple[Token, Token, str]]:
    """Go through the headings: what opens each, its text, and the anchor that the text makes."""
    for opening, text in pairwise(tokens):
        if opening.type == "heading_open":
            anchor = re.sub(r"[^\w\- ]", "", text.content.strip().lower()).replace(" ", "-")
            yield opening, text, anchor


def _lead_on(tokens: Sequence[Token], place: str) -> None:
    """Let links lead to pages that are there; what they say of others stays without a link."""
    for block in tokens:
        gone = False
        for token in block.children or ():
            if token.type == "image":
                token.attrSet("src", f"{AT}/{_name(_there(place, str(token.attrGet('src'))))}.svg")
            elif token.type == "link_open":
                target = _target(place, str(token.attrGet("href")))
                gone = target is None
                token.attrSet("href", target or "")
            if gone and token.type in ("link_open", "link_close"):
                gone = token.type == "link_open"
                token.type, token.tag, token.nesting, token.content = "text", "", 0, ""


def _target(place: str, href: str) -> str | None:
    """Return where a link of a page leads; None where that is not served."""
    if "://" in href or href.startswith("#"):
        return href
    path, _, fragment = href.partition("#")
    there, anchor = _there(place, path), f"#{fragment}" if fragment else ""
    if there in _ELSEWHERE:
        return _ELSEWHERE[there]
    if there not in _pages():
        return None
    both = [each for each in _pages() if _name(each) == _name(there)]
    lang = f"?lang={'zh' if _CHINESE in there else 'en'}" if len(both) > 1 else ""
    return f"{AT}/{_name(there)}{lang}{anchor}"


def _there(place: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(place), path))
