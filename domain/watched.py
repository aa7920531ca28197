"""Who is watched: whose silence rings, and who counts in reports (ADR 30)."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Protocol

from domain.care_views import TagsSaid
from domain.choices import Tag
from domain.fields import Choice
from domain.left_behind import Away, parents_away
from domain.parents import OfParents
from domain.streams.organisations.unit import Extension, extends

POPULATION = "watched@1"


class Ground(Choice):
    """Why a child is watched; the first of these that applies."""

    LEFT_BEHIND = "left_behind", "留守", "left behind"
    TAG = "tag", "重点类别", "in a group of special attention"
    WHEREABOUTS_UNKNOWN = "whereabouts_unknown", "父母去向不明", "whereabouts of a parent unknown"
    EXTENDED = "extended", "所属机构关注全员", "its organisation watches all"


class MayBeWatched(OfParents, Protocol):
    """Of whom it is asked: a child as it was folded, or its card."""

    @property
    def tags_said(self) -> tuple[TagsSaid, ...]: ...

    def org_on(self, day: date) -> str:
        """Return the organisation that the child belonged to on `day`."""


def ground_on(
    child: MayBeWatched, day: date, *, extensions: Sequence[Extension] = (), known_at: datetime | None = None
) -> Ground | None:
    """Return why a child is watched on `day`; None where it is not.

    `child` is folded as it was known at `known_at`; `extensions` are those of its organisations and of those
    above. Whether the child is in care then is another question.
    """
    return next(_grounds(child, day, extensions=extensions, known_at=known_at), None)


def _grounds(
    child: MayBeWatched, day: date, *, extensions: Sequence[Extension], known_at: datetime | None
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


def _tags_on(child: MayBeWatched, day: date) -> tuple[Tag, ...]:
    """Return the groups that a child is counted in on a day: of its enrolment, or of the latest change."""
    tags: tuple[Tag, ...] | None = None
    for said in child.tags_said:
        if said.day <= day:
            tags = said.tags
    # Of an erased file nobody can read them any more.
    return tags or ()
