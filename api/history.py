"""What was recorded of a child, entry by entry."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import falcon

from api import formats, query
from api.context import Context
from api.exchange import actor_of, answer, exchange_of
from api.language import Language, in_language
from api.operation import CLOCKS, CURSOR, FROM, LATE, LIMIT, TO, TYPE, operation
from api.reading import StreamRead, known_then, read_stream
from api.scope import noted
from application.recording.recording import Recording
from application.reports.notes import nothing_known, of_day
from application.system import System
from domain.catalogue import submitted_types
from domain.days import SHANGHAI, end_of_day
from domain.history import Entry, carers_in, history
from domain.ledger.kind import StreamKind
from domain.org import county_of
from domain.refusal import Text, invalid
from domain.rules.clocks import clocks

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
)
YES, NO = Text(zh="是", en="yes"), Text(zh="否", en="no")


class HistoryResource:
    """The history of one child."""

    def __init__(self, context: Context) -> None:
        self._system = context.system

    @operation(
        "Read the history of a child 历史",
        answers={200: "History"},
        also={formats.NDJSON: "Entry", formats.CSV: None},
        params=(*CLOCKS, TYPE, FROM, TO, LATE, CURSOR, LIMIT),
        problems=(403, 404, 406, 422),
    )
    def on_get(self, req: falcon.Request, resp: falcon.Response, child_id: UUID) -> None:
        """Show a page of the history, in order of time. A page after the first knows what the first knew.

        As `application/x-ndjson` or `text/csv` the whole of it comes at once.
        """
        recording = self._system.record
        answer_history(req, resp, self._system, recording, child_id, name={"child_id": child_id})


def answer_history(
    req: falcon.Request,
    resp: falcon.Response,
    system: System,
    recording: Recording[Any],
    stream_id: UUID,
    *,
    name: Mapping[str, Any],
) -> None:
    """Answer with the history of a stream, a page or the whole of it; `name` is how the answer names it."""
    media = formats.chosen(req, formats.JSON, formats.NDJSON, formats.CSV)
    if media != formats.JSON:
        query.refuse_pages(req)
    after, limit = query.after_asked(req), query.limit_asked(req)
    if after is None:
        read = read_stream(req, system, recording, stream_id)
    else:
        read = _again(req, recording, stream_id, query.moment(after, 2))
    counties = {county_of(org) for org in recording.kind.orgs(read.state)}
    called = system.carers.called(carers_in(read.state), counties=counties)
    entries = list(_wanted(req, history(read.state, called=called)))
    if media == formats.NDJSON:
        formats.put_lines(resp, entries)
    elif media == formats.CSV:
        _put_table(req, resp, entries, stream_id=stream_id)
    else:
        if (last := query.moment_and_id(after)) is not None:
            entries = _behind(entries, last[1])
        answer(
            resp, {**name, **_page(req, read, entries, kind=recording.kind, limit=limit, now=system.now())}
        )


def _put_table(
    req: falcon.Request, resp: falcon.Response, entries: Iterable[Entry], *, stream_id: UUID
) -> None:
    """Answer with a row for each entry, in the language that was asked for."""
    language = exchange_of(req).language
    header = [in_language(text, language) for _, text in COLUMNS]
    rows = (_row(entry, language) for entry in entries)
    formats.put_csv(resp, header, rows, filename=f"history-{stream_id}.csv")


def _page(
    req: falcon.Request,
    read: StreamRead[Any],
    entries: Sequence[Entry],
    *,
    kind: StreamKind[Any],
    limit: int,
    now: datetime,
) -> dict[str, Any]:
    """Return the first of these entries, and where the page behind them begins."""
    page, more = entries[:limit], len(entries) > limit
    notes = [] if read.state.entries else [nothing_known(kind)]
    following = query.cursor_after(req, *_place(page[-1]), read.clocks.as_known_at) if more else None
    return {
        "version": read.state.version,
        "items": page,
        "next": following,
        "clocks": query.clocks_shown(read.clocks),
        **noted(req, [*notes, *of_day(read.clocks.as_of, now=now)]),
    }


def _again(
    req: falcon.Request, recording: Recording[Any], stream_id: UUID, moment: datetime
) -> StreamRead[Any]:
    """Read a stream for a later page, which knows what the first page knew, be it settled or not."""
    asked = query.AskedClocks(as_of=query.clocks_asked(req).as_of, as_known_at=moment)
    events = recording.stream(stream_id, actor=actor_of(req))
    known = clocks(now=moment, as_of=asked.as_of, as_known_at=moment)
    return known_then(recording.kind, events, known, asked=asked)


def _wanted(req: falcon.Request, entries: Iterable[Entry]) -> Iterator[Entry]:
    wanted = query.word_asked(req, "type", tuple(submitted_types()))
    first, last = query.day_asked(req, "from"), query.day_asked(req, "to")
    late = query.flag_asked(req, "late")
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


def _behind(entries: list[Entry], event_id: UUID) -> list[Entry]:
    """Return what stands behind the last entry of the page before. Raises `Invalid` where it isn't there."""
    place = next((n for n, entry in enumerate(entries, start=1) if entry.event_id == event_id), None)
    if place is None:
        raise invalid(query.BAD_CURSOR, "/cursor")
    return entries[place:]


def _row(entry: Entry, language: Language) -> list[object]:
    return [_cell(getattr(entry, name), language) for name, _ in COLUMNS]


def _cell(value: object, language: Language) -> object:
    match value:
        case Text():
            return in_language(value, language)
        case bool():
            return in_language(YES if value else NO, language)
        case tuple():
            return " ".join(map(str, value))
        case datetime():
            # One zone in the whole table, and as spreadsheets read a time.
            return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    return value
