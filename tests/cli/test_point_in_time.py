"""Back to a moment with PostgreSQL's own tools: base backup and archived logs, then `rebuild` and `check`."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.cli.drill import events, opened, read_models, writing
from tests.cli.terminal import Terminal
from tests.support.binaries import harmless_account
from tests.support.databases import fresh_postgres
from tests.support.processes import Program, Server, launched, started
from tests.support.servers import _postgres_answers, _temp_folder, started_postgres
from tests.support.world import eventually

ACCOUNT = harmless_account() if os.geteuid() == 0 else None


@pytest.mark.slow(seconds=10)
def test_everything_up_to_a_moment_is_back_and_nothing_later(tmp_path: Path) -> None:
    with ExitStack() as stack:
        place = stack.enter_context(_temp_folder(account=ACCOUNT))
        archiving = ("archive_mode=on", f"archive_command=cp %p {place}/%f")
        server = stack.enter_context(started_postgres(options=archiving))
        urls = [stack.enter_context(fresh_postgres(server.url)) for _ in range(2)]
        live = Terminal(tmp_path / "live", CARELEDGER_DATABASE_URL=urls[0], CARELEDGER_KEYS_URL=urls[1])
        live.json("migrate")
        with writing(live) as writer:
            writer.more()
            base_backup(server, place / "base")
            before = writer.more()
            moment = writer.system.now()
            kept = writer.acknowledged[:before]
            writer.more()
            writer.more()
        archived(server)
        carers = writer.acknowledged

        with recovered(server, place, moment=moment) as port:
            there = [urlsplit(url) for url in urls]
            back = Terminal(
                tmp_path / "back",
                **{
                    name: url._replace(netloc=url.netloc.replace(f":{url.port}", f":{port}")).geturl()
                    for name, url in zip(
                        ("CARELEDGER_DATABASE_URL", "CARELEDGER_KEYS_URL"), there, strict=True
                    )
                },
            )
            back.json("rebuild")
            checked = back.json("check")
            live.json("rebuild")
            now = events(back, up_to=10**9)
            streams = {event.originator_id for event in now}
            later = set(carers) - streams

            assert checked["ok"]
            assert set(kept) <= streams
            assert later
            assert max(e.recorded_at for e in now if e.recorded_at) <= moment
            assert now == events(live, up_to=max(e.position or 0 for e in now))
            assert read_models(back, but=later) == read_models(live, but=later)
            assert not any(event.erased for event in now)
            with opened(back) as system:
                assert system.log.head()[0] == len(now)


def base_backup(server: Server, target: Path) -> None:
    """Copy the running server."""
    run(server, "pg_basebackup", "--checkpoint=fast", "-D", str(target), "-d", server.url)


def archived(server: Server) -> None:
    """Wait until all that was written lies in the archive."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        row = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
        assert row is not None
        reached = "SELECT last_archived_wal >= %s FROM pg_stat_archiver"
        eventually(lambda: connection.execute(reached, row).fetchone() == (True,), seconds=60)


@contextmanager
def recovered(server: Server, place: Path, *, moment: datetime) -> Iterator[int]:
    """Start a server on the copy that goes on by the archive until a moment; give its port."""
    (place / "base" / "recovery.signal").touch()
    settings = (
        f"restore_command=cp {place}/%f %p",
        f"recovery_target_time={moment.isoformat(sep=' ')}",
        "recovery_target_action=promote",
    )
    pairs = [part for setting in settings for part in ("-c", setting)]

    def program(port: int) -> tuple[str, Program]:
        assert server.program is not None
        was = list(server.program.arguments)
        url = server.url.replace(f":{urlsplit(server.url).port}/", f":{port}/")
        arguments = [was[0], "-D", str(place / "base"), "-p", str(port), *was[5:], *pairs]
        return url, replace(
            server.program,
            arguments=[*arguments, "-c", "archive_mode=off"],
            ready=lambda _: _postgres_answers(url),
            log=place / "recovery.log",
        )

    with started(program) as copy:
        with psycopg.connect(copy.url, autocommit=True) as connection:
            recovering = "SELECT pg_is_in_recovery()"
            eventually(lambda: connection.execute(recovering).fetchone() == (False,), seconds=60)
        yield int(urlsplit(copy.url).port or 0)


def run(server: Server, name: str, *words: str) -> None:
    assert server.program is not None
    binary = Path(server.program.arguments[0]).with_name(name)
    arguments = launched([str(binary), *words], stop_signal=signal.SIGKILL, account=server.program.account)
    subprocess.run(arguments, check=True, timeout=60, cwd=server.program.log.parent)
