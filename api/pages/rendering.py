"""Pages as HTML: nothing in them is script, and nothing comes from another host or is markup by accident."""

import hashlib
from collections.abc import Callable, Mapping
from functools import cache, wraps
from importlib.resources import files
from typing import Any, cast
from urllib.parse import urlencode

import falcon
from jinja2 import Environment, PackageLoader, StrictUndefined

from api.context import Context
from api.errors import faults_shown, status_of
from api.exchange import exchange_of
from api.language import Language, in_language
from api.pages.visitors import Entrance, Visitor
from api.reasons import GIVEN_TWICE
from application.keys.api_keys import Unauthenticated
from domain.reasons import UNKNOWN_FIELD
from domain.refusal import Fault, Invalid, Reason, Refused, Text, escaped

POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
STYLE_FILE = "style.css"
LANG = "lang"
ANY = "*"
Responder = Callable[..., None]


class Page:
    """What every page is made with."""

    def __init__(self, context: Context, entrance: Entrance) -> None:
        self.context = context
        self.system = context.system
        self.entrance = entrance


def shown(*params: str) -> Callable[[Responder], Responder]:
    """Let a responder be for visitors, with the query `params` that it knows; refusals are pages as well.

    With `ANY` the responder itself refuses what it doesn't know.
    """

    def wrapped(responder: Responder) -> Responder:
        @wraps(responder)
        def answered(self: Page, req: falcon.Request, resp: falcon.Response, **values: Any) -> None:
            begin(req, resp)
            visitor = None
            try:
                visitor = self.entrance.visitor(req, resp)
                if visitor is None:
                    ask_to_sign_in(req, resp)
                    return
                exchange_of(req).actor = visitor.actor
                if params != (ANY,):
                    refuse_unknown(req, {*params, LANG})
                responder(self, req, resp, visitor, **values)
            except Refused as refused:
                show_refusal(req, resp, refused, visitor=visitor)

        return answered

    return wrapped


def begin(req: falcon.Request, resp: falcon.Response) -> None:
    """Choose the language, leave out what a form sent empty, and set what every page says of itself."""
    params = cast("dict[str, Any]", req.params)
    for name in [name for name, value in params.items() if value == ""]:
        del params[name]
    asked = req.params.get(LANG)
    if asked == "zh":
        exchange_of(req).language = "zh"
    elif asked == "en":
        exchange_of(req).language = "en"
    resp.set_header("Content-Security-Policy", POLICY)
    resp.set_header("Cache-Control", "private, no-store")
    resp.set_header("Referrer-Policy", "same-origin")
    resp.append_header("Vary", "Accept-Language, Cookie")


def refuse_unknown(req: falcon.Request, known: set[str]) -> None:
    """Raise `Invalid` for parameters that a page doesn't know, or that are given twice."""
    faults = [
        *(
            Fault(reason=UNKNOWN_FIELD, pointer=f"/{escaped(name)}")
            for name in req.params
            if name not in known
        ),
        *(
            Fault(reason=GIVEN_TWICE, pointer=f"/{escaped(name)}")
            for name, value in req.params.items()
            if isinstance(value, list)
        ),
    ]
    if faults:
        raise Invalid(*faults)


def render(
    req: falcon.Request,
    resp: falcon.Response,
    template: str,
    *,
    visitor: Visitor | None,
    status: int = 200,
    **values: Any,
) -> None:
    """Answer with a page."""
    language = exchange_of(req).language
    resp.status = falcon.code_to_http_status(status)
    resp.content_type = falcon.MEDIA_HTML
    resp.set_header("Content-Language", language)
    resp.text = (
        environment()
        .get_template(template)
        .render(
            language=language,
            t=lambda zh, en: zh if language == "zh" else en,
            said=lambda text: said(text, language),
            link=lambda path, **params: link(req, path, params),
            here=lambda **params: link(req, req.path, {**req.params, **params}),
            style=f"/{STYLE_FILE}?{style()[1]}",
            visitor=visitor,
            lang=req.params.get(LANG, ""),
            **values,
        )
    )


def show_refusal(
    req: falcon.Request, resp: falcon.Response, refused: Refused, *, visitor: Visitor | None
) -> None:
    """Answer a refusal with a page that says why."""
    if isinstance(refused, Unauthenticated):
        ask_to_sign_in(req, resp)
        return
    faults = faults_shown(refused)
    render(req, resp, "refused.html", visitor=visitor, status=status_of(refused), faults=faults)


def ask_to_sign_in(
    req: falcon.Request, resp: falcon.Response, *, fault: Reason | None = None, to: str | None = None
) -> None:
    """Answer with the page on which a key is given; from there it goes on to what was asked for."""
    resp.set_header("WWW-Authenticate", 'Bearer realm="careledger"')
    if to is None:
        to = req.relative_uri if req.method == "GET" else "/"
    render(req, resp, "sign_in.html", visitor=None, status=401, fault=fault, to=to)


def said(text: Text | Reason | None, language: Language) -> str:
    """Return a text in the language of the page."""
    return "" if text is None else in_language(text, language)


def link(req: falcon.Request, path: str, params: Mapping[str, object]) -> str:
    """Return an address with what is asked for there; a language that was chosen stays chosen."""
    kept = {LANG: req.params[LANG]} if LANG in req.params else {}
    asked = {name: value for name, value in {**kept, **params}.items() if value not in (None, "")}
    return f"{path}?{urlencode(asked)}" if asked else path


@cache
def environment() -> Environment:
    """Return the templates. What they are given is text, never markup."""
    return Environment(
        loader=PackageLoader("api.pages", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def style() -> tuple[bytes, str]:
    """Return the stylesheet, and what tells this one from any other."""
    text = files("api.pages").joinpath(STYLE_FILE).read_bytes()
    return text, hashlib.sha256(text).hexdigest()[:12]
