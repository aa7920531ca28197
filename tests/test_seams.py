"""The next type of care action, the next rule and the next channel are one file each: shown on a copy."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TREE = Path(__file__).parents[1]
SEAMS = TREE / "tests" / "seams"
ROOMS = ("domain", "application", "projections", "api", "workers", "cli", "tests")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return copied(tmp_path)


def copied(folder: Path) -> Path:
    copy = folder / "copy"
    copy.mkdir()
    for room in ROOMS:
        shutil.copytree(TREE / room, copy / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(TREE / "pyproject.toml", copy)
    return copy


def with_umbrellas(copy: Path, plural: str = "umbrellas") -> Path:
    """Put the kind of stream into a copy, in a folder of this name."""
    folder = copy / "domain" / "streams" / plural
    folder.mkdir()
    (folder / "__init__.py").touch()
    for file in (SEAMS / "umbrellas").iterdir():
        told = file.read_text(encoding="utf-8").replace("streams.umbrellas", f"streams.{plural}")
        (folder / file.name.removesuffix(".txt")).write_text(told, encoding="utf-8")
    return folder


def run(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "CARELEDGER"))}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        env=environ | {"PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_a_type_is_one_file_and_a_rule_is_data(copy: Path, tmp_path: Path) -> None:
    shutil.copy(SEAMS / "letter_sent.py.txt", copy / "domain" / "care_actions" / "letter_sent.py")
    shutil.copy(SEAMS / "C10.toml", copy / "domain" / "rules" / "presets")
    shutil.copy(SEAMS / "letter_story.py.txt", copy / "letter_story.py")

    told = run(copy, "letter_story.py", str(tmp_path))

    assert told.returncode == 0, told.stderr
    seen = json.loads(told.stdout.splitlines()[-1])
    assert (seen["accepted"], seen["refused"]) == (201, 422)
    assert seen["oneself"] == [422, "letter_to_oneself"]
    assert seen["shown"] == ["妈妈，我很好。", None]
    assert seen["remedy"] == "核对写信人和收信人。"
    assert "letter_sent" in seen["listed"]
    assert seen["documented"]
    assert "书信：写信人：儿童；收信人：母亲；内容：妈妈，我很好。" in json.dumps(
        seen["history"], ensure_ascii=False
    )
    assert (seen["due"], seen["met"]) == (1, 1)


def test_a_type_that_ends_care_is_one_file(copy: Path, tmp_path: Path) -> None:
    shutil.copy(SEAMS / "sent_to_sea.py.txt", copy / "domain" / "care_actions" / "sent_to_sea.py")
    shutil.copy(SEAMS / "sea_story.py.txt", copy / "sea_story.py")

    told = run(copy, "sea_story.py", str(tmp_path))

    assert told.returncode == 0, told.stderr
    seen = json.loads(told.stdout.splitlines()[-1])
    assert (seen["unversioned"], seen["gone"], seen["twice"], seen["back"]) == (428, 201, 409, 201)
    assert seen["state"] == [False, "2026-05-06", "2026-05-07", None]
    assert (seen["row"], seen["slot"]) == ("2026-05-06", "2026-05-07")
    assert seen["afterwards"] == 202
    assert seen["history"] == "出海：船名：海鸥"
    assert seen["in_care"]
    assert not seen["then"]
    assert [seen["listed"], seen["documented"], seen["timeline"]] == [True] * 3
    assert seen["changes"] == ["careledger.sent_to_sea.v1"]


def test_a_kind_of_stream_is_one_folder(copy: Path, tmp_path: Path) -> None:
    with_umbrellas(copy)
    shutil.copy(SEAMS / "umbrella_story.py.txt", copy / "umbrella_story.py")
    shutil.copytree(TREE / "docs", copy / "docs")

    told = run(copy, "umbrella_story.py", str(tmp_path))

    assert told.returncode == 0, told.stderr
    seen = json.loads(told.stdout.splitlines()[-1])
    assert (seen["opened"], seen["reused"], seen["stale"], seen["no_version"]) == ([201, 200], 409, 412, 428)
    assert seen["recorded"] == [201, "umbrella", 2]
    assert (seen["unknown_field"], seen["corrected"], seen["voided"]) == (422, 201, 201)
    assert seen["twice"] == [409, "umbrella_is_back"]
    assert seen["meant"] == [[409], "The umbrella is back already.", "不必再登记；有误请更正。"]
    assert (seen["unknown_then"], seen["then_in_chinese"]) == (["nothing_known", True], True)
    assert seen["state"] == [{"returned": True, "holes": 3}, '"3"']
    assert seen["then"] == seen["after"] == {"returned": False, "holes": None}
    assert seen["history"][:2] == ["借伞：颜色：红", "还伞：破洞：3"]
    assert seen["void"] == ["00000000-0000-4000-8000-0000000000b3"]
    assert seen["batch"] == ["quarantined", "recorded", "recorded"]
    assert seen["lines"] == {"recorded": 0, "already_recorded": 2, "quarantined": 0, "refused": 0}
    assert seen["kept"] == ["umbrella", "umbrella"]
    assert seen["retried"] == "recorded"
    assert seen["changes"]
    assert seen["stranger"] == [404, 404, 0]
    assert seen["timeline"] == [
        [name, None] for name in ("event_corrected", "event_voided", "umbrella_lent", "umbrella_returned")
    ]
    assert seen["metadata"] == ["umbrella"]
    assert seen["rows"] == [[], [["stream", "00000000-0000-4000-8000-0000000000a2", "version"]]]
    assert seen["rebuilt"] == [[], []]
    assert seen["watched"] == [[], []]
    assert (seen["bound"], seen["still"], seen["child_of_strangers"]) == (201, 409, 404)
    assert seen["listed"] == [f"00000000-0000-4000-8000-0000000000{n}" for n in ("a1", "a2", "a3")]
    assert seen["event_types"] == ["umbrella_lent", "umbrella_returned"]
    assert seen["closed"] == 404
    assert seen["again"] == [
        201,
        [200, "already_recorded"],
        [409, "event_id_reused"],
        [201, "recorded"],
        3,
        4,
    ]
    assert seen["documented"] == 4
    assert seen["examples_missing"] == []
    assert seen["reference"]


MISTAKES = {
    "a type without label": ("lent.py", ', label=Text(zh="借伞", en="Umbrella lent")', "", "label"),
    "no Chinese label": ("lent.py", "借伞人", "", "has no label in Chinese"),
    "a type that is not declared": ("returned.py", "EVENT_TYPE =", "EVENT_TIPE =", "UmbrellaReturned"),
    "a view that is not declared": ("umbrella.py", '@view("umbrella_returned")', "@property", "`returned`"),
    "a view on nothing": ("umbrella.py", "umbrella_returned", "umbrella_retruned", "`umbrella_retruned`"),
    "the plural of another kind": ("kind.py", '"umbrellas"', '"alerts"', "the plural `alerts`"),
    "a plural with a route": ("kind.py", '"umbrellas"', '"timeline"', "is a path of the API already"),
}


@pytest.fixture(scope="module")
def shared_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("mistakes"))


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_kind_is_refused_at_start_and_names_its_file(shared_copy: Path, mistake: str) -> None:
    file, right, wrong, sentence = MISTAKES[mistake]
    plural = "timeline" if "timeline" in wrong else "umbrellas"
    folder = with_umbrellas(shared_copy, plural)
    told = (folder / file).read_text(encoding="utf-8")
    assert right in told
    (folder / file).write_text(told.replace(right, wrong, 1), encoding="utf-8")

    what = "import api.app" if "timeline" in wrong else "from domain.catalogue import *; stream_kinds()"
    started = run(shared_copy, "-c", what)
    shutil.rmtree(folder)

    refused = started.stderr.partition("BadKind: ")[2]
    assert started.returncode != 0
    assert any(f"{plural}/{file}" in line and sentence in line for line in refused.splitlines()), refused


def test_a_channel_is_one_file_that_passes_the_contract(copy: Path) -> None:
    shutil.copy(SEAMS / "hook.py.txt", copy / "workers" / "channels" / "hook.py")

    tested = run(
        copy,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/workers/test_channel_contract.py",
        "-k",
        "hook",
    )

    assert tested.returncode == 0, tested.stdout
    assert " passed" in tested.stdout
