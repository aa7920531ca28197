"""Which version of the program this is. A store says from which version on a program may run on it."""

VERSION = "0.2.0"


def as_numbers(version: str) -> tuple[int, ...]:
    """Return a version in an order: "0.10.0" comes after "0.9.1"."""
    return tuple(int(part) for part in version.split("."))
