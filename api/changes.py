"""What was recorded since, for systems downstream: CloudEvents in the order of the log, with a long wait."""

import base64
import binascii
import hashlib
import time
from typing import Any
from uuid import UUID

import falcon
import orjson

from api import formats, query
from api.context import Context
from api.exchange import actor_of
from api.operation import LIMIT, Param, operation
from application.access import Actor, Role
from application.reports.change import Change
from application.reports.changes import BEGINNING, Cursor
from domain.catalogue import details_by_type
from domain.refusal import invalid

SOURCE = "/careledger"
CLOUDEVENTS = "application/cloudevents-batch+json"
LONGEST_WAIT = 30
PAUSE_SECONDS = 0.5
SINCE = Param[Any](
    name="since",
    schema={"type": "string", "maxLength": 200},
    text="Where the answer before ended: its `next`. Without it, from the beginning.",
)
WAIT = Param[Any](
    name="wait",
    schema={"type": "integer", "minimum": 0, "maximum": LONGEST_WAIT, "default": 0},
    text="For how many seconds to wait where there is nothing new. At busy times the answer comes at once.",
)
_DATA = (
    "stream_id",
    "version",
    "position",
    "occurred_on",
    "occurred_at",
    "written_on",
    "recorded_by",
    "late_reason",
    "actor",
    "principal",
    "key",
    "channel",
    "org",
    "details",
    "erased",
    "withheld",
    "noted_at",
    "unreadable",
)


class ChangesResource:
    """The log as the key may see it."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @operation(
        "Follow what is recorded 变更订阅",
        answers={200: "CloudEvents"},
        media=CLOUDEVENTS,
        also={formats.JSON: "Changes", formats.NDJSON: "CloudEvent"},
        params=(SINCE, WAIT, LIMIT),
        problems=(403, 406, 410, 422),
        codes=("bad_cursor", "log_replaced", "log_unreadable"),
    )
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Answer with events after a cursor, oldest first, by the organisation of the child at that time.

        410 `log_replaced` where the log is not the one any more in which the cursor was given.

        An answer may be empty and its `next` go on all the same. It always lies in the Link header, as
        `rel="next"`; in `application/json`, it lies beside the `items` as well.
        """
        actor = actor_of(req)
        media = formats.chosen(req, CLOUDEVENTS, formats.JSON, formats.NDJSON)
        limit, wait = query.limit_asked(req), query.whole_asked(req, "wait", most=LONGEST_WAIT)
        found, reached = self._awaited(_asked(req, actor), actor=actor, limit=limit, wait=wait)
        following = _cursor(reached, actor)
        events = [cloud_event(change) for change in found]
        resp.append_header("Link", f'<{req.path}?since={following}>; rel="next"')
        if media == formats.NDJSON:
            formats.put_lines(resp, events)
            return
        resp.content_type = media
        resp.append_header("Vary", "Accept")
        resp.data = orjson.dumps({"items": events, "next": following} if media == formats.JSON else events)

    def _awaited(self, cursor: Cursor, *, actor: Actor, limit: int, wait: int) -> tuple[list[Change], Cursor]:
        changes, until = self._context.system.changes, time.monotonic() + wait
        found, cursor = changes.after(cursor, actor=actor, limit=limit)
        if found or not wait:
            return found, cursor
        with self._context.waiters.taken() as free:
            while free and not found and (left := until - time.monotonic()) > 0:
                time.sleep(min(PAUSE_SECONDS, left))
                found, cursor = changes.after(cursor, actor=actor, limit=limit)
        return found, cursor


def cloud_event(change: Change) -> dict[str, Any]:
    """Write an event as CloudEvents 1.0 has it."""
    details = details_by_type().get(change.type)
    schema = 1 + len(details.UPCASTS if details else ())
    shown = {name: getattr(change, name) for name in _DATA}
    return {
        "specversion": "1.0",
        "id": change.event_id,
        "source": SOURCE,
        "type": f"careledger.{change.type}.v{schema}",
        "subject": change.child_id,
        "time": change.recorded_at,
        "datacontenttype": "application/json",
        "dataschema": f"urn:careledger:event:{change.type}:{schema}",
        "data": shown,
        **({"streamkind": change.stream_kind} if change.stream_kind else {}),
    }


def _cursor(cursor: Cursor, actor: Actor) -> str:
    known = [cursor.incarnation and cursor.incarnation.hex, cursor.passed and cursor.passed.hex()]
    parts = orjson.dumps([_reach(actor), cursor.position, *known])
    return base64.urlsafe_b64encode(parts).decode("ascii").rstrip("=")


def _asked(req: falcon.Request, actor: Actor) -> Cursor:
    text = req.get_param("since")
    if text is None:
        return BEGINNING
    try:
        reach, position, *known = orjson.loads(base64.urlsafe_b64decode(text.encode("ascii") + b"=="))
        incarnation, passed = known or (None, None)
        cursor = Cursor(
            position=position,
            incarnation=UUID(incarnation) if incarnation else None,
            passed=bytes.fromhex(passed) if passed else None,
        )
    except (ValueError, TypeError, AttributeError, binascii.Error):
        raise invalid(query.BAD_CURSOR, "/since") from None
    reaches = {_reach(actor)} if known else _reaches_before(actor)
    if reach not in reaches or type(position) is not int or not 0 <= position < 2**63:
        raise invalid(query.BAD_CURSOR, "/since")
    return cursor


def _reach(actor: Actor) -> str:
    """Tell reaches apart: what another may not see was passed over on the way to its cursor."""
    return _short(actor.org)


def _reaches_before(actor: Actor) -> set[str]:
    """What version 0.1 wrote in its place, by role: a role decides what is shown, not what is passed over."""
    return {_short(repr((actor.org, role.value))) for role in Role}


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
