"""The figure of a township is the sum of those of its schools, whichever report tells it."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.practice import Office, office

TOWN = "county/township"
SCHOOLS = (f"{TOWN}/east", f"{TOWN}/west", f"{TOWN}/kindergarten")
# Reports with figures, the table of each that holds those of one organisation, and what counts in it.
FIGURES = {
    ("pairing-coverage", "whole"): ("children", "paired", "carers", "active", "pairings"),
    ("class-statistics", "whole"): (
        "children",
        "male",
        "female",
        "both_away",
        "one_away",
        "boarding",
        "paired",
    ),
    ("lateness", "whole"): ("entries", "late"),
    ("rates", "rates"): ("numerator", "denominator"),
    ("guardians", "schools"): ("children", "signed", "entrusted", "guardians", "trained"),
    ("completeness", "classes"): ("children", "known", "reached"),
    ("term-summary", "items"): ("times", "people"),
    ("costs", "payers"): ("times", "amount", "owed"),
    ("public-statement", "donations"): ("came", "given", "to_children", "left"),
    ("homes", "items"): ("sessions", "heads"),
    ("basic-table", "schools"): ("c1", "c5", "c13", "c25", "c32"),
}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Office]:
    """Three schools of a township in which the same was done, to other numbers of children; one moved."""
    with office(tmp_path) as desk:
        for number, school in enumerate(SCHOOLS, start=1):
            _fill(desk, school, children=number + 1)
        yield desk


def _fill(desk: Office, school: str, *, children: int) -> None:
    home = desk.open("home_opened", "2026-03-02", org=school, name="之家")
    desk.say(home, "home_session_held", "2026-03-09", slot="noon", heads=10 * children)
    fund = desk.open("donation_received", "2026-04-01", org=school, donor="妇联", amount_fen=children * 1_000)
    for number in range(children):
        child = desk.enrol("2026-03-01", org=f"{school}/1/{number % 2}", boarding=number == 0)
        desk.submit("parent_work_recorded", "2026-03-01", child=child, parent="father", away=True)
        carer = desk.carer(f"卢老师{number}", org=school)
        if number:
            desk.pair(child, carer, kind="helper_teacher")
            desk.submit("responsibility_letter_signed", "2026-03-03", child=child, signed_by="奶奶")
        desk.submit("care_arranged", "2026-03-02", child=child, name=f"奶奶{number}", relation="祖母")
        desk.submit(
            "illness_escorted",
            "2026-06-29",
            child=child,
            carers=[str(carer)],
            cost_fen=2_550,
            paid_by="carer",
        )
        desk.say(fund, "donation_allocated", "2026-04-02", child=str(child), amount_fen=700)


def sums(rows: list[Any], names: tuple[str, ...]) -> Counter[str]:
    return Counter({name: sum(row[name] or 0 for row in rows) for name in names})


@pytest.mark.parametrize(("report", "table"), FIGURES)
def test_a_township_is_the_sum_of_its_schools(town: Office, report: str, table: str) -> None:
    names = FIGURES[report, table]
    whole = sums(town.rows(report, table, org=TOWN), names)
    parts = [sums(town.rows(report, table, org=school), names) for school in SCHOOLS]

    assert {name: round(whole[name], 2) for name in names} == {
        name: round(sum(part[name] for part in parts), 2) for name in names
    }
    assert whole[names[0]] > max(part[names[0]] for part in parts) > 0


def test_what_the_classes_of_a_township_come_to_is_what_was_recorded(town: Office) -> None:
    (paired,) = town.rows("pairing-coverage", "whole", org=TOWN)
    (counted,) = town.rows("class-statistics", "whole", org=TOWN)

    # Two, three and four children in two classes each, all but the first of a school paired.
    assert sums([paired], FIGURES["pairing-coverage", "whole"]) == {
        "children": 9,
        "paired": 6,
        "carers": 9,
        "active": 6,
        "pairings": 6,
    }
    assert (counted["children"], counted["one_away"] + counted["unknown"], counted["boarding"]) == (9, 9, 3)
