"""Whether a rule was met, and on what evidence."""

from collections.abc import Iterator
from dataclasses import dataclass

from application.organisations.known_rules import known_rules
from application.reports.lines import LevelStanding, OrgCompliance, ShortChild, ShortSubject, Standing
from application.visibility import Sensitivity
from domain.org import county_of
from domain.refusal import Text
from domain.rules.words import Subject
from reports import columns, filters
from reports.report import WATCHED, Asked, Column, Evidence, Filled, Filter, Found, Kind, Report, Table, Topic

RULE = Filter(
    name="rule",
    kind=Kind.WORD,
    title=Text(zh="规则", en="Rule"),
    text=Text(zh="规则编号，如 C39", en="id of the rule, such as C39"),
    required=True,
    offered=lambda system: {rule.rule_id: rule.title for rule in known_rules(system.settings).values()},
)
BOUND = Text(zh="适用", en="Bound")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """How those came out for whom the rule was bound, or the others."""

    standing: Standing
    bound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Short:
    """A child that was short, and whether the rule was bound for it."""

    child: ShortChild
    bound: bool


FIGURES: Table[Group] = Table(
    name="figures",
    title=Text(zh="达标", en="Figures"),
    columns=(
        Column(name="bound", title=BOUND, of=lambda x: x.bound, beside=True),
        Column(name="due", title=Text(zh="应达标", en="Due"), of=lambda x: x.standing.due),
        Column(name="met", title=Text(zh="达标", en="Met"), of=lambda x: x.standing.met),
        Column(
            name="percent",
            title=Text(zh="达标率（%）", en="Met (%)"),
            of=lambda x: _percent(x.standing),
            beside=True,
        ),
        Column(
            name="short",
            title=Text(zh="未达标", en="Short"),
            of=lambda x: len(x.standing.short),
            beside=True,
        ),
        Column(name="pending", title=Text(zh="进行中", en="Pending"), of=lambda x: x.standing.pending),
        Column(
            name="not_applicable",
            title=Text(zh="不适用", en="Not applicable"),
            of=lambda x: x.standing.not_applicable,
        ),
        Column(
            name="unspecified",
            title=Text(zh="未定次数", en="Unspecified"),
            of=lambda x: x.standing.unspecified,
        ),
    ),
)
SHORT: Table[Short] = Table(
    name="short",
    title=Text(zh="未达标", en="Short"),
    columns=(
        *columns.called(lambda x: x.child, beside=True),
        Column(name="required", title=Text(zh="应有", en="Required"), of=lambda x: x.child.required),
        Column(name="counted", title=Text(zh="已计", en="Counted"), of=lambda x: len(x.child.counted)),
        Column(
            name="evidence",
            title=Text(zh="计入的日期", en="Counted, of"),
            of=lambda x: _counted(x.child),
        ),
        Column(
            name="rejected",
            title=Text(zh="未计入及原因", en="Not counted, why"),
            of=lambda x: _rejected(x.child),
            lines=True,
        ),
        Column(name="org", title=Text(zh="机构", en="Organisation"), of=lambda x: x.child.org, beside=True),
        Column(name="bound", title=BOUND, of=lambda x: x.bound, beside=True),
    ),
    child=lambda short: short.child.child_id,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortOfLevel:
    """A carer, home or unit that was short in a period, or of which nobody can tell; `name` if it has one."""

    level: LevelStanding
    each: ShortSubject
    name: str


LEVELS: Table[LevelStanding] = Table(
    name="levels",
    title=Text(zh="其他层级", en="Levels"),
    columns=(
        Column(name="subject", title=Text(zh="对象", en="Subject"), of=lambda x: x.subject),
        Column(name="subjects", title=Text(zh="对象数", en="Subjects"), of=lambda x: x.subjects, beside=True),
        Column(name="bound", title=BOUND, of=lambda x: x.bound),
        Column(name="due", title=Text(zh="应达标", en="Due"), of=lambda x: x.due),
        Column(name="met", title=Text(zh="达标", en="Met"), of=lambda x: x.met),
        Column(
            name="percent",
            title=Text(zh="达标率（%）", en="Met (%)"),
            of=lambda x: round(100 * x.met / x.due, 1) if x.due else None,
            beside=True,
        ),
        Column(name="short", title=Text(zh="未达标", en="Short"), of=lambda x: len(x.short)),
        Column(name="pending", title=Text(zh="进行中", en="Pending"), of=lambda x: x.pending),
        Column(
            name="not_applicable", title=Text(zh="不适用", en="Not applicable"), of=lambda x: x.not_applicable
        ),
        Column(name="unspecified", title=Text(zh="未定次数", en="Unspecified"), of=lambda x: x.unspecified),
        Column(
            name="unevaluable",
            title=Text(zh="无法评定", en="Cannot be evaluated"),
            of=lambda x: x.unevaluable,
        ),
    ),
)
SHORT_OF_LEVEL: Table[ShortOfLevel] = Table(
    name="short_of_levels",
    title=Text(zh="其他层级未达标", en="Short of the levels"),
    columns=(
        Column(name="subject", title=Text(zh="对象", en="Subject"), of=lambda x: x.level.subject),
        Column(
            name="name",
            title=Text(zh="名称", en="Name"),
            of=lambda x: x.name,
            sensitivity=Sensitivity.PERSONAL,
        ),
        Column(name="period", title=Text(zh="周期", en="Period"), of=lambda x: x.each.period.name),
        Column(name="status", title=Text(zh="结果", en="Status"), of=lambda x: x.each.status),
        Column(name="required", title=Text(zh="应有", en="Required"), of=lambda x: x.each.required),
        Column(name="achieved", title=Text(zh="已做", en="Achieved"), of=lambda x: x.each.achieved),
        Column(
            name="unreached",
            title=Text(zh="未覆盖儿童数", en="Children not reached"),
            of=lambda x: len(x.each.unreached),
        ),
        Column(name="org", title=Text(zh="机构", en="Organisation"), of=lambda x: x.each.org, beside=True),
    ),
)


def read(asked: Asked) -> Found:
    """Judge the children of an organisation under a rule."""
    found = asked.reports.org_compliance(
        org=asked.org,
        rule_id=asked.word("rule") or "",
        period=asked.word("period"),
        as_of=asked.day("as_of"),
        as_known_at=asked.moment("as_known_at"),
    )
    span = f"{found.period.first} – {found.period.last}"
    return Found(
        title=Text(zh=f"{found.rule_id}，{span}", en=f"{found.rule_id}, {span}"),
        tables=(*_tables(found), *_levels(asked, found)),
        population=WATCHED,
        clocks=found.clocks,
        notes=found.notes,
        answer=_answer(found),
    )


def _tables(found: OrgCompliance) -> Iterator[Filled]:
    if found.bound:
        title = Text(zh=f"适用该规则的 {found.bound} 人：", en=f"The {found.bound} for whom it was bound:")
        yield from _group(Group(standing=found, bound=True), title=title)
    if children := found.unbound.children:
        title = Text(
            zh=f"不适用该规则的 {children} 人，假定适用：",
            en=f"The {children} for whom it was not, as if it had been:",
        )
        yield from _group(Group(standing=found.unbound, bound=False), title=title)


def _levels(asked: Asked, found: OrgCompliance) -> Iterator[Filled]:
    if not found.levels:
        return
    yield LEVELS.filled(found.levels)
    short = [(level, each) for level in found.levels for each in (*level.short, *level.untold)]
    ids = [each.subject_id for level, each in short if level.subject is Subject.CARER]
    names = asked.system.carers.names(ids, counties=[county_of(asked.org)]) if ids else {}
    yield SHORT_OF_LEVEL.filled(
        [
            ShortOfLevel(level=level, each=each, name=names.get(each.subject_id) or each.name)
            for level, each in short
        ]
    )


def _group(group: Group, *, title: Text) -> Iterator[Filled]:
    yield FIGURES.filled([group], title=title)
    short = [Short(child=child, bound=group.bound) for child in group.standing.short]
    number = Text(
        zh=f"未达标 {len(short)} 人{'：' if short else '。'}",
        en=f"{len(short)} short{':' if short else '.'}",
    )
    yield SHORT.filled(short, title=number)


def _percent(standing: Standing) -> float | None:
    return round(100 * standing.met / standing.due, 1) if standing.due else None


def _counted(child: ShortChild) -> tuple[Evidence, ...]:
    return tuple(Evidence(child_id=child.child_id, event_id=i, day=child.days.get(i)) for i in child.counted)


def _rejected(child: ShortChild) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            child_id=child.child_id,
            event_id=each.event_id,
            day=child.days.get(each.event_id),
            reason=each.reason,
        )
        for each in child.rejected
    )


def _answer(found: OrgCompliance) -> dict[str, object]:
    unbound = found.unbound
    return {
        "rule_id": found.rule_id,
        "period": {"name": found.period.name, "first": found.period.first, "last": found.period.last},
        "bound": found.bound,
        **_shown(found),
        **({"unbound": {"children": unbound.children, **_shown(unbound)}} if unbound.children else {}),
        **({"levels": [_level_shown(level) for level in found.levels]} if found.levels else {}),
    }


def _shown(standing: Standing) -> dict[str, object]:
    figures = ("due", "met", "pending", "not_applicable", "unspecified")
    return {
        **{name: getattr(standing, name) for name in figures},
        "short": [
            {
                "case_no": s.case_no,
                "student_no": s.student_no,
                "counted": s.counted,
                "required": s.required,
                "rejected": [{"event_id": r.event_id, "reason": r.reason} for r in s.rejected],
            }
            for s in standing.short
        ],
    }


def _level_shown(level: LevelStanding) -> dict[str, object]:
    figures = ("subjects", "bound", "due", "met", "pending", "not_applicable", "unspecified", "unevaluable")
    return {
        "subject": level.subject,
        **{name: getattr(level, name) for name in figures},
        "short": [
            {
                "subject_id": each.subject_id,
                "org": each.org,
                "period": each.period.name,
                "status": each.status,
                "required": each.required,
                "achieved": each.achieved,
                "unreached": each.unreached,
            }
            for each in (*level.short, *level.untold)
        ],
    }


REPORT = Report(
    name="compliance",
    title=Text(zh="规则达标情况", en="Compliance with a rule"),
    text=Text(zh="规则达标情况，附依据", en="Whether a rule was met, and on what evidence."),
    filters=(filters.ONE_ORG, RULE, filters.PERIOD, filters.AS_OF, filters.AS_KNOWN_AT),
    tables=(LEVELS, SHORT_OF_LEVEL, FIGURES, SHORT),
    read=read,
    topic=Topic.WATCH,
    order=30,
)
