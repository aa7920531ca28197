"""The child."""

from domain.catalogue import care_actions_by_type, details_with
from domain.child import Child
from domain.decisions import CHECKS
from domain.effects import Effect
from domain.ledger.kind import StreamKind
from domain.reasons import NO_SUCH_EVENT, UNKNOWN_CHILD
from domain.refusal import Reason, Text

ALREADY_ENROLLED = Reason(code="already_enrolled", zh="该儿童已建档", en="The child is already enrolled.")
ENROLMENT_STANDS = Reason(
    code="enrolment_stands",
    zh="建档之后已有其他记录，不能作废建档",
    en="The enrolment can't be voided while later events stand.",
)

KIND = StreamKind(
    name="child",
    plural="children",
    label=Text(zh="儿童", en="Child"),
    types=tuple(care_actions_by_type().values()),
    opens=details_with(Effect.IDENTIFIES),
    view=Child,
    checks=CHECKS,
    unknown=UNKNOWN_CHILD,
    already_open=ALREADY_ENROLLED,
    opening_stands=ENROLMENT_STANDS,
    no_such_event=NO_SUCH_EVENT,
    id_at="/child_id",
    orgs=lambda child: child.orgs,
    counts_for="child",
)
