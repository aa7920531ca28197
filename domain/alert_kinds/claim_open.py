"""Claim open 垫付未报销: somebody laid out what a doctor cost, and has not got it back."""

from collections.abc import Iterator

from domain.alert_kind import AlertKind, Spell
from domain.child import Child
from domain.org import Step
from domain.refusal import Text


def _spells(child: Child) -> Iterator[Spell]:
    """Go through what was laid out and was said not to be paid back; a correction says that it was."""
    return (
        Spell(event_id=fact.event_id, since=fact.day)
        for fact, said in child.of("illness_escorted")
        if said.cost_fen and said.repaid is False
    )


KIND = AlertKind(
    name="claim_open",
    label=Text(zh="垫付未报销", en="claim open"),
    notice=Text(
        zh="有一名儿童的就医垫付费用已 {days} 天没有报销。",
        en="What somebody laid out for the doctor of a child has not been paid back for {days} days.",
    ),
    steps=((Step.INFO, 30), (Step.WARNING, 90)),
    spells=_spells,
    single=False,
    order=140,
)
