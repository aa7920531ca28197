"""Rules that are known here, bound to an organisation or not."""

from collections.abc import Mapping
from typing import Annotated

from api.answer import Answer, Noted, shown
from api.resource import Call, Resource
from api.rule_content import RuleContent, rule_content
from application.access import Action

RESOURCE = Resource(
    guide="concepts-verdicts", tag="rules", zh="规则库", en="Rules that may be bound to organisations."
)


class KnownRule(Answer):
    """A version of a rule."""

    rule_id: Annotated[str, shown("规则编号", "Id of the rule", "Names it when it is bound.")]
    version: Annotated[int, shown("版本", "Version", "A changed rule is a new version.")]
    title: Annotated[Mapping[str, str], shown("名称", "Title", "In Chinese and English.")]
    rule: Annotated[RuleContent, shown("内容", "Rule", "All of it, as it is written into a binding.")]


class RuleList(Noted):
    """All versions of all rules that are known, by id and version."""

    items: Annotated[list[KnownRule], shown("条目", "Items")]


@RESOURCE.operation(
    "GET",
    "/v1/rules",
    zh="列出规则库",
    en="List the known rules",
    answers={200: RuleList},
    action=Action.READ,
    leads_to=("bind_rule",),
)
def list_rules(call: Call) -> RuleList:
    """List the rules that come with CareLedger and those of this deployment, bound or not.

    列出系统自带和本地自定的规则，不论是否已适用。
    """
    return RuleList(
        items=[
            KnownRule(
                rule_id=rule.rule_id,
                version=rule.version,
                title={"zh": rule.title.zh, "en": rule.title.en},
                rule=rule_content(rule),
            )
            for rule in call.context.rules.values()
        ]
    )
