"""The principal: who uses the ledger over its API."""

from domain.ledger.kind import StreamKind, types_beside
from domain.refusal import Text
from domain.streams.principals.principal import Principal, PrincipalRegistered

KIND = StreamKind(
    name="principal",
    plural="principals",
    label=Text(zh="使用方", en="Principal"),
    types=types_beside(__name__),
    opens=(PrincipalRegistered,),
    view=Principal,
    opens_again=True,
    id="own",
)
