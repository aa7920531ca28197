"""Carer file opened 帮扶人档案: what is kept of a carer as a person, whichever children they look after."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.event import Details
from domain.fields import described
from domain.ledger.event_type import Alone, EventType
from domain.refusal import Advice, Conflict, Reason, Text

HAS_A_FILE = Reason(code="has_a_file", zh="该帮扶人已有档案", en="There is a file of this carer already.")
ADVICE = Advice(
    reason=HAS_A_FILE,
    zh="记入已有的档案；建错的，先作废。",
    en="Record it in that file; void its opening first if that was wrong.",
    refusals=(Conflict,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarerFileOpened(Details):
    """Whose file it is; the occupation is apart from what the carer is to a child."""

    TYPE: ClassVar[str] = "carer_file_opened"

    carer: UUID = described("帮扶人", "Carer")
    occupation: str | None = described("职业", "Occupation", personal=True, max_length=100, default=None)


def _alone(said: CarerFileOpened) -> dict[str, Alone]:
    word = Alone(series="carer_file", word=str(said.carer), reason=HAS_A_FILE, within_org=False)
    return {"/details/carer": word}


EVENT_TYPE = EventType(
    details=CarerFileOpened,
    label=Text(zh="建立帮扶人档案", en="Carer file opened"),
    correctable=False,
    carers=lambda said: (said.carer,),
    alone=_alone,
)
