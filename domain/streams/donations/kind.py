"""The donation: what was given once, and where it went."""

from domain.ledger.kind import Checks, StreamKind, open_until, types_beside
from domain.refusal import Advice, Conflict, Reason, Text
from domain.streams.donations.donation import FAN_OUT, Donation
from domain.streams.donations.received import DonationReceived

DONATION_IS_CLOSED = Reason(code="donation_is_closed", zh="该捐赠已结清", en="The donation is closed.")
ADVICE = Advice(
    reason=DONATION_IS_CLOSED,
    zh="新的款物请另行登记捐赠。",
    en="Record further money or goods as another donation.",
    refusals=(Conflict,),
)


KIND = StreamKind(
    name="donation",
    plural="donations",
    label=Text(zh="捐赠", en="Donation"),
    types=types_beside(__name__),
    opens=(DonationReceived,),
    view=Donation,
    checks=Checks(admits=open_until(lambda donation: donation.closed, DONATION_IS_CLOSED)),
    served=True,
    fans_out=FAN_OUT,
)
