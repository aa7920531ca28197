"""On a narrow terminal nothing that is read as one word is torn apart; and bars show how much is left."""

from contextlib import closing
from typing import Any

import pytest
from rich.cells import cell_len

from application.recording.outcome import NOWHERE
from application.settings import read_settings
from application.system import open_system
from cli import upkeep
from cli.terminal import progress_bar
from tests.application.papers import ROW
from tests.cli.terminal import SCHOOL, Terminal
from tests.cli.test_leaving_out import enrolment

DAY, PHONE = "2026-03-05", str(ROW["监护人电话"])


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("columns", [60, 80, 109])
def test_a_history_stands_below_each_other_where_there_is_little_room(
    school: Terminal, columns: int, language: str
) -> None:
    wide = school.run("--lang", language, "history", "T1").out
    school.environ["COLUMNS"] = str(columns)
    narrow = school.run("--lang", language, "history", "T1").out

    # The first line names the place of the ledger, which is as long as it is.
    lines = narrow.splitlines()[1:]
    assert ("┃" in wide, "┃" in narrow) == (True, False)
    assert {PHONE, DAY, "T1"} <= {word for line in lines for word in _words(line)}
    assert len(lines) < 80
    entries = [item["version"] for item in school.json("history", "T1")["items"]]
    assert [line.split()[0] for line in lines if line.startswith("#")] == [f"#{n}" for n in entries]


def test_a_history_is_a_table_where_there_is_room(school: Terminal) -> None:
    school.environ["COLUMNS"] = "110"

    assert "┃" in school.run("history", "T1").out


def test_the_bar_of_a_rebuild_is_full_at_the_end_and_not_before(
    school: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int]] = []

    class Bar:
        def __init__(self, *args: Any, **more: Any) -> None:
            self._bar = progress_bar(*args, **more)

        def __enter__(self) -> Any:
            self._bar.__enter__()
            return lambda done, total: told.append((done, total))

        def __exit__(self, *args: object) -> None:
            self._bar.__exit__(*args)

    monkeypatch.setattr(upkeep, "progress_bar", Bar)
    assert school.run("rebuild").code == 0

    assert told[-1][0] == told[-1][1]
    assert all(done < total for done, total in told[:-1])
    assert len({total for _, total in told}) == 1


def _words(line: str) -> list[str]:
    for mark in "：；，,;:":
        line = line.replace(mark, " ")
    return line.split()


@pytest.mark.parametrize("columns", [60, 80])
def test_ids_are_never_torn_apart_in_a_list(school: Terminal, columns: int) -> None:
    made = school.json("keys", "create", "--role", "client", "--name", "Office", "--org", SCHOOL)
    school.environ["COLUMNS"] = str(columns)

    keys, principals = school.run("keys", "list").out, school.run("principals", "list").out

    assert "┃" not in keys
    for out in (keys, principals):
        assert {made["principal"], made["key_id"]} <= _words_of(out)
    school.environ["COLUMNS"] = "200"
    assert "┃" in school.run("keys", "list").out


@pytest.mark.parametrize("columns", [80, 200])
def test_a_history_tells_with_which_key_an_entry_came(school: Terminal, columns: int) -> None:
    made = school.json("keys", "create", "--role", "client", "--name", "Office")
    with closing(open_system(read_settings(school.environ))) as system:
        actor = system.api_keys.authenticate(made["key"])
        system.submissions.submit(enrolment(2), actor=actor, provenance=NOWHERE)
    school.environ["COLUMNS"] = str(columns)

    out = school.run("--lang", "en", "history", "T2").out

    assert made["key_id"] in out


def _words_of(out: str) -> set[str]:
    return {word.strip(",") for word in out.split()}


def test_a_heading_breaks_before_a_table_is_given_up(school: Terminal) -> None:
    school.environ["COLUMNS"] = "96"

    out = school.run("--lang", "en", "children", "--uncontacted-days", "0").out

    assert "┃" in out
    assert all(cell_len(line) <= 96 for line in out.splitlines()[1:])
    assert "T1" in {word for line in out.splitlines() for word in _words(line)}
