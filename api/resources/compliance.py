"""Verdicts: of one child, and of all children of an organisation."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, UnsetType

from api import patterns, query
from api.answer import Answer, CaseNo, ChildId, ChildName, Clocks, Noted, Notes, Org, StudentNo, shown
from api.operation import CLOCKS, ORG, needed, words_of
from api.resource import Call, Resource
from api.resources.children import RESOURCE as CHILDREN
from application.access import Action
from application.reports import lines
from application.reports.notes import NO_RULE_BOUND, NOT_JUDGED_YET, NOTHING_KNOWN, of_day, why_nobody
from application.reports.reporting import Reports
from domain.days import local_day
from domain.reasons import MISSING
from domain.refusal import Fault, Invalid, Reason, invalid
from domain.rules.calendar import default_calendar
from domain.rules.periods import parse_any_period
from domain.rules.verdict import Status, Why
from domain.watched import POPULATION
from projections import compliance
from projections.runner import lag_of

RESOURCE = Resource(
    guide="concepts-verdicts", tag="compliance", zh="达标", en="How an organisation stands under its rules."
)
CLOCKS_NEED_A_RULE = Reason(
    code="clocks_need_a_rule",
    zh="总览只答当前已知的现状；查询过去请指定 rule",
    en="The overview shows only the present. Name a rule to ask about another time.",
)
RULE = words_of(
    "rule",
    "The id of a rule, such as C39. Without it every rule is told of.",
    longest=40,
    pattern=patterns.SEEN_TEXT,
)
PERIOD = words_of(
    "period",
    "2026-W10, 2026-03, 2026-H1, 2026-spring, 2026-spring-start …; the present one unless given.",
    longest=40,
    pattern=patterns.SEEN_TEXT,
    blank=False,
)
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


class ChildVerdict(Answer):
    """How one child came out under one rule."""

    bound: Annotated[bool, shown("规则适用", "Bound", "Whether the rule held for it.")]
    watched: Annotated[bool, shown("在关注范围内", "Watched", "Whether it counts in the figures.")]
    rule_id: RuleId
    rule_version: RuleVersion
    period: PeriodOf
    status: Annotated[Status, shown("结果", "Status")]
    required: Required
    achieved: Annotated[int, shown("已做", "Achieved")]
    counted: Counted
    rejected: Rejected
    late: Annotated[list[UUID], shown("迟登的事件", "Late", "Ids of the events written down late.")]


class ChildCompliance(Noted, kw_only=True):
    """How one child came out under each rule that was asked about."""

    child_id: ChildId
    population: Population
    items: Annotated[list[ChildVerdict], shown("条目", "Items")]
    clocks: Annotated[Clocks, shown("时点", "Clocks", "What the answer goes by.")]


class ShortChild(Answer):
    """A child that fell short."""

    child_id: ChildId
    case_no: CaseNo
    child_name: ChildName
    student_no: StudentNo
    bound: Annotated[bool, shown("规则适用", "Bound", "Whether the rule held for it; false below `unbound`.")]
    counted: Counted
    required: Required
    rejected: Rejected


class Figures(Answer):
    """How some children came out."""

    due: Due
    met: Met
    short: Annotated[list[ShortChild], shown("未达标", "Short")]
    pending: Pending
    not_applicable: NotApplicable
    unspecified: Unspecified


class UnboundFigures(Figures):
    """How those would stand for whom the rule was not bound."""

    ORDER = ("children",)

    children: Annotated[int, shown("儿童数", "Children")]


class Compliance(Figures, kw_only=True):
    """How an organisation stands under one rule."""

    ORDER = (
        "org",
        "population",
        "rule_id",
        "rule_version",
        "rule_versions",
        "period",
        "bound",
    )
    LISTS = "short"

    org: Org
    population: Population
    rule_id: RuleId
    rule_version: RuleVersion
    rule_versions: Annotated[list[int], shown("所用规则版本", "Versions of the rule", "All that were used.")]
    period: PeriodOf
    bound: Annotated[int, shown("适用儿童数", "Bound", "Of how many children the rule held.")]
    clocks: Annotated[Clocks, shown("时点", "Clocks", "What the answer goes by.")]
    unbound: Annotated[UnboundFigures | UnsetType, shown("不适用者", "Unbound")] = UNSET
    notes: Notes = UNSET


class RuleStanding(Answer):
    """How an organisation stands under one of its rules."""

    rule_id: RuleId
    rule_version: RuleVersion
    period: PeriodOf
    due: Due
    met: Met
    short: Annotated[int, shown("未达标", "Short")]
    pending: Pending
    not_applicable: NotApplicable
    unspecified: Unspecified


class ComplianceOverview(Noted, kw_only=True):
    """How an organisation stands under every rule."""

    org: Org
    population: Population
    period: PeriodOf
    items: Annotated[list[RuleStanding], shown("条目", "Items")]
    pending_recomputes: Annotated[int, shown("待评判", "Pending recomputes", "Children still to be judged.")]
    lag: Annotated[int, shown("滞后", "Lag", "How many positions this answer is behind the log.")]


@CHILDREN.operation(
    "GET",
    "/v1/children/{child_id:uuid}/compliance",
    zh="读取儿童达标情况",
    en="Read the verdicts of a child",
    answers={200: ChildCompliance},
    params=(*CLOCKS, RULE, PERIOD),
    uses=(Reports.child_compliance,),
)
def list_child_verdicts(call: Call, child_id: UUID) -> ChildCompliance:
    """Judge one rule, or every rule that is bound, with the evidence.

    按一项规则或全部适用规则评定，并列出依据。
    """
    system = call.system
    system.record.stream(child_id, actor=call.actor, void_too=True)
    asked = query.clocks_asked(call.req)
    clocks = asked.resolved(system.log, now=system.now())
    verdicts = call.context.reports.child_compliance(
        child_id,
        rule_id=call.asked(RULE),
        period=call.asked(PERIOD),
        as_of=asked.as_of,
        as_known_at=None if asked.as_known_at is None else clocks.as_known_at,
    )
    return ChildCompliance(
        child_id=child_id,
        population=POPULATION,
        items=[_verdict(one) for one in verdicts.items],
        clocks=Clocks.of(clocks),
        notes=call.notes([*verdicts.notes, *of_day(clocks.as_of, now=system.now())]),
    )


@RESOURCE.operation(
    "GET",
    "/v1/compliance",
    zh="读取机构达标情况",
    en="Read the compliance of an organisation",
    answers={200: (Compliance, ComplianceOverview)},
    params=(needed(ORG), RULE, PERIOD, *CLOCKS),
    uses=(Reports.org_compliance,),
    codes=(MISSING.code, CLOCKS_NEED_A_RULE.code),
)
def get_compliance(call: Call) -> Compliance | ComplianceOverview:
    """Sum up the verdicts of all children under a rule, and list who fell short; or sum up every rule.

    Both count the children for whom the rule was bound on the first day of the period. `unbound` tells how
    the others would stand under the rule that was named. An overview has no clocks; without a period it is
    of the present day: each item bears the period that holds it. As lines or as a table these items come, or
    those children for whom the rule was bound and who fell short.

    汇总一项规则下全部儿童的达标情况并列出未达标者；不指定规则时汇总每项规则。
    两种方式都只统计周期首日适用该规则的儿童；unbound 说明其余儿童假定适用时的情况。总览不接受时点参数；
    不指定周期时按今日，每项注明所属周期。逐行或表格格式只含这些条目，或适用该规则而未达标的儿童。
    """
    if not call.asked(ORG):
        raise invalid(MISSING, "/org")
    org = call.org(Action.REPORT)
    if call.req.get_param("rule") is None:
        return _overview(call, org)
    rule_id = call.asked(RULE)
    if not rule_id:
        raise invalid(MISSING, "/rule")
    asked = query.clocks_asked(call.req)
    found = call.context.reports.org_compliance(
        org=org,
        rule_id=rule_id,
        period=call.asked(PERIOD),
        as_of=asked.as_of,
        as_known_at=asked.as_known_at,
    )
    unbound = found.unbound
    return Compliance.of(
        found,
        org=org,
        short=_short(call, found, bound=True),
        period=PeriodShown.of(found.period),
        clocks=Clocks.of(found.clocks),
        unbound=UnboundFigures.of(unbound, short=_short(call, unbound, bound=False))
        if unbound.children
        else UNSET,
        notes=call.notes([*found.notes, *of_day(found.clocks.as_of, now=call.system.now())]),
    )


def _overview(call: Call, org: str) -> ComplianceOverview:
    clocks = [name for name in ("as_of", "as_known_at") if call.req.get_param(name) is not None]
    if clocks:
        raise Invalid(*(Fault(reason=CLOCKS_NEED_A_RULE, pointer=f"/{name}") for name in clocks))
    system, asked = call.system, call.asked(PERIOD)
    period = parse_any_period(asked, calendar=default_calendar()) if asked else None
    # In the order in which an event travels, so that what has moved on meanwhile is counted, not missed.
    lag = lag_of(system.database, system.log, compliance.FOLLOWER)
    waiting = compliance.waiting(system.database, org=org)
    name = period.name if period else None
    found = compliance.overview(system.database, org=org, period=name, now=system.now())
    today = local_day(system.now())
    return ComplianceOverview(
        org=org,
        population=POPULATION,
        period=PeriodShown.of(period) if period else PeriodShown(name=f"{today}", first=today, last=today),
        items=[_line(line) for line in found],
        pending_recomputes=waiting,
        lag=lag,
        notes=call.notes([*_missing(call, org, items=found, behind=bool(waiting or lag))]),
    )


def _missing(call: Call, org: str, *, items: Sequence[object], behind: bool) -> Iterator[Reason]:
    """Say what the figures of an overview leave out, and why there are none."""
    if behind:
        yield NOT_JUDGED_YET
    elif not items:
        why = why_nobody(call.system.database, org=org)
        yield NO_RULE_BOUND if why is NOTHING_KNOWN else why


def _short(call: Call, standing: lines.Standing, *, bound: bool) -> list[ShortChild]:
    names = call.names_of([child.child_id for child in standing.short])
    return [
        ShortChild.of(
            child,
            child_name=names.get(child.child_id),
            student_no=child.student_no or None,
            bound=bound,
            rejected=[RejectedEvent.of(each) for each in child.rejected],
        )
        for child in standing.short
    ]


def _verdict(one: lines.ChildVerdict) -> ChildVerdict:
    verdict = one.verdict
    return ChildVerdict.of(
        verdict,
        bound=one.bound,
        watched=one.watched,
        rule_version=verdict.version,
        period=PeriodShown.of(verdict.period),
        rejected=[RejectedEvent.of(each) for each in verdict.rejected],
    )


def _line(line: compliance.RuleStanding) -> RuleStanding:
    period = PeriodShown(name=line.period, first=line.first_day, last=line.last_day)
    return RuleStanding.of(line, period=period)
