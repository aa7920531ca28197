"""Trying again after somebody else has written: how often, and what is said when it never works out."""

from domain.refusal import Refused

# Each conflict means that another writer got through, so a crowd of this size at one stream all get through.
ATTEMPTS = 64


class Busy(Refused):
    """Too many writers at once: the same request may be sent again unchanged."""
