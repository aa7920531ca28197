"""Guest at a classmate's 到同学家做客: a day or a weekend with another family."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, cast
from uuid import UUID

from domain.care_action import CareAction, Known, before
from domain.event import Details, NewEvent
from domain.fields import described
from domain.reasons import ENDS_BEFORE_IT_BEGINS
from domain.refusal import Advice, Fault, Invalid, Reason, Text

NOT_AGREED = Reason(
    code="guardian_did_not_agree",
    zh="未经监护人同意，不能安排做客",
    en="The guardian has not agreed to it.",
)
ADVICE = Advice(reason=NOT_AGREED, zh="先征得监护人同意。", en="Ask the guardian first.", refusals=(Invalid,))


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerHosted(Details):
    """With which family, until when. Without the yes of the guardian it is refused."""

    TYPE: ClassVar[str] = "peer_hosted"

    host: str = described("接待家庭", "Host family", personal=True, max_length=100)
    until: date | None = described("截止日期", "Until", default=None)
    guardian_agreed: bool = described("监护人同意", "The guardian agreed")
    host_agreed: bool | None = described("接待家长同意", "The host parents agreed", default=None)
    carers: tuple[UUID, ...] = described("经办人", "Carers", max_length=5, default=())


def _check(new_event: NewEvent, _child: Known) -> Iterator[Fault]:
    said = cast("PeerHosted", new_event.details)
    if not said.guardian_agreed:
        yield Fault(reason=NOT_AGREED, pointer="/details/guardian_agreed")
    yield from before(said.until, new_event.occurred.day, ENDS_BEFORE_IT_BEGINS, "/details/until")


ACTION = CareAction(
    details=PeerHosted,
    label=Text(zh="到同学家做客", en="Guest at a classmate's"),
    check=_check,
    carers=lambda said: said.carers,
    beyond_paper=("做客", "到同学家做客", "共度周末", "留宿"),
)
