"""Alert."""

from domain.alert import EVENT_TYPES, AlertRaised
from domain.ledger.facts import Facts
from domain.ledger.kind import StreamKind
from domain.refusal import Text

KIND = StreamKind(
    name="alert",
    plural="alerts",
    label=Text(zh="预警", en="Alert"),
    types=EVENT_TYPES,
    opens=(AlertRaised,),
    view=Facts,
    id="own",
)
