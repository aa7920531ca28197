"""What more than one type of a household's entries is refused for."""

from domain.refusal import Advice, Conflict, Invalid, Reason

LIVES_ELSEWHERE = Reason(
    code="lives_elsewhere", zh="该儿童不在此家庭", en="The child does not live in this household."
)
ADVICE_ON_LIVES_ELSEWHERE = Advice(
    reason=LIVES_ELSEWHERE,
    zh="先登记该儿童加入此家庭。",
    en="Record first that the child joined the household.",
    refusals=(Conflict, Invalid),
)
