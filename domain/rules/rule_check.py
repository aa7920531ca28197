"""What a rule given as data must fulfil before anything is judged by it."""

import re
from collections.abc import Iterator, Mapping

from domain.care_action import CareAction
from domain.catalogue import care_actions_by_type
from domain.fields import Choice, fields_of, text_faults
from domain.normal import is_blank
from domain.reasons import BLANK, TOO_FEW, TOO_LARGE, TOO_MANY, TOO_SMALL, UNKNOWN_TYPE, UNKNOWN_WORD
from domain.refusal import Fault, Invalid, Reason, escaped, refuses
from domain.rules.rule import Filter, Requirement, Rule, words_allowed
from domain.rules.strict import convert

MAX_N = 1000
MAX_MINUTES = 1440
MAX_ITEMS = 20
MAX_TEXT = 200

NOT_A_NAME = Reason(
    code="not_a_name",
    zh="只能由字母、数字、点、横线和下划线组成",
    en="Must be made of letters, digits, dots, dashes and underscores.",
)
NO_SUCH_FILTER = Reason(
    code="no_such_filter",
    zh="该类型没有可按词筛选的这一字段",
    en="This type has no such field with a fixed list of words.",
)
HAS_NO_CARERS = Reason(code="has_no_carers", zh="该类型不记录帮扶人", en="This type does not record a carer.")
HAS_NO_RECORD = Reason(code="has_no_record", zh="该类型没有记录内容", en="This type takes no record.")
HAS_NO_MINUTES = Reason(code="has_no_minutes", zh="该类型不记录时长", en="This type takes no minutes.")
NOT_A_SHARE = Reason(code="not_a_share", zh="须大于 0 且不超过 1", en="Must be greater than 0 and at most 1.")


@refuses(
    NOT_A_NAME,
    NO_SUCH_FILTER,
    HAS_NO_CARERS,
    HAS_NO_RECORD,
    HAS_NO_MINUTES,
    NOT_A_SHARE,
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
    yield from _bounds(rule.version, f"{at}/version", maximum=1_000_000)
    for text, pointer in ((rule.title.zh, "title/zh"), (rule.title.en, "title/en"), (rule.source, "source")):
        if is_blank(text):
            yield Fault(reason=BLANK, pointer=f"{at}/{pointer}")
        yield from text_faults(text, f"{at}/{pointer}", max_length=MAX_TEXT)
    if not 0 < rule.min_active <= 1:
        yield Fault(reason=NOT_A_SHARE, pointer=f"{at}/min_active")
    yield from _length(rule.requirements, f"{at}/requirements")
    for i, requirement in enumerate(rule.requirements):
        yield from _faults_of_requirement(requirement, f"{at}/requirements/{i}")


def _faults_of_requirement(requirement: Requirement, at: str) -> Iterator[Fault]:
    if requirement.n is not None:
        yield from _bounds(requirement.n, f"{at}/n", maximum=MAX_N)
    yield from _length(requirement.any_of, f"{at}/any_of")
    for i, wanted in enumerate(requirement.any_of):
        action = care_actions_by_type().get(wanted.type)
        if action is None:
            yield Fault(reason=UNKNOWN_TYPE, pointer=f"{at}/any_of/{i}/type")
        else:
            yield from _faults_of_filter(wanted, action, f"{at}/any_of/{i}")


def _faults_of_filter(wanted: Filter, action: CareAction, at: str) -> Iterator[Fault]:
    fields = {field.name: field for field in fields_of(action.details)}
    yield from _faults_of_where(
        wanted.where, {n: f.base for n, f in fields.items() if _is_choice(f.base)}, f"{at}/where"
    )
    if wanted.by is not None and not action.names_carers:
        yield Fault(reason=HAS_NO_CARERS, pointer=f"{at}/by")
    if wanted.record and action.record is None:
        yield Fault(reason=HAS_NO_RECORD, pointer=f"{at}/record")
    if wanted.min_minutes is not None:
        if "minutes" not in fields:
            yield Fault(reason=HAS_NO_MINUTES, pointer=f"{at}/min_minutes")
        yield from _bounds(wanted.min_minutes, f"{at}/min_minutes", maximum=MAX_MINUTES)


def _faults_of_where(
    where: Mapping[str, tuple[str, ...]], choices: Mapping[str, type[Choice]], at: str
) -> Iterator[Fault]:
    for name, words in where.items():
        pointer = f"{at}/{escaped(name)}"
        if name not in choices:
            yield Fault(reason=NO_SUCH_FILTER, pointer=pointer)
            continue
        yield from _length(words, pointer)
        for i, word in enumerate(words):
            if not words_allowed((word,), choices[name]) <= set(choices[name]):
                yield Fault(reason=UNKNOWN_WORD, pointer=f"{pointer}/{i}")


def _is_choice(base: object) -> bool:
    return isinstance(base, type) and issubclass(base, Choice)


def _bounds(value: int, pointer: str, *, maximum: int) -> Iterator[Fault]:
    if value < 1:
        yield Fault(reason=TOO_SMALL, pointer=pointer)
    if value > maximum:
        yield Fault(reason=TOO_LARGE, pointer=pointer)


def _length(items: tuple[object, ...], pointer: str) -> Iterator[Fault]:
    if not items:
        yield Fault(reason=TOO_FEW, pointer=pointer)
    if len(items) > MAX_ITEMS:
        yield Fault(reason=TOO_MANY, pointer=pointer)
