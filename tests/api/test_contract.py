"""The committed document is the service's own, it describes every route, and the service keeps to it."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.config import SchemathesisConfig

from api.document import as_text, whole_document
from api.error_catalogue import catalogue
from api.openapi import path_of
from api.routes import ROUTES
from domain.catalogue import care_actions_by_type, submitted_types
from tests.api import schemathesis_hooks as hooks
from tests.api.full_world import filled, operations, written
from tests.api.serving import ROOT
from tests.api.support import ApiWorld

DOCUMENT = ROOT / "docs" / "openapi.json"
# For these reasons alone may something be refused that the document allows: JSON Schema can't say them.
BEYOND_SCHEMAS: dict[str, str] = {
    **dict.fromkeys(("no_such_line", "not_asked", "unknown_word"), "lines, columns and words of a paper"),
    **dict.fromkeys(("bad_cursor",), "a cursor is one that was given, with the same parameters"),
    **dict.fromkeys(
        ("ladder_descends", "alert_must_ring"), "days of one step against those of another, by the kind"
    ),
    **dict.fromkeys(("in_the_future", "receipt_in_the_future"), "what has come by now"),
    **dict.fromkeys(
        (
            *("before_birth", "written_before_it_happened", "ends_before_it_begins"),
            *("away_ends_before_it_begins", "before_last_move", "follow_up_before_check"),
            *("visit_before_trigger", "review_before_exit", "allocated_before_received"),
            *("repaired_before_found", "closed_before_repaired"),
        ),
        "which of two days comes first",
    ),
    **dict.fromkeys(("participant_twice", "child_twice"), "that two items are of one child"),
    **dict.fromkeys(
        ("asked_twice", "item_twice", "item_scored_twice", "milestone_twice", "step_twice"),
        "that two items name the same",
    ),
    **dict.fromkeys(("bad_definition", "bad_fingerprint"), "a form that is told by a code of its own"),
    **dict.fromkeys(
        (
            *("letter_to_oneself", "one_recipient", "nothing_allocated", "visit_or_reason"),
            *("nothing_returned", "identity_broken", "sum_not_given"),
            *(
                "no_input_listed",
                "one_subject",
                "scope_missing",
                "nothing_told",
                "own_deputy",
                "most_below_fewest",
            ),
            *("weights_not_100", "more_heads_than_expected", "item_not_scored"),
        ),
        "what two fields may not both say, or both leave out",
    ),
    **dict.fromkeys(
        (
            *("guardian_did_not_agree", "may_not_be_entrusted", "too_young_to_be_entrusted"),
            *("not_theirs_to_give", "lowered_alone"),
        ),
        "what is told by a code of its own, so that people learn why",
    ),
    **dict.fromkeys(
        (
            *("already_paired", "filed_before_action", "takes_no_record", "other_kind", "nothing_changed"),
            *("takes_part_already", "of_age", "lives_elsewhere", "wish_fulfilled_already"),
            *("not_in_sample", "no_such_assessed_item", "above_its_weight", "no_such_milestone"),
            *("milestone_outside_plan", "step_outside_campaign"),
            *("counselling_closed_already", "subsidy_runs_already", "consent_withdrawn_already"),
            *("no_such_item", "answer_not_offered", "place_in_other_county", "other_school"),
            *("class_without_next", "no_class_of_school"),
        ),
        "what else the file holds",
    ),
    **dict.fromkeys(
        ("evidence_hash_mismatch", "evidence_type", "evidence_unreadable"), "what the bytes of a file are"
    ),
    **dict.fromkeys(("needs_found", "needs_carers"), "what a kind of activity asks for"),
    **dict.fromkeys(
        ("blank", "one_word", "bad_org_path"),
        "characters beyond the basic plane that nobody sees; 60 a name",
    ),
    **dict.fromkeys(("unknown_rule", "unknown_carer", "unknown_org"), "what there is"),
    **dict.fromkeys(("clocks_need_a_rule",), "a parameter that asks for another"),
    **dict.fromkeys(("bad_id_number",), "a check digit"),
    **dict.fromkeys(("same_approver",), "who is asking"),
    **dict.fromkeys(("unknown_field",), "which types of event name an organisation"),
    **dict.fromkeys(("version_required",), "which types of event are decisions"),
    **dict.fromkeys(("no_header", "not_a_table", "bad_encoding"), "what stands in a file"),
    **dict.fromkeys(("not_a_school", "bad_mapping"), "how deep a school lies; which columns there are"),
}
# A rule is checked as the file of a rule is.
RULES = "POST /v1/rule-bindings"


def test_the_committed_document_is_the_one_that_is_served(small_world: ApiWorld) -> None:
    served = small_world.caller.get("/openapi.json")

    assert DOCUMENT.read_bytes() == as_text(), "run: python -m api.document > docs/openapi.json"
    assert served.json == json.loads(DOCUMENT.read_bytes())


def test_the_document_describes_every_route_and_no_other() -> None:
    assert set(whole_document()["paths"]) == {path_of(route.template) for route in ROUTES}


def test_the_document_describes_every_type_of_event() -> None:
    schemas = whole_document()["components"]["schemas"]

    submitted = {name for name, action in care_actions_by_type().items() if not action.derived}

    items = {name for name, each in submitted_types().items() if not each.derived}

    assert set(schemas["BatchItem"]["discriminator"]["mapping"]) == items
    assert set(schemas["Event"]["discriminator"]["mapping"]) == submitted - {"child_enrolled"}


def test_what_no_schema_can_say_is_said_by_codes_that_there_are() -> None:
    assert BEYOND_SCHEMAS.keys() <= catalogue().keys()


def test_operations_have_names_of_their_own() -> None:
    names = [
        operation["operationId"]
        for operations in whole_document()["paths"].values()
        for method, operation in operations.items()
        if method != "parameters"
    ]

    assert len(names) == len(set(names))


def test_a_header_that_schemathesis_takes_for_a_good_one_and_is_none_is_not_sent() -> None:
    schema = schemathesis.openapi.from_path(str(DOCUMENT))
    operation = schema["/v1/recipients/{recipient_id}"]["PUT"]
    blank, good = (operation.Case(headers={"If-Match": value, "X-Other": ""}) for value in ("", '"7"'))

    for case in (blank, good):
        hooks.leave_out_headers_that_are_none(case)

    assert (dict(blank.headers), dict(good.headers)) == ({"X-Other": ""}, {"X-Other": "", "If-Match": '"7"'})


@pytest.mark.timeout(600)
def test_the_service_keeps_to_its_document(
    small_world: ApiWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _hold_to_the_document(small_world, tmp_path, monkeypatch, examples=10)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_service_keeps_to_its_document_whatever_is_sent(
    small_world: ApiWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _hold_to_the_document(small_world, tmp_path, monkeypatch, examples=100)


def _hold_to_the_document(
    world: ApiWorld, folder: Path, monkeypatch: pytest.MonkeyPatch, *, examples: int
) -> None:
    """Try each operation so often with what should be accepted, and with what should not, by every check."""
    monkeypatch.setenv("CARELEDGER_KNOWN", str(written(filled(world), folder)))
    monkeypatch.setattr(hooks, "KNOWN", {})
    monkeypatch.setattr(hooks, "COUNTS", Counter())
    monkeypatch.setattr(hooks, "REFUSED", Counter())
    config = SchemathesisConfig.from_path(ROOT / "schemathesis.toml")
    schema = schemathesis.openapi.from_path(str(DOCUMENT), config=config)
    schema.app = world.http.app
    # Called past HTTP, nobody would unpack what came compressed.
    headers = {"Authorization": f"Bearer {world.caller.key}", "Accept-Encoding": "identity"}
    for result in schema.get_all_operations():
        operation = result.ok()
        # Kinds of streams share their code: all is tried of the first, of the others what they add.
        alike = {*operation.path.split("/")} & {*hooks.KINDS[1:]} and not operation.path.endswith(
            "/{event_id}"
        )
        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
            _try(operation, mode=mode, headers=headers, examples=examples // 3 if alike else examples)

    well = Counter({label: n for (label, status), n in hooks.COUNTS.items() if status < 300})
    assert [label for label in operations() if not well[label]] == []
    beyond = [each for each in hooks.REFUSED if each[1] not in BEYOND_SCHEMAS and each[0] != RULES]
    assert beyond == []


def _try(operation: Any, *, mode: Any, headers: dict[str, str], examples: int) -> None:
    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def attempt(case: Any) -> None:
        case.call_and_validate(headers=headers)

    try:
        attempt()
    except hypothesis.errors.Unsatisfiable:
        # An operation without parameters and without a body can't be called wrongly.
        assert mode is schemathesis.GenerationMode.NEGATIVE
