"""Which rules hold for which organisation from which day on."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from api import fields as f
from api.answer import Answer, Noted, Org, shown
from api.operation import ORG
from api.resource import Answered, Call, Resource
from api.rule_content import RuleContent, rule_content
from api.schemas import Strict, exactly_one, typed
from application.access import Action
from application.organisations.governance import Governance
from application.organisations.units import Units
from application.reasons import UNKNOWN_RULE
from application.reports.notes import ORGANISATION_UNREAD
from domain.refusal import Fault, Invalid, Reason, not_one_of
from domain.rules.binding import RuleBinding as Binding
from domain.rules.rule import Rule
from domain.rules.rule_check import rule_from_data
from domain.rules.rule_files import RulesByVersion

RESOURCE = Resource(
    guide="concepts-verdicts", tag="rule-bindings", zh="规则", en="Which rules hold where, from when."
)
RULE_OR_ID = Reason(
    code="rule_or_id", zh="rule 与 rule_id 须恰好填写其一", en="Give exactly one of rule and rule_id."
)


class BindingIn(Strict):
    """A rule by its id, in its newest version unless one is named, or a whole rule of one's own."""

    CONDITIONS = (exactly_one("rule", "rule_id"), {"not": {"required": ["rule", "version"]}})

    org = f.Path(required=True, zh="机构", en="Organisation")
    rule_id = f.Text(longest=40, blank=False, zh="规则代码", en="Id of the rule")
    version = f.Whole(least=1, most=1_000_000, zh="规则版本", en="Version of the rule")
    rule = f.Open(zh="规则内容", en="Rule", text="As /v1/rules tells one.")
    effective_from = f.Day(required=True, zh="生效日", en="Effective from")
    effective_to = f.Day(zh="失效日", en="Effective to")


class RuleBinding(Answer):
    """A rule that holds for an organisation and all below it."""

    binding_event_id: Annotated[UUID, shown("绑定编号", "Id of the binding")]
    org: Org
    rule_id: Annotated[str, shown("规则代码", "Id of the rule", "Such as C39.")]
    version: Annotated[int, shown("规则版本", "Version of the rule")]
    effective_from: Annotated[date, shown("生效日", "Effective from")]
    effective_to: Annotated[date | None, shown("失效日", "Effective to", "The first day it no longer holds.")]
    rule: Annotated[RuleContent, shown("规则内容", "The rule", "As it was bound, whole.")]


class RuleBindingList(Noted, kw_only=True):
    """What is bound to an organisation, to those above it and to those below."""

    items: Annotated[list[RuleBinding], shown("条目", "Items")]


@RESOURCE.operation(
    "GET",
    "/v1/rule-bindings",
    zh="列出启用的规则",
    en="List the rules that hold",
    answers={200: RuleBindingList},
    params=(ORG,),
)
def list_rule_bindings(call: Call) -> RuleBindingList:
    """List what is bound to an organisation, to those above it and to those below.

    列出机构本身、上级和下级所适用的规则。
    """
    org = call.org(Action.READ)
    lost: dict[str, str] = {}
    bindings = call.system.organisations.governance.bindings_below(org, unread=lost.__setitem__)
    notes = call.notes([ORGANISATION_UNREAD] if lost else [])
    return RuleBindingList(items=[_shown(binding) for binding in bindings], notes=notes)


@RESOURCE.operation(
    "POST",
    "/v1/rule-bindings",
    zh="启用规则",
    en="Bind a rule",
    request=BindingIn,
    answers={201: RuleBinding, 200: RuleBinding},
    action=Action.MANAGE,
    uses=(Governance.bind_rule, rule_from_data, Units.spelled),
    codes=(RULE_OR_ID.code, UNKNOWN_RULE.code),
)
def bind_rule(call: Call) -> Answered:
    """Bind a rule to an organisation and all below it from a day on; the same again is nothing new.

    Nothing is edited: a newer version follows from a later day.

    自某日起对机构及其下级适用一项规则，重复提交不产生新内容。已有的适用不作修改：
    新版本从更晚的日期起适用。
    """
    words, organisations = call.body(), call.system.organisations
    org, rule = organisations.spelled(words["org"]), _rule(words, call.context.rules)
    before = {binding.binding_event_id for binding in organisations.governance.bindings([org])}
    bound = organisations.governance.bind_rule(
        org,
        rule=rule,
        effective_from=typed(date, words["effective_from"]),
        effective_to=typed(date, words["effective_to"]) if "effective_to" in words else None,
        actor=call.actor,
    )
    return Answered(body=_shown(bound), status=200 if bound.binding_event_id in before else 201)


def _rule(words: dict[str, Any], rules: RulesByVersion) -> Rule:
    if ("rule" in words) == ("rule_id" in words) or ("rule" in words and "version" in words):
        raise Invalid(Fault(reason=RULE_OR_ID, pointer="/rule_id"))
    if "rule" in words:
        return rule_from_data(words["rule"], at="/rule")
    wanted = words.get("version")
    found = [
        rule
        for (rule_id, version), rule in rules.items()
        if rule_id == words["rule_id"] and wanted in (None, version)
    ]
    if not found:
        known = {rule_id for rule_id, _ in rules}
        raise Invalid(not_one_of(UNKNOWN_RULE, "/rule_id", said=words["rule_id"], known=known))
    return max(found, key=lambda rule: rule.version)


def _shown(binding: Binding) -> RuleBinding:
    rule = binding.rule
    return RuleBinding.of(binding, rule_id=rule.rule_id, version=rule.version, rule=rule_content(rule))
