"""What more than one type of a donation's entries is refused for."""

from domain.refusal import Advice, Conflict, Reason

RECEIPT_USED = Reason(
    code="receipt_used", zh="该收据号已用过", en="This receipt number belongs to another gift."
)
ADVICE_ON_RECEIPT_USED = Advice(
    reason=RECEIPT_USED,
    zh="核对收据号；先前登记有误的，先作废。",
    en="Check the number of the receipt; void the earlier entry first if that one was wrong.",
    refusals=(Conflict,),
)
