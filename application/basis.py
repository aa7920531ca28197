"""Which version a request is based on, and whether it must name one.

The entries of a stream name theirs themselves: see `NewEvent.based_on`.
"""

from dataclasses import dataclass
from enum import Enum, auto

from domain.ledger.decide import refuse_stale, refuse_unnamed
from domain.refusal import refuses


class Needed(Enum):
    """Where a version must be named."""

    NOWHERE = auto()
    TO_REPLACE = auto()
    ALWAYS = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """The version that somebody has read, where one is named; ANY_VERSION is whatever is there."""

    version: int | None = None
    needed: Needed = Needed.NOWHERE

    @refuses(refuse_stale)
    def refuse_other(self, present: int) -> None:
        """Raise `Stale` where the present version is another, `VersionRequired` where one must be named.

        0 is the version of what is not there. Ask what was done already first: that stands, whatever the
        version is by now.
        """
        if self.version is None and self.needed is Needed.TO_REPLACE and present:
            refuse_unnamed(self.version)
        refuse_stale(present, based_on=self.version, required=self.needed is Needed.ALWAYS)


UNBOUND = Basis()
