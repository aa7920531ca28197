"""A rule as answers tell it: all of it, every default written out."""

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from api.answer import Answer, Label, shown
from domain.choices import CarerKind
from domain.rules.periods import PeriodKind
from domain.rules.rule import Rule, Severity, Subject, rule_to_data


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


class RuleRequirement(Answer, kw_only=True):
    """How many events a period needs, each passing any of the filters."""

    any_of: Annotated[list[RuleFilter], shown("任一条件", "Any of")]
    n: Annotated[
        int | UnsetType,
        shown("次数", "Number", "Missing where the regulation names none: nothing is scored then."),
    ] = UNSET
    distinct_days: Annotated[bool, shown("按天计数", "Distinct days", "Several on one day count once.")]


class RuleContent(Answer):
    """What a regulation demands for each child. All of the requirements must hold."""

    rule_id: Annotated[str, shown("规则代码", "Id of the rule", "Such as C39.")]
    version: Annotated[int, shown("规则版本", "Version of the rule")]
    title: Annotated[Label, shown("名称", "Title")]
    source: Annotated[str, shown("依据", "Source", "The regulation.")]
    period: Annotated[PeriodKind, shown("周期", "Period")]
    requirements: Annotated[list[RuleRequirement], shown("要求", "Requirements")]
    responsible_role: Annotated[str, shown("责任角色", "Responsible role")]
    severity: Annotated[Severity, shown("严重程度", "Severity")]
    subject: Annotated[Subject, shown("对象", "Subject", "Who is owed the care.")]
    min_active: Annotated[
        float,
        shown(
            "最低在册比例",
            "Share in force",
            "Of the days of the period, for the duty to fall due.",
        ),
    ]


def rule_content(rule: Rule) -> RuleContent:
    """Write a rule as an answer."""
    return msgspec.convert(rule_to_data(rule), type=RuleContent)
