"""A reason to visit is settled 必访情形了结: by a visit, or because none is needed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, cast
from uuid import UUID

from domain.care_action import CareAction, Known, entry_named
from domain.care_actions.home_visit_made import HomeVisitMade
from domain.care_actions.trigger_observed import TriggerObserved
from domain.effects import Effect
from domain.event import Details, NewEvent
from domain.fields import described
from domain.refusal import Advice, Fault, Invalid, Reason, Text

VISIT_OR_REASON = Reason(
    code="visit_or_reason",
    zh="写明家访记录，或无需家访的原因及审批人",
    en="Name the visit, or say why none is needed and who agreed.",
)
VISIT_BEFORE_TRIGGER = Reason(
    code="visit_before_trigger", zh="家访早于必访情形", en="The visit was before what calls for it."
)
ADVICE_ON_VISIT_OR_REASON = Advice(
    reason=VISIT_OR_REASON,
    zh="补上家访记录，或原因和审批人。",
    en="Give the visit, or the reason and who approved.",
    refusals=(Invalid,),
)
ADVICE_ON_VISIT_BEFORE_TRIGGER = Advice(
    reason=VISIT_BEFORE_TRIGGER,
    zh="选用该情形之后的家访，或先家访。",
    en="Name a visit made afterwards, or make one.",
    refusals=(Invalid,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerClosed(Details):
    """By which visit, or why none is needed and who agreed."""

    TYPE: ClassVar[str] = "trigger_closed"

    trigger: UUID = described("必访记录", "Reason to visit (event id)")
    visit: UUID | None = described("家访记录", "Visit (event id)", default=None)
    not_needed_because: str | None = described(
        "无需家访的原因", "Not needed because", personal=True, max_length=500, default=None
    )
    approved_by: str | None = described("审批人", "Approved by", personal=True, max_length=50, default=None)


def _check(new_event: NewEvent, child: Known) -> Iterator[Fault]:
    said = cast("TriggerClosed", new_event.details)
    entry_named(child, said.trigger, TriggerObserved, at="trigger")
    if said.visit is None:
        if not (said.not_needed_because and said.approved_by):
            yield Fault(reason=VISIT_OR_REASON, pointer="/details")
        return
    entry_named(child, said.visit, HomeVisitMade, at="visit")
    trigger, visit = child.fact(said.trigger), child.fact(said.visit)
    if trigger is not None and visit is not None and visit.day < trigger.day:
        yield Fault(reason=VISIT_BEFORE_TRIGGER, pointer="/details/visit")


ACTION = CareAction(
    effects=(Effect.SETTLES_VISIT,),
    details=TriggerClosed,
    label=Text(zh="必访情形了结", en="Reason to visit settled"),
    check=_check,
    approved="approved_by",
)
