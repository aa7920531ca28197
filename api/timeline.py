"""Who recorded what in a whole school, and when it was known: read from the timeline, by ids alone."""

from typing import Any

import falcon

from api import query
from api.context import Context
from api.exchange import answer
from api.history import FROM, LATE, TO, TYPE
from api.operation import CURSOR, LIMIT, ORG, operation
from api.scope import noted_if_empty, org_asked
from application.access import Action
from domain.catalogue import submitted_types
from projections import timeline
from projections.runner import lag_of

SHOWN = (
    "event_id",
    "child_id",
    "version",
    "position",
    "type",
    "occurred_on",
    "written_on",
    "recorded_at",
    "org",
    "actor",
    "principal",
    "key",
    "channel",
    "late_days",
    "target",
)
# In SQL it is a word of its own.
_COLUMN = {"key": "key_id"}


class TimelineResource:
    """The entries of all children of an organisation, as they were recorded."""

    def __init__(self, context: Context) -> None:
        self._system = context.system

    @operation(
        "Read what was recorded in an organisation 登记流水",
        answers={200: "Timeline"},
        params=(ORG, FROM, TO, TYPE, LATE, CURSOR, LIMIT),
        problems=(403, 404, 422),
    )
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List entries, the last recorded first, by the organisation that the child belonged to then."""
        org = org_asked(req, self._system, action=Action.REPORT)
        limit = query.limit_asked(req)
        lag = lag_of(self._system.database, self._system.log, "timeline")
        found = timeline.newest(
            self._system.database,
            org=org,
            before=query.position(query.after_asked(req)),
            first=query.day_asked(req, "from"),
            last=query.day_asked(req, "to"),
            entry_type=query.word_asked(req, "type", tuple(submitted_types())),
            late=query.flag_asked(req, "late"),
            limit=limit + 1,
        )
        page, more = found[:limit], len(found) > limit
        answer(
            resp,
            {
                "items": [_shown(line) for line in page],
                "next": query.cursor_after(req, page[-1].position) if more else None,
                "lag": lag,
                **noted_if_empty(req, self._system, org=org, items=page),
            },
        )


def _shown(line: timeline.Line) -> dict[str, Any]:
    shown = {name: getattr(line, _COLUMN.get(name, name)) for name in SHOWN}
    if line.stream_kind is not None:
        shown |= {"child_id": None, "stream_kind": line.stream_kind, "stream_id": line.child_id}
    return shown
