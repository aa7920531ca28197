"""Principal."""

from domain.ledger.facts import Facts
from domain.ledger.kind import StreamKind
from domain.principal import EVENT_TYPES, PrincipalRegistered
from domain.refusal import Text

KIND = StreamKind(
    name="principal",
    plural="principals",
    label=Text(zh="使用方", en="Principal"),
    types=EVENT_TYPES,
    opens=(PrincipalRegistered,),
    view=Facts,
    opens_again=True,
    id="own",
)
