"""The units for those without containers, held against the code they start and systemd's own eyes."""

import importlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from application.settings import read_settings
from projections.outbox import heartbeat

FOLDER = Path(__file__).parent.parent / "examples" / "systemd"
UNITS = sorted([*FOLDER.glob("*.service"), *FOLDER.glob("*.timer"), *FOLDER.glob("*.target")])
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
PROGRAM = "/opt/careledger/bin/careledger"


def said(unit: Path, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", unit.read_text(encoding="utf-8"), flags=re.MULTILINE)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_understands_every_unit(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace(PROGRAM, "/bin/true")
        text = re.sub(r"^(EnvironmentFile|User|Group|WorkingDirectory)=.*\n", "", text, flags=re.MULTILINE)
        for part in _parts() if "@" in unit.name else ("",):
            name = unit.name.replace("@", f"@{part}")
            (tmp_path / name).write_text(text, encoding="utf-8")

    files = sorted(map(str, tmp_path.iterdir()))
    done = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True, check=False)

    assert [line for line in done.stderr.splitlines() if str(tmp_path) in line or "careledger" in line] == []


def test_what_is_started_are_commands_of_ours_with_their_options() -> None:
    typer = importlib.import_module("typer.main")
    commands = typer.get_command(importlib.import_module("cli.main").app).commands
    calls = [call for unit in SERVICES for call in re.findall(rf"{PROGRAM} ([^\n\"]*)", unit.read_text())]

    started = {call.split()[0] for call in calls if not call.startswith("migrate`")}
    assert started == {"migrate", "serve", "worker", "backup"}
    for call in calls:
        words = call.replace("`", " ").split()
        known = {name for parameter in commands[words[0]].params for name in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, call


def test_each_part_of_the_watch_is_wanted_and_all_are_started_again() -> None:
    (wanted,) = said(FOLDER / "careledger.target", "Wants")
    own = {unit.name for unit in UNITS}

    assert {f"careledger-worker@{part}.service" for part in _parts()} <= set(wanted.split())
    assert {re.sub(r"@\w+", "@", name) for name in wanted.split()} <= own
    for name in ("careledger-web.service", "careledger-worker@.service"):
        assert said(FOLDER / name, "Restart") == ["always"]
        assert said(FOLDER / name, "StartLimitIntervalSec") == ["0"]
        assert said(FOLDER / name, "Requires") == ["careledger-migrate.service"]
        # Longer than the program takes to end.
        assert said(FOLDER / name, "TimeoutStopSec") == ["15"]


def test_none_runs_as_root_and_only_those_who_make_or_copy_tables_know_their_owner() -> None:
    knowing = {unit.name for unit in SERVICES if "/etc/careledger/owner.env" in said(unit, "EnvironmentFile")}

    assert knowing == {"careledger-migrate.service", "careledger-backup.service"}
    for unit in SERVICES:
        assert said(unit, "User") == ["careledger"]
        assert said(unit, "NoNewPrivileges") == ["yes"]
        assert said(unit, "UMask") == ["0077"]


def test_the_settings_of_the_examples_can_be_read(tmp_path: Path) -> None:
    environ = {
        name: value
        for file in ("careledger.env", "owner.env")
        for name, value in re.findall(r"^(\w+)=(.*)$", (FOLDER / file).read_text(), flags=re.MULTILINE)
    }

    settings = read_settings(environ)

    assert settings.owner_database_url != settings.database_url
    assert settings.ping_url


def test_a_backup_is_made_every_night_and_old_ones_go() -> None:
    assert said(FOLDER / "careledger-backup.timer", "OnCalendar") == ["*-*-* 02:30:00"]
    assert said(FOLDER / "careledger-backup.timer", "Persistent") == ["yes"]
    (clearing,) = said(FOLDER / "careledger-backup.service", "ExecStartPost")
    (writable,) = said(FOLDER / "careledger-backup.service", "ReadWritePaths")
    (made,) = said(FOLDER / "careledger-backup.service", "ExecStart")
    assert f"find {writable} -mindepth 1 -maxdepth 1 -type d -mtime" in clearing
    assert f'backup "{writable}/$(date' in made


def _parts() -> tuple[str, ...]:
    return tuple(heartbeat.PARTS)
