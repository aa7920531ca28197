"""A visit is verified 家访核实: somebody asks the family whether it took place."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction, naming
from domain.care_actions.home_visit_made import HomeVisitMade
from domain.effects import Effect
from domain.event import Details
from domain.fields import Choice, described
from domain.refusal import Text


class VisitVerdict(Choice):
    """What the family said."""

    YES = "yes", "属实", "it took place"
    NO = "no", "不属实", "it did not"
    NOT_REACHED = "not_reached", "未联系上", "nobody was reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitVerified(Details):
    """Which visit, and what the family said. It is no contact; a visit that it disproves is none either."""

    TYPE: ClassVar[str] = "visit_verified"

    visit: UUID = described("家访记录", "Visit (event id)")
    result: VisitVerdict = described("核实结果", "Result")
    asked: str | None = described("核实对象", "Whom was asked", personal=True, max_length=50, default=None)
    note: str | None = described("说明", "Note", personal=True, max_length=1000, default=None)

    @property
    def disproves(self) -> bool | None:
        """Whether the family says that there was no such visit; None where nobody was reached."""
        return None if self.result is VisitVerdict.NOT_REACHED else self.result is VisitVerdict.NO


ACTION = CareAction(
    effects=(Effect.VERIFIES_VISIT,),
    details=VisitVerified,
    label=Text(zh="家访核实", en="Visit verified"),
    check=naming("visit", HomeVisitMade),
    beyond_paper=("家访核实", "核查走访", "抽查"),
)
