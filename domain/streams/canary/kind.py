"""Canary."""

from domain.canary import EVENT_TYPES, CanaryRang
from domain.ledger.facts import Facts
from domain.ledger.kind import StreamKind
from domain.refusal import Text

KIND = StreamKind(
    name="canary",
    plural="canary",
    label=Text(zh="自检", en="Canary"),
    types=EVENT_TYPES,
    opens=(CanaryRang,),
    view=Facts,
    opens_again=True,
    id="own",
)
