"""The carer: who looks after children."""

from domain.ledger.kind import StreamKind, types_beside
from domain.refusal import Text
from domain.streams.carers.carer import Carer, CarerRegistered

KIND = StreamKind(
    name="carer",
    plural="carers",
    label=Text(zh="帮扶人", en="Carer"),
    types=types_beside(__name__),
    opens=(CarerRegistered,),
    view=Carer,
    opens_again=True,
    counts_for="carer",
)
