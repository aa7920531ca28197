"""The children's home: a room, those who look after it, and what it lends."""

from domain.ledger.kind import Checks, StreamKind, open_until, types_beside
from domain.refusal import Advice, Conflict, Reason, Text
from domain.streams.homes.home import Home
from domain.streams.homes.opened import HomeOpened

HOME_IS_CLOSED = Reason(code="home_is_closed", zh="该留守儿童之家已停用", en="The children's home is closed.")
ADVICE = Advice(
    reason=HOME_IS_CLOSED,
    zh="停用有误的，作废停用记录；重新启用的，另行登记。",
    en="Void the closing if it was wrong, or open another home.",
    refusals=(Conflict,),
)


KIND = StreamKind(
    name="home",
    plural="homes",
    label=Text(zh="留守儿童之家", en="Children's home"),
    types=types_beside(__name__),
    opens=(HomeOpened,),
    view=Home,
    checks=Checks(admits=open_until(lambda home: home.closed, HOME_IS_CLOSED)),
    served=True,
    counts_for="home",
)
