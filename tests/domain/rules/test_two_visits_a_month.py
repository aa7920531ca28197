"""Rule C39, two recorded visits a month by the care counsellor, told as given, when, then."""

from domain.choices import VisitOutcome
from tests.domain.rules.steps import judged, verdict
from tests.support.builders import enrolled, paired, stream, visit
from tests.support.given import given

FIRST, SECOND = visit("2026-03-05"), visit("2026-03-19")


def test_two_visits_meet_the_month() -> None:
    (
        given(stream(enrolled("2026-01-10"), paired("2026-01-10"), FIRST, SECOND))
        .when(judged("C39", "2026-03"))
        .then(verdict("met", FIRST, SECOND))
    )


def test_a_visit_that_met_nobody_does_not_count_and_says_why() -> None:
    nobody = visit("2026-03-19", outcome=VisitOutcome.NOBODY_HOME, met=())
    (
        given(stream(enrolled("2026-01-10"), paired("2026-01-10"), FIRST, nobody))
        .when(judged("C39", "2026-03"))
        .then(verdict("short", FIRST, rejected={"2026-03-19": "not_met"}))
    )


def test_what_was_not_known_yet_is_left_out() -> None:
    late = visit("2026-03-19", known="2026-04-10")
    (
        given(stream(enrolled("2026-01-10"), paired("2026-01-10"), FIRST, late))
        .when(judged("C39", "2026-03", known="2026-04-01"))
        .then(verdict("short", FIRST))
        .when(judged("C39", "2026-03", known="2026-04-10"))
        .then(verdict("met", FIRST, late))
    )
