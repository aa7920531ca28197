"""Minor in charge 未成年人照料: who looks after the child at home is under 18, and nobody else does."""

from collections.abc import Iterator
from datetime import date

from domain.alert_kind import AlertKind, Spell
from domain.child import Child
from domain.choices import GuardianKind
from domain.effects import Effect
from domain.ledger.fact import Fact
from domain.org import Step
from domain.refusal import Text
from domain.spells import stretches

ADULT = 18


def _spells(child: Child) -> Iterator[Spell]:
    """Go through the spells in which all who care at home were said to be minors, and are that still."""
    arranged = child.having(Effect.ARRANGES_CARE)
    if not any(_age(fact) is not None for fact in arranged):
        return iter(())
    ended = child.having(Effect.ENDS_ARRANGED_CARE)
    designated = child.having(Effect.NAMES_GUARDIAN)
    ends = {fact.details.arrangement: fact.day for fact in ended}
    turns = [(fact.day, fact.event_id) for fact in (*arranged, *ended, *designated)]
    turns += [(_of_age(fact), fact.event_id) for fact in arranged if _age(fact) is not None]

    def minors_alone(day: date) -> bool:
        running = [f for f in arranged if f.day <= day < ends.get(f.event_id, date.max)]
        guardian = next((fact for fact in reversed(designated) if fact.day <= day), None)
        if guardian is not None and guardian.details.kind is not GuardianKind.LEGAL:
            running.append(guardian)
        return bool(running) and all(_age(f) is not None and day < _of_age(f) for f in running)

    return stretches(turns, minors_alone)


def _age(fact: Fact) -> int | None:
    """Return the age in years that was said; None where nobody said, or of an adult."""
    age: int | None = fact.details.age
    return None if age is None or age >= ADULT else age


def _of_age(fact: Fact) -> date:
    """Return the day on which whoever was so old is of age at the latest."""
    return date(fact.day.year + ADULT - (_age(fact) or 0), fact.day.month, min(fact.day.day, 28))


KIND = AlertKind(
    name="minor_in_charge",
    label=Text(zh="未成年人照料", en="minor in charge"),
    notice=Text(
        zh="有一名儿童 {days} 天来只由未成年人照料。",
        en="For {days} days nobody but a minor has looked after a child.",
    ),
    steps=((Step.WARNING, 0), (Step.HIGH, 7)),
    spells=_spells,
    order=50,
)
