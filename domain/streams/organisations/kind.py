"""Organisation."""

from domain.ledger.facts import Facts
from domain.ledger.kind import StreamKind
from domain.org import EVENT_TYPES, OrgUnitCreated
from domain.refusal import Text

KIND = StreamKind(
    name="organisation",
    plural="organisations",
    label=Text(zh="机构", en="Organisation"),
    types=EVENT_TYPES,
    opens=(OrgUnitCreated,),
    view=Facts,
    id="path",
)
