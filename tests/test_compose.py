"""docker-compose.yml, held against the code it starts; no container engine is asked."""

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.files import MOST_BYTES
from api.resources.changes import LONGEST_WAIT
from application.foundation import KEYS_POOL_SIZE
from application.settings import Settings
from projections.outbox import heartbeat

ROOT = Path(__file__).parent.parent
ONE_SHOT = {"roles", "migrate"}
PARTS = {"alerts", "records"}
OURS = {"migrate", "api", *PARTS}
# Started by hand, one command each.
TOOLS = {"owner", "backup", "cli"}
OWNERS = {"migrate", "owner", "backup"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = compose["services"]
    return found


def test_the_services_are_the_engines_and_ours(services: dict[str, Any]) -> None:
    assert set(services) == {"postgres", "keys-postgres", "redis", "proxy", "roles"} | OURS | TOOLS
    assert {name for name, service in services.items() if service.get("profiles")} == TOOLS


def test_every_service_that_stays_has_a_health_check(services: dict[str, Any]) -> None:
    without = {name for name, service in services.items() if not service.get("healthcheck", {}).get("test")}

    assert without == ONE_SHOT | TOOLS
    assert {services[name]["restart"] for name in without} == {"no"}


def test_who_waits_for_a_service_waits_until_it_is_ready(services: dict[str, Any]) -> None:
    waits = {
        (name, needed, how["condition"])
        for name, service in services.items()
        for needed, how in service.get("depends_on", {}).items()
    }

    assert {needed for _, needed, _ in waits} <= set(services)
    assert all(
        condition == ("service_completed_successfully" if needed in ONE_SHOT else "service_healthy")
        for _, needed, condition in waits
    )
    assert {name for name, needed, _ in waits if needed == "migrate"} == {"api", *PARTS, "cli"}
    assert {name for name, needed, _ in waits if needed == "roles"} == OWNERS


def test_the_owner_of_the_tables_is_named_to_no_one_who_stays(services: dict[str, Any]) -> None:
    owners = {"CARELEDGER_OWNER_DATABASE_URL", "CARELEDGER_OWNER_KEYS_URL"}
    for name in OURS | TOOLS:
        given = services[name]["environment"]
        assert (owners <= set(given)) == (name in OWNERS), name
        assert owners.isdisjoint(given) == (name not in OWNERS), name
        assert "//careledger_service:" in given["CARELEDGER_DATABASE_URL"]
        assert "//careledger_service:" in given["CARELEDGER_KEYS_URL"]
        assert services[name]["networks"] == ["inside"] or name == "alerts"
    assert services["roles"]["volumes"] == ["./examples/postgres/two_roles.sql:/two_roles.sql:ro"]
    assert (ROOT / "examples" / "postgres" / "two_roles.sql").exists()


def test_a_backup_can_be_made_and_restored_and_own_rules_be_read(
    compose: dict[str, Any], services: dict[str, Any]
) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    (client,) = re.findall(r"postgresql-client-(\d+)", dockerfile)
    servers = {services[name]["image"] for name in ("postgres", "keys-postgres", "roles")}

    # The tools must not be older than the server.
    assert {f"postgres:{client}"} == servers
    assert "/backups" in dockerfile
    for name in ("owner", "backup"):
        assert "${CARELEDGER_BACKUPS:-backups}:/backups" in services[name]["volumes"]
    assert "backups" in compose["volumes"]
    for name in (OURS | TOOLS) - {"backup"}:
        assert services[name]["environment"]["CARELEDGER_RULES_DIR"] == "/rules"
        assert "${CARELEDGER_RULES:-./examples/rules}:/rules:ro" in services[name]["volumes"]
    assert (ROOT / "examples" / "rules").is_dir()


def test_redis_keeps_what_it_was_given(services: dict[str, Any]) -> None:
    flags = services["redis"]["command"]

    assert _value(flags, flag="--appendonly") == "yes"
    assert _value(flags, flag="--maxmemory-policy") == "noeviction"


def test_the_engines_are_not_reachable_from_outside(
    compose: dict[str, Any], services: dict[str, Any]
) -> None:
    assert compose["networks"]["inside"]["internal"] is True
    for name in ("postgres", "keys-postgres", "redis", "migrate", "api", "records"):
        assert services[name]["networks"] == ["inside"]
        assert "ports" not in services[name]
    assert {name for name, service in services.items() if "ports" in service} == {"proxy"}
    assert all(port.startswith("127.0.0.1:") for port in services["proxy"]["ports"])


def test_a_service_has_longer_to_end_than_the_program_takes(services: dict[str, Any]) -> None:
    assert {services[name]["stop_grace_period"] for name in OURS} == {"15s"}
    assert {services[name]["stop_signal"] for name in OURS} == {"SIGTERM"}


def test_each_part_of_the_watch_is_a_service_that_is_started_again_and_asked_after_itself(
    services: dict[str, Any],
) -> None:
    assert set(heartbeat.PARTS) == PARTS
    for part in PARTS:
        service = services[part]
        assert service["command"] == ["worker", "--part", part]
        assert service["healthcheck"]["test"][2:] == ["worker", "--part", part, "--healthy"]
        assert service["restart"] == "unless-stopped"
    assert "outside" in services["alerts"]["networks"]


def test_any_number_of_each_may_run_and_two_do(services: dict[str, Any]) -> None:
    for name in ("api", *PARTS):
        assert services[name]["deploy"]["replicas"] == 2
        # No name, no port and no file of this machine that only one can have.
        assert not {"container_name", "ports"} & set(services[name])
        assert all(volume.endswith(":ro") for volume in services[name]["volumes"])


def test_the_databases_have_connections_for_all_of_them(services: dict[str, Any]) -> None:
    settings = Settings(data_dir=ROOT, database_url="", keys_url="")
    processes = sum(services[name]["deploy"]["replicas"] for name in PARTS)
    processes += services["api"]["deploy"]["replicas"] * settings.web_workers
    keys = " ".join(services["keys-postgres"]["command"])

    # PostgreSQL takes 100 and keeps 3 for its owner; beside the pools there are connections that hold locks.
    assert processes * (settings.pool_size + 2) <= 97
    assert processes * KEYS_POOL_SIZE < int(re.findall(r"max_connections=(\d+)", keys)[0])


def test_the_proxy_passes_on_what_the_api_takes(services: dict[str, Any]) -> None:
    (mounted,) = services["proxy"]["volumes"]
    here, inside, how = mounted.split(":")
    config = re.sub(r"#.*", "", (ROOT / here).read_text(encoding="utf-8"))
    (uploads,) = re.findall(r"location /v1/event-batches/ \{(.*?)\}", config, flags=re.DOTALL)
    (papers,) = re.findall(r"location /v1/imports \{(.*?)\}", config, flags=re.DOTALL)
    rest = config.replace(uploads, "").replace(papers, "")

    assert (inside, how) == ("/etc/nginx/nginx.conf", "ro")
    assert re.findall(r"server (\S+) resolve", config) == [f"api:{services['api']['environment']['PORT']}"]
    assert {"proxy_request_buffering off", "client_max_body_size 0"} <= _directives(uploads)
    assert _directive(rest, "client_max_body_size") == "2m"
    assert int(_directive(papers, "client_max_body_size").removesuffix("m")) * 1024**2 > MOST_BYTES
    assert Settings(data_dir=ROOT, database_url="", keys_url="").max_body_bytes < 2 * 1024**2
    # Longer than a follower waits; and what waits for an upload waits longer still.
    assert int(_directive(rest, "proxy_read_timeout").removesuffix("s")) > LONGEST_WAIT
    assert _directive(uploads, "proxy_read_timeout") == "1h"
    assert config.count("{") == config.count("}")


def test_no_password_stands_in_the_file(services: dict[str, Any]) -> None:
    passwords = {
        value
        for service in services.values()
        for name, value in service.get("environment", {}).items()
        if "PASSWORD" in name or "AUTH" in name
    }

    assert passwords
    assert all(re.fullmatch(r"\$\{[A-Z_]+:\?[^}]*\}", value) for value in passwords)


def test_the_example_names_every_variable_that_must_be_set() -> None:
    wanted = set(re.findall(r"\$\{([A-Z_]+):", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    example = (ROOT / ".env.example").read_text(encoding="utf-8")

    assert wanted == set(re.findall(r"^([A-Z_]+)=", example, flags=re.MULTILINE))


def test_every_variable_given_to_us_is_one_that_the_settings_read(services: dict[str, Any]) -> None:
    settings = (ROOT / "application" / "settings.py").read_text(encoding="utf-8")
    given = {name for service in OURS | TOOLS for name in services[service]["environment"]}

    assert {name for name in given if not re.search(rf"\b{name}\b", settings)} == set()


def test_every_subcommand_and_option_named_is_one_of_the_command_line(services: dict[str, Any]) -> None:
    typer = importlib.import_module("typer.main")
    commands = typer.get_command(importlib.import_module("cli.main").app).commands
    checks = [services[name].get("healthcheck", {}).get("test", []) for name in OURS]
    calls = [services[name]["command"] for name in OURS]
    calls += [check[2:] for check in checks if check[1:2] == ["careledger"]]

    for subcommand, *words in calls:
        options = [word for word in words if word.startswith("-")]
        assert subcommand in commands
        known = {name for parameter in commands[subcommand].params for name in parameter.opts}
        assert set(options) <= known, subcommand


def test_the_image_holds_the_pinned_set_and_is_not_run_by_root() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()

    assert any("--require-hashes" in line and "requirements/runtime.txt" in line for line in lines)
    assert [line for line in lines if line.startswith("USER ")] == ["USER 10001:10001"]
    assert "STOPSIGNAL SIGTERM" in lines


def _directives(block: str) -> set[str]:
    return {" ".join(line.split()) for line in block.split(";") if line.strip()}


def _directive(block: str, name: str) -> str:
    (value,) = re.findall(rf"\b{name}\s+([^;]+);", block)
    return str(value)


def _value(flags: list[str], *, flag: str) -> str:
    return flags[flags.index(flag) + 1]
