"""The numbers that an office sets for itself: capacities of carers and the escalation policy of silence."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from domain.alert_kind import UNCONTACTED, alert_kinds
from domain.choices import CarerKind
from domain.ladder import EscalationPolicy, Ladders, Steps, ascends
from domain.org import Step


class BadPolicy(Exception):
    """A policy file can't be used; the message says which entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """`capacity` is the most children at once by kind of pairing; a kind not named has no limit.

    `ladders` are those of all kinds of alerts, where no unit said otherwise.
    A transfer that nobody has decided for more than `transfer_days` is overdue.
    """

    capacity: Mapping[CarerKind, int]
    escalation: EscalationPolicy
    ladders: Ladders
    transfer_days: int


@cache
def default_policy() -> Policy:
    """Return the policy that comes with the program."""
    return policy_from_text(resources.files("domain").joinpath("policy.toml").read_text(encoding="utf-8"))


def policy_from_text(text: str) -> Policy:
    """Read a policy from TOML. Raises BadPolicy."""
    try:
        data = tomllib.loads(text)
        capacity = {CarerKind.from_word(kind): _number(data, "capacity", kind) for kind in data["capacity"]}
        days = [(step, _number(data, "uncontacted", step.value)) for step in Step]
        # A policy of a deployment's own may be older than this entry.
        transfer_days = _number({"transfer": {"days": 7}} | data, "transfer", "days")
        ladders = {name: _ladder(data, name) or kind.steps for name, kind in alert_kinds().items()}
        hour = _number(data, "uncontacted", "hour", least=0)
    except (tomllib.TOMLDecodeError, KeyError, ValueError) as error:
        raise BadPolicy(f"the policy is not complete or not valid: {error}") from None
    if hour > 23 or not ascends(tuple(days)):
        raise BadPolicy("uncontacted: the hour is 0 to 23, and each step has more days than the one before")
    return Policy(
        capacity=capacity,
        escalation=EscalationPolicy(steps=tuple(days), hour=hour),
        ladders=Ladders(
            come_with={**ladders, UNCONTACTED: tuple(days)},
            off=frozenset(kind.name for kind in alert_kinds().values() if not kind.on),
        ),
        transfer_days=transfer_days,
    )


def _ladder(data: Mapping[str, Mapping[str, object]], kind: str) -> Steps:
    """Return the ladder of a kind of alert; empty where the policy says nothing of it."""
    said = data.get(kind, {})
    steps = tuple((step, _number(data, kind, step.value)) for step in Step if step.value in said)
    if not ascends(steps):
        raise BadPolicy(f"{kind}: each step has more days than the one before")
    return steps


def _number(data: Mapping[str, Mapping[str, object]], table: str, name: str, *, least: int = 1) -> int:
    value = data[table][name]
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise BadPolicy(f"{table}.{name} must be a whole number, {least} or more")
    return value
