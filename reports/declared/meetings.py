"""Meetings: who met about what, whether all three parties came, and what became of what was decided."""

from dataclasses import dataclass
from datetime import date

from application.access import Action
from domain.refusal import Text
from domain.rules.clocks import clocks
from domain.streams.meetings.held import MeetingHeld
from domain.streams.meetings.kind import KIND
from domain.streams.meetings.meeting import Meeting
from reports import filters
from reports.columns import SIGNED, open_, org, personal
from reports.filters import between
from reports.report import ENROLLED, Asked, Found, Report, Table, Topic
from reports.streams import streams_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A meeting, with the organisation that held it."""

    org: str
    day: date
    meeting: Meeting
    said: MeetingHeld


MEETINGS: Table[Met] = Table(
    columns=(
        open_("day", "日期", "Day", lambda x: x.day),
        open_("kind", "类型", "Kind", lambda x: x.said.kind),
        open_("topic", "议题", "Topic", lambda x: x.said.topic),
        open_("parties", "到会各方", "Parties", lambda x: x.said.parties),
        open_("three_parties", "三方到齐", "All three parties", lambda x: x.meeting.three_parties),
        open_("heads", "到会人数", "Heads", lambda x: x.said.heads),
        open_("minutes", "时长（分钟）", "Minutes", lambda x: x.said.minutes),
        personal("chaired_by", "主持人", "Chaired by", lambda x: x.said.chaired_by),
        personal("decisions", "决定事项", "Decisions", lambda x: x.said.decisions or (), lines=True),
        open_("decided", "决定（项）", "Decided", lambda x: len(x.said.decisions or ())),
        open_("done", "已落实（项）", "Done", lambda x: len(x.meeting.done)),
        org(),
        open_("meeting_id", "会议编号", "Meeting id", lambda x: x.meeting.stream_id),
    ),
    signed=SIGNED,
)


def read(asked: Asked) -> Found:
    """List the meetings of an organisation in the days asked about, by day."""
    rows = [
        Met(org=where, day=fact.day, meeting=meeting, said=said)
        for where, meeting in streams_of(asked, KIND)
        for fact, said in meeting.of(MeetingHeld)
        if between(asked, fact.day)
    ]
    rows.sort(key=lambda x: (x.day, x.meeting.stream_id))
    return Found(
        tables=(MEETINGS.filled(rows),), population=ENROLLED, clocks=clocks(now=asked.system.now()), notes=()
    )


REPORT = Report(
    name="meetings",
    title=Text(zh="会议", en="Meetings"),
    text=Text(
        zh="领导小组、三方座谈等会议，三方是否到齐，决定是否落实",
        en="Meetings: whether all three parties came, and what became of the decisions.",
    ),
    filters=(filters.ORG, filters.FROM, filters.TO),
    tables=(MEETINGS,),
    read=read,
    action=Action.READ,
    topic=Topic.WORK,
    order=133,
)
