"""The summary of a term: what was done for children, how often and for how many, in figures."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from domain.catalogue import event_types
from domain.choices import ActivityKind
from domain.fields import Choice
from domain.org import within
from domain.refusal import Text
from domain.rules.clocks import clocks
from domain.streams.meetings.held import MeetingHeld
from domain.streams.meetings.kind import KIND as MEETING
from projections import timeline
from projections.runner import lag_of
from reports import filters
from reports.columns import SIGNED, open_
from reports.filters import between
from reports.reasons import BEHIND
from reports.report import ALL, ENROLLED, Asked, Found, Report, Table, Topic
from reports.streams import streams_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How often something was done; `for_` is how many children or participants that was about."""

    what: Text | Choice
    times: int
    people: int | None


def _table(name: str, zh: str, en: str, people: Text) -> Table[Done]:
    return Table(
        name=name,
        title=Text(zh=zh, en=en),
        columns=(
            open_("what", "项目", "What", lambda x: x.what),
            open_("times", "次数", "Times", lambda x: x.times),
            open_("people", people.zh, people.en, lambda x: x.people),
        ),
    )


ACTIVITIES = _table("activities", "活动", "Activities", Text(zh="参加人次", en="Participants"))
MEETINGS = _table("meetings", "会议", "Meetings", Text(zh="到会人次", en="Heads"))
CARE: Table[Done] = Table(
    title=Text(zh="关爱记录", en="Care of children"),
    columns=(
        open_("what", "项目", "What", lambda x: x.what),
        open_("times", "次数", "Times", lambda x: x.times),
        open_("people", "涉及儿童（人）", "Children", lambda x: x.people),
    ),
    signed=SIGNED,
)


def read(asked: Asked) -> Found:
    """Sum up the days asked about; what was voided is no part of it."""
    system = asked.system
    lag = lag_of(system.database, system.log, "timeline")
    rows = (list(_activities(asked)), list(_meetings(asked)), list(_care(asked)))
    return Found(
        tables=tuple(
            table.filled(some) for table, some in zip((ACTIVITIES, MEETINGS, CARE), rows, strict=True)
        ),
        population=ENROLLED,
        clocks=clocks(now=system.now()),
        notes=(BEHIND,) if lag else () if any(rows) else None,
    )


def _care(asked: Asked) -> Iterator[Done]:
    times: Counter[str] = Counter()
    children: Counter[str] = Counter()
    for _, type_, entries, about in timeline.per_type(
        asked.system.database, org=asked.org, first=asked.day("from"), last=asked.day("to")
    ):
        times[type_] += entries
        children[type_] += about
    for type_, number in sorted(times.items()):
        yield Done(what=event_types()[type_].label, times=number, people=children[type_])


def _activities(asked: Asked) -> Iterator[Done]:
    held = asked.system.activities.listed(
        actor=asked.actor, org=asked.org, first=asked.day("from"), last=asked.day("to"), limit=ALL
    )
    kinds: dict[str, list[int]] = {}
    for each in held:
        if not each.void and within(each.org, asked.org):
            kinds.setdefault(each.kind, []).append(each.participants)
    for kind, numbers in sorted(kinds.items()):
        yield Done(what=ActivityKind.from_word(kind), times=len(numbers), people=sum(numbers))


def _meetings(asked: Asked) -> Iterator[Done]:
    kinds: dict[Choice, list[int]] = {}
    for _, meeting in streams_of(asked, MEETING):
        for fact, said in meeting.of(MeetingHeld):
            if between(asked, fact.day):
                kinds.setdefault(said.kind, []).append(said.heads or 0)
    for kind in sorted(kinds, key=lambda each: each.value):
        yield Done(what=kind, times=len(kinds[kind]), people=sum(kinds[kind]))


REPORT = Report(
    name="term-summary",
    title=Text(zh="学期总结", en="Summary of a term"),
    text=Text(
        zh="一段时间内做了哪些工作：各类记录、活动、会议的次数与涉及人数",
        en="What was done in some days: entries, activities and meetings, how often and for how many.",
    ),
    filters=(filters.ORG, filters.FROM, filters.TO),
    tables=(ACTIVITIES, MEETINGS, CARE),
    read=read,
    topic=Topic.WORK,
    order=132,
)
