"""Which rules hold for which organisation from which day on."""

from datetime import date
from typing import Any

import falcon

from api.context import Context
from api.exchange import actor_of, answer
from api.operation import ORG, operation
from api.request_bodies import BindingIn
from api.schemas import loaded, typed
from api.scope import noted, org_asked
from application.access import Action, require
from application.organisations.known_rules import known_rules
from application.reasons import UNKNOWN_RULE
from application.reports.notes import ORGANISATION_UNREAD
from domain.refusal import Fault, Invalid, Reason
from domain.rules.binding import RuleBinding
from domain.rules.rule import Rule, rule_to_data
from domain.rules.rule_check import rule_from_data

RULE_OR_ID = Reason(
    code="rule_or_id", zh="rule 与 rule_id 须恰好填写其一", en="Give exactly one of rule and rule_id."
)

_CODES = (
    "rule_or_id",
    "unknown_rule",
    "unknown_org",
    "ends_before_it_begins",
    "binding_overlaps",
    "rewrites_the_past",
    "bad_org_path",
    "has_no_carers",
    "has_no_record",
    "has_no_minutes",
    "no_such_filter",
    "unknown_word",
    "unknown_type",
    "not_a_name",
    "not_a_share",
    "bad_period",
    "busy",
)


class RuleBindingsResource:
    """The bindings of rules to organisations. Nothing is edited: a newer version follows from a later day."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._organisations = context.system.organisations
        self._rules = known_rules(context.system.settings)

    @operation(
        "List the rules that hold 规则",
        answers={200: "RuleBindings"},
        params=(ORG,),
        problems=(403, 404, 422),
    )
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List what is bound to an organisation, to those above it and to those below."""
        org = org_asked(req, self._context.system, action=Action.READ)
        lost: dict[str, str] = {}
        bindings = self._organisations.governance.bindings_below(org, unread=lost.__setitem__)
        notes = [ORGANISATION_UNREAD] if lost else []
        answer(resp, {"items": [_shown(b) for b in bindings], **noted(req, notes)})

    @operation(
        "Bind a rule 启用规则",
        request=BindingIn,
        answers={201: "RuleBinding", 200: "RuleBinding"},
        problems=(400, 403, 404, 409, 413, 415, 422),
        codes=_CODES,
    )
    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Bind a rule to an organisation and all below it from a day on; the same again is nothing new."""
        actor = actor_of(req)
        require(actor, Action.MANAGE, org=actor.org)
        words = loaded(BindingIn, self._context.body(req))
        org, rule = self._context.system.organisations.spelled(words["org"]), self._rule(words)
        before = {b.binding_event_id for b in self._organisations.governance.bindings([org])}
        bound = self._organisations.governance.bind_rule(
            org,
            rule=rule,
            effective_from=typed(date, words["effective_from"]),
            effective_to=typed(date, words["effective_to"]) if "effective_to" in words else None,
            actor=actor,
        )
        answer(resp, _shown(bound), status=200 if bound.binding_event_id in before else 201)

    def _rule(self, words: dict[str, Any]) -> Rule:
        if ("rule" in words) == ("rule_id" in words) or ("rule" in words and "version" in words):
            raise Invalid(Fault(reason=RULE_OR_ID, pointer="/rule_id"))
        if "rule" in words:
            return rule_from_data(words["rule"], at="/rule")
        wanted = words.get("version")
        found = [
            rule
            for (rule_id, version), rule in self._rules.items()
            if rule_id == words["rule_id"] and wanted in (None, version)
        ]
        if not found:
            raise Invalid(Fault(reason=UNKNOWN_RULE, pointer="/rule_id"))
        return max(found, key=lambda rule: rule.version)


def _shown(binding: RuleBinding) -> dict[str, Any]:
    return {
        "binding_event_id": binding.binding_event_id,
        "org": binding.org,
        "rule_id": binding.rule.rule_id,
        "version": binding.rule.version,
        "effective_from": binding.effective_from,
        "effective_to": binding.effective_to,
        "rule": rule_to_data(binding.rule),
    }
