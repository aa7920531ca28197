"""Carer."""

from domain.carer import EVENT_TYPES, CarerRegistered
from domain.ledger.facts import Facts
from domain.ledger.kind import StreamKind
from domain.refusal import Text

KIND = StreamKind(
    name="carer",
    plural="carers",
    label=Text(zh="帮扶人", en="Carer"),
    types=EVENT_TYPES,
    opens=(CarerRegistered,),
    view=Facts,
    opens_again=True,
)
