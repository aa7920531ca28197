"""Where a child belongs, and who looks after it at home."""

from datetime import date

from domain.care_actions.guardian_designated import GuardianDesignated
from domain.child import fold
from domain.choices import GuardianKind
from domain.family import care_at_home
from domain.placements import Line, Placement, placements
from tests.support.builders import (
    CHILD,
    ORG,
    enrolled,
    event,
    exited,
    readmitted,
    stream,
    transfer_accepted,
    transfer_proposed,
)

THERE = "county/township/other school/class"


def placed(org: str, first: str, last: str | None) -> Placement:
    day = date.fromisoformat
    return Placement(line=Line.SCHOOL, org=org, first=day(first), last=last and day(last))


def test_of_a_line_one_placement_holds_and_the_others_are_over() -> None:
    proposal = transfer_proposed("2026-04-01", to=THERE)
    moved = transfer_accepted("2026-04-10", proposal, org=THERE)

    assert placements(fold(CHILD, stream(enrolled("2026-03-01")))) == (placed(ORG, "2026-03-01", None),)
    assert placements(fold(CHILD, stream(enrolled("2026-03-01"), proposal, moved))) == (
        placed(ORG, "2026-03-01", "2026-04-09"),
        placed(THERE, "2026-04-10", None),
    )
    assert placements(fold(CHILD, ())) == ()


def test_what_is_replaced_on_its_first_day_never_held() -> None:
    proposal = transfer_proposed("2026-03-01", to=THERE)
    moved = transfer_accepted("2026-03-01", proposal, org=THERE)

    child = fold(CHILD, stream(enrolled("2026-03-01"), proposal, moved))

    assert placements(child) == (placed(THERE, "2026-03-01", None),)


def test_a_readmission_to_the_same_place_begins_no_other_placement() -> None:
    child = fold(CHILD, stream(enrolled("2026-03-01"), exited("2026-04-01"), readmitted("2026-05-01")))

    assert placements(child) == (placed(ORG, "2026-03-01", None),)


def guardian(name: str, kind: GuardianKind | None, day: str) -> object:
    return event(GuardianDesignated(name=name, relation="祖母", kind=kind), day, name=name)


def test_who_looks_after_the_child_at_home_is_its_guardian_unless_a_legal_one() -> None:
    def at_home(*events: object) -> list[str | None] | None:
        found = care_at_home(fold(CHILD, stream(enrolled("2026-03-01"), *events)))
        return found and [each.name for each in found]

    grandmother = guardian("任大娘", GuardianKind.DELEGATED, "2026-03-01")
    aunt = guardian("任小姑", None, "2026-04-01")
    father = guardian("戴大山", GuardianKind.LEGAL, "2026-05-01")

    assert at_home() is None
    assert at_home(grandmother) == ["任大娘"]
    assert at_home(grandmother, aunt) == ["任小姑"]
    assert at_home(grandmother, aunt, father) is None
