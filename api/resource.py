"""A resource, declared once: its routes, its document and its answers follow from the functions it names.

A file in `api/resources/` makes a `Resource` and declares an operation with each function that answers one.
The name of the function is the `operationId`, its docstring the description, English and then a paragraph
in Chinese; both stay.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any, TypedDict, TypeVar, Unpack
from uuid import UUID

import falcon
import msgspec
from marshmallow import Schema

from api import formats, query
from api.answer import Note, encoded, encoder, notes_of
from api.context import Context
from api.exchange import actor_of, exchange_of, key_named, provenance_of, refuse_blank, version_named
from api.operation import AnswerType, Deprecated, Operation, Param, describe
from api.paging import Found, page_of
from api.schemas import loaded
from api.scope import org_asked
from api.tables import item_of, put_list
from application.access import Action, Actor, require
from application.basis import Basis
from application.children.names import names_of
from application.recording.outcome import Provenance
from application.reports.notes import why_nobody
from application.system import System
from domain.refusal import Reason

F = TypeVar("F", bound=Callable[..., Any])
P = TypeVar("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer with more than its body: a status other than 200, a version that becomes its ETag."""

    body: object = None
    status: int = 200
    version: int | None = None


@dataclass(slots=True)
class Call:
    """One request to an operation, of `asker`, None on public routes.

    `version` is what `If-Match` names; `whole` is a list without an end.
    """

    context: Context
    operation: Operation
    req: falcon.Request
    resp: falcon.Response
    asker: Actor | None = None
    version: int | None = None
    whole: bool = False
    _names: dict[UUID, str | None] = field(default_factory=dict)

    @property
    def system(self) -> System:
        """The use cases."""
        return self.context.system

    @property
    def actor(self) -> Actor:
        """Who asks; on public routes there is nobody."""
        assert self.asker is not None
        return self.asker

    @property
    def provenance(self) -> Provenance:
        """Where the events of the request come from."""
        return provenance_of(self.req)

    @property
    def key(self) -> str | None:
        """What `Idempotency-Key` names. Raises `Malformed`."""
        return key_named(self.req)

    @property
    def basis(self) -> Basis:
        """What the request is based on, as far as its operation needs it to say."""
        return Basis(version=self.version, needed=self.operation.needed)

    def body(self) -> dict[str, Any]:
        """Read the body as the operation declares it. Raises a `Refused`."""
        assert isinstance(self.operation.request, type)
        return loaded(self.operation.request, self.context.body(self.req))

    def asked(self, param: Param[T]) -> T | None:
        """Read a query parameter; None where it is not given. Raises `Invalid`."""
        return param.asked(self.req)

    def org(self, action: Action) -> str:
        """Return the organisation that is asked about; see `org_asked`."""
        return org_asked(self.req, self.system, action=action)

    def after(self, place: Callable[[list[Any] | None], P | None]) -> P | None:
        """Return where the page before ended, as `place` reads it. Raises `Invalid`."""
        return place(query.after_asked(self.req))

    def limit(self) -> int:
        """Return how many items the page may have. Raises `Invalid`."""
        return query.limit_asked(self.req)

    def page(
        self,
        found: Callable[[P | None, int], Sequence[T]],
        *,
        place: Callable[[list[Any] | None], P | None],
        after: Callable[[T], Sequence[Any]],
    ) -> Found[T]:
        """Find the page that is asked for; see `page_of`."""
        return page_of(self.req, found, place=place, after=after)

    def names_of(self, child_ids: Sequence[UUID]) -> Mapping[UUID, str | None]:
        """Return the names of children, these among them; None for one whom the key may not read.

        Each is looked up once a request.
        """
        if missing := set(child_ids) - self._names.keys():
            self._names |= dict.fromkeys(missing)
            self._names |= names_of(self.system.cards, list(missing), actor=self.actor)
        return self._names

    def lines(self, items: Iterable[object]) -> None:
        """Answer with one of these a line."""
        formats.put_lines(self.resp, map(encoder(principal=self.actor), items))

    def notes(self, reasons: Sequence[Reason]) -> list[Note] | msgspec.UnsetType:
        """Write what the answer has to say of itself."""
        return notes_of(list(reasons), exchange_of(self.req).language)

    def notes_if_empty(self, items: object, *, org: str) -> list[Note] | msgspec.UnsetType:
        """Say of an empty list that there is nobody it could be of, where that is so."""
        reason = None if items else why_nobody(self.system.database, org=org)
        # Where somebody is there, the list is empty of what was asked about.
        return msgspec.UNSET if reason is None or reason.code == "nothing_known" else self.notes([reason])


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """An operation with where it is served and what answers it."""

    method: str
    template: str
    operation: Operation
    run: Callable[..., Any]


class Said(TypedDict, total=False):
    """What an operation may say of itself; see `Operation`."""

    request: type[Schema] | str
    request_lines: str
    takes_file: bool
    params: tuple[Param[Any], ...]
    action: Action
    uses: tuple[Reason | Callable[..., Any], ...]
    codes: tuple[str, ...]
    tells_version: bool
    tells_next: bool
    leads_to: tuple[str, ...]
    by_type: bool
    media: str
    also: Mapping[str, AnswerType]
    deprecated: Deprecated


@dataclass(frozen=True, kw_only=True, eq=False)
class Resource:
    """What some routes are about, in the document a tag. `public` ones need no key; `guide` tells more."""

    tag: str
    zh: str
    en: str
    guide: str = "clients"
    public: bool = False
    declared: list[Declared] = field(default_factory=list)

    def operation(
        self,
        method: str,
        template: str,
        *,
        zh: str,
        en: str,
        answers: Mapping[int, AnswerType],
        name: str = "",
        **said: Unpack[Said],
    ) -> Callable[[F], F]:
        """Declare an operation, answered by a function of a `Call` and the parameters of its path."""

        items = item_of(answers.get(200)) if method == "GET" and "also" not in said else None
        if items is not None:
            said["also"] = {formats.NDJSON: items, formats.CSV: None}

        def declare(run: F) -> F:
            described = Operation(
                name=name or run.__name__,
                tag=self.tag,
                summary=f"{zh} · {en}",
                description=_dedented(run.__doc__ or ""),
                answers=answers,
                lists=items is not None,
                **said,
            )
            each = Declared(method=method, template=template, operation=described, run=run)
            self.declared.append(each)
            return run

        return declare

    @cached_property
    def classes(self) -> Mapping[str, type]:
        """A class of Falcon's for each template, made of all operations that are declared by now."""
        found: dict[str, dict[str, Any]] = {}
        read = {each.template for each in self.declared if each.method == "GET"}
        for each in self.declared:
            responder = _responder(each, public=self.public, readable=each.template in read)
            found.setdefault(each.template, {"__init__": _kept})[f"on_{each.method.lower()}"] = responder
        return {template: type(self.tag, (), responders) for template, responders in found.items()}


def _kept(resource: Any, context: Context) -> None:
    resource.context = context


def _responder(declared: Declared, *, public: bool, readable: bool) -> Callable[..., None]:
    operation, run, reading = declared.operation, declared.run, declared.method == "GET"
    conditional, creates = operation.conditional, operation.creates

    def respond(resource: Any, req: falcon.Request, resp: falcon.Response, **path: Any) -> None:
        actor = None if public else actor_of(req)
        if operation.action is not None:
            asker = actor or actor_of(req)
            require(asker, operation.action, org=asker.org)
        version = None
        if not reading:
            refuse_blank(req)
            version = version_named(req, conditional=conditional, creates=creates)
        call = Call(resource.context, operation, req, resp, asker=actor, version=version)
        if operation.lists:
            media = formats.chosen(req, formats.JSON, *operation.also)
            if media != formats.JSON:
                call.whole = True
                put_list(req, resp, lambda: run(call, **path), media=media, actor=actor)
                return
        answered = run(call, **path)
        if answered is not None:
            _put(resp, answered, principal=actor)
            if readable and resp.status_code == HTTPStatus.CREATED and resp.location is None:
                resp.location = req.path

    describe(respond, operation)
    return respond


def _put(resp: falcon.Response, answered: object, *, principal: Actor | None) -> None:
    """Answer with what a function returned. One that returns None has answered by itself."""
    if not isinstance(answered, Answered):
        answered = Answered(body=answered)
    resp.status = falcon.code_to_http_status(answered.status)
    if answered.version is not None:
        resp.etag = str(answered.version)
    if answered.body is not None:
        resp.content_type = falcon.MEDIA_JSON
        resp.data = encoded(answered.body, principal=principal)


def _dedented(doc: str) -> str:
    return "\n".join(line.strip() for line in doc.strip().splitlines())
