"""Makes the store of the present version for the upgrade tests: run it once, at a release.

    python -m tests.upgrade.make_store 0.1

It tells the same story to a ledger on SQLite and to one on PostgreSQL, packs both under `stores/<version>`,
opens them again, and keeps what this version answers to a fixed list of questions. It starts a PostgreSQL of
its own; `pg_dump` is that of the machine. Chance is seeded, so that both ledgers hold the same ids and keys.
"""

import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict
from pathlib import Path
from typing import Any
from unittest.mock import patch

import orjson

from cli.exits import DONE, EXITS
from domain.catalogue import event_types
from tests.support.databases import fresh_postgres
from tests.support.servers import running_postgres
from tests.support.world import moment
from tests.upgrade import flows
from tests.upgrade.asking import asked_again, events_of, feeds_of, rows_digest
from tests.upgrade.questions import TERMINAL, asked_by_api, asked_in_terminal, next_page, questions
from tests.upgrade.stores import (
    ANSWERS,
    ENGINES,
    EXPECTED,
    FOLDER,
    SQLITE,
    Expected,
    Opened,
    opened,
    packed,
    unpacked,
)
from tests.upgrade.story import ENDS, told
from tests.upgrade.teller import Teller

SEED = 20260630
# Commands that answer, some of which say by their exit why a figure is nought.
_ANSWERED = frozenset({DONE, *EXITS.values()})
_DUMP = ("--no-owner", "--no-privileges", "--no-comments", "--no-security-labels", "--no-tablespaces")
_HOW = (
    "--no-publications",
    "--no-subscriptions",
    "--no-table-access-method",
    "--inserts",
    "--rows-per-insert=50",
)
# Settings of the session, and what only psql understands; an INSERT of ours holds no such line.
_LEFT_OUT = re.compile(r"^(--|SET |\\|SELECT pg_catalog\.set_config)")


def main(version: str) -> None:
    """Make a store, or both halves of it, under `stores/<version>`."""
    target = FOLDER / version
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, running_postgres() as server:
        folder = Path(name)
        (folder / "papers").mkdir()
        flows.papers(folder / "papers")
        tellers, archives = {}, {}
        for engine in ENGINES:
            tellers[engine], archives[engine] = _made(engine, folder, version=version, server_url=server.url)
            (target / f"{engine}.tar.xz").write_bytes(archives[engine])
        _assert_the_same(tellers)
        known = {
            engine: _answered(tellers[engine], engine, archives[engine], folder, server_url=server.url)
            for engine in ENGINES
        }
        words = _kept(tellers[SQLITE], known)
        papers = {f"papers/{p.name}": p.read_bytes() for p in (folder / "papers").iterdir()}
        (target / f"{EXPECTED}.tar.xz").write_bytes(packed({ANSWERS: orjson.dumps(words), **papers}))
    for file in sorted(target.iterdir()):
        sys.stderr.write(f"{file.relative_to(FOLDER)} {file.stat().st_size} bytes\n")


def _made(engine: str, folder: Path, *, version: str, server_url: str) -> tuple[Teller, bytes]:
    """Tell the story to a ledger on an engine and pack it."""
    with _databases(engine, folder / engine, server_url=server_url) as urls:
        # Ids that nobody chose are the same on both engines; what the service logs is no part of this.
        with (
            patch("os.urandom", random.Random(SEED).randbytes),
            redirect_stdout(Path(os.devnull).open("w")),
        ):
            more: dict[str, Any] = {"papers": folder / "papers", "version": version}
            tell = told(folder / engine, database_url=urls[0], keys_url=urls[1], **more)
        if engine == SQLITE:
            files = {name: (folder / engine / name).read_bytes() for name in ("careledger.db", "keys.db")}
            left = [f for name in files for f in (folder / engine).glob(f"{name}-*")]
            assert not left, f"not checkpointed: {left}"
        else:
            names = ("events.sql", "keys.sql")
            files = {name: _dumped(url) for name, url in zip(names, urls, strict=True)}
    return tell, packed(files)


@contextmanager
def _databases(engine: str, folder: Path, *, server_url: str) -> Iterator[tuple[str, str]]:
    folder.mkdir()
    if engine == SQLITE:
        yield f"sqlite:///{folder}/careledger.db", f"sqlite:///{folder}/keys.db"
    else:
        with fresh_postgres(server_url) as events, fresh_postgres(server_url) as keys:
            yield events, keys


def _dumped(url: str) -> bytes:
    """Dump a database as statements that any version of PostgreSQL takes, from whatever program."""
    done = subprocess.run(["pg_dump", *_DUMP, *_HOW, url], check=True, capture_output=True, text=True)
    lines = [line for line in done.stdout.splitlines() if line.strip() and not _LEFT_OUT.match(line)]
    return ("\n".join(lines) + "\n").encode()


def _answered(tell: Teller, engine: str, archive: bytes, folder: Path, *, server_url: str) -> dict[str, Any]:
    """Unpack a store twice, ask it everything, and send it everything again."""
    answers: dict[str, Any] = {}
    known = _known(tell)
    more: dict[str, Any] = {"archive": archive, "expected": known, "server_url": server_url}
    with (
        unpacked(engine, folder / f"{engine}-asked", **more) as store,
        redirect_stdout(Path(os.devnull).open("w")),
        opened(store) as there,
    ):
        answers |= _asked(tell, there)
    with (
        unpacked(engine, folder / f"{engine}-again", **more) as store,
        redirect_stdout(Path(os.devnull).open("w")),
        opened(store) as there,
    ):
        return answers | {"again": asked_again(there, known.sent)}


def _known(tell: Teller) -> Expected:
    return Expected(
        now=moment(ENDS),
        holders=tell.holders,
        children={slug: str(child) for slug, child in tell.children.items()},
        imports={name: str(import_id) for name, import_id in tell.imports.items()},
        sent=[asdict(one) for one in tell.sent],
        again=[],
        engines={},
    )


def _asked(tell: Teller, there: Opened) -> dict[str, Any]:
    found = []
    waiting = list(questions(tell))
    while waiting:
        question = waiting.pop(0)
        if question.group == TERMINAL:
            answer = asked_in_terminal(question, there.store.terminal)
            assert answer.status in _ANSWERED, (question, answer)
        else:
            answer = asked_by_api(question, there.as_(question.caller))
        found.append([asdict(question), asdict(answer)])
        if (following := next_page(question, answer)) is not None:
            waiting.insert(0, following)
    names = [question["name"] for question, _ in found]
    assert len(set(names)) == len(names)
    events = events_of(there)
    assert {event["type"] for event in events} == set(event_types())
    return {
        "questions": found,
        "feeds": feeds_of(there),
        "events": events,
        "rows": rows_digest(there),
    }


def _assert_the_same(tellers: Mapping[str, Teller]) -> None:
    """Fail unless both ledgers were told the same, and gave the same keys."""
    one, other = (_known(tellers[engine]) for engine in ENGINES)
    assert one == other, "the two ledgers were not told the same"


def _kept(tell: Teller, answers: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return what is kept of a store; what differs from engine to engine may differ in positions alone."""
    again = [answers[engine].pop("again") for engine in ENGINES]
    assert again[0] == again[1], "the two ledgers were not sent the same again"
    new = [one for one in again[0] if "recorded" in str(one).replace("already_recorded", "")]
    assert len(new) == 1, f"only the rest of the upload that was cut is new: {new}"
    one, other = (_without_positions(answers[engine]) for engine in ENGINES)
    assert one == other, "the two ledgers do not answer the same"
    known = asdict(_known(tell)) | {"again": again[0], "engines": dict(answers)}
    return known | {"now": known["now"].isoformat()}


def _without_positions(answers: dict[str, Any]) -> str:
    """Write answers without what follows from the numbers that an engine gives."""
    text = orjson.dumps({name: answers[name] for name in ("questions", "events", "feeds")}).decode()
    text = re.sub(r'"position\\?":\d+', "position", text)
    text = re.sub(r'"next\\?":\\?"[^"\\]+', "next", text)
    text = re.sub(r"cursor=[^&\"]+", "cursor", text)
    return re.sub(r'\["[A-Za-z0-9_-]{20,}",(\d+)\]', r"\1", text)


if __name__ == "__main__":
    main(sys.argv[1])
