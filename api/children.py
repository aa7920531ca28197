"""Children: enrolling one, reading one, its history, its verdicts, searching."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import falcon

from api import asking
from api.child_state import ChildRead, child_as_asked, read_child, shown
from api.context import Context
from api.exchange import actor_of, answer
from api.operation import AS_KNOWN_AT, CHANNEL, CLOCKS, CURSOR, DAY, LIMIT, Param, operation
from api.recording import submit_one
from api.schemas import EnrolmentIn, SearchIn, enrolment, loaded
from application.access import Action, require
from domain.care_actions.child_enrolled import ChildEnrolled
from domain.catalogue import care_actions_by_type
from domain.child import Child
from domain.history import Entry, history
from domain.org import within
from domain.refusal import invalid
from domain.rules.strict import MISSING

MOST_FOUND = 100
TYPE = Param(name="type", schema={"type": "string", "maxLength": 64}, text="Only entries of this type.")
FROM = Param(name="from", schema=DAY, text="Only what happened on this day or later.")
TO = Param(name="to", schema=DAY, text="Only what happened on this day or earlier.")
LATE = Param(
    name="late",
    schema={"type": "string", "enum": ["true", "false"]},
    text="Only what was written down late, or only what was not.",
)


class ChildResource:
    """One child."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._system = context.system

    @operation(
        "Enrol a child 建档",
        request=EnrolmentIn,
        answers={201: "Recorded", 200: "Recorded", 202: "Quarantined"},
        params=(CHANNEL,),
        problems=(400, 403, 404, 409, 413, 415, 422),
    )
    def on_put(self, req: falcon.Request, resp: falcon.Response, child_id: UUID) -> None:
        """Open the file of a child under an id that the client has chosen; twice is once."""
        require(actor_of(req), Action.SUBMIT, org=actor_of(req).org)
        submission = enrolment(
            self._context.body(req), child_id=child_id, event_id=uuid5(child_id, ChildEnrolled.TYPE)
        )
        submit_one(self._context, req, resp, submission)

    @operation("Read a child 档案", answers={200: "Child"}, params=CLOCKS, problems=(403, 404, 422))
    def on_get(self, req: falcon.Request, resp: falcon.Response, child_id: UUID) -> None:
        """Show what is true of a day as known at a moment. The ETag of the present state is its version."""
        read = read_child(req, self._system, child_id)
        names = self._system.carers.names([p.carer for p in read.child.pairings])
        answer(resp, shown(read, names=names), version=read.child.version if read.current else None)


class HistoryResource:
    """What was recorded of a child, entry by entry."""

    def __init__(self, context: Context) -> None:
        self._system = context.system

    @operation(
        "Read the history of a child 历史",
        answers={200: "History"},
        params=(*CLOCKS, TYPE, FROM, TO, LATE, CURSOR, LIMIT),
        problems=(403, 404, 422),
    )
    def on_get(self, req: falcon.Request, resp: falcon.Response, child_id: UUID) -> None:
        """Show a page of the history, in order of time. A page after the first knows what the first knew."""
        after = asking.after_asked(req)
        limit = asking.limit_asked(req)
        read = read_child(req, self._system, child_id) if after is None else self._again(req, child_id, after)
        entries = [e for e in _wanted(req, read.child) if after is None or _place(e) > _place_in(after)]
        page = entries[:limit]
        names = self._system.carers.names(list(_carers(read.child)))
        words = {entry.event_id: entry for entry in history(read.child, names=names)}
        more = len(entries) > len(page)
        answer(
            resp,
            {
                "child_id": child_id,
                "version": read.child.version,
                "items": [words[entry.event_id] for entry in page],
                "next": asking.cursor_after(req, *_place(page[-1]), read.clocks.as_known_at) if more else None,
                "clocks": asking.clocks_shown(read.clocks),
            },
        )

    def _again(self, req: falcon.Request, child_id: UUID, after: list[Any]) -> ChildRead:
        moment = asking.from_cursor(lambda: datetime.fromisoformat(after[2]).astimezone(UTC))
        asked = asking.AskedClocks(as_of=asking.clocks_asked(req).as_of, as_known_at=moment)
        return child_as_asked(self._system, self._system.record.child(child_id, actor=actor_of(req)), asked)
