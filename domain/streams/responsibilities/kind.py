"""Responsibilities: who answers for which side of the work, which grade, class and households."""

from domain.ledger.kind import Checks, StreamKind, open_until, types_beside
from domain.refusal import Advice, Conflict, Reason, Text
from domain.streams.responsibilities.matrix import Matrix
from domain.streams.responsibilities.opened import ResponsibilitiesSet

RESPONSIBILITIES_ARE_CLOSED = Reason(
    code="responsibilities_are_closed", zh="该责任分工已终止", en="These responsibilities are closed."
)
ADVICE = Advice(
    reason=RESPONSIBILITIES_ARE_CLOSED,
    zh="终止有误的，作废终止记录；新学年另行登记。",
    en="Void the closing if it was wrong, or set others, say for a new school year.",
    refusals=(Conflict,),
)


KIND = StreamKind(
    name="responsibility",
    plural="responsibilities",
    label=Text(zh="责任分工", en="Responsibilities"),
    types=types_beside(__name__),
    opens=(ResponsibilitiesSet,),
    view=Matrix,
    checks=Checks(
        admits=open_until(lambda matrix: matrix.closed_on is not None, RESPONSIBILITIES_ARE_CLOSED)
    ),
    served=True,
)
