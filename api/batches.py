"""Care actions submitted many at once: each stands or falls alone, and each gets its own answer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import falcon

from api.context import Context
from api.errors import problem_of, status_of
from api.exchange import actor_of, answer, exchange_of, provenance_of
from api.operation import CHANNEL, operation
from api.recording import put_aside, refuse_out_of_reach, settled, shown
from api.schemas import BatchIn, batch_item, loaded
from application.access import Action, require
from application.child_unit import Outcome
from application.submission import Submission
from domain.care_actions.child_enrolled import ChildEnrolled
from domain.decisions import UNKNOWN_CHILD
from domain.refusal import AtOdds, Fault, Refused, Unknown


class BatchResource:
    """One batch. Sent again it is answered again, and nothing is recorded twice."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @operation(
        "Record many care actions 批量登记",
        request="Batch",
        answers={207: "BatchResult"},
        params=(CHANNEL,),
        problems=(400, 403, 413, 415, 422),
    )
    def on_put(self, req: falcon.Request, resp: falcon.Response, batch_id: UUID) -> None:
        """Record what stands, put aside what is at odds with what is known, refuse the rest, item by item."""
        actor = actor_of(req)
        require(actor, Action.SUBMIT, org=actor.org)
        results: dict[int, dict[str, Any]] = {}
        readable: dict[int, Submission] = {}
        items = loaded(BatchIn, self._context.body(req))["items"]
        for index, words in enumerate(items):
            try:
                submission = batch_item(words)
                refuse_out_of_reach(submission, actor=actor)
            except Refused as refused:
                results[index] = self._refused(req, index, refused, event_id=_named(words))
            else:
                readable[index] = submission
        outcomes = self._context.system.submissions.submit_many(
            list(readable.values()),
            actor=actor,
            # What was sent together is found again by the id of the batch.
            provenance=replace(provenance_of(req), correlation_id=batch_id),
        )
        for (index, submission), outcome in zip(readable.items(), outcomes, strict=True):
            results[index] = self._result(req, index, submission, outcome)
        answer(
            resp,
            {
                "batch_id": batch_id,
                "items": [{"index": index, **results[index]} for index in range(len(items))],
            },
            status=207,
        )

    def _result(
        self, req: falcon.Request, index: int, submission: Submission, outcome: Outcome
    ) -> dict[str, Any]:
        actor = actor_of(req)
        if isinstance(outcome, Unknown):
            outcome = _as_if_not_there(outcome, submission)
        if isinstance(outcome, AtOdds):
            put = put_aside(self._context, req, submission, outcome, at=f"/items/{index}")
            return {"status": 202, **put}
        if isinstance(outcome, Refused):
            return self._refused(req, index, outcome, event_id=submission.event_id)
        settled(self._context, submission, outcome, actor=actor)
        body: Mapping[str, Any] = shown(outcome, submission, actor=actor)
        return {"status": 201 if outcome.new else 200, **body}

    def _refused(
        self, req: falcon.Request, index: int, refused: Refused, *, event_id: UUID | None = None
    ) -> dict[str, Any]:
        asked = exchange_of(req)
        problem = problem_of(
            refused, language=asked.language, instance=asked.request_id, at=f"/items/{index}"
        )
        body = {"status": status_of(refused), "state": "refused", "problem": problem}
        return body if event_id is None else {**body, "event_id": event_id}


def _as_if_not_there(refused: Unknown, submission: Submission) -> Refused:
    """Treat a child out of the actor's sight as one that is not known yet: the answers don't differ."""
    if submission.type == ChildEnrolled.TYPE:
        return refused
    return AtOdds(Fault(reason=UNKNOWN_CHILD, pointer="/student_no" if submission.student_no else ""))


def _named(words: object) -> UUID | None:
    """Give the event id of an item that can't be read, so that its sender finds it again."""
    named = words.get("event_id") if isinstance(words, dict) else None
    try:
        return UUID(named) if isinstance(named, str) else None
    except ValueError:
        return None
