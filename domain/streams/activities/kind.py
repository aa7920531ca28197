"""Activity."""

from domain.activity import EVENT_TYPES, ActivityHeld
from domain.ledger.facts import Facts
from domain.ledger.kind import StreamKind
from domain.refusal import Text

KIND = StreamKind(
    name="activity",
    plural="activities",
    label=Text(zh="活动", en="Activity"),
    types=EVENT_TYPES,
    opens=(ActivityHeld,),
    view=Facts,
)
