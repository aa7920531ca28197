"""Rows of the status of children, as far as they follow from the log alone."""

from collections.abc import Iterable, Mapping
from typing import Any


def without_searched(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Leave out where the digests of a child's name lie: it says whether there are any (ADR 51)."""
    return [{name: value for name, value in row.items() if name != "searched_in"} for row in rows]
