"""Rules as files: TOML texts, each with one rule or with a whole regime under `[[rules]]`."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from domain.reasons import MISSING, RULE_TWICE, WRONG_VALUE
from domain.refusal import Fault, Invalid, Reason, invalid
from domain.rules.rule import Rule
from domain.rules.rule_check import check_rule, rule_from_data
from domain.rules.toml_lines import line_of, line_of_error

NOT_TOML = Reason(code="not_toml", zh="不是有效的 TOML 文本", en="Not a valid TOML text.")

RulesByVersion = Mapping[tuple[str, int], Rule]


@cache
def presets() -> RulesByVersion:
    """Read the rules that ship with CareLedger, by id and version."""
    folder = files("domain.rules").joinpath("presets")
    texts = (file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(".toml"))
    return load_rules(texts)


def load_rules(texts: Iterable[str]) -> RulesByVersion:
    """Read the rules of TOML texts, by id and version.

    Raises `Invalid` where a text is not TOML, a rule is faulty or given twice.
    """
    rules: dict[tuple[str, int], Rule] = {}
    for text in texts:
        for data, at in _rules_in(text):
            rule = rule_from_data(data, at=at)
            key = (rule.rule_id, rule.version)
            if key in rules:
                raise invalid(RULE_TWICE, f"{at}/version")
            rules[key] = rule
    return MappingProxyType(dict(sorted(rules.items())))


def check_text(text: str) -> tuple[Fault, ...]:
    """List what is wrong with a TOML text of rules; nothing when it may be used."""
    try:
        faults = tuple(fault for data, at in _rules_in(text) for fault in check_rule(data, at=at))
        if not faults:
            load_rules((text,))
    except Invalid as refused:
        return refused.faults
    return faults


def placed(text: str, fault: Fault) -> int | None:
    """Return in which line of a text a fault lies, from 1; None where that is the whole of it."""
    if fault.reason is NOT_TOML:
        try:
            tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            return line_of_error(error)
        except RecursionError:
            return None
    return line_of(text, fault.pointer)


def _rules_in(text: str) -> list[tuple[object, str]]:
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        raise invalid(NOT_TOML) from None
    if "rules" not in data:
        return [(data, "")]
    rules = data["rules"]
    if len(data) > 1 or not isinstance(rules, list):
        raise invalid(WRONG_VALUE, "/rules")
    if not rules:
        raise invalid(MISSING, "/rules/0")
    return [(rule, f"/rules/{i}") for i, rule in enumerate(rules)]
