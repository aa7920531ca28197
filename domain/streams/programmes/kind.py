"""The programme: how many children a carer takes on, and how many a class names."""

from domain.ledger.kind import Checks, StreamKind, open_until, types_beside
from domain.refusal import Advice, Conflict, Reason, Text
from domain.streams.programmes.launched import ProgrammeLaunched
from domain.streams.programmes.programme import Programme

PROGRAMME_HAS_ENDED = Reason(code="programme_has_ended", zh="该项目已结束", en="The programme has ended.")
ADVICE = Advice(
    reason=PROGRAMME_HAS_ENDED,
    zh="结束有误的，作废结束记录；新的项目另行登记。",
    en="Void the end if it was wrong, or launch another programme.",
    refusals=(Conflict,),
)


KIND = StreamKind(
    name="programme",
    plural="programmes",
    label=Text(zh="帮扶项目", en="Programme"),
    types=types_beside(__name__),
    opens=(ProgrammeLaunched,),
    view=Programme,
    checks=Checks(admits=open_until(lambda programme: programme.ended, PROGRAMME_HAS_ENDED)),
    served=True,
)
