"""What was recorded since, for systems downstream: CloudEvents in the order of the log, with a long wait."""

import base64
import binascii
import hashlib
import time
from typing import Any

import falcon
import orjson

from api import asking, formats
from api.context import Context
from api.exchange import actor_of
from api.operation import LIMIT, Param, operation
from application.access import Actor
from application.changes import UNREADABLE_EVENT, Change
from domain.event_types import event_types
from domain.refusal import invalid

SOURCE = "/careledger"
CLOUDEVENTS = "application/cloudevents-batch+json"
LONGEST_WAIT = 30
PAUSE_SECONDS = 0.5
SINCE = Param(
    name="since",
    schema={"type": "string", "maxLength": 200},
    text="Where the answer before ended: its `next`. Without it, from the beginning.",
)
WAIT = Param(
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
        problems=(403, 406, 422),
    )
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Give events after a cursor, oldest first, by the organisation that the child belonged to then.

        An answer may be empty and its `next` go on all the same. It always lies in the Link header, as
        `rel="next"`; in `application/json`, it lies beside the `items` as well.
        """
        actor = actor_of(req)
        media = formats.chosen(req, CLOUDEVENTS, formats.JSON, formats.NDJSON)
        limit, wait = asking.limit_asked(req), asking.whole_asked(req, "wait", most=LONGEST_WAIT)
        found, reached = self._awaited(_position(req, actor), actor=actor, limit=limit, wait=wait)
        following = _cursor(reached, actor)
        events = [cloud_event(change) for change in found]
        resp.append_header("Link", f'<{req.path}?since={following}>; rel="next"')
        if media == formats.NDJSON:
            formats.put_lines(resp, events)
            return
        resp.content_type = media
        resp.append_header("Vary", "Accept")
        resp.data = orjson.dumps({"items": events, "next": following} if media == formats.JSON else events)

    def _awaited(self, position: int, *, actor: Actor, limit: int, wait: int) -> tuple[list[Change], int]:
        changes, until = self._context.system.changes, time.monotonic() + wait
        found, position = changes.after(position, actor=actor, limit=limit)
        if found or not wait:
            return found, position
        with self._context.waiters.taken() as free:
            while free and not found and (left := until - time.monotonic()) > 0:
                time.sleep(min(PAUSE_SECONDS, left))
                found, position = changes.after(position, actor=actor, limit=limit)
        return found, position


def cloud_event(change: Change) -> dict[str, Any]:
    """Write an event as CloudEvents 1.0 has it."""
    details = event_types().get(change.type)
    schema = 1 + len(details.UPCASTS if details else ())
    told = {name: getattr(change, name) for name in _DATA}
    return {
        "specversion": "1.0",
        "id": change.event_id,
        "source": SOURCE,
        "type": f"careledger.{change.type}.v{schema}",
        "subject": change.child_id,
        "time": change.recorded_at,
        "datacontenttype": "application/json",
        "dataschema": f"urn:careledger:event:{change.type}:{schema}",
        "data": {**told, "unreadable": UNREADABLE_EVENT.code if change.unreadable else None},
    }


def _cursor(position: int, actor: Actor) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([_scope(actor), position])).decode("ascii").rstrip("=")


def _position(req: falcon.Request, actor: Actor) -> int:
    text = req.get_param("since")
    if text is None:
        return 0
    try:
        scope, position = orjson.loads(base64.urlsafe_b64decode(text.encode("ascii") + b"=="))
    except (ValueError, TypeError, binascii.Error):
        raise invalid(asking.BAD_CURSOR, "/since") from None
    if scope != _scope(actor) or type(position) is not int or not 0 <= position < 2**63:
        raise invalid(asking.BAD_CURSOR, "/since")
    return position


def _scope(actor: Actor) -> str:
    """Tell scopes apart: what another may not see was passed over on the way to its cursor."""
    return hashlib.sha256(repr((actor.org, actor.role.value)).encode()).hexdigest()[:16]
