"""The bells by which actors are called: doorbells, which may lose every ring."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from projections.outbox.deliveries import RecipientQueue


class BrokerUnavailable(Exception):
    """The broker can't be reached: this ring was not heard, and the next would not be either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bells:
    """How to call for a letterbox to be served and for a child to be judged anew.

    Who hears of a letterbox serves what is worst in its channel first.
    Both raise BrokerUnavailable.
    """

    serve: Callable[[RecipientQueue], None]
    recompute: Callable[[UUID], None]
