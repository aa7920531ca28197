"""Who is watched: whose silence rings, and who counts in reports (ADR 30)."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from domain.child import Child
from domain.choices import Tag
from domain.effects import Effect
from domain.fields import Choice
from domain.left_behind import Away, parents_away
from domain.streams.organisations.unit import Extension, extends

POPULATION = "watched@1"


class Ground(Choice):
    """Why a child is watched; the first of these that applies."""

    LEFT_BEHIND = "left_behind", "留守", "left behind"
    TAG = "tag", "重点类别", "in a group of special attention"
    WHEREABOUTS_UNKNOWN = "whereabouts_unknown", "父母去向不明", "whereabouts of a parent unknown"
    EXTENDED = "extended", "所属机构关注全员", "its organisation watches all"


def ground_on(
    child: Child, day: date, *, extensions: Sequence[Extension] = (), known_at: datetime | None = None
) -> Ground | None:
    """Return why a child is watched on `day`; None where it is not.

    `child` is folded as it was known at `known_at`; `extensions` are those of its organisations and of those
    above. Whether the child is in care then is another question.
    """
    return next(_grounds(child, day, extensions=extensions, known_at=known_at), None)


def _grounds(
    child: Child, day: date, *, extensions: Sequence[Extension], known_at: datetime | None
) -> Iterator[Ground]:
    away = parents_away(child, day)
    if away in (Away.ONE, Away.BOTH):
        yield Ground.LEFT_BEHIND
    if _tags_on(child, day):
        yield Ground.TAG
    if away is Away.UNKNOWN:
        yield Ground.WHEREABOUTS_UNKNOWN
    if extends(extensions, org=child.org_on(day), day=day, known_at=known_at):
        yield Ground.EXTENDED


def _tags_on(child: Child, day: date) -> tuple[Tag, ...]:
    """Return the groups that a child is counted in on a day: of its enrolment, or of the latest change."""
    enrolled = child.having(Effect.IDENTIFIES)
    tags: tuple[Tag, ...] | None = next((fact.details.tags for fact in enrolled if fact.day <= day), None)
    for fact in child.having(Effect.CHANGES_PROFILE):
        if fact.day <= day and fact.details.tags is not None:
            tags = fact.details.tags
    # Of an erased file nobody can read them any more.
    return tags or ()
