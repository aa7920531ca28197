"""Care actions sent many at once: each stands or falls alone, and what became of each can be read again."""

from typing import Any
from uuid import UUID

import falcon

from api import formats, query
from api.bodies import media_type_of
from api.context import Context
from api.errors import problem, problem_of
from api.exchange import actor_of, answer, exchange_of
from api.language import Language, in_language
from api.operation import CHANNEL, CURSOR, LIMIT, Param, operation
from api.recording import shown
from api.request_bodies import BatchIn
from api.schemas import loaded
from api.uploads import kept, line_of, receive, upload_work
from application.access import Action, require
from application.intake.batch_lines import LINE_STATES, QUARANTINED, REFUSED, BatchLine
from application.intake.batches import JSON, Batch
from application.intake.lines import LineDone
from application.intake.submission import Submission
from application.recording.outcome import Recorded
from domain.refusal import Text

STATE = Param[Any](
    name="state",
    schema={"type": "string", "enum": list(LINE_STATES)},
    text="Only lines in this state.",
)
COLUMNS: tuple[tuple[str, Text], ...] = (
    ("line", Text(zh="行号", en="Line")),
    ("state", Text(zh="结果", en="Result")),
    ("status", Text(zh="状态码", en="Status")),
    ("code", Text(zh="原因代码", en="Code")),
    ("detail", Text(zh="原因", en="Reason")),
    ("pointer", Text(zh="位置", en="Where")),
    ("event_id", Text(zh="事件编号", en="Event id")),
    ("child_id", Text(zh="儿童编号", en="Child id")),
    ("item_id", Text(zh="待核实编号", en="Quarantine item")),
)


class BatchResource:
    """One batch. Sent again it is answered again, and nothing is recorded twice."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @operation(
        "Record many care actions 批量登记",
        by_type=True,
        request="Batch",
        request_lines="BatchItem",
        answers={207: "BatchResult", 200: "BatchSummary"},
        params=(CHANNEL,),
        problems=(400, 403, 409, 413, 415, 422),
        codes=("batch_of_another", "batch_sent_again", "too_many_uploads", "busy"),
    )
    def on_put(self, req: falcon.Request, resp: falcon.Response, batch_id: UUID) -> None:
        """Record what stands, put aside what is at odds with what is known, refuse the rest, item by item.

        A body of `application/json` has 500 items at most and is answered with what became of each (207). One
        of `application/x-ndjson` has one item a line, of any number, and is answered with the counts (200):
        what became of each line is read by GET. What was put aside is tried again at the end.
        """
        actor = actor_of(req)
        require(actor, Action.SUBMIT, org=actor.org)
        if media_type_of(req) == formats.NDJSON:
            receive(self._context, req, batch_id)
            batch = self._context.system.batches.read(batch_id, actor=actor)
            answer(resp, {**_summary(batch), "next": _path(batch_id), "links": _links(batch_id)})
            return
        items = loaded(BatchIn, self._context.body(req))["items"]
        lines = [line_of(number, words, actor=actor) for number, words in enumerate(items, start=1)]
        with upload_work(self._context, req, batch_id, source=JSON) as work:
            done = {each.line.number: each for each in work.take(lines, lines_read=len(lines))}
            done |= {each.line.number: each for each in work.try_again()}
        results = [{"index": index, **_answered(req, index, done[index + 1])} for index in range(len(items))]
        answer(resp, {"batch_id": batch_id, "items": results}, status=207)

    @operation(
        "Read what became of a batch 批次结果",
        by_type=True,
        answers={200: "BatchLines"},
        also={formats.NDJSON: "BatchLine", formats.CSV: None},
        params=(STATE, CURSOR, LIMIT),
        problems=(403, 404, 406, 422),
    )
    def on_get(self, req: falcon.Request, resp: falcon.Response, batch_id: UUID) -> None:
        """Show how a batch stands, and a page of its lines in order, for thirty days.

        As `application/x-ndjson` or `text/csv` come all lines of the state at once.
        """
        media = formats.chosen(req, formats.JSON, formats.NDJSON, formats.CSV)
        batch = self._context.system.batches.read(batch_id, actor=actor_of(req))
        state = query.word_asked(req, "state", LINE_STATES)
        language = exchange_of(req).language
        if media != formats.JSON:
            query.refuse_pages(req)
            lines = self._context.system.batches.every_line(batch, state=state)
            if media == formats.NDJSON:
                formats.put_lines(resp, (_line(line, req) for line in lines))
            else:
                header = [in_language(text, language) for _, text in COLUMNS]
                rows = (_row(line, language) for line in lines)
                formats.put_csv(resp, header, rows, filename=f"batch-{batch_id}.csv")
            return
        after, limit = query.position(query.after_asked(req)) or 0, query.limit_asked(req)
        found = self._context.system.batches.lines(batch.upload_id, state=state, after=after, limit=limit + 1)
        page, more = found[:limit], len(found) > limit
        answer(
            resp,
            {
                **_summary(batch),
                "items": [_line(line, req) for line in page],
                "next": query.cursor_after(req, page[-1].line) if more else None,
            },
        )


def _answered(req: falcon.Request, index: int, done: LineDone) -> dict[str, Any]:
    """Write what became of an item of a JSON batch."""
    asked, stored, outcome = exchange_of(req), kept(done), done.outcome
    if isinstance(outcome, Recorded):
        assert isinstance(done.line.submission, Submission)
        return {"status": stored.status, **shown(outcome, done.line.submission, actor=actor_of(req))}
    body: dict[str, Any] = {
        "status": stored.status,
        "state": stored.state,
        "problem": problem_of(
            outcome, language=asked.language, instance=asked.request_id, at=f"/items/{index}"
        ),
    }
    return body | {
        name: value for name in ("item_id", "event_id") if (value := getattr(stored, name)) is not None
    }


def _line(line: BatchLine, req: falcon.Request) -> dict[str, Any]:
    """Write what is kept of a line."""
    names = ("line", "status", "state", "event_id", "child_id", "position", "version", "item_id")
    body = {name: value for name in names if (value := getattr(line, name)) is not None}
    if line.stream_kind is not None:
        body |= {"stream_kind": line.stream_kind, "stream_id": body.pop("child_id")}
    if line.late_days is not None:
        body["late"] = {"days": line.late_days}
    # Of a paper also what was recorded may have faults: which of its parts were not.
    if line.faults and line.state in (QUARANTINED, REFUSED):
        asked = exchange_of(req)
        status = 409 if line.state == QUARANTINED else line.status
        body["problem"] = problem(
            status, faults=line.faults, language=asked.language, instance=asked.request_id
        )
    return body


def _row(line: BatchLine, language: Language) -> list[object]:
    fault = line.faults[0] if line.faults else None
    made = {
        "code": fault and fault.reason.code,
        "detail": fault and in_language(fault.reason, language),
        "pointer": fault and fault.pointer,
    }
    return [made[name] if name in made else getattr(line, name) for name, _ in COLUMNS]


def _summary(batch: Batch) -> dict[str, Any]:
    names = ("batch_id", "state", "lines", "counts", "begun_at", "ended_at", "kept_until")
    return {name: getattr(batch, name) for name in names}


def _links(batch_id: UUID) -> dict[str, str]:
    return {state: f"{_path(batch_id)}?state={state}" for state in (QUARANTINED, REFUSED)}


def _path(batch_id: UUID) -> str:
    return f"/v1/event-batches/{batch_id}"
