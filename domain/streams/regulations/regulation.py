"""One regulation as its stream tells it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from domain.ledger.facts import Facts, view
from domain.streams.regulations.acknowledged import RegulationAcknowledged
from domain.streams.regulations.issued import RegulationIssued, RegulationRevised
from domain.streams.regulations.repealed import RegulationRepealed


@dataclass(frozen=True, slots=True, kw_only=True)
class RegulationVersion:
    """A version of the text, and from when until before when it holds; `until` is None where it holds on."""

    version: str
    valid_from: date
    until: date | None
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Regulation(Facts):
    """Its versions, and who knows them."""

    @view(RegulationIssued)
    def issued(self) -> RegulationIssued | None:
        """What it is called."""
        return next((said for _, said in self.of(RegulationIssued)), None)

    @view(RegulationRepealed)
    def repealed_on(self) -> date | None:
        """Since when it does not hold any more."""
        return next((fact.day for fact, _ in self.of(RegulationRepealed)), None)

    @view(RegulationIssued, RegulationRevised, repealed_on)
    def versions(self) -> tuple[RegulationVersion, ...]:
        """Its versions by the day from which they hold: no two hold on one day."""
        facts = self.of_any(RegulationIssued, RegulationRevised)
        said = sorted((fact.details for fact in facts), key=lambda each: each.valid_from)
        return tuple(
            RegulationVersion(
                version=each.version,
                valid_from=each.valid_from,
                until=after.valid_from if after else self.repealed_on,
                sha256=each.sha256,
            )
            for each, after in pairwise((*said, None))
            if each is not None
        )

    @view(RegulationAcknowledged)
    def signed(self) -> Mapping[str, int]:
        """How many have signed for each version."""
        return dict(Counter(said.version for _, said in self.of(RegulationAcknowledged)))
