"""The history of a stream, entry by entry: a page of it, or the whole as lines or as a table."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, TypeVar, cast
from uuid import UUID

import falcon
from msgspec import UNSET, UnsetType

from api import formats, query
from api.answer import (
    Answer,
    ChildId,
    Clocks,
    EventId,
    Exactness,
    Moment,
    Next,
    Noted,
    Org,
    Version,
    personal,
    sensitivities,
    shown,
)
from api.exchange import actor_of, exchange_of
from api.language import Language, in_language
from api.operation import CLOCKS, FROM, LATE, PAGE, TO, TYPE, word
from api.reading import StreamRead, known_then, read_stream
from api.resource import Call
from application.access import Actor
from application.recording.recording import Recording
from application.reports.notes import nothing_known, of_day
from application.visibility import Purpose, Relation, visible
from domain.days import SHANGHAI, end_of_day
from domain.fields import Choice
from domain.history import Entry as Line
from domain.history import carers_in, history
from domain.org import county_of
from domain.refusal import Text, invalid
from domain.rules.clocks import clocks
from reports import cells

P = TypeVar("P", bound="HistoryPage")
LANG = word("lang", ("zh", "en"), "The language of labels and texts; both unless one is chosen.")
HISTORY_PARAMS = (*CLOCKS, TYPE, FROM, TO, LATE, LANG, *PAGE)
Words = Annotated[dict[str, Any], personal("内容字段", "Details", "By the type; see /v1/event-types.")]
COLUMNS: tuple[tuple[str, Text], ...] = (
    ("occurred_on", Text(zh="日期", en="Day")),
    ("occurred_at", Text(zh="时间", en="Moment")),
    ("label", Text(zh="类型", en="Type")),
    ("text", Text(zh="内容", en="Entry")),
    ("recorded_by", Text(zh="登记人", en="Recorded by")),
    ("written_on", Text(zh="书面登记日期", en="Written on")),
    ("recorded_at", Text(zh="入库时间", en="Recorded at")),
    ("late_days", Text(zh="迟登天数", en="Days late")),
    ("late_reason", Text(zh="迟登原因", en="Why late")),
    ("is_contact", Text(zh="计为联系", en="Counts as contact")),
    ("org", Text(zh="机构", en="Organisation")),
    ("corrected_by", Text(zh="更正", en="Corrected by")),
    ("record_filed_by", Text(zh="补记", en="Record filed by")),
    ("voided_by", Text(zh="作废", en="Voided by")),
    ("event_id", Text(zh="事件编号", en="Event id")),
    ("noted_at", Text(zh="记下时间", en="Noted at")),
    ("contradicts", Text(zh="同日不一致", en="Contradicts")),
    ("precision", Text(zh="时间精度", en="Precision")),
    ("approximate", Text(zh="约数", en="Approximate")),
)


class Wording(Answer):
    """One text; in both languages, or in the one that `lang` chose."""

    zh: Annotated[str | UnsetType, shown("中文", "In Chinese")] = UNSET
    en: Annotated[str | UnsetType, shown("英文", "In English")] = UNSET


class Origin(Answer):
    """The entry of a file that was merged into this one, of which an entry comes."""

    child_id: ChildId
    event_id: EventId


class Entry(Answer):
    """One line of a history, as it stands under the two clocks."""

    event_id: EventId
    type: Annotated[str, shown("类型", "Type")]
    label: Annotated[Wording, shown("类型名称", "Label")]
    text: Annotated[Wording, personal("内容", "Text", "The entry in one line.")]
    version: Version
    position: Annotated[int | None, shown("序位", "Position", "In the log.")]
    occurred_on: Annotated[date, shown("日期", "Day", "A Shanghai day.")]
    occurred_at: Annotated[Moment | None, shown("时间", "Moment", "Null where only the day is known.")]
    precision: Exactness
    approximate: Annotated[
        list[str], shown("约数", "Approximate", "Names of the numbers among the details that are not exact.")
    ]
    written_on: Annotated[date | None, shown("书面登记日期", "Written on")]
    recorded_at: Annotated[Moment | None, shown("入库时间", "Recorded at")]
    recorded_by: Annotated[str, personal("登记人", "Recorded by")]
    actor: Annotated[str, personal("登记密钥", "Actor", "The name of the key.")]
    principal: Annotated[UUID | None, shown("主体编号", "Principal")]
    key: Annotated[str | None, shown("密钥编号", "Key")]
    channel: Annotated[str, shown("渠道", "Channel")]
    org: Org
    late_days: Annotated[int | None, shown("迟登天数", "Days late", "Null where it is in time.")]
    late_reason: Annotated[str | None, personal("迟登原因", "Why late")]
    is_contact: Annotated[bool, shown("计为联系", "Counts as contact")]
    details: Words
    as_recorded: Annotated[
        dict[str, Any], personal("更正前", "As recorded", "What the fields said that a correction changed.")
    ]
    corrected_by: Annotated[list[UUID], shown("更正", "Corrected by")]
    record_filed_by: Annotated[list[UUID], shown("补记", "Record filed by")]
    voided_by: Annotated[UUID | None, shown("作废", "Voided by")]
    erased: Annotated[bool, shown("已删除", "Erased")]
    noted_at: Annotated[Moment | None, shown("记下时间", "Noted at")]
    contradicts: Annotated[list[UUID], shown("同日不一致", "Contradicts")]
    merged_from: Annotated[
        Origin | None, shown("并档来源", "Merged from", "Null but for what came with a file that was merged.")
    ]


class HistoryPage(Noted, kw_only=True):
    """A page of a history, in order of time."""

    version: Version
    items: Annotated[Sequence[Entry], shown("条目", "Items")]
    next: Next
    clocks: Annotated[Clocks, shown("时点", "Clocks", "What the answer goes by.")]


def answer_history(
    call: Call, recording: Recording[Any], stream_id: UUID, *, page: type[P], name: Mapping[str, Any]
) -> P | None:
    """Answer with the history of a stream, a page or the whole of it; `name` is how the answer names it."""
    media = formats.chosen(call.req, formats.JSON, formats.NDJSON, formats.CSV)
    if media != formats.JSON:
        query.refuse_pages(call.req)
    after, limit = query.after_asked(call.req), query.limit_asked(call.req)
    if after is None:
        read = read_stream(call.req, call.system, recording, stream_id)
    else:
        read = _again(call.req, recording, stream_id, query.moment(after, 2))
    counties = {county_of(org) for org in recording.kind.orgs(read.state)}
    called = call.system.carers.called(carers_in(read.state), counties=counties)
    # A table is in the language of Accept-Language.
    language = cast("Language | None", None if media == formats.CSV else call.asked(LANG))
    entries = list(wanted_entries(call.req, history(read.state, called=called, language=language)))
    if media == formats.NDJSON:
        call.lines(_shown(entries, call.actor))
        return None
    if media == formats.CSV:
        _put_table(call, entries, stream_id=stream_id)
        return None
    if (last := query.moment_and_id(after)) is not None:
        entries = _behind(entries, last[1])
    return _page(call, read, entries, recording=recording, limit=limit, page=page, name=name)


def _put_table(call: Call, entries: Iterable[Line], *, stream_id: UUID) -> None:
    """Answer with a row for each entry, in the language that was asked for."""
    language = exchange_of(call.req).language
    shown = visible(sensitivities(Entry), call.actor, Relation.WITHIN, Purpose.EXPORT)
    columns = {name: text for name, text in COLUMNS if name in shown}
    header = [in_language(text, language) for text in columns.values()]
    rows = ([_cell(getattr(entry, name), language) for name in columns] for entry in entries)
    formats.put_csv(call.resp, header, rows, filename=f"history-{stream_id}.csv")


def _page(
    call: Call,
    read: StreamRead[Any],
    entries: Sequence[Line],
    *,
    recording: Recording[Any],
    limit: int,
    page: type[P],
    name: Mapping[str, Any],
) -> P:
    """Return the first of these entries, and where the page behind them begins."""
    shown_now, more = entries[:limit], len(entries) > limit
    notes = [] if read.state.entries else [nothing_known(recording.kind)]
    return page(
        **name,
        version=read.state.version,
        items=_shown(shown_now, call.actor),
        next=query.cursor_after(call.req, *_place(shown_now[-1]), read.clocks.as_known_at) if more else None,
        clocks=Clocks.of(read.clocks),
        notes=call.notes([*notes, *of_day(read.clocks.as_of, now=call.system.now())]),
    )


def _again(
    req: falcon.Request, recording: Recording[Any], stream_id: UUID, moment: datetime
) -> StreamRead[Any]:
    """Read a stream for a later page, which knows what the first page knew, be it settled or not."""
    asked = query.AskedClocks(as_of=query.clocks_asked(req).as_of, as_known_at=moment)
    events, state = recording.read(stream_id, actor=actor_of(req), void_too=True)
    known = clocks(now=moment, as_of=asked.as_of, as_known_at=moment)
    return known_then(recording.kind, events, known, asked=asked, present=state)


def wanted_entries(req: falcon.Request, entries: Iterable[Line]) -> Iterator[Line]:
    """Go through the entries that a request asks for: by type, by days, late or not. Raises `Invalid`."""
    wanted = TYPE.asked(req)
    first, last, late = FROM.asked(req), TO.asked(req), LATE.asked(req)
    for entry in entries:
        if (
            (wanted is None or entry.type == wanted)
            and (first is None or first <= entry.occurred_on)
            and (last is None or entry.occurred_on <= last)
            and (late is None or late == (entry.late_days is not None))
        ):
            yield entry


def _place(entry: Line) -> tuple[datetime, UUID]:
    return (end_of_day(entry.occurred_on) if entry.occurred_at is None else entry.occurred_at), entry.event_id


def _behind(entries: list[Line], event_id: UUID) -> list[Line]:
    """Return what stands behind the last entry of the page before. Raises `Invalid` where it isn't there."""
    place = next((n for n, entry in enumerate(entries, start=1) if entry.event_id == event_id), None)
    if place is None:
        raise invalid(query.BAD_CURSOR, "/cursor")
    return entries[place:]


def _shown(entries: Sequence[Line], actor: Actor) -> Sequence[Entry]:
    """Return entries as answers; they have the same fields, and are written as they are if all are shown."""
    said = sensitivities(Entry)
    if visible(said, actor, Relation.WITHIN, Purpose.ANSWER) >= said.keys():
        return cast("Sequence[Entry]", entries)
    return [Entry.of(entry) for entry in entries]


def _cell(value: object, language: Language) -> object:
    match value:
        case Text() | bool() | Choice():
            return cells.in_language(value, language)
        case tuple():
            return " ".join(map(str, value))
        case datetime():
            # One zone in the whole table, and as spreadsheets read a time.
            return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    return value
