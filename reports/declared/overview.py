"""How an organisation stands under every rule that is bound there, in one period."""

from collections.abc import Iterator

from application.reports.notes import NO_RULE_BOUND, NOT_JUDGED_YET, NOTHING_KNOWN, why_nobody
from domain.refusal import Reason, Text
from domain.rules.calendar import default_calendar
from domain.rules.clocks import clocks
from domain.rules.periods import parse_any_period
from projections import compliance
from projections.compliance import RuleStanding
from projections.runner import lag_of
from reports import filters
from reports.report import WATCHED, Asked, Column, Found, Report, Table, Topic

RULES: Table[RuleStanding] = Table(
    columns=(
        Column(name="rule_id", title=Text(zh="规则", en="Rule"), of=lambda x: x.rule_id),
        Column(name="rule_version", title=Text(zh="版本", en="Version"), of=lambda x: x.rule_version),
        Column(name="period", title=Text(zh="周期", en="Period"), of=lambda x: x.period),
        Column(name="first", title=Text(zh="首日", en="First day"), of=lambda x: x.first_day),
        Column(name="last", title=Text(zh="末日", en="Last day"), of=lambda x: x.last_day),
        Column(name="due", title=Text(zh="应达标", en="Due"), of=lambda x: x.due),
        Column(name="met", title=Text(zh="达标", en="Met"), of=lambda x: x.met),
        Column(name="short", title=Text(zh="未达标", en="Short"), of=lambda x: x.short),
        Column(name="pending", title=Text(zh="进行中", en="Pending"), of=lambda x: x.pending),
        Column(
            name="not_applicable", title=Text(zh="不适用", en="Not applicable"), of=lambda x: x.not_applicable
        ),
        Column(name="unspecified", title=Text(zh="未定次数", en="Unspecified"), of=lambda x: x.unspecified),
    ),
)


def read(asked: Asked) -> Found:
    """Sum up the verdicts of every rule, as they are known now."""
    system, name = asked.system, asked.word("period")
    # In the order in which an event travels, so that what has moved on meanwhile is counted, not missed.
    lag = lag_of(system.database, system.log, compliance.FOLLOWER)
    waiting = compliance.waiting(system.database, org=asked.org)
    period = parse_any_period(name, calendar=default_calendar()).name if name else None
    found = compliance.overview(system.database, org=asked.org, period=period, now=system.now())
    return Found(
        tables=(RULES.filled(found),),
        population=WATCHED,
        clocks=clocks(now=system.now()),
        notes=tuple(_missing(asked, found=bool(found), behind=bool(lag or waiting))),
    )


def _missing(asked: Asked, *, found: bool, behind: bool) -> Iterator[Reason]:
    """Return what the figures leave out, and why there are none."""
    if behind:
        yield NOT_JUDGED_YET
    elif not found:
        why = why_nobody(asked.system.database, org=asked.org)
        yield NO_RULE_BOUND if why is NOTHING_KNOWN else why


REPORT = Report(
    name="overview",
    title=Text(zh="各规则达标总览", en="All rules at a glance"),
    text=Text(
        zh="一个周期内各项规则的达标情况，按目前所知",
        en="How every rule was met in a period, as known now.",
    ),
    filters=(filters.ORG, filters.PERIOD),
    tables=(RULES,),
    read=read,
    topic=Topic.WATCH,
    order=40,
)
