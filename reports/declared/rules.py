"""The rules that are known here, and where each holds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from application.access import Action
from application.organisations.known_rules import known_rules
from domain.refusal import Text
from domain.rules.binding import RuleBinding
from domain.rules.clocks import clocks
from domain.rules.rule import Rule
from reports import filters
from reports.report import WATCHED, Asked, Column, Found, Report, Table, Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A rule, and an organisation for which it holds; None where it holds for none of those asked about."""

    rule: Rule
    binding: RuleBinding | None


RULES: Table[Held] = Table(
    columns=(
        Column(name="rule_id", title=Text(zh="规则", en="Rule"), of=lambda x: x.rule.rule_id),
        Column(name="rule_version", title=Text(zh="版本", en="Version"), of=lambda x: x.rule.version),
        Column(name="title", title=Text(zh="名称", en="Title"), of=lambda x: x.rule.title),
        Column(
            name="org", title=Text(zh="适用机构", en="Holds for"), of=lambda x: x.binding and x.binding.org
        ),
        Column(
            name="effective_from",
            title=Text(zh="生效日", en="Effective from"),
            of=lambda x: x.binding and x.binding.effective_from,
        ),
        Column(
            name="effective_to",
            title=Text(zh="失效日", en="Effective to"),
            of=lambda x: x.binding and x.binding.effective_to,
        ),
        Column(name="source", title=Text(zh="来源", en="Source"), of=lambda x: x.rule.source, beside=True),
    ),
)


def read(asked: Asked) -> Found:
    """List every known rule, once for each organisation for which it holds."""
    bindings = asked.system.organisations.governance.bindings_below(
        asked.org, unread=asked.reports.unread_org
    )
    rules = {(b.rule.rule_id, b.rule.version): b.rule for b in bindings} | dict(
        known_rules(asked.system.settings)
    )
    held = [each for key in sorted(rules) for each in _held(rules[key], bindings)]
    return Found(
        tables=(RULES.filled(held),), population=WATCHED, clocks=clocks(now=asked.system.now()), notes=()
    )


def _held(rule: Rule, bindings: Sequence[RuleBinding]) -> Iterator[Held]:
    of_it = [b for b in bindings if (b.rule.rule_id, b.rule.version) == (rule.rule_id, rule.version)]
    if not of_it:
        yield Held(rule=rule, binding=None)
    for binding in sorted(of_it, key=lambda b: (b.org, b.effective_from)):
        yield Held(rule=binding.rule, binding=binding)


REPORT = Report(
    name="rules",
    title=Text(zh="规则", en="Rules"),
    text=Text(zh="已知的规则，以及各在哪里适用", en="The rules that are known, and where each holds."),
    filters=(filters.ORG,),
    tables=(RULES,),
    read=read,
    action=Action.READ,
    topic=Topic.WATCH,
    order=45,
)
