"""The streams of every kind that is served: opened, recorded on, read and listed by one set of resources.

All of it follows from the declaration of the kind in `domain/streams/`: paths, schemas, answers, examples.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid5

import falcon
import msgspec

from api import formats, query
from api.context import Context
from api.error_catalogue import codes_of_kind
from api.exchange import actor_of, answer, version_named
from api.history import answer_history
from api.operation import (
    CARE,
    CHANNEL,
    CLOCKS,
    CURSOR,
    FROM,
    IF_MATCH,
    IF_STILL,
    LATE,
    LIMIT,
    ORG,
    TO,
    TYPE,
    operation,
)
from api.reading import read_stream
from api.recording import stream_named, submit_one
from api.scope import org_asked
from api.submissions import opening, opening_schema, stream_event, stream_event_name
from application.access import Action, require
from domain.catalogue import served_kinds
from domain.ledger.facts import Facts, views_of
from domain.ledger.kind import StreamKind

Resource = Callable[[Context], Any]
Responder = Callable[..., None]
_PROBLEMS = (400, 403, 404, 409, 412, 413, 415, 422)
_READING = ("unknown_stream",)
_WRITING = (
    CARE,
    *_READING,
    "when",
    "reserved_id",
    "bad_org_path",
    "busy",
    "already_open",
    "opening_stands",
    "not_voidable",
)


class _Resource:
    """What each resource of a stream works with."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.system = context.system


def stream_routes() -> list[tuple[str, Resource]]:
    """Return the templates of every kind that is served, each with what makes its resource."""
    return [route for kind in served_kinds().values() for route in _routes_of(kind)]


def _routes_of(kind: StreamKind[Any]) -> list[tuple[str, Resource]]:
    path = f"/v1/{kind.plural}"
    return [
        (path, _list_resource(kind)),
        (f"{path}/{{stream_id:uuid}}", _stream_resource(kind)),
        (f"{path}/{{stream_id:uuid}}/history", _history_resource(kind)),
        (f"{path}/{{stream_id:uuid}}/events/{{event_id:uuid}}", _event_resource(kind)),
    ]


def _list_resource(kind: StreamKind[Any]) -> Resource:
    class StreamsResource(_Resource):
        """The streams of one kind."""

        @operation(
            f"List by organisation {kind.label.en} {kind.label.zh}",
            answers={200: "Streams"},
            params=(ORG, CURSOR, LIMIT),
            problems=(403, 404, 422),
        )
        def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
            """List those of an organisation and all below it, by id."""
            org = org_asked(req, self.system, action=Action(kind.reads))
            limit, after = query.limit_asked(req), query.after_asked(req)
            found = self.system.recordings[kind.name].listed(
                actor=actor_of(req), org=org, after=query.id_of(after), limit=limit + 1
            )
            page, more = found[:limit], len(found) > limit
            items = [
                {
                    **stream_named(each.stream_id, kind.name),
                    "org": each.org,
                    "version": each.version,
                    "opened_on": each.opened_on,
                }
                for each in page
            ]
            following = query.cursor_after(req, str(page[-1].stream_id)) if more else None
            answer(resp, {"items": items, "next": following})

    return StreamsResource


def _stream_resource(kind: StreamKind[Any]) -> Resource:
    class StreamResource(_Resource):
        """One stream of a kind."""

        on_put = _opening(kind)
        on_get = _reading(kind)

    return StreamResource


def _opening(kind: StreamKind[Any]) -> Responder:
    @operation(
        f"Open {kind.label.en} {kind.label.zh}",
        by_type=True,
        request=opening_schema(kind),
        answers={201: "StreamRecorded", 200: "StreamRecorded", 202: "Quarantined"},
        params=(IF_STILL, CHANNEL),
        problems=_PROBLEMS,
        codes=(*_WRITING, *codes_of_kind(kind)),
    )
    def on_put(self: _Resource, req: falcon.Request, resp: falcon.Response, stream_id: UUID) -> None:
        """Open the stream under an id that the client has chosen; twice is once."""
        require(actor_of(req), Action(kind.writes), org=actor_of(req).org)
        submission = opening(
            kind,
            self.context.body(req),
            stream_id=stream_id,
            event_id=uuid5(stream_id, kind.opens[0].TYPE),
            based_on=version_named(req),
        )
        submit_one(self.context, req, resp, submission)

    return on_put


def _reading(kind: StreamKind[Any]) -> Responder:
    @operation(
        f"Read {kind.label.en} {kind.label.zh}",
        answers={200: "Stream"},
        params=CLOCKS,
        problems=(403, 404, 422),
        codes=_READING,
    )
    def on_get(self: _Resource, req: falcon.Request, resp: falcon.Response, stream_id: UUID) -> None:
        """Show what is true of a day as known at a moment. The ETag is the present version."""
        read = read_stream(req, self.system, self.system.recordings[kind.name], stream_id)
        latest = read.state.latest
        body = {
            **stream_named(stream_id, kind.name),
            "version": read.state.version,
            "org": latest.event.org if latest else None,
            "state": state_shown(read.state),
            "clocks": query.clocks_shown(read.clocks),
        }
        answer(resp, body, version=read.state.version if read.current else None)

    return on_get


def _history_resource(kind: StreamKind[Any]) -> Resource:
    class StreamHistoryResource(_Resource):
        """The history of one stream of a kind."""

        @operation(
            f"Read the history {kind.label.en} {kind.label.zh}",
            answers={200: "StreamHistory"},
            also={formats.NDJSON: "Entry", formats.CSV: None},
            params=(*CLOCKS, TYPE, FROM, TO, LATE, CURSOR, LIMIT),
            problems=(403, 404, 406, 422),
            codes=_READING,
        )
        def on_get(self, req: falcon.Request, resp: falcon.Response, stream_id: UUID) -> None:
            """Show a page of the history, in order of time; as NDJSON or CSV the whole of it."""
            recording = self.system.recordings[kind.name]
            name = stream_named(stream_id, kind.name)
            answer_history(req, resp, self.system, recording, stream_id, name=name)

    return StreamHistoryResource


def _event_resource(kind: StreamKind[Any]) -> Resource:
    class StreamEventResource(_Resource):
        """One entry of a stream, under an id that the client has chosen."""

        @operation(
            f"Record an entry {kind.label.en} {kind.label.zh}",
            by_type=True,
            request=stream_event_name(kind),
            answers={201: "StreamRecorded", 200: "StreamRecorded", 202: "Quarantined"},
            params=(IF_MATCH, CHANNEL),
            problems=(*_PROBLEMS, 428),
            codes=(*_WRITING, *codes_of_kind(kind)),
        )
        def on_put(self, req: falcon.Request, resp: falcon.Response, stream_id: UUID, event_id: UUID) -> None:
            """Record what happened; twice is once. Decisions need If-Match."""
            require(actor_of(req), Action(kind.writes), org=actor_of(req).org)
            submission = stream_event(
                kind,
                self.context.body(req),
                stream_id=stream_id,
                event_id=event_id,
                based_on=version_named(req),
            )
            submit_one(self.context, req, resp, submission)

    return StreamEventResource


def state_shown(state: Facts) -> Mapping[str, Any]:
    """Return the views of a stream as JSON values, by name."""
    return {name: msgspec.to_builtins(getattr(state, name)) for name in views_of(type(state))}
