"""What becomes of submitted care actions: recorded, there already, put aside, or refused."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import falcon

from api.context import Context
from api.errors import problem_of
from api.exchange import actor_of, answer, exchange_of, provenance_of
from application.access import Action, Actor, require
from application.intake.submission import Submission
from application.reasons import NOT_FOUND
from application.recording.outcome import Recorded
from domain.catalogue import submitted_types
from domain.event import Channel
from domain.normal import normal_path
from domain.org import within
from domain.refusal import AtOdds, Fault, Unknown


def submit_one(context: Context, req: falcon.Request, resp: falcon.Response, submission: Submission) -> None:
    """Record a submission and answer 201, 200 where it was there already, 202 where it was put aside.

    Raises the `Refused` in its way.
    """
    actor = actor_of(req)
    refuse_out_of_reach(submission, actor=actor)
    try:
        recorded = context.system.submissions.submit(submission, actor=actor, provenance=provenance_of(req))
    except AtOdds as refused:
        answer(resp, put_aside(context, req, submission, refused), status=202)
        return
    settled(context, submission, recorded, actor=actor)
    answer(
        resp,
        shown(recorded, submission, actor=actor),
        status=201 if recorded.new else 200,
        version=recorded.version,
    )


def refuse_out_of_reach(submission: Submission, *, actor: Actor) -> None:
    """Raise `Forbidden` for a type that is not granted, `Unknown` for an organisation out of scope."""
    require(actor, Action.SUBMIT, org=actor.org, event_type=submission.type)
    if submission.org is not None and not within(normal_path(submission.org), normal_path(actor.org)):
        raise Unknown(Fault(reason=NOT_FOUND, pointer="/org"))


def put_aside(
    context: Context, req: falcon.Request, submission: Submission, refused: AtOdds, *, at: str = ""
) -> dict[str, Any]:
    """Keep a submission that is at odds with what is known, and say so."""
    item_id = context.system.quarantine.keep(submission, refused=refused, actor=actor_of(req))
    context.metrics.quarantined()
    asked = exchange_of(req)
    problem = problem_of(refused, language=asked.language, instance=asked.request_id, at=at)
    return {"state": "quarantined", "item_id": item_id, "event_id": submission.event_id, "problem": problem}


def settled(context: Context, submission: Submission, recorded: Recorded, *, actor: Actor) -> None:
    """Make the organisation known that a recorded enrolment or readmission names; count what is new."""
    if submission.org is not None:
        context.system.organisations.ensure(submission.org, actor=actor)
    if recorded.new:
        context.metrics.recorded(submission.type)


def shown(recorded: Recorded, submission: Submission, *, actor: Actor) -> Mapping[str, Any]:
    """Write what became of a submission that stands. A late one is asked why, where somebody can answer."""
    body = standing(recorded)
    if recorded.late_days is not None:
        body["late"] = {"days": recorded.late_days}
        decision = submitted_types()[submission.type].decision
        if actor.channel is Channel.API and not submission.late_reason and not decision:
            body["late"]["asks_for"] = "late_reason"
    return body


def standing(recorded: Recorded) -> dict[str, Any]:
    """Write where an event stands, new or not."""
    return {
        "state": "recorded" if recorded.new else "already_recorded",
        "event_id": recorded.event_id,
        **stream_named(recorded.stream_id, recorded.stream_kind),
        "position": recorded.position,
        "version": recorded.version,
    }


def stream_named(stream_id: UUID, kind: str | None) -> dict[str, Any]:
    """Name a stream in an answer: a child by its id alone, any other by its kind as well."""
    return {"child_id": stream_id} if kind is None else {"stream_kind": kind, "stream_id": stream_id}
