"""One child: enrolling it, reading it."""

from uuid import UUID, uuid5

import falcon

from api.child_state import read_child, shown
from api.context import Context
from api.exchange import actor_of, answer, version_named
from api.operation import CHANNEL, CLOCKS, IF_STILL, operation
from api.recording import submit_one
from api.scope import noted
from api.submissions import ENROLMENT, EnrolmentIn, enrolment
from application.access import Action, require
from application.reports.notes import NOTHING_KNOWN, of_day


class ChildResource:
    """One child."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._system = context.system

    @operation(
        "Enrol a child 建档",
        by_type=True,
        request=EnrolmentIn,
        answers={201: "Recorded", 200: "Recorded", 202: "Quarantined"},
        params=(IF_STILL, CHANNEL),
        problems=(400, 403, 404, 409, 412, 413, 415, 422),
        codes=(
            "when",
            "in_the_future",
            "written_before_it_happened",
            "before_birth",
            "of_age",
            "bad_id_number",
            "bad_org_path",
            "reserved_id",
            "already_enrolled",
            "number_taken",
            "event_id_reused",
            "id_in_use",
            "erased",
            "too_many_events",
            "too_many_claims",
            "busy",
        ),
    )
    def on_put(self, req: falcon.Request, resp: falcon.Response, child_id: UUID) -> None:
        """Open the file of a child under an id that the client has chosen; twice is once."""
        require(actor_of(req), Action.SUBMIT, org=actor_of(req).org)
        submission = enrolment(
            self._context.body(req),
            child_id=child_id,
            event_id=uuid5(child_id, ENROLMENT.TYPE),
            based_on=version_named(req),
        )
        submit_one(self._context, req, resp, submission)

    @operation("Read a child 档案", answers={200: "Child"}, params=CLOCKS, problems=(403, 404, 422))
    def on_get(self, req: falcon.Request, resp: falcon.Response, child_id: UUID) -> None:
        """Show what is true of a day as known at a moment. The ETag of the present state is its version."""
        read = read_child(req, self._system, child_id)
        carers = [p.carer for p in read.state.pairings]
        called = self._system.carers.called(carers, counties=read.state.counties)
        extensions = self._system.organisations.governance.extensions(read.state.orgs)
        notes = [*of_day(read.clocks.as_of, now=self._system.now())]
        if not read.state.entries:
            notes.append(NOTHING_KNOWN)
        body = shown(read, called=called, extensions=extensions) | noted(req, notes)
        answer(resp, body, version=read.state.version if read.current else None)
