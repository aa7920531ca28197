"""The meeting: it happened once and is over."""

from domain.ledger.kind import StreamKind, types_beside
from domain.refusal import Text
from domain.streams.meetings.held import MeetingHeld
from domain.streams.meetings.meeting import Meeting

KIND = StreamKind(
    name="meeting",
    plural="meetings",
    label=Text(zh="会议", en="Meeting"),
    types=types_beside(__name__),
    opens=(MeetingHeld,),
    view=Meeting,
    served=True,
)
