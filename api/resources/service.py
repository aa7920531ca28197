"""The service itself: whether it lives and can work, what it counts, how it describes itself."""

import hashlib
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated

import falcon

from api import formats
from api.answer import Answer, Label, shown
from api.error_catalogue import Known, catalogue
from api.exchange import exchange_of
from api.language import Language
from api.metrics import CONTENT_TYPE
from api.resource import Answered, Call, Resource
from domain.refusal import Reason, Text

RESOURCE = Resource(
    guide="errors", tag="service", zh="服务", en="The service itself; no key is needed.", public=True
)
HTML = "text/html"
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
PAGES: Mapping[str, str] = MappingProxyType(
    {
        "index.html": "text/html; charset=utf-8",
        "start.js": "text/javascript; charset=utf-8",
        "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
        "swagger-ui.css": "text/css; charset=utf-8",
        "LICENSE.md": "text/markdown; charset=utf-8",
        "NOTICE.md": "text/markdown; charset=utf-8",
    }
)


class Health(Answer):
    """That the process answers."""

    status: Annotated[str, shown("状态", "Status", "ok.")]


class HealthCheck(Answer):
    """One thing that was looked at."""

    name: Annotated[str, shown("检查项", "Name")]
    ok: Annotated[bool, shown("正常", "OK")]


class WatchHealth(Answer):
    """How the watch is."""

    ok: Annotated[bool, shown("正常", "OK")]
    checks: Annotated[list[HealthCheck], shown("检查项", "Checks")]


class Readiness(Answer):
    """Whether the service can work, and how the watch is."""

    status: Annotated[str, shown("状态", "Status", "ready or not_ready.")]
    checks: Annotated[list[HealthCheck], shown("检查项", "Checks")]
    watch: Annotated[WatchHealth, shown("预警", "Watch")]


class ErrorKnown(Answer):
    """What a code means and what to do about it."""

    code: Annotated[str, shown("代码", "Code")]
    statuses: Annotated[list[int], shown("状态码", "Statuses")]
    means: Annotated[list[Label], shown("含义", "Means")]
    remedy: Annotated[Label, shown("怎么办", "Remedy")]


@RESOURCE.operation("GET", "/healthz", zh="服务是否运行", en="Does the process live", answers={200: Health})
def get_health(call: Call) -> Health:
    """Answer without touching anything.

    仅表示进程在运行，不检查其他任何部分。
    """
    call.resp.set_header("Cache-Control", "no-store")
    return Health(status="ok")


@RESOURCE.operation(
    "GET",
    "/readyz",
    zh="服务是否可用",
    en="Can the service work",
    answers={200: Readiness, 503: Readiness},
)
def get_readiness(call: Call) -> Answered:
    """Check both databases and their tables, write into each, and look at the watch.

    检查两个数据库及其表能否读写，并查看值守状况。
    """
    call.resp.set_header("Cache-Control", "no-store")
    checks, watch = call.context.readiness.checks()
    ready = all(checks.values())
    body = Readiness(
        status="ready" if ready else "not_ready",
        checks=_checked(checks),
        watch=WatchHealth(ok=all(watch.values()), checks=_checked(watch)),
    )
    return Answered(body=body, status=200 if ready else 503)


@RESOURCE.operation(
    "GET", "/metrics", zh="运行指标", en="Counts for Prometheus", answers={200: None}, media="text/plain"
)
def get_metrics(call: Call) -> None:
    """Answer with all counts in the text format.

    以 Prometheus 文本格式返回各项运行指标。
    """
    call.resp.set_header("Cache-Control", "no-store")
    call.resp.content_type = CONTENT_TYPE
    call.resp.data = call.context.metrics.text()


@RESOURCE.operation("GET", "/openapi.json", zh="接口文档", en="This document", answers={200: dict, 304: None})
def get_document(call: Call) -> None:
    """Answer with the document, or 304 where `If-None-Match` names the one that is known.

    返回本接口文档；If-None-Match 与当前版本一致时返回 304。
    """
    tag = falcon.ETag(hashlib.sha256(call.context.document).hexdigest()[:16])
    call.resp.etag = tag
    if any(known in ("*", tag) for known in call.req.if_none_match or ()):
        call.resp.status = falcon.HTTP_304
        return
    call.resp.content_type = falcon.MEDIA_JSON
    call.resp.data = call.context.document


@RESOURCE.operation(
    "GET",
    "/errors/{code}",
    zh="错误说明",
    en="Read what a problem means",
    answers={200: ErrorKnown},
    also={HTML: None},
)
def get_error(call: Call, code: str) -> ErrorKnown | None:
    """Tell in both languages what a code means and what to do about it.

    用中英文说明一个错误代码的含义和处理办法。
    """
    media = formats.chosen(call.req, formats.JSON, HTML)
    known = catalogue().get(code)
    if known is None:
        raise falcon.HTTPNotFound
    call.resp.append_header("Vary", "Accept")
    if media == HTML:
        call.resp.content_type = "text/html; charset=utf-8"
        call.resp.set_header("Content-Security-Policy", "default-src 'none'")
        call.resp.text = _html(known, exchange_of(call.req).language)
        return None
    return ErrorKnown(
        code=code,
        statuses=list(known.remedy.statuses),
        means=[Label.of(reason) for reason in known.reasons],
        remedy=Label.of(known.remedy.text),
    )


@RESOURCE.operation(
    "GET", "/docs", zh="接口文档页面", en="A page that shows this document", answers={200: None}, media=HTML
)
def get_docs(call: Call) -> None:
    """Answer with the page.

    返回接口文档页面。
    """
    _page(call.resp, "index.html")


@RESOURCE.operation(
    "GET", "/docs/{name}", zh="文档页面的文件", en="A file of that page", answers={200: None}, media="text/*"
)
def get_docs_file(call: Call, name: str) -> None:
    """Answer with one of the files.

    返回该页面所用的文件。
    """
    if name not in PAGES:
        raise falcon.HTTPNotFound
    _page(call.resp, name)


def _checked(checks: Mapping[str, bool]) -> list[HealthCheck]:
    return [HealthCheck(name=name, ok=ok) for name, ok in checks.items()]


def _page(resp: falcon.Response, name: str) -> None:
    resp.content_type = PAGES[name]
    resp.set_header("Content-Security-Policy", POLICY)
    resp.set_header("Cache-Control", "no-cache")
    resp.data = files("api.console").joinpath(name).read_bytes()


def _html(known: Known, language: Language) -> str:
    texts: list[Reason | Text] = [*known.reasons, known.remedy.text]
    lines = [(t.zh, t.en) if language == "zh" else (t.en, t.zh) for t in texts]
    shown = "".join(f"<p>{escape(first)}<br>{escape(second)}</p>" for first, second in lines)
    statuses = " ".join(map(str, known.remedy.statuses))
    return (
        f'<!doctype html><meta charset="utf-8"><title>{known.code}</title>'
        f"<h1>{known.code}</h1><p>{statuses}</p>{shown}"
    )
