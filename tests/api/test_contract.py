"""The committed document is the service's own, it describes every route, and the service keeps to it."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import hypothesis
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.document import as_text, whole_document
from api.openapi import path_of
from api.routes import ROUTES
from domain.catalogue import care_actions_by_type
from tests.api.support import SCHOOL, ApiWorld, visit

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"


def test_the_committed_document_is_the_one_that_is_served(small_world: ApiWorld) -> None:
    served = small_world.caller.get("/openapi.json")

    assert DOCUMENT.read_bytes() == as_text(), "run: python -m api.document > docs/openapi.json"
    assert served.json == json.loads(DOCUMENT.read_bytes())


def test_the_document_describes_every_route_and_no_other() -> None:
    assert set(whole_document()["paths"]) == {path_of(route.template) for route in ROUTES}


def test_the_document_describes_every_type_of_event() -> None:
    schemas = whole_document()["components"]["schemas"]

    submitted = {name for name, action in care_actions_by_type().items() if not action.derived}

    assert set(schemas["BatchItem"]["discriminator"]["mapping"]) == submitted
    assert set(schemas["Event"]["discriminator"]["mapping"]) == submitted - {"child_enrolled"}


def test_operations_have_names_of_their_own() -> None:
    names = [
        operation["operationId"]
        for operations in whole_document()["paths"].values()
        for method, operation in operations.items()
        if method != "parameters"
    ]

    assert len(names) == len(set(names))


def test_the_service_keeps_to_its_document(small_world: ApiWorld) -> None:
    schema = schemathesis.openapi.from_path(str(DOCUMENT))
    schema.app = small_world.http.app
    headers = {"Authorization": f"Bearer {small_world.caller.key}"}
    known = _known_things(small_world)
    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
            _try(operation, mode=mode, headers=headers, known=known)


def _known_things(world: ApiWorld) -> dict[str, str]:
    """Some things that are there, so that not every call ends in 404."""
    child, carer, event = world.enrol(), world.carer(), str(uuid4())
    world.caller.put(f"/v1/children/{child}/events/{event}", visit(carer))
    return {
        "child_id": child,
        "carer_id": carer,
        "event_id": event,
        "org": SCHOOL,
        "rule": "C39",
        "period": "2026-05",
    }


def _try(operation: Any, *, mode: Any, headers: dict[str, str], known: dict[str, str]) -> None:
    @settings(
        max_examples=12,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), real=st.booleans())
    def attempt(case: Any, real: bool) -> None:
        for place in (case.path_parameters, case.query):
            for name in place or {}:
                if real and name in known:
                    place[name] = known[name]
        case.call_and_validate(
            headers=headers,
            checks=[
                not_a_server_error,
                response_schema_conformance,
                content_type_conformance,
                status_code_conformance,
            ],
        )

    try:
        attempt()
    except hypothesis.errors.Unsatisfiable:
        # An operation without parameters and without a body can't be called wrongly.
        assert mode is schemathesis.GenerationMode.NEGATIVE
