"""Pages of other origins ask the API from a browser, where the settings let them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from falcon import testing

from api.app import create_app
from application.settings import BadSetting, read_settings
from tests.api.support import ApiWorld

PAGE = "https://school.example"
ASKED = {"Origin": PAGE, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "if-match"}


@pytest.fixture
def http(small_world: ApiWorld) -> Iterator[testing.TestClient]:
    system = small_world.system
    settings = replace(system.settings, cors_origins=(PAGE,))
    return testing.TestClient(create_app(replace(system, settings=settings)))


def test_a_browser_asks_without_a_key_what_it_may_send(http: testing.TestClient) -> None:
    answered = http.simulate_options("/v1/children/00000000-0000-4000-8000-000000000001", headers=ASKED)

    assert answered.status_code == 200
    assert answered.headers["Access-Control-Allow-Origin"] == PAGE
    assert "PUT" in answered.headers["Access-Control-Allow-Methods"]
    assert answered.headers["Access-Control-Allow-Headers"] == "if-match"


def test_a_page_reads_what_the_answer_says_of_itself(http: testing.TestClient) -> None:
    answered = http.simulate_get("/v1/event-types", headers={"Origin": PAGE})

    assert answered.headers["Access-Control-Allow-Origin"] == PAGE
    assert {"ETag", "Link", "X-Request-Id"} <= set(
        answered.headers["Access-Control-Expose-Headers"].split(", ")
    )
    assert "Origin" in answered.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in answered.headers


def test_another_page_is_told_nothing_and_needs_a_key_as_everybody(http: testing.TestClient) -> None:
    asked = http.simulate_options("/v1/changes", headers=ASKED | {"Origin": "https://else.example"})
    refused = http.simulate_get("/v1/changes", headers={"Origin": PAGE})

    assert "Access-Control-Allow-Origin" not in asked.headers
    assert refused.status_code == 401
    assert refused.headers["Access-Control-Allow-Origin"] == PAGE


def test_without_the_setting_no_page_may_ask(small_world: ApiWorld) -> None:
    answered = small_world.http.simulate_options("/v1/changes", headers=ASKED)

    assert "Access-Control-Allow-Origin" not in answered.headers


@pytest.mark.parametrize("text", ["school.example", "https://school.example/", "null", "https://*.example"])
def test_what_is_no_origin_is_refused_at_start(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadSetting, match="CARELEDGER_CORS_ORIGINS"):
        read_settings({"CARELEDGER_CORS_ORIGINS": text})


def test_several_origins_may_be_named() -> None:
    read = read_settings({"CARELEDGER_CORS_ORIGINS": f"{PAGE}, http://localhost:3000"})

    assert read.cors_origins == (PAGE, "http://localhost:3000")
