"""Activities: recorded once for all who were there, and how far the file of each of them is."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import falcon
from marshmallow import Schema

from api import query
from api.context import Context
from api.exchange import actor_of, answer, provenance_of, version_named
from api.history import FROM, TO
from api.operation import CURSOR, IF_MATCH, IF_STILL, LIMIT, ORG, operation
from api.request_bodies import ActivityIn, ChangeIn, DismissIn
from api.schemas import body_with, loaded, typed
from api.scope import noted_if_empty, org_asked
from application.access import Action, require
from application.activities.participation import Participation
from application.activities.registry import ActivityKnown, ActivitySubmission
from application.intake.submission import occurred_as_said
from application.recording.waiting import DISMISSED, RECORDED, VOIDED
from domain.days import local_day
from domain.event import Details, Occurred
from domain.ids import own_id
from domain.normal import shown
from domain.status import ActivityStatus
from domain.streams.activities.activity import (
    ActivityAmended,
    ActivityCorrected,
    ActivityHeld,
    ActivityVoided,
)
from domain.wire import from_wire

_OURS = frozenset({"scope"})
HELD = body_with(ActivityIn, ActivityHeld, without=_OURS)
AMENDED = body_with(ChangeIn, ActivityAmended, without=_OURS)
CORRECTED = body_with(ChangeIn, ActivityCorrected)
VOID = body_with(ChangeIn, ActivityVoided)
_PROBLEMS = (400, 403, 404, 409, 413, 415, 422)
_CODES = ("unknown_carer", "child_or_number", "reserved_id", "event_id_reused", "id_in_use", "erased", "busy")
_LISTED = ("nobody_listed", "participant_twice", "needs_carers", "needs_found")
_CHANGED = (*_CODES, "is_void", "stale", "version_required", "same_approver")


class ActivitiesResource:
    """The activities of an organisation."""

    def __init__(self, context: Context) -> None:
        self._system = context.system

    @operation(
        "List activities 活动",
        answers={200: "Activities"},
        params=(ORG, FROM, TO, CURSOR, LIMIT),
        problems=(403, 404, 422),
    )
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List activities by the time at which they were held."""
        after, limit = query.after_asked(req), query.limit_asked(req)
        org = org_asked(req, self._system, action=Action.READ)
        found = self._system.activities.listed(
            actor=actor_of(req),
            org=org,
            first=query.day_asked(req, "from"),
            last=query.day_asked(req, "to"),
            after=query.moment_and_id(after),
            limit=limit + 1,
        )
        page, more = found[:limit], len(found) > limit
        counts = self._system.activities.counts([status.activity_id for status in page])
        answer(
            resp,
            {
                "items": [_line(status, counts=dict(counts[status.activity_id])) for status in page],
                "next": query.cursor_after(req, page[-1].occurred_at, page[-1].activity_id) if more else None,
                **noted_if_empty(req, self._system, org=org, items=page),
            },
        )


class ActivityResource:
    """One activity."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._system = context.system

    @operation(
        "Record an activity 登记活动",
        request=HELD,
        answers={201: "ActivityKnown", 200: "ActivityKnown"},
        params=(IF_STILL,),
        problems=(*_PROBLEMS, 412),
        codes=(*_CODES, *_LISTED, "when", "in_the_future", "written_before_it_happened", "bad_org_path"),
    )
    def on_put(self, req: falcon.Request, resp: falcon.Response, activity_id: UUID) -> None:
        """Record what was held and who was there, once for all; twice is once.

        The files of the first participants are written before the answer, those of the others soon after:
        `counts` tells how far that is.
        """
        actor = actor_of(req)
        require(actor, Action.SUBMIT, org=actor.org)
        words = loaded(HELD, self._context.body(req))
        org = self._system.organisations.spelled(words.pop("org"))
        occurred = occurred_as_said(
            typed(date, words.pop("occurred_on")) if "occurred_on" in words else None,
            typed(datetime, words.pop("occurred_at")) if "occurred_at" in words else None,
        )
        written_on = typed(date, words.pop("written_on")) if "written_on" in words else None
        submission = ActivitySubmission(
            occurred=occurred,
            written_on=written_on,
            recorded_by=_recorder(words),
            details=from_wire(ActivityHeld, words, at=""),
        )
        known = self._system.activities.record(
            actor=actor,
            activity_id=activity_id,
            org=org,
            submission=submission,
            provenance=provenance_of(req),
            based_on=version_named(req),
        )
        self._system.organisations.ensure(org, actor=actor)
        _answer_known(self._context, resp, known, event_type=ActivityHeld.TYPE)

    @operation(
        "Read an activity 活动详情",
        answers={200: "Activity"},
        params=(CURSOR, LIMIT),
        problems=(403, 404, 422),
    )
    def on_get(self, req: falcon.Request, resp: falcon.Response, activity_id: UUID) -> None:
        """Show an activity, and page by page who was there and how far the file of each of them is."""
        last, limit = query.position(query.after_asked(req)), query.limit_asked(req)
        activities = self._system.activities
        activity = activities.seen(activity_id, actor=actor_of(req))
        found = activities.participations(activity, after=-1 if last is None else last - 1, limit=limit + 1)
        page, more = found[:limit], len(found) > limit
        occurred, held = activity.standing()
        answer(
            resp,
            {
                "activity_id": activity_id,
                "version": activity.version,
                "org": activity.org,
                "kind": held.kind,
                "occurred_on": occurred.day,
                "occurred_at": occurred.at,
                "topic": held.topic,
                "minutes": held.minutes,
                "place": held.place,
                "carers": held.carers,
                "void": activity.voided is not None,
                "counts": dict(activities.counts([activity_id])[activity_id]),
                "participants": [_participant(participation) for participation in page],
                "absent": [
                    {"child_id": a.child_id, "student_no": a.student_no, "reason": a.reason}
                    for a in activity.absent
                ],
                # Numbers begin at 0, and a position in a cursor at 1.
                "next": query.cursor_after(req, page[-1].listed.number + 1) if more else None,
            },
            version=activity.version,
        )


class _ChangeResource:
    """Something said of an activity later, under an event id that the client has chosen."""

    body: type[Schema]
    details: type[Details]

    def __init__(self, context: Context) -> None:
        self._context = context
        self._system = context.system

    def _change(self, req: falcon.Request, resp: falcon.Response, activity_id: UUID, event_id: UUID) -> None:
        actor = actor_of(req)
        require(actor, Action.SUBMIT, org=actor.org)
        words = loaded(self.body, self._context.body(req))
        submission = ActivitySubmission(
            occurred=Occurred.on(local_day(self._system.now())),
            recorded_by=_recorder(words),
            details=from_wire(self.details, words, at=""),
        )
        known = self._system.activities.change(
            actor=actor,
            activity_id=activity_id,
            event_id=event_id,
            submission=submission,
            based_on=version_named(req),
            provenance=provenance_of(req),
        )
        _answer_known(self._context, resp, known, event_type=self.details.TYPE)


class AmendmentResource(_ChangeResource):
    """Participants who had been left out."""

    body, details = AMENDED, ActivityAmended

    @operation(
        "Add participants 补登参加儿童",
        request=AMENDED,
        answers={201: "ActivityKnown", 200: "ActivityKnown"},
        params=(IF_STILL,),
        problems=(*_PROBLEMS, 412),
        codes=(*_CODES, *_LISTED, "is_void", "in_the_future"),
    )
    def on_put(self, req: falcon.Request, resp: falcon.Response, activity_id: UUID, event_id: UUID) -> None:
        """Add children who were there too. One who was not there is voided in the file of that child."""
        self._change(req, resp, activity_id, event_id)


class CorrectionResource(_ChangeResource):
    """What was wrong about the activity as a whole."""

    body, details = CORRECTED, ActivityCorrected

    @operation(
        "Correct an activity 更正活动",
        request=CORRECTED,
        answers={201: "ActivityKnown", 200: "ActivityKnown"},
        params=(IF_MATCH,),
        problems=(*_PROBLEMS, 412, 428),
        codes=(*_CHANGED, "nothing_corrected", "in_the_future"),
    )
    def on_put(self, req: falcon.Request, resp: falcon.Response, activity_id: UUID, event_id: UUID) -> None:
        """Correct the day, the topic or the minutes, here and in the file of each participant."""
        self._change(req, resp, activity_id, event_id)


class VoidingResource(_ChangeResource):
    """That the activity never was."""

    body, details = VOID, ActivityVoided

    @operation(
        "Void an activity 作废活动",
        request=VOID,
        answers={201: "ActivityKnown", 200: "ActivityKnown"},
        params=(IF_MATCH,),
        problems=(*_PROBLEMS, 412, 428),
        codes=_CHANGED,
    )
    def on_put(self, req: falcon.Request, resp: falcon.Response, activity_id: UUID, event_id: UUID) -> None:
        """Void an activity, and every participation in it."""
        self._change(req, resp, activity_id, event_id)


class ActivityRetryResource:
    """Trying again what was put aside."""

    def __init__(self, context: Context) -> None:
        self._system = context.system

    @operation(
        "Try quarantined participants again 重试", answers={200: "ActivityCounts"}, problems=(403, 404)
    )
    def on_post(self, req: falcon.Request, resp: falcon.Response, activity_id: UUID) -> None:
        """Try those again whose child was not known, or not in care. They are tried daily anyhow."""
        self._system.activities.retry(activity_id, actor=actor_of(req))
        self._system.fan_outs.of_stream(activity_id)
        answer(resp, dict(self._system.activities.counts([activity_id])[activity_id]))


class ParticipantDismissResource:
    """Dismissing what was put aside."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @operation(
        "Dismiss a quarantined participant 不予登记",
        request=DismissIn,
        answers={200: "ParticipantDismissed"},
        problems=_PROBLEMS,
        codes=("not_quarantined", "item_settled"),
    )
    def on_post(self, req: falcon.Request, resp: falcon.Response, activity_id: UUID, number: int) -> None:
        """Say that somebody put aside is not to be recorded, and why: nobody tries it again.

        Who was there after all is added with an amendment.
        """
        words = loaded(DismissIn, self._context.body(req))
        activities = self._context.system.activities
        activities.dismiss(activity_id, number, reason=words["reason"], actor=actor_of(req))
        answer(resp, {"activity_id": activity_id, "number": number, "state": DISMISSED})


def _answer_known(context: Context, resp: falcon.Response, known: ActivityKnown, *, event_type: str) -> None:
    if known.new:
        context.metrics.recorded(event_type)
    context.system.fan_outs.of_stream(known.activity_id)
    answer(
        resp,
        {
            "activity_id": known.activity_id,
            "event_id": known.event_id,
            "version": known.version,
            "state": "recorded" if known.new else "already_recorded",
            "counts": dict(context.system.activities.counts([known.activity_id])[known.activity_id]),
        },
        status=201 if known.new else 200,
        version=known.version,
    )


def _recorder(words: dict[str, Any]) -> str | None:
    return shown(words.pop("recorded_by", None))


def _line(status: ActivityStatus, *, counts: dict[str, int]) -> dict[str, Any]:
    names = ("activity_id", "version", "org", "kind", "occurred_on", "void")
    return {**{name: getattr(status, name) for name in names}, "counts": counts}


def _participant(participation: Participation) -> dict[str, Any]:
    participant, cause = participation.listed.participant, participation.listed.cause
    written = participation.state in (RECORDED, VOIDED) and participant.child_id is not None
    return {
        "number": participation.listed.number,
        "child_id": participant.child_id,
        "student_no": participant.student_no,
        "role": participant.role,
        "state": participation.state,
        "code": participation.code,
        "settled_at": participation.settled_at,
        "settled_by": participation.settled_by,
        "settled_reason": participation.settled_reason,
        "event_id": own_id(cause.event_id, str(participant.child_id)) if written else None,
    }
