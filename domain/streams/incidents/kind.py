"""The incident 强制报告: what must be told to the authorities at once, and is read by few."""

from domain.ledger.kind import Checks, StreamKind, open_until, types_beside
from domain.refusal import Advice, Conflict, Reason, Text
from domain.streams.incidents.incident import Incident
from domain.streams.incidents.reported import IncidentReported

INCIDENT_IS_CLOSED = Reason(code="incident_is_closed", zh="该事件已办结", en="The incident is closed.")
ADVICE = Advice(
    reason=INCIDENT_IS_CLOSED,
    zh="办结有误的，作废办结记录；另有情形的，另行登记。",
    en="Void the closing if it was wrong, or report another incident.",
    refusals=(Conflict,),
)

KIND = StreamKind(
    name="incident",
    plural="incidents",
    label=Text(zh="强制报告", en="Incident"),
    types=types_beside(__name__),
    opens=(IncidentReported,),
    view=Incident,
    checks=Checks(admits=open_until(lambda incident: incident.closed, INCIDENT_IS_CLOSED)),
    served=True,
    children=lambda incident: incident.children,
    access=lambda incident: incident.access,
)
