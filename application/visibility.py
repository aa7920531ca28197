"""Which fields somebody is shown: the one question that every answer, export and notice asks."""

from collections.abc import Mapping
from enum import StrEnum

from application.access import Actor


class Sensitivity(StrEnum):
    """How far a field may go: it names nobody, it is of a person, or it opens something."""

    OPEN = "open"
    PERSONAL = "personal"
    SECRET = "secret"  # noqa: S105  a word for what is secret


class Relation(StrEnum):
    """What the principal is to the subject. So far the ledger knows of organisations alone."""

    WITHIN = "within"


class Purpose(StrEnum):
    """What the fields are wanted for."""

    ANSWER = "answer"
    EXPORT = "export"
    NOTICE = "notice"


SHOWN: Mapping[Relation, frozenset[Sensitivity]] = {
    Relation.WITHIN: frozenset({Sensitivity.OPEN, Sensitivity.PERSONAL}),
}


def visible(
    fields: Mapping[str, Sensitivity],
    principal: Actor | None,
    relation: Relation,
    purpose: Purpose,
) -> frozenset[str]:
    """Return the names of those fields that a principal is shown; None is somebody without a key.

    Whether the principal may know of the subject at all is decided before, by `access.require`.
    """
    shown = SHOWN[relation]
    return frozenset([name for name, sensitivity in fields.items() if sensitivity in shown])
