"""Care actions submitted one by one."""

from uuid import UUID

import falcon

from api.context import Context
from api.exchange import actor_of, version_named
from api.operation import CARE, CHANNEL, IF_MATCH, operation
from api.recording import submit_one
from api.submissions import event
from application.access import Action, require


class EventResource:
    """One care action of one child, under an id that the client has chosen."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @operation(
        "Record a care action 登记",
        by_type=True,
        request="Event",
        answers={201: "Recorded", 200: "Recorded", 202: "Quarantined"},
        params=(IF_MATCH, CHANNEL),
        problems=(400, 403, 404, 409, 412, 413, 415, 422, 428),
        codes=(CARE, "when", "reserved_id", "bad_org_path", "busy"),
    )
    def on_put(self, req: falcon.Request, resp: falcon.Response, child_id: UUID, event_id: UUID) -> None:
        """Record what happened; twice is once. Decisions need If-Match; a fact with one is held to it."""
        require(actor_of(req), Action.SUBMIT, org=actor_of(req).org)
        submission = event(
            self._context.body(req), child_id=child_id, event_id=event_id, based_on=version_named(req)
        )
        submit_one(self._context, req, resp, submission)
