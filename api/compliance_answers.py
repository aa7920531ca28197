"""What answers about compliance are made of: figures, evidence, and how the levels of a rule stand."""

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, UnsetType

from api.answer import Answer, Org, personal, shown
from api.resource import Call
from application.reports import lines
from domain.org import county_of
from domain.rules.verdict import Why
from domain.rules.words import Subject, Untold

RuleId = Annotated[str, shown("规则代码", "Id of the rule", "Such as C39.")]
RuleVersion = Annotated[int, shown("规则版本", "Version of the rule")]
Population = Annotated[str, shown("统计范围", "Population", "Whose children count.")]
Counted = Annotated[list[UUID], shown("计入的事件", "Counted", "Ids of the events that count.")]
Required = Annotated[int, shown("应做", "Required")]
Due = Annotated[int, shown("应计", "Due", "met, short and pending together.")]
Met = Annotated[int, shown("达标", "Met")]
Pending = Annotated[int, shown("期内待完成", "Pending", "Not met yet, and the period goes on.")]
NotApplicable = Annotated[int, shown("不适用", "Not applicable")]
Unspecified = Annotated[int, shown("无要求", "Unspecified", "The rule names no number for them.")]
Unevaluable = Annotated[
    int | UnsetType,
    shown("无法评定", "Cannot be evaluated", "Nobody can tell of them; left out if none."),
]


class PeriodShown(Answer):
    """A named stretch of days; both ends belong to it."""

    name: Annotated[str, shown("名称", "Name", "Such as 2026-03.")]
    first: Annotated[date, shown("首日", "First day")]
    last: Annotated[date, shown("末日", "Last day")]


PeriodOf = Annotated[PeriodShown, shown("期间", "Period")]


class RejectedEvent(Answer):
    """An event that did not count, and why."""

    event_id: Annotated[UUID, shown("事件编号", "Id of the event")]
    reason: Annotated[Why, shown("原因", "Reason")]


Rejected = Annotated[list[RejectedEvent], shown("未计入的事件", "Rejected")]


class Stretch(Answer):
    """Days in which something was missing; both ends belong to them."""

    first: Annotated[date, shown("首日", "First day")]
    last: Annotated[date, shown("末日", "Last day")]


Missing = Annotated[
    list[Stretch] | UnsetType,
    shown("缺少的时段", "Missing", "In which of the stretches the rule asks about something was missing."),
]
UntoldWhy = Annotated[list[Untold] | UnsetType, shown("无法评定的原因", "Untold", "Why nobody can tell.")]


class ShortSubject(Answer, kw_only=True):
    """A carer, home or unit that fell short in a period, or of which nobody can tell."""

    subject_id: Annotated[UUID, shown("编号", "Id", "Of the carer, pairing, home, household or unit.")]
    name: Annotated[str | None, personal("名称", "Name", "Of a carer; of a unit its path.")]
    org: Org
    period: PeriodOf
    required: Required
    achieved: Annotated[int, shown("已做", "Achieved")]
    counted: Counted
    rejected: Rejected
    missing: Missing = UNSET
    unreached: Annotated[
        list[UUID] | UnsetType, shown("未覆盖的儿童", "Unreached", "Children of whom it does not hold.")
    ] = UNSET
    untold: UntoldWhy = UNSET


class LevelStanding(Answer, kw_only=True):
    """How the subjects of one level came out, each once for each of its periods."""

    subject: Annotated[Subject, shown("对象", "Subject")]
    rule_version: RuleVersion
    subjects: Annotated[int, shown("对象数", "Subjects", "How many there are.")]
    bound: Annotated[
        int, shown("适用数", "Bound", "For how many the rule held; where for none, all are told of as if.")
    ]
    due: Due
    met: Met
    short: Annotated[list[ShortSubject], shown("未达标", "Short")]
    pending: Pending
    not_applicable: NotApplicable
    unspecified: Unspecified
    unevaluable: Annotated[int, shown("无法评定", "Cannot be evaluated")]
    untold: Annotated[list[ShortSubject], shown("无法评定者", "Untold", "Of whom nobody can tell.")]


def level_shown(call: Call, org: str, level: lines.LevelStanding) -> LevelStanding:
    """Write how a level stands, with the names of its carers."""
    ids = [each.subject_id for each in (*level.short, *level.untold)] if level.subject == "carer" else []
    names = call.system.carers.names(ids, counties=[county_of(org)]) if ids else {}
    short, untold = (
        [_short_subject(each, name=names.get(each.subject_id) or each.name or None) for each in some]
        for some in (level.short, level.untold)
    )
    return LevelStanding.of(level, short=short, untold=untold)


def _short_subject(each: lines.ShortSubject, *, name: str | None) -> ShortSubject:
    return ShortSubject.of(
        each,
        name=name,
        period=PeriodShown.of(each.period),
        rejected=[RejectedEvent.of(one) for one in each.rejected],
        missing=[Stretch(first=first, last=last) for first, last in each.missing] or UNSET,
        unreached=list(each.unreached) or UNSET,
        untold=list(each.untold) or UNSET,
    )
