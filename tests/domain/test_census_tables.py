"""The Ministry's table: which identities hold between its columns, and what the sum of several tables is."""

import pytest

from domain.streams.census_rounds.table import CensusFigures, MinistryTable, broken, summed

# Twelve children, of whom ten are at school up to lower secondary: every identity holds.
TABLE = (
    *(12, 3, 1, 2, 6, 3, 3, 3, 2, 1),
    *(2, 0, 6, 4, 0, 0, 0, 0),
    *(11, 1, 2, 0, 0, 7, 3),
    *(9, 1, 1, 1, 8, 3, 1),
)


def table(**other: int) -> dict[str, int]:
    return {f"c{number}": count for number, count in enumerate(TABLE, start=1)} | other


def test_a_table_that_adds_up_breaks_nothing() -> None:
    assert list(broken(MinistryTable(**table()))) == []
    assert list(broken(None)) == []


@pytest.mark.parametrize(
    ("other", "identity", "sides"),
    [
        ({"c1": 13}, "c1=c2+c5+c8", (13, 12)),
        ({"c15": 1}, "c1=c11+c12+c13+c14+c15+c16+c17+c18", (12, 13)),
        ({"c20": 0}, "c1=c19+c20", (12, 11)),
        ({"c21": 3}, "c1=c21+c22+c23+c24+c25", (12, 13)),
        ({"c29": 0}, "c1=c26+c27+c28+c29", (12, 11)),
        ({"c32": 2}, "c1=c30+c31+c32", (12, 13)),
        ({"c3": 2}, "c2=c3+c4", (3, 4)),
        ({"c7": 2}, "c5=c6+c7", (6, 5)),
        ({"c9": 3}, "c8=c9+c10", (3, 4)),
        ({"c24": 6, "c23": 1}, "c13+c14=c24+c25", (10, 9)),
    ],
)
def test_each_identity_of_the_form_is_held(
    other: dict[str, int], identity: str, sides: tuple[int, int]
) -> None:
    found = {each.identity: (each.left, each.right) for each in broken(MinistryTable(**table(**other)))}

    assert found[identity] == sides
    assert identity == "c1=c2+c5+c8" or len(found) == 1


def test_children_with_both_parents_away_and_with_one_are_all_who_are_left_behind() -> None:
    (found,) = broken(CensusFigures(pupils=40, left_behind=12, both_away=7, one_away=4))
    assert (found.identity, found.left, found.right) == ("left_behind=both_away+one_away", 12, 11)
    # Of what nobody told nothing follows.
    assert list(broken(CensusFigures(left_behind=12, both_away=7))) == []


def test_a_figure_that_nobody_gave_adds_nothing() -> None:
    told = [CensusFigures(pupils=40, left_behind=3), None, CensusFigures(pupils=41)]

    assert summed(CensusFigures, told) == CensusFigures(pupils=81, left_behind=3)
    assert summed(CensusFigures, [None]) is None
