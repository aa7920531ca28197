"""What more than one type of an assessment's entries is refused for."""

from domain.refusal import Advice, Invalid, Reason

NO_SUCH_ASSESSED_ITEM = Reason(
    code="no_such_assessed_item", zh="考核没有这一项", en="The assessment has no such item."
)
ADVICE_ON_NO_SUCH_ASSESSED_ITEM = Advice(
    reason=NO_SUCH_ASSESSED_ITEM,
    zh="项目序号从1起，按考核的顺序。",
    en="Items are numbered from 1, in the order of the assessment.",
    refusals=(Invalid,),
)
