"""The activity: something held once for many children."""

from domain.ledger.kind import UNIT, Checks, StreamKind, types_beside
from domain.reasons import IS_VOID
from domain.refusal import Reason, Text, conflict
from domain.streams.activities.activity import Activity, ActivityHeld
from domain.streams.activities.following import FAN_OUT

UNKNOWN_ACTIVITY = Reason(code="unknown_activity", zh="没有这一活动", en="No such activity.")


def _ended(activity: Activity) -> None:
    """Refuse anything more of an activity that never was."""
    if activity.voided is not None:
        raise conflict(IS_VOID)


KIND = StreamKind(
    name="activity",
    plural="activities",
    label=Text(zh="活动", en="Activity"),
    types=types_beside(__name__),
    opens=(ActivityHeld,),
    view=Activity,
    checks=Checks(ended=_ended),
    unknown=UNKNOWN_ACTIVITY,
    id_at="",
    fans_out=FAN_OUT,
    counts_for=UNIT,
)
