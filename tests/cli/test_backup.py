"""The drill: a backup that is taken while people work, and a school that is brought back from it."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from openpyxl import load_workbook

from application.access import SYSTEM
from application.eventstore.database import DatabaseUnavailable
from application.intake.papers.settled import KEEP
from application.settings import read_settings
from application.upkeep.backup import create_backup
from cli.sample import load_sample
from cli.session import operator
from cli.terminal import progress_bar
from domain.streams.children.kind import KIND
from tests.application.papers import form, log
from tests.cli.drill import assert_restored, backed_up_while_writing, opened
from tests.cli.terminal import SCHOOL, Terminal
from tests.support.actions import Desk
from tests.support.pictures import PICTURE

SQLITE_FILES = ("events.db", "keys.db", "erased.txt", "manifest.json", "manifest.sha256")
QUESTIONS = (
    ("summary", "--org", SCHOOL),
    ("compliance", "--org", SCHOOL, "--rule", "C39", "--period", "2026-05"),
    ("alerts", "--org", SCHOOL, "--on", "2026-06-30"),
    ("children", "--org", SCHOOL, "--on", "2026-06-30"),
)


def answers(terminal: Terminal) -> list[Any]:
    found = [terminal.json(*question) for question in QUESTIONS]
    # The head names the place of the ledger and the moment.
    return [{name: part for name, part in answer.items() if name != "head"} for answer in found]


@dataclass(frozen=True)
class Drill:
    """The sample school, a backup of it that was taken while somebody worked, and what was known then."""

    live: Terminal
    backup: Path
    manifest: dict[str, Any]
    carers: list[UUID]
    answers: list[Any]


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Drill:
    folder = tmp_path_factory.mktemp("drill")
    live = Terminal(folder / "data")
    live.json("migrate")
    with opened(live) as system:
        load_sample(
            system, actor=operator(), bar=lambda label: progress_bar(label, language="en", quiet=True)
        )
    known = answers(live)
    manifest, carers = backed_up_while_writing(live, folder / "backup")
    return Drill(live=live, backup=folder / "backup", manifest=manifest, carers=carers, answers=known)


@pytest.mark.parametrize("page", [40, pytest.param(1, marks=pytest.mark.slow(seconds=25))])
def test_a_school_is_back_as_it_was_when_somebody_worked_through_its_backup(
    drill: Drill, tmp_path: Path, page: int
) -> None:
    back = Terminal(tmp_path / "back")

    done = back.json("restore", drill.backup)

    assert len(drill.answers[3]["items"]) == 54
    assert answers(back) == drill.answers
    assert_restored(drill.live, back, done=done, manifest=drill.manifest, carers=drill.carers, page=page)
    assert sorted(p.name for p in back.folder.iterdir() if not p.name.endswith(".lock")) == [
        "careledger.db",
        "keys.db",
    ]
    assert answers(drill.live) == drill.answers


def test_a_backup_is_its_owner_s_alone_and_says_nothing_personal(drill: Drill) -> None:
    assert drill.backup.stat().st_mode & 0o777 == 0o700
    assert {p.name: p.stat().st_mode & 0o777 for p in drill.backup.iterdir()} == dict.fromkeys(
        SQLITE_FILES, 0o600
    )
    assert not [p for p in drill.backup.parent.iterdir() if "partial" in p.name]
    said = (drill.backup / "manifest.json").read_text(encoding="utf-8")
    assert said.isascii()
    assert drill.manifest["engine"] == {"events": "sqlite", "keys": "sqlite"}
    assert (
        subprocess.run(["sha256sum", "-c", "manifest.sha256"], cwd=drill.backup, check=False).returncode == 0
    )


@pytest.mark.parametrize("name", SQLITE_FILES)
@pytest.mark.parametrize("where", [0.0, 0.5, 0.999])
def test_a_changed_byte_is_refused_by_the_name_of_its_file(
    drill: Drill, tmp_path: Path, name: str, where: float
) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(drill.backup, changed)
    data = bytearray((changed / name).read_bytes())
    data[int(len(data) * where)] ^= 1
    (changed / name).write_bytes(data)
    back = Terminal(tmp_path / "back")

    answer = back.run("restore", changed, "--json")

    assert (answer.code, answer.json["error"]["code"]) == (1, "backup_changed")
    assert name.replace("sha256", "json") in answer.json["error"]["en"]
    assert not back.folder.exists()


@pytest.mark.parametrize("name", SQLITE_FILES)
def test_a_file_that_is_missing_is_refused(drill: Drill, tmp_path: Path, name: str) -> None:
    torn = tmp_path / "torn"
    shutil.copytree(drill.backup, torn)
    (torn / name).unlink()

    answer = Terminal(tmp_path / "back").run("restore", torn, "--json")

    code = "backup_incomplete" if name.startswith("manifest") else "backup_changed"
    assert (answer.code, answer.json["error"]["code"]) == (1, code)


@pytest.mark.parametrize("point", ["backup.events", "backup.keys", "backup.files"])
def test_a_backup_that_was_killed_is_not_taken_for_a_whole_one(
    school: Terminal, tmp_path: Path, point: str
) -> None:
    folder = tmp_path / "killed"
    code = (
        "import os, signal, sys; from pathlib import Path; "
        "from application.upkeep.backup import create_backup; "
        "from application.settings import read_settings; create_backup(read_settings(), Path(sys.argv[1]), "
        "at=lambda name: name == sys.argv[2] and os.kill(os.getpid(), signal.SIGKILL))"
    )
    done = subprocess.run([sys.executable, "-c", code, folder, point], env=school.environ, check=False)
    (partial,) = tmp_path.glob(".killed.partial-*")

    answer = Terminal(tmp_path / "back").run("restore", partial, "--json")

    assert done.returncode == -9
    assert not folder.exists()
    assert (answer.code, answer.json["error"]["code"]) == (1, "backup_incomplete")
    school.json("backup", folder)
    assert Terminal(tmp_path / "back").json("restore", folder)["restored"]


def test_the_office_s_own_words_are_in_the_backup_and_come_back(school: Terminal, tmp_path: Path) -> None:
    (school.folder / "words.toml").write_text('[care_log.columns]\n"记录人" = ["家访人"]\n', encoding="utf-8")
    school.json("backup", tmp_path / "backup")
    new = Terminal(tmp_path / "new")

    new.json("restore", tmp_path / "backup")

    assert (new.folder / "words.toml").read_bytes() == (school.folder / "words.toml").read_bytes()


def test_what_was_answered_of_a_file_and_settled_of_two_lists_comes_back(
    school: Terminal, tmp_path: Path
) -> None:
    file, said = tmp_path / "asked.csv", tmp_path / "said.xlsx"
    file.write_bytes(log({"学籍号": "", "儿童姓名": "戴晓春", "日期": "2026-03-07", "登记日期": ""}))
    said.write_bytes(form({"现居住地址": "西河村"}))
    asked = ("import", "care-log", file, "--org", SCHOOL, "--yes")
    compared = ("compare", said, "--org", SCHOOL)
    known = school.json(*asked, "--answer", "2=T1")
    school.json(*compared, "--out", tmp_path / "settle.xlsx")
    book = load_workbook(tmp_path / "settle.xlsx")
    book["核对"]["A2"] = KEEP
    book.save(tmp_path / "settled.xlsx")
    school.run("import", "roster", tmp_path / "settled.xlsx", "--org", SCHOOL, "--yes")
    school.json("backup", tmp_path / "backup")
    new = Terminal(tmp_path / "new")

    new.json("restore", tmp_path / "backup")
    again, told = new.json(*asked), new.json(*compared)

    assert (again["refused"], again["already_recorded"]) == ([], 1)
    assert new.json("import", "show", known["import_id"])["answers"] != []
    assert (told["differing"], told["settled"]) == ([], 1)


def test_evidence_comes_back_but_that_of_whoever_was_erased_since(school: Terminal, tmp_path: Path) -> None:
    digest = sha256(PICTURE).hexdigest()
    with opened(school) as system:
        children = [Desk(system).enrol(student_no=number) for number in ("T7", "T8")]
        for child in children:
            system.evidence.keep(KIND, child, digest, PICTURE, actor=SYSTEM)
        school.json("backup", tmp_path / "backup")
        system.keyring.destroy(children[0])
    (tmp_path / "erased.txt").write_text(f"{children[0]}\n", encoding="utf-8")
    back = Terminal(tmp_path / "back")

    back.json("restore", tmp_path / "backup", "--erased", tmp_path / "erased.txt")

    assert [p.parent.name for p in (back.folder / "evidence").glob("*/*/*")] == [str(children[1])]
    assert back.json("check")["findings"] == []
    with opened(back) as system:
        assert system.evidence.read(KIND, children[1], digest, actor=SYSTEM, original=True)[1] == PICTURE
    for name in (tmp_path / "backup").glob("evidence.tar"):
        name.write_bytes(name.read_bytes()[:-1] + b"x")
    assert Terminal(tmp_path / "other").run("restore", tmp_path / "backup").code == 1


def test_check_names_a_file_of_evidence_that_was_changed(school: Terminal) -> None:
    child = UUID(school.json("history", "T1")["child_id"])
    with opened(school) as system:
        system.evidence.keep(KIND, child, sha256(PICTURE).hexdigest(), PICTURE, actor=SYSTEM)
    (file,) = (school.folder / "evidence").glob("*/*/*")
    file.write_bytes(file.read_bytes() + b"x")

    answer = school.run("check", "--json")

    found = [{name: each[name] for name in ("what", "where", "detail")} for each in answer.json["findings"]]
    assert (answer.code, found) == (1, [{"what": "evidence", "where": str(child), "detail": "Tampered"}])


def test_a_key_that_was_destroyed_after_the_backup_stays_destroyed(school: Terminal, tmp_path: Path) -> None:
    child = school.json("history", "T1")["child_id"]
    school.json("backup", tmp_path / "old")
    with opened(school) as system:
        key = system.keyring.key_for(UUID(child))
        system.keyring.destroy(UUID(child))
    school.json("backup", tmp_path / "new")
    assert key in (tmp_path / "old" / "keys.db").read_bytes()
    assert key not in (tmp_path / "new" / "keys.db").read_bytes()
    back = Terminal(tmp_path / "back")

    done = back.json("restore", tmp_path / "old", "--erased", tmp_path / "new" / "erased.txt")

    assert done["erased_streams"] == 1
    assert "戴小春" not in back.run("history", child).out
    assert back.json("check")["erased_streams"] == 1
    with opened(back) as system:
        for table in ("found_word", "number_claim"):
            rows = system.database.tuples(f"SELECT 1 FROM {table} WHERE stream_id = :id", id=UUID(child))
            assert rows == []
    assert not [p.name for p in back.folder.rglob("*") if p.is_file() and key in p.read_bytes()]
    assert Terminal(tmp_path / "newer").json("restore", tmp_path / "new")["erased_streams"] == 1


def test_a_transaction_that_somebody_keeps_open_holds_no_backup_up(school: Terminal, tmp_path: Path) -> None:
    with closing(sqlite3.connect(school.folder / "careledger.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM child_status")
        manifest = school.json("backup", tmp_path / "backup")["manifest"]
        other.execute("ROLLBACK")

    assert Terminal(tmp_path / "back").json("restore", tmp_path / "backup")["events"] == manifest["position"]


def test_a_backup_that_takes_too_long_is_given_up_and_leaves_nothing(drill: Drill, tmp_path: Path) -> None:
    settings = read_settings(drill.live.environ)

    with pytest.raises(DatabaseUnavailable, match="too long"):
        create_backup(settings, tmp_path / "backup", limit_seconds=0)

    assert not list(tmp_path.iterdir())


def test_only_an_empty_place_is_restored_to_and_only_an_empty_one_backed_up_to(
    school: Terminal, tmp_path: Path
) -> None:
    school.json("backup", tmp_path / "backup")
    before = school.json("check")

    over = school.run("restore", tmp_path / "backup", "--json")
    again = school.run("backup", tmp_path / "backup", "--json")
    none = Terminal(tmp_path / "none").run("backup", tmp_path / "other", "--json")

    assert (over.code, over.json["error"]["code"]) == (1, "not_empty")
    assert (again.code, again.json["error"]["code"]) == (1, "backup_exists")
    assert (none.code, none.json["error"]["code"]) == (3, "no_ledger")
    assert school.json("check") == before


def test_nothing_is_restored_under_a_process_that_has_the_removed_files_open(
    school: Terminal, tmp_path: Path
) -> None:
    school.json("backup", tmp_path / "backup")
    names = {file.name for file in school.folder.iterdir() if not file.name.endswith(".lock")}
    with opened(school):
        for name in names | {f"{name}{end}" for name in names for end in ("-wal", "-shm")}:
            if (file := school.folder / name).is_file():
                file.unlink()
        refused = school.run("restore", tmp_path / "backup", "--json")

    assert (refused.code, refused.json["error"]["code"]) == (1, "place_in_use")
    assert school.json("restore", tmp_path / "backup")["restored"]


def test_a_list_that_is_none_and_damage_within_are_refused(school: Terminal, tmp_path: Path) -> None:
    with closing(sqlite3.connect(school.folder / "careledger.db")) as database:
        database.execute("DROP TRIGGER events_are_not_changed")
        database.execute("UPDATE events SET state = zeroblob(90) WHERE topic = 'home_visit_made'")
        database.commit()
    school.json("backup", tmp_path / "backup")
    (tmp_path / "list.txt").write_text("戴小春\n", encoding="utf-8")
    back = Terminal(tmp_path / "back")

    listed = back.run("restore", tmp_path / "backup", "--erased", tmp_path / "list.txt", "--json")
    damaged = back.run("restore", tmp_path / "backup", "--json")

    assert (listed.code, listed.json["error"]["code"]) == (1, "bad_erased_list")
    assert "戴" not in listed.out
    assert (damaged.code, damaged.json["error"]["code"]) == (1, "backup_damaged")
    assert not list(back.folder.iterdir())


def test_what_was_done_is_said_in_both_languages(school: Terminal, tmp_path: Path) -> None:
    zh = school.run("--lang", "zh", "backup", tmp_path / "zh")
    en = school.run("--lang", "en", "backup", tmp_path / "en")
    back_zh = Terminal(tmp_path / "back_zh").run("--lang", "zh", "restore", tmp_path / "zh")
    back_en = Terminal(tmp_path / "back_en").run("--lang", "en", "restore", tmp_path / "en")

    assert "已备份至第" in zh.out
    assert "It contains the keys" in en.out
    assert "全部核对无误" in back_zh.out
    assert "every event was verified" in back_en.out
