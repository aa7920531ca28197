"""The organisation: a county and what lies below it, each a stream at its path."""

from domain.ledger.kind import StreamKind, types_beside
from domain.refusal import Text
from domain.streams.organisations.unit import OrgUnit, OrgUnitCreated

KIND = StreamKind(
    name="organisation",
    plural="organisations",
    label=Text(zh="机构", en="Organisation"),
    types=types_beside(__name__),
    opens=(OrgUnitCreated,),
    view=OrgUnit,
    id="path",
)
