"""A rule as answers tell it: all of it, every default written out."""

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from api.answer import Answer, Label, shown
from domain.choices import CarerKind, Tag
from domain.left_behind import LeftBehindClass
from domain.rules.periods import PeriodKind
from domain.rules.rule import Rule, rule_to_data
from domain.rules.words import During, EachOf, Festival, Op, Predicate, Severity, Subject, Weekday


class RuleFilter(Answer, kw_only=True):
    """Events that count: those of a type that pass everything else said here."""

    type: Annotated[str, shown("事件类型", "Type of event", "See /v1/event-types.")]
    where: Annotated[
        dict[str, list[str]],
        shown(
            "字段取值",
            "Where",
            "Fields of the type, with the words allowed there; `parent` is either parent.",
        ),
    ]
    min_minutes: Annotated[int | UnsetType, shown("最短分钟数", "Minutes at least")] = UNSET
    by: Annotated[
        CarerKind | UnsetType,
        shown("帮扶人类别", "By", "One of its carers is paired with the child as that kind on that day."),
    ] = UNSET
    record: Annotated[bool, shown("须有记录", "Record", "Whether it needs its written record.")]
    all_of: Annotated[
        dict[str, list[str]] | UnsetType,
        shown("须全部包含", "All of", "Lists of the type that must hold all of these words."),
    ] = UNSET
    says: Annotated[
        dict[str, list[str]] | UnsetType,
        shown("文字须包含", "Says", "Texts of the type that must have one of these words in them."),
    ] = UNSET
    filled: Annotated[
        list[str] | UnsetType, shown("须填写", "Filled", "Fields of the type that must not be empty.")
    ] = UNSET
    at_least: Annotated[
        dict[str, int] | UnsetType,
        shown("不少于", "At least", "Numbers, or lengths of lists, and the least that they must be."),
    ] = UNSET
    parties: Annotated[
        list[list[str]] | UnsetType,
        shown("双方", "Parties", "Each end belongs to another of these groups, whoever began."),
    ] = UNSET
    open: Annotated[
        list[str] | UnsetType, shown("时段", "Open", "Two times of the day between which it went on.")
    ] = UNSET
    on: Annotated[list[Weekday] | UnsetType, shown("星期", "On", "The weekdays that count.")] = UNSET
    role: Annotated[
        list[str] | UnsetType, shown("登记人角色", "Role", "The roles of who may have recorded it.")
    ] = UNSET
    holds: Annotated[
        list[Predicate] | UnsetType, shown("当日条件", "Holds", "What must be true of the child that day.")
    ] = UNSET


class RuleEach(Answer, kw_only=True):
    """In each of what a requirement must hold by itself."""

    every: Annotated[EachOf, shown("在每个", "Each")]
    phases: Annotated[list[PeriodKind] | UnsetType, shown("学期阶段", "Phases")] = UNSET
    festivals: Annotated[list[Festival] | UnsetType, shown("节日", "Festivals")] = UNSET
    type: Annotated[str | UnsetType, shown("触发事件", "Type", "The type that calls for it.")] = UNSET
    where: Annotated[
        dict[str, list[str]] | UnsetType,
        shown("触发条件", "Where", "Its fields, with the words that are meant."),
    ] = UNSET
    days: Annotated[int | UnsetType, shown("天数", "Days", "How many there are for it.")] = UNSET


class RuleRequirement(Answer, kw_only=True):
    """How many events a period needs, each passing any of the filters."""

    any_of: Annotated[list[RuleFilter], shown("任一条件", "Any of")]
    n: Annotated[
        int | UnsetType,
        shown("次数", "Number", "Missing where the regulation names none: nothing is scored then."),
    ] = UNSET
    distinct_days: Annotated[bool, shown("按天计数", "Distinct days", "Several on one day count once.")]
    op: Annotated[Op | UnsetType, shown("比较", "Operator", "at_least where it is missing.")] = UNSET
    each: Annotated[
        RuleEach | UnsetType, shown("逐段要求", "Each", "In each of which it must hold by itself.")
    ] = UNSET
    share: Annotated[
        float | UnsetType, shown("覆盖比例", "Share", "Of how many of the children it must hold.")
    ] = UNSET
    standing: Annotated[
        bool | UnsetType, shown("按在结对数", "Standing", "Pairings are counted that stand in the end.")
    ] = UNSET
    untold: Annotated[
        Label | UnsetType, shown("无法评定的原因", "Untold", "Why no entry can tell: it is never met.")
    ] = UNSET


class RuleGroup(Answer, kw_only=True):
    """Children for whom a rule is made: those of whom all of this is true on the first day."""

    definition: Annotated[str | UnsetType, shown("留守儿童口径", "Definition")] = UNSET
    counts_as: Annotated[list[LeftBehindClass] | UnsetType, shown("类别", "Counts as")] = UNSET
    tags: Annotated[list[Tag] | UnsetType, shown("重点类别", "Tags")] = UNSET
    classes: Annotated[list[str] | UnsetType, shown("年级或班级", "Grades or classes")] = UNSET
    from_age: Annotated[int | UnsetType, shown("年龄下限", "From age")] = UNSET
    under_age: Annotated[int | UnsetType, shown("不满", "Under age")] = UNSET
    boarding: Annotated[bool | UnsetType, shown("寄宿", "Boarding")] = UNSET


_Population = Annotated[
    list[RuleGroup] | UnsetType, shown("适用儿童", "Population", "All children where it is missing.")
]
_During = Annotated[During | UnsetType, shown("期间限制", "During", "On which days there is a duty.")]


class RuleLevel(Answer, kw_only=True):
    """A further level of a rule."""

    subject: Annotated[Subject, shown("对象", "Subject")]
    period: Annotated[PeriodKind, shown("周期", "Period")]
    requirements: Annotated[list[RuleRequirement], shown("要求", "Requirements")]
    min_active: Annotated[float, shown("最低在册比例", "Share in force")]
    population: _Population = UNSET
    during: _During = UNSET


class RuleContent(Answer, kw_only=True):
    """What a regulation demands. All of the requirements must hold."""

    rule_id: Annotated[str, shown("规则代码", "Id of the rule", "Such as C39.")]
    version: Annotated[int, shown("规则版本", "Version of the rule")]
    title: Annotated[Label, shown("名称", "Title")]
    source: Annotated[str, shown("依据", "Source", "The regulation.")]
    period: Annotated[PeriodKind, shown("周期", "Period")]
    requirements: Annotated[list[RuleRequirement], shown("要求", "Requirements")]
    responsible_role: Annotated[str, shown("责任角色", "Responsible role")]
    severity: Annotated[Severity, shown("严重程度", "Severity")]
    subject: Annotated[Subject, shown("对象", "Subject", "Whom the duty is about.")]
    min_active: Annotated[
        float,
        shown(
            "最低在册比例",
            "Share in force",
            "Of the days of the period, for the duty to fall due.",
        ),
    ]
    population: _Population = UNSET
    during: _During = UNSET
    levels: Annotated[
        list[RuleLevel] | UnsetType, shown("其他层级", "Levels", "Judged beside it, each by itself.")
    ] = UNSET


def rule_content(rule: Rule) -> RuleContent:
    """Write a rule as an answer."""
    return msgspec.convert(rule_to_data(rule), type=RuleContent)
