"""Care actions sent many at once: each stands or falls alone, and what became of each can be read again."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar
from uuid import UUID

from msgspec import UNSET, UnsetType

from api import formats, query
from api.alike import MayBeOf, MayBeSame, hints
from api.answer import Answer, ChildId, EventId, Moment, Next, Problem, Version, shown
from api.bodies import media_type_of
from api.errors import problem
from api.exchange import exchange_of
from api.language import Language, in_language
from api.operation import CHANNEL, PAGE, word
from api.recording import (
    Late,
    LateOf,
    Position,
    RepeatsOf,
    StreamId,
    StreamKindName,
    late_of,
    problem_answered,
    repeats_of,
    stream_named,
)
from api.request_bodies import BatchIn
from api.resource import Answered, Call, Resource
from api.schemas import loaded
from api.submissions import ENROLMENT
from api.uploads import kept, line_of, receive, upload_work
from application.access import Action
from application.intake.batch_lines import LINE_STATES, QUARANTINED, REFUSED
from application.intake.batch_lines import BatchLine as Line
from application.intake.batches import JSON, Batches
from application.intake.batches import Batch as Kept
from application.intake.lines import LineDone
from application.intake.submission import Submission
from application.reasons import BUSY
from application.recording.outcome import Recorded
from domain.refusal import Text

B = TypeVar("B", bound=Answer)
RESOURCE = Resource(
    guide="api#sending-a-batch",
    tag="event-batches",
    zh="批量登记",
    en="Care actions sent many at once, and what became of each.",
)
ONE = "/v1/event-batches/{batch_id:uuid}"
STATE = word("state", list(LINE_STATES), "Only lines in this state.")
BatchId = Annotated[UUID, shown("批次编号", "Id of the batch")]
LineStatus = Annotated[int, shown("状态码", "Status", "As if it had come alone.")]
ItemState = Annotated[str, shown("结果", "State", "recorded, already_recorded, quarantined or refused.")]
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


class BatchItemResult(Answer, kw_only=True):
    """What became of an item; where it stands, if it does, and what is in its way, if something is."""

    state: ItemState
    status: LineStatus
    event_id: EventId | UnsetType = UNSET
    child_id: ChildId | UnsetType = UNSET
    stream_kind: StreamKindName | UnsetType = UNSET
    stream_id: StreamId | UnsetType = UNSET
    position: Position | UnsetType = UNSET
    version: Version | UnsetType = UNSET
    late: LateOf = UNSET
    item_id: Annotated[UUID | UnsetType, shown("待核实编号", "Quarantine item")] = UNSET
    problem: Annotated[Problem | UnsetType, shown("原因", "Problem")] = UNSET


class BatchItemAnswered(BatchItemResult, kw_only=True):
    """What became of an item of a JSON batch."""

    ORDER = (
        "index",
        "status",
        "state",
    )

    index: Annotated[int, shown("序号", "Index", "From 0.")]
    repeats: RepeatsOf = UNSET
    may_be: MayBeOf = UNSET


class BatchLine(BatchItemResult, kw_only=True):
    """What became of a line."""

    ORDER = (
        "line",
        "status",
        "state",
    )

    line: Annotated[int, shown("行号", "Line", "From 1.")]
    repeats: RepeatsOf = UNSET


class BatchResult(Answer):
    """What became of each item of a JSON batch."""

    batch_id: BatchId
    items: Annotated[list[BatchItemAnswered], shown("条目", "Items")]


class BatchCounts(Answer):
    """How many lines are in which state."""

    recorded: Annotated[int, shown("已登记", "Recorded")]
    already_recorded: Annotated[int, shown("此前已登记", "Already recorded")]
    quarantined: Annotated[int, shown("待核实", "Quarantined")]
    refused: Annotated[int, shown("被拒绝", "Refused")]


class Batch(Answer):
    """How a batch stands."""

    batch_id: BatchId
    state: Annotated[str, shown("状态", "State", "receiving, complete or cut.")]
    lines: Annotated[int, shown("行数", "Lines", "That were read.")]
    counts: Annotated[BatchCounts, shown("各状态行数", "Counts")]
    begun_at: Annotated[Moment, shown("开始时间", "Begun at")]
    ended_at: Annotated[Moment | None, shown("结束时间", "Ended at")]
    kept_until: Annotated[Moment, shown("保留至", "Kept until")]


class BatchLinks(Answer):
    """Where the lines are that were not recorded."""

    quarantined: Annotated[str, shown("待核实的行", "Quarantined lines")]
    refused: Annotated[str, shown("被拒绝的行", "Refused lines")]


class BatchSummary(Batch):
    """How an upload ended, and where its lines are."""

    next: Annotated[str, shown("结果地址", "Next", "The address of the lines.")]
    links: Annotated[BatchLinks, shown("链接", "Links")]


class BatchLines(Batch):
    """How a batch stands, and a page of its lines."""

    items: Annotated[list[BatchLine], shown("条目", "Items")]
    next: Next


@RESOURCE.operation(
    "PUT",
    ONE,
    zh="批量登记",
    en="Record many care actions",
    by_type=True,
    request="Batch",
    request_lines="BatchItem",
    answers={207: BatchResult, 200: BatchSummary},
    params=(CHANNEL,),
    action=Action.SUBMIT,
    uses=(Batches.begin, receive, BUSY),
    leads_to=("get_batch",),
)
def record_batch(call: Call, batch_id: UUID) -> Answered:
    """Record what stands, put aside what is at odds with what is known, refuse the rest, item by item.

    A body of `application/json` has 500 items at most and is answered with what became of each (207). One of
    `application/x-ndjson` has one item a line, of any number, and is answered with the counts (200): what
    became of each line is read by GET. What was put aside is tried again at the end.

    逐项处理：成立的登记，与已知情况不一致的搁置待核实，其余拒绝。application/json 最多 500 项，
    返回每项结果（207）；application/x-ndjson 每行一项，行数不限，返回各类条数（200），
    每行结果用 GET 读取。搁置的各项最后再试一次。
    """
    if media_type_of(call.req) == formats.NDJSON:
        receive(call.context, call.req, batch_id)
        path = f"/v1/event-batches/{batch_id}"
        links = {state: f"{path}?state={state}" for state in (QUARANTINED, REFUSED)}
        batch = call.system.batches.read(batch_id, actor=call.actor)
        return Answered(body=_of_batch(BatchSummary, batch, next=path, links=BatchLinks(**links)))
    items = loaded(BatchIn, call.context.body(call.req))["items"]
    lines = [line_of(number, words, actor=call.actor) for number, words in enumerate(items, start=1)]
    with upload_work(call.context, call.req, batch_id, source=JSON) as work:
        done = {each.line.number: each for each in work.take(lines, lines_read=len(lines))}
        done |= {each.line.number: each for each in work.try_again()}
    enrolled = dict.fromkeys(
        each.outcome.stream_id
        for each in done.values()
        if isinstance(each.outcome, Recorded)
        and isinstance(each.line.submission, Submission)
        and each.line.submission.type == ENROLMENT.TYPE
    )
    alike = hints(call, list(enrolled)) if enrolled else {}
    results = [_answered(call, index, done[index + 1], alike=alike) for index in range(len(items))]
    return Answered(body=BatchResult(batch_id=batch_id, items=results), status=207)


@RESOURCE.operation(
    "GET",
    ONE,
    zh="读取批次结果",
    en="Read what became of a batch",
    by_type=True,
    answers={200: BatchLines},
    also={formats.NDJSON: BatchLine, formats.CSV: None},
    params=(STATE, *PAGE),
)
def get_batch(call: Call, batch_id: UUID) -> BatchLines | None:
    """Show how a batch stands, and a page of its lines in order, for thirty days.

    As `application/x-ndjson` or `text/csv` come all lines of the state at once.

    读取一个批次的进度，并分页列出各行结果，保留三十天。以 application/x-ndjson 或 text/csv 一次取全。
    """
    media = formats.chosen(call.req, formats.JSON, formats.NDJSON, formats.CSV)
    batches, state = call.system.batches, call.asked(STATE)
    batch = batches.read(batch_id, actor=call.actor)
    if media != formats.JSON:
        query.refuse_pages(call.req)
        _put_all(call, batch, state=state, media=media)
        return None
    page = call.page(
        lambda after, limit: batches.lines(batch.upload_id, state=state, after=after or 0, limit=limit),
        place=query.position,
        after=lambda line: (line.line,),
    )
    return _of_batch(BatchLines, batch, items=[_line(call, line) for line in page.items], next=page.next)


def _put_all(call: Call, batch: Kept, *, state: str | None, media: str) -> None:
    lines = call.system.batches.every_line(batch, state=state)
    if media == formats.NDJSON:
        call.lines(_line(call, line) for line in lines)
        return
    language = exchange_of(call.req).language
    header = [in_language(text, language) for _, text in COLUMNS]
    rows = (_row(line, language) for line in lines)
    formats.put_csv(call.resp, header, rows, filename=f"batch-{batch.batch_id}.csv")


def _answered(
    call: Call, index: int, done: LineDone, *, alike: Mapping[UUID, list[MayBeSame]]
) -> BatchItemAnswered:
    """Write what became of an item of a JSON batch; `alike` are files that may be of the same child."""
    stored, outcome = kept(done), done.outcome
    if isinstance(outcome, Recorded):
        assert isinstance(done.line.submission, Submission)
        enrols = done.line.submission.type == ENROLMENT.TYPE
        return BatchItemAnswered(
            index=index,
            status=stored.status,
            state=stored.state,
            event_id=outcome.event_id,
            position=outcome.position,
            version=outcome.version,
            late=late_of(outcome, done.line.submission, actor=call.actor),
            repeats=repeats_of(outcome.repeats, actor=call.actor),
            may_be=alike.get(outcome.stream_id, UNSET) if enrols else UNSET,
            **stream_named(outcome.stream_id, outcome.stream_kind),
        )
    return BatchItemAnswered(
        index=index,
        status=stored.status,
        state=stored.state,
        problem=problem_answered(call.req, outcome, at=f"/items/{index}"),
        item_id=_if_any(stored.item_id),
        event_id=_if_any(stored.event_id),
    )


def _line(call: Call, line: Line) -> BatchLine:
    """Write what is kept of a line."""
    names = ("line", "status", "state", "event_id", "position", "version", "item_id")
    said: dict[str, Any] = {name: _if_any(getattr(line, name)) for name in names}
    if line.child_id is not None:
        said |= stream_named(line.child_id, line.stream_kind)
    if line.late_days is not None:
        said["late"] = Late(days=line.late_days)
    said["repeats"] = repeats_of(line.repeats, actor=call.actor)
    # Of a paper also what was recorded may have faults: which of its parts were not.
    if line.faults and line.state in (QUARANTINED, REFUSED):
        asked = exchange_of(call.req)
        status = 409 if line.state == QUARANTINED else line.status
        found = problem(status, faults=line.faults, language=asked.language, instance=asked.request_id)
        said["problem"] = Problem(**found)
    return BatchLine(**said)


def _if_any(value: Any) -> Any:
    return UNSET if value is None else value


def _of_batch(answer: type[B], batch: Kept, **more: Any) -> B:
    return answer.of(batch, counts=BatchCounts(**batch.counts), **more)


def _row(line: Line, language: Language) -> list[object]:
    fault = line.faults[0] if line.faults else None
    made = {
        "code": fault and fault.reason.code,
        "detail": fault and in_language(fault.reason, language),
        "pointer": fault and fault.pointer,
    }
    return [made[name] if name in made else getattr(line, name) for name, _ in COLUMNS]
