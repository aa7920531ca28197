"""Child."""

from domain.care_actions.child_enrolled import ChildEnrolled
from domain.catalogue import care_actions_by_type
from domain.child import Child
from domain.ledger.kind import StreamKind
from domain.refusal import Text

KIND = StreamKind(
    name="child",
    plural="children",
    label=Text(zh="儿童", en="Child"),
    types=tuple(care_actions_by_type().values()),
    opens=(ChildEnrolled,),
    view=Child,
    id_at="/child_id",
)
