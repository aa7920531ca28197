"""Verdicts: of one child, and of all children of an organisation."""

from collections.abc import Iterator, Sequence
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, UnsetType

from api import patterns, query
from api.answer import (
    Answer,
    CaseNo,
    ChildId,
    ChildName,
    Clocks,
    Noted,
    Notes,
    Org,
    StudentNo,
    shown,
)
from api.compliance_answers import (
    Counted,
    Due,
    LevelStanding,
    Met,
    Missing,
    NotApplicable,
    Pending,
    PeriodOf,
    PeriodShown,
    Population,
    Rejected,
    RejectedEvent,
    Required,
    RuleId,
    RuleVersion,
    Stretch,
    Unevaluable,
    Unspecified,
    UntoldWhy,
    level_shown,
)
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
from domain.rules.verdict import Status
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


class ChildVerdict(Answer, kw_only=True):
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
    missing: Missing = UNSET
    untold: UntoldWhy = UNSET


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
    unevaluable: Unevaluable = UNSET


class UnboundFigures(Figures, kw_only=True):
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
    levels: Annotated[
        list[LevelStanding] | UnsetType, shown("其他层级", "Levels", "Of carers, homes, schools and others.")
    ] = UNSET
    notes: Notes = UNSET


class RuleStanding(Answer, kw_only=True):
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
    unevaluable: Unevaluable = UNSET


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
    return Compliance.of(
        found,
        org=org,
        short=_short(call, found, bound=True),
        period=PeriodShown.of(found.period),
        clocks=Clocks.of(found.clocks),
        unevaluable=found.unevaluable or UNSET,
        unbound=_unbound(call, found.unbound),
        levels=[level_shown(call, org, level) for level in found.levels] or UNSET,
        notes=call.notes([*found.notes, *of_day(found.clocks.as_of, now=call.system.now())]),
    )


def _unbound(call: Call, standing: lines.Standing) -> UnboundFigures | UnsetType:
    if not standing.children:
        return UNSET
    short = _short(call, standing, bound=False)
    return UnboundFigures.of(standing, short=short, unevaluable=standing.unevaluable or UNSET)


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
        missing=[Stretch.of(w) for each in verdict.requirements for w in each.windows if w.status == "short"]
        or UNSET,
        untold=list(verdict.untold) or UNSET,
    )


def _line(line: compliance.RuleStanding) -> RuleStanding:
    period = PeriodShown(name=line.period, first=line.first_day, last=line.last_day)
    return RuleStanding.of(line, period=period, unevaluable=line.unevaluable or UNSET)
