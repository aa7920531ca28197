"""What was recorded of a child, entry by entry."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import falcon

from api import asking
from api.child_state import ChildRead, child_known, read_child
from api.context import Context
from api.exchange import actor_of, answer
from api.operation import CLOCKS, CURSOR, DAY, LIMIT, Param, operation
from domain.catalogue import care_actions_by_type
from domain.days import end_of_day
from domain.history import Entry, carers_in, history
from domain.rules.clocks import clocks

TYPE = Param(name="type", schema={"type": "string", "maxLength": 64}, text="Only entries of this type.")
FROM = Param(name="from", schema=DAY, text="Only what happened on this day or later.")
TO = Param(name="to", schema=DAY, text="Only what happened on this day or earlier.")
LATE = Param(
    name="late",
    schema={"type": "string", "enum": ["true", "false"]},
    text="Only what was written down late, or only what was not.",
)


class HistoryResource:
    """The history of one child."""

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
        after, limit = asking.after_asked(req), asking.limit_asked(req)
        read = read_child(req, self._system, child_id) if after is None else self._again(req, child_id, after)
        names = self._system.carers.names(carers_in(read.child))
        entries = list(_wanted(req, history(read.child, names=names)))
        if (last := asking.moment_and_id(after)) is not None:
            entries = [entry for entry in entries if _place(entry) > last]
        page, more = entries[:limit], len(entries) > limit
        answer(
            resp,
            {
                "child_id": child_id,
                "version": read.child.version,
                "items": page,
                "next": asking.cursor_after(req, *_place(page[-1]), read.clocks.as_known_at)
                if more
                else None,
                "clocks": asking.clocks_shown(read.clocks),
            },
        )

    def _again(self, req: falcon.Request, child_id: UUID, after: list[Any]) -> ChildRead:
        moment = asking.moment(after, 2)
        asked = asking.AskedClocks(as_of=asking.clocks_asked(req).as_of, as_known_at=moment)
        events = self._system.record.child(child_id, actor=actor_of(req))
        # Later pages know what the first page knew, be it settled or not.
        return child_known(events, clocks(now=moment, as_of=asked.as_of, as_known_at=moment), asked=asked)


def _wanted(req: falcon.Request, entries: Iterable[Entry]) -> Iterator[Entry]:
    wanted = asking.word_asked(req, "type", tuple(care_actions_by_type()))
    first, last = asking.day_asked(req, "from"), asking.day_asked(req, "to")
    late = asking.flag_asked(req, "late")
    for entry in entries:
        if (
            (wanted is None or entry.type == wanted)
            and (first is None or first <= entry.occurred_on)
            and (last is None or entry.occurred_on <= last)
            and (late is None or late == (entry.late_days is not None))
        ):
            yield entry


def _place(entry: Entry) -> tuple[datetime, UUID]:
    return (end_of_day(entry.occurred_on) if entry.occurred_at is None else entry.occurred_at), entry.event_id
