"""The canary: the rings of a made-up child, a stream for each day."""

from domain.ledger.facts import Facts
from domain.ledger.kind import StreamKind, types_beside
from domain.refusal import Text
from domain.streams.canary.ring import CanaryRang

KIND = StreamKind(
    name="canary",
    plural="canary",
    label=Text(zh="自检", en="Canary"),
    types=types_beside(__name__),
    opens=(CanaryRang,),
    view=Facts,
    opens_again=True,
    id="own",
)
