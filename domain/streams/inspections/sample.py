"""Sample 随机抽样: children drawn at random from those in care, so that anybody can draw the same again.

The children of the population are put in the order of SHA-256 of `SEED:CHILD`, the id in lower case with its
dashes; the first are the sample. The digest is SHA-256 of their ids, one a line, in order of id.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import ClassVar
from uuid import UUID

from domain.event import Details
from domain.fields import described
from domain.ledger.event_type import EventType
from domain.refusal import Text

MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionSampleDrawn(Details):
    """Who was drawn, of how many, and with which seed.

    The population are the children in care of `drawn_of` on the day `as_of`, as known at `as_known_at`.
    """

    TYPE: ClassVar[str] = "inspection_sample_drawn"

    drawn_of: str = described("抽样机构", "Drawn of", max_length=300)
    as_of: date = described("抽样基准日", "As of")
    as_known_at: datetime = described("截至所知", "As known at")
    seed: str = described("随机种子", "Seed", max_length=64)
    size: int = described("样本数", "Size", minimum=1, maximum=MOST)
    population: int = described("总体人数", "Population", minimum=0)
    population_sha256: str = described("总体摘要", "Digest of the population", max_length=64)
    children: tuple[UUID, ...] = described("抽中儿童", "Children drawn", max_length=MOST)


def drawn(population: Iterable[UUID], *, seed: str, size: int) -> tuple[UUID, ...]:
    """Draw so many of a population; all of it where it is smaller."""
    order = sorted(population, key=lambda child: sha256(f"{seed}:{child}".encode()).digest())
    return tuple(order[:size])


def digest_of(population: Iterable[UUID]) -> str:
    """Return the digest by which a population is known again."""
    return sha256("\n".join(sorted(map(str, population))).encode()).hexdigest()


EVENT_TYPE = EventType(
    details=InspectionSampleDrawn,
    label=Text(zh="随机抽样", en="Sample drawn"),
    derived=True,
    correctable=False,
    voidable=False,
)
