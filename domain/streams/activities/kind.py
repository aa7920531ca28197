"""The activity: something held once for many children."""

from domain.ledger.kind import StreamKind, types_beside
from domain.refusal import Text
from domain.streams.activities.activity import Activity, ActivityHeld
from domain.streams.activities.following import consequences

KIND = StreamKind(
    name="activity",
    plural="activities",
    label=Text(zh="活动", en="Activity"),
    types=types_beside(__name__),
    opens=(ActivityHeld,),
    view=Activity,
    fans_out=consequences,
)
