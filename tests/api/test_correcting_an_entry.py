"""Correcting an entry over HTTP, told as given, when, then."""

from tests.api.steps import answered, carer, corrected, enrolled, history, visited
from tests.api.support import ApiWorld
from tests.support.given import given

ENTRY = {"fields": {"occurred_on": "2026-06-19"}}


def test_a_correction_changes_the_day_and_keeps_the_entry(small_world: ApiWorld) -> None:
    (
        given(
            small_world,
            enrolled("Xiaohe"),
            carer("Lu"),
            visited("Xiaohe", by="Lu", on="2026-06-20", event="a"),
        )
        .when(corrected("Xiaohe", "a", **ENTRY, if_match='"2"'))
        .then(answered(201, state="recorded", version=3), history("Xiaohe", "2026-06-19"))
    )


def test_a_correction_of_what_has_changed_meanwhile_is_refused(small_world: ApiWorld) -> None:
    (
        given(
            small_world,
            enrolled("Xiaohe"),
            carer("Lu"),
            visited("Xiaohe", by="Lu", on="2026-06-20", event="a"),
        )
        .when(
            visited("Xiaohe", by="Lu", on="2026-06-20", event="b"),
            corrected("Xiaohe", "a", **ENTRY, if_match='"2"'),
        )
        .then(answered(412, code="stale"), history("Xiaohe", "2026-06-20", "2026-06-20"))
    )


def test_a_correction_must_say_what_it_is_based_on(small_world: ApiWorld) -> None:
    (
        given(
            small_world,
            enrolled("Xiaohe"),
            carer("Lu"),
            visited("Xiaohe", by="Lu", on="2026-06-20", event="a"),
        )
        .when(corrected("Xiaohe", "a", **ENTRY, if_match=None))
        .then(answered(428, code="version_required"), history("Xiaohe", "2026-06-20"))
    )
