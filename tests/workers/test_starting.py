"""The watch does not start where nobody would be told, or where nobody would see it stop."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from application.access import SYSTEM
from application.settings import BadSetting, read_settings
from application.system import System, migrate_system, open_system
from domain.org import ROOT, Step
from domain.streams.organisations.unit import RecipientRegistered
from projections import tables
from tests.faults.test_killed_workers import worker
from tests.support.actions import Desk
from tests.support.builders import an_id
from tests.support.world import SCHOOL, SECRET, World
from workers.starting import inventory, objections

PING = "https://monitor.example/ping/3f2a"


def codes(system: System) -> list[str]:
    against = objections(
        settings=system.settings, database=system.database, recipients=system.organisations.recipients
    )
    return [reason.code for reason in against]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path, ping_url=PING) as world:
        yield world


def test_somebody_is_told_where_the_operator_is_and_not_where_a_catch_all_is(
    watched: World,
) -> None:
    watched.system.organisations.ensure("other county", actor=SYSTEM)
    watched.recipient("Office", org="other county", catch_all=True)
    watched.enrol("T1", on="2026-03-01")
    elsewhere = codes(watched.system)
    watched.recipient("Operator", org=ROOT, catch_all=True)

    assert (elsewhere, codes(watched.system)) == (["nobody_told"], [])


def test_without_catch_all_every_child_must_have_somebody_above_it(watched: World) -> None:
    watched.recipient("Principal", from_step="critical")
    watched.enrol("T1", on="2026-03-01")
    alone = codes(watched.system)
    watched.enrol("T2", on="2026-03-01", org="other county/township/school")
    two = codes(watched.system)
    watched.recipient("Another", org="other county")

    assert (alone, two, codes(watched.system)) == ([], ["nobody_told"], [])


@pytest.mark.parametrize("channel", ["email", "ping", "pigeon"])
def test_a_way_that_leads_nowhere_reaches_nobody(watched: World, channel: str) -> None:
    watched.recipient("Office", channel=channel, catch_all=True, address="office@school.example")

    assert codes(watched.system) == ["nobody_told"]


@pytest.mark.parametrize(
    ("address", "secret"),
    [
        (None, SECRET),
        ("hooks.example/care", SECRET),
        ("https://user:word@hooks.example/care", SECRET),
        ("http://hooks.example/care", SECRET),
        ("https://192.168.1.7/care", SECRET),
        ("https://hooks.example/care", None),
        ("https://hooks.example/care", "whsec_not base64"),
    ],
)
def test_a_webhook_that_can_never_be_called_reaches_nobody(
    watched: World, address: str | None, secret: str | None
) -> None:
    hook = RecipientRegistered(
        recipient=an_id("Hook"),
        name="Hook",
        channel="webhook",
        address=address,
        secret=secret,
        catch_all=True,
    )
    watched.system.organisations.recipients.register(SCHOOL, details=hook, actor=SYSTEM)
    wrong = codes(watched.system)
    watched.recipient("Right", channel="webhook", catch_all=True)

    assert (wrong, codes(watched.system)) == (["nobody_told"], [])


def test_without_a_monitor_nobody_would_see_it_stop(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.recipient("Office", catch_all=True)

        assert codes(world.system) == ["nobody_watches"]


def test_one_line_says_what_it_starts_with(watched: World) -> None:
    watched.recipient("Wang Xiaoming", catch_all=True)
    watched.recipient("Principal", from_step=Step.HIGH.value)

    system = watched.system
    said = inventory(
        settings=system.settings,
        recipients=system.organisations.recipients,
        policy=system.alerts.policy,
    )

    assert said == (
        "broker=embedded recipients=2 catch_alls=1 ping=300s ladder=info:14,warning:30,high:45,critical:60@08"
    )


def test_the_process_refuses_and_says_what_to_do(tmp_path: Path) -> None:
    environ = {"CARELEDGER_DATA_DIR": str(tmp_path)}
    settings = read_settings(environ)
    migrate_system(settings, ddl=tables.DDL)
    system = open_system(settings)
    Desk(system).enrol(child=an_id("T1"))
    system.close()

    with worker(environ | {"CARELEDGER_UNWATCHED": ""}, "workers", log=tmp_path / "refused") as process:
        code = process.wait(timeout=30)

    said = (tmp_path / "refused").read_text()
    assert code == 78
    for words in ("nobody_told", "nobody_watches", "recipients add", "CARELEDGER_PING_URL", "外部监控"):
        assert words in said
    assert "Traceback" not in said


def test_a_recipient_of_the_monitor_takes_no_alert(watched: World) -> None:
    watched.recipient("Trick", channel="ping", address="https://hooks.example/trick")
    office = watched.recipient("Office", org=SCHOOL, catch_all=True)
    watched.enrol("T1", on="2026-03-01")

    watched.asleep_until("2026-03-15 08:00")
    watched.advance_to("2026-03-15 08:15")

    assert [item.step for item in watched.inbox(office)] == ["info"]
    assert {str(r.url.copy_with(host="monitor.example")) for r in watched.posted} == {PING}


@pytest.mark.parametrize(
    "url",
    [
        "http://monitor.example/ping",
        "monitor.example",
        "https://user:word@monitor.example/",
        "https://monitor.example:99999/",
        "https://monitor.example/a b",
        "https://monitor.example/\u661f",
    ],
)
def test_an_address_that_is_none_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(BadSetting) as raised:
        read_settings({"CARELEDGER_PING_URL": url})

    assert str(raised.value) == "CARELEDGER_PING_URL must be https://… without user and password"


def test_a_plain_address_is_for_networks_of_ones_own() -> None:
    environ = {"CARELEDGER_PING_URL": "http://10.0.0.7/ping", "CARELEDGER_WEBHOOK_ALLOW_PRIVATE": "1"}

    settings = read_settings(environ)

    assert (settings.ping_url, settings.ping_seconds) == ("http://10.0.0.7/ping", 300)
    assert "10.0.0.7" not in repr(settings)
