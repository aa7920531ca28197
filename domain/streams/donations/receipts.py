"""The receipts of donations: one number, one gift, whichever donation of a school it is of."""

from collections.abc import Mapping
from typing import Any

from domain.ledger.event_type import Alone
from domain.streams.donations.reasons import RECEIPT_USED


def given_to_donor(said: Any) -> Mapping[str, Alone]:
    """Return the number of the receipt that a donor was given."""
    return _numbers("donor_receipt", {"/details": said})


def signed_for(shares: Mapping[str, Any]) -> Mapping[str, Alone]:
    """Return the numbers of the receipts that were signed, of shares by the JSON pointers of these."""
    return _numbers("receipt", shares)


def _numbers(series: str, said: Mapping[str, Any]) -> Mapping[str, Alone]:
    return {
        f"{at}/receipt": Alone(series=series, word=each.receipt, reason=RECEIPT_USED)
        for at, each in said.items()
        if each.receipt is not None
    }
