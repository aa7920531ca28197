"""The alert: one silence of one child."""

from domain.ledger.kind import StreamKind, types_beside
from domain.refusal import Text
from domain.streams.alerts.case import AlertCase, AlertRaised

KIND = StreamKind(
    name="alert",
    plural="alerts",
    label=Text(zh="预警", en="Alert"),
    types=types_beside(__name__),
    opens=(AlertRaised,),
    view=AlertCase,
    id="own",
)
