"""What a rule given as data must fulfil before anything is judged by it."""

import re
from collections.abc import Iterator, Mapping

from domain.catalogue import event_types
from domain.fields import fields_of, text_faults
from domain.ledger.event_type import EventType
from domain.left_behind import definitions
from domain.normal import is_blank
from domain.reasons import BLANK, MISSING, TOO_FEW, UNKNOWN_FIELD, UNKNOWN_TYPE, UNKNOWN_WORD, WRONG_VALUE
from domain.refusal import Fault, Invalid, Reason, not_one_of, refuses
from domain.rules.entries import UNITS, types_for
from domain.rules.filter_check import (
    bounds,
    faults_of_filter,
    faults_of_where,
    length,
)
from domain.rules.rule import Each, Group, Requirement, Rule, levels_of
from domain.rules.strict import convert
from domain.rules.windows import PHASES
from domain.rules.words import EachOf, Op, Subject

MAX_N = 1000
MAX_DAYS = 366
MAX_AGE = 100
MAX_TEXT = 200

NOT_A_NAME = Reason(
    code="not_a_name",
    zh="只能由字母、数字、点、横线和下划线组成",
    en="Must be made of letters, digits, dots, dashes and underscores.",
)
NOT_A_SHARE = Reason(code="not_a_share", zh="须大于 0 且不超过 1", en="Must be greater than 0 and at most 1.")
NOT_OF_SUBJECT = Reason(
    code="not_of_subject",
    zh="这类记录不计入该对象",
    en="Entries of this type don't count for this subject.",
)
NOT_FOR_SUBJECT = Reason(
    code="not_for_subject", zh="该对象不能提出这一要求", en="This can't be asked of this subject."
)
# What each way of parting a period needs beside its name, and may have.
_NEEDS = {EachOf.EVE: ("festivals",), EachOf.TRIGGER: ("type",)}
_MAY_HAVE = {EachOf.PHASE: ("phases",), EachOf.EVE: ("festivals",), EachOf.TRIGGER: ("type", "where", "days")}
_PARTS = ("phases", "festivals", "type", "where", "days")


@refuses(
    faults_of_filter,
    NOT_A_NAME,
    NOT_A_SHARE,
    NOT_OF_SUBJECT,
    NOT_FOR_SUBJECT,
    UNKNOWN_WORD,
    UNKNOWN_TYPE,
)
def rule_from_data(data: object, *, at: str = "") -> Rule:
    """Make a rule of JSON or TOML values.

    Raises `Invalid` with the JSON pointer, below `at`, of everything that is wrong with it.
    """
    rule = convert(Rule, data, at=at)
    faults = tuple(_faults(rule, at))
    if faults:
        raise Invalid(*faults)
    return rule


def check_rule(data: object, *, at: str = "") -> tuple[Fault, ...]:
    """List what is wrong with a rule given as JSON or TOML values; nothing when it may be used."""
    try:
        rule_from_data(data, at=at)
    except Invalid as refused:
        return refused.faults
    return ()


def _faults(rule: Rule, at: str) -> Iterator[Fault]:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", rule.rule_id):
        yield Fault(reason=NOT_A_NAME, pointer=f"{at}/rule_id")
    if not re.fullmatch(r"[a-z][a-z_]{0,39}", rule.responsible_role):
        yield Fault(reason=NOT_A_NAME, pointer=f"{at}/responsible_role")
    yield from bounds(rule.version, f"{at}/version", maximum=1_000_000)
    for text, pointer in ((rule.title.zh, "title/zh"), (rule.title.en, "title/en"), (rule.source, "source")):
        if is_blank(text):
            yield Fault(reason=BLANK, pointer=f"{at}/{pointer}")
        yield from text_faults(text, f"{at}/{pointer}", max_length=MAX_TEXT)
    for number, level in enumerate(levels_of(rule)):
        yield from _faults_of_level(level, f"{at}/levels/{number - 1}" if number else at)


def _faults_of_level(rule: Rule, at: str) -> Iterator[Fault]:
    if "/levels/" in at and rule.subject is Subject.CHILD:
        # Of the levels of a rule that of children is the first.
        yield Fault(reason=NOT_FOR_SUBJECT, pointer=f"{at}/subject")
    if not 0 < rule.min_active <= 1:
        yield Fault(reason=NOT_A_SHARE, pointer=f"{at}/min_active")
    if rule.population is not None:
        yield from length(rule.population, f"{at}/population")
    for i, group in enumerate(rule.population or ()):
        yield from _faults_of_group(group, f"{at}/population/{i}")
    yield from length(rule.requirements, f"{at}/requirements")
    for i, requirement in enumerate(rule.requirements):
        yield from _faults_of_requirement(requirement, rule.subject, f"{at}/requirements/{i}")


def _faults_of_requirement(requirement: Requirement, subject: Subject, at: str) -> Iterator[Fault]:
    if requirement.n is not None:
        least = 0 if requirement.op in (Op.AT_MOST, Op.EXACTLY) else 1
        yield from bounds(requirement.n, f"{at}/n", maximum=MAX_N, minimum=least)
    if requirement.untold is None:
        yield from length(requirement.any_of, f"{at}/any_of")
    if requirement.share is not None:
        if subject not in UNITS:
            yield Fault(reason=NOT_FOR_SUBJECT, pointer=f"{at}/share")
        if not 0 < requirement.share <= 1:
            yield Fault(reason=NOT_A_SHARE, pointer=f"{at}/share")
    if requirement.each is not None:
        yield from _faults_of_each(requirement.each, subject, f"{at}/each")
    # Of a share each child is asked, by what stands in its own file.
    asked = Subject.CHILD if requirement.share is not None else subject
    for i, wanted in enumerate(requirement.any_of):
        pointer = f"{at}/any_of/{i}"
        found = _type_named(wanted.type, asked)
        if isinstance(found, Reason):
            yield Fault(reason=found, pointer=f"{pointer}/type")
            continue
        if requirement.standing and wanted.type != "pairing_started":
            yield Fault(reason=NOT_FOR_SUBJECT, pointer=f"{pointer}/type")
        yield from faults_of_filter(wanted, found, pointer)


def _type_named(name: str, subject: Subject) -> EventType | Reason:
    known: Mapping[str, EventType] = types_for(subject)
    if name in known:
        return known[name]
    return NOT_OF_SUBJECT if name in event_types() else UNKNOWN_TYPE


def _faults_of_each(each: Each, subject: Subject, at: str) -> Iterator[Fault]:
    for name in _PARTS:
        said = getattr(each, name)
        if said is None and name in _NEEDS.get(each.every, ()):
            yield Fault(reason=MISSING, pointer=f"{at}/{name}")
        if said is not None and name not in _MAY_HAVE.get(each.every, ()):
            yield Fault(reason=UNKNOWN_FIELD, pointer=f"{at}/{name}")
    for i, phase in enumerate(each.phases or ()):
        if phase not in PHASES:
            yield Fault(reason=WRONG_VALUE, pointer=f"{at}/phases/{i}")
    if each.festivals == () or each.phases == ():
        yield Fault(reason=TOO_FEW, pointer=at)
    if each.days is not None:
        yield from bounds(each.days, f"{at}/days", maximum=MAX_DAYS, minimum=0)
    if each.every is EachOf.TRIGGER and each.type is not None:
        found = _type_named(each.type, subject)
        if isinstance(found, Reason):
            yield Fault(reason=found, pointer=f"{at}/type")
        else:
            fields = {field.name: field for field in fields_of(found.details)}
            yield from faults_of_where(each.where or {}, fields, f"{at}/where")


def _faults_of_group(group: Group, at: str) -> Iterator[Fault]:
    if group == Group():
        yield Fault(reason=TOO_FEW, pointer=at)
    if group.definition is not None and group.definition not in definitions():
        yield not_one_of(UNKNOWN_WORD, f"{at}/definition", said=group.definition, known=definitions())
    for name in ("counts_as", "tags", "classes"):
        if getattr(group, name) is not None:
            yield from length(getattr(group, name), f"{at}/{name}")
    for name in ("from_age", "under_age"):
        if getattr(group, name) is not None:
            yield from bounds(getattr(group, name), f"{at}/{name}", maximum=MAX_AGE)
