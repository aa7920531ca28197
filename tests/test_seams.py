"""The next type of care action, the next rule and the next channel are one file each: shown on a copy."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.binaries import postgres_binaries
from tests.support.databases import fresh_postgres

TREE = Path(__file__).parents[1]
SEAMS = TREE / "tests" / "seams"
ROOMS = ("domain", "application", "projections", "reports", "api", "workers", "cli", "tests")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return copied(tmp_path)


def copied(folder: Path) -> Path:
    copy = folder / "copy"
    copy.mkdir()
    # With what was compiled, which fits because a copy keeps the time of its file: to compile takes seconds.
    for room in ROOMS:
        # What is still being written has another name, and is gone in a moment.
        shutil.copytree(TREE / room, copy / room, ignore=shutil.ignore_patterns("*.pyc.*"))
    shutil.copy(TREE / "pyproject.toml", copy)
    return copy


def with_umbrellas(copy: Path, plural: str = "umbrellas") -> Path:
    """Put the kind of stream into a copy, in a folder of this name."""
    return with_kind(copy, "umbrellas", plural=plural)


def with_kind(copy: Path, sample: str, *, plural: str) -> Path:
    folder = copy / "domain" / "streams" / plural
    folder.mkdir()
    (folder / "__init__.py").touch()
    for file in (SEAMS / sample).iterdir():
        told = file.read_text(encoding="utf-8").replace(f"streams.{sample}", f"streams.{plural}")
        (folder / file.name.removesuffix(".txt")).write_text(told, encoding="utf-8")
    return folder


def run(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = f"{postgres_binaries()}{os.pathsep}{os.environ['PATH']}"
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "CARELEDGER"))}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        env=environ | {"PYTHONPATH": str(copy), "PATH": path},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_a_type_is_one_file_and_a_rule_is_data(copy: Path, tmp_path: Path) -> None:
    shutil.copy(SEAMS / "pigeon_sent.py.txt", copy / "domain" / "care_actions" / "pigeon_sent.py")
    shutil.copy(SEAMS / "S2.toml", copy / "domain" / "rules" / "presets")
    shutil.copy(SEAMS / "pigeon_story.py.txt", copy / "pigeon_story.py")
    for folder in ("docs", "examples"):
        shutil.copytree(TREE / folder, copy / folder)

    told = run(copy, "pigeon_story.py", str(tmp_path))

    assert told.returncode == 0, told.stderr
    seen = json.loads(told.stdout.splitlines()[-1])
    assert (seen["recorded"], seen["reused"], seen["stale"], seen["refused"]) == ([201, 200], 409, 412, 422)
    assert (seen["oneself"], seen["remedy"]) == ([422, "pigeon_to_oneself"], "核对写信人和收信人。")
    assert seen["shown"] == ["妈妈，我很好。", None, "pigeon_sent"]
    assert seen["report"] == [1, 1]
    assert (seen["corrected"], seen["voided"]) == (201, 201)
    assert seen["clocks"] == ["妈妈，我病了。", "妈妈，我很好。", None]
    assert seen["history"] == ["飞鸽：写信人：儿童；收信人：母亲；内容：妈妈，我病了。"]
    assert seen["as_recorded"] == ["妈妈，我很好。"]
    assert seen["void"] == [None, False]
    assert (seen["batch"], seen["retried"]) == (["quarantined", "recorded"], "recorded")
    assert seen["lines"] == {"recorded": 0, "already_recorded": 2, "quarantined": 0, "refused": 0}
    assert seen["paper"] == [1, [[3, "paper_word"]]]
    assert (seen["timeline"], seen["changes"]) == (4, [4, "careledger.pigeon_sent.v1", True])
    assert seen["recompute"]
    assert seen["granted"] == [403, 201]
    assert (seen["sealed"], seen["erased"]) == (True, [True, "［已删除］", "mother"])
    assert [seen["listed"], seen["documented"], seen["in_reference"]] == [True] * 3


def test_a_type_that_ends_care_is_one_file(copy: Path, tmp_path: Path) -> None:
    shutil.copy(SEAMS / "sent_to_sea.py.txt", copy / "domain" / "care_actions" / "sent_to_sea.py")
    shutil.copy(SEAMS / "S1.toml", copy)
    shutil.copytree(TREE / "examples", copy / "examples")
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
    assert seen["batch"] == ["recorded", "refused"]
    assert seen["lines"] == {"recorded": 1, "already_recorded": 1, "quarantined": 0, "refused": 0}
    assert seen["paper"] == [2, 1, ["not_in_care"], [False, "海燕", "import"]]
    assert seen["paper_again"] == [0, 1, ["not_in_care"]]
    # At sea from the 20th of May: that month counts, June does not. One child never went, one was away early.
    assert seen["report"] == {"2026-05": [3, 4, 1], "2026-06": [0, 2, 3]}
    assert seen["undone"] == [1, 0, True]
    assert seen["corrected"] == [201, "2026-05-21", 201, True]
    assert seen["judged"] == [
        {"2026-03": "short", "2026-04": "pending"},
        {"2026-03": "short", "2026-04": "not_applicable"},
    ]
    assert seen["rings"] == [True, False]


def test_a_type_that_places_a_child_is_one_file(copy: Path, tmp_path: Path) -> None:
    kept = copy / "domain" / "care_actions" / "lighthouse_reached.py"
    shutil.copy(SEAMS / "lighthouse_reached.py.txt", kept)
    shutil.copy(SEAMS / "lighthouse_story.py.txt", copy / "lighthouse_story.py")

    told = run(copy, "lighthouse_story.py", str(tmp_path))

    assert told.returncode == 0, told.stderr
    seen = json.loads(told.stdout.splitlines()[-1])
    assert (seen["unasked"], seen["own"]) == ([409, "not_awaited"], "not_allowed")
    assert (seen["batch"], seen["lines"]) == (["recorded"], 1)
    assert seen["state"] == ["county/rocks/rock/tower", "2026-05-06", 404]
    assert seen["then"] == "county/township/school/grade 3/class 4"
    assert seen["row"] == ["county/rocks/rock/tower", None]
    assert (seen["open"], seen["slot"], seen["listed"]) == (0, "2026-05-06", True)
    # A month counts where the child was on its first day: May at the school, June at the rock.
    assert seen["report"] == [[1, 0], [0, 1]]
    assert seen["formerly"] == [1, 0]
    assert (seen["timeline"], seen["changes"]) == ([False, True], ["careledger.lighthouse_reached.v1"])
    assert seen["history"] == "抵达灯塔：转接：00000000-0000-4000-8000-0000000000d2；守塔人：老张"


@pytest.fixture(params=["sqlite", "postgres"])
def two_urls(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    """The URLs of the events and the keys of an empty store."""
    on_sqlite = request.param == "sqlite"
    events = f"sqlite:///{tmp_path}/care.db" if on_sqlite else request.getfixturevalue("empty_postgres_url")
    return [events, f"sqlite:///{tmp_path}/keys.db"]


def test_a_kind_of_stream_is_one_folder(copy: Path, tmp_path: Path, two_urls: list[str]) -> None:
    with_umbrellas(copy)
    shutil.copy(SEAMS / "umbrella_story.py.txt", copy / "umbrella_story.py")
    shutil.copytree(TREE / "docs", copy / "docs")

    told = run(copy, "umbrella_story.py", str(tmp_path), *two_urls)

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
    # Under both clocks: before the correction, before the voiding, and of the day before.
    assert seen["known"] == [["还伞：破洞：2", False], ["还伞：破洞：3", False], ["还伞：破洞：3", True]]
    assert seen["holes_known"] == [2, 3, None, None]
    assert seen["history"][:2] == ["借伞：颜色：红", "还伞：破洞：3"]
    assert seen["void"] == ["00000000-0000-4000-8000-0000000000b3"]
    assert seen["batch"] == ["quarantined", "recorded", "recorded"]
    assert seen["lines"] == {"recorded": 0, "already_recorded": 2, "quarantined": 0, "refused": 0}
    assert seen["kept"] == ["umbrella", "umbrella"]
    assert seen["retried"] == "recorded"
    assert seen["changes"]
    assert seen["stranger"] == [404, 202, 0]
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
    assert seen["documented"] == 6
    assert seen["examples_missing"] == []
    assert seen["reference"]


def test_what_a_kind_means_for_children_is_part_of_its_folder(
    copy: Path, tmp_path: Path, two_urls: list[str]
) -> None:
    with_kind(copy, "kites", plural="kites")
    shutil.copy(SEAMS / "kites_story.py.txt", copy / "kites_story.py")

    told = run(copy, "kites_story.py", str(tmp_path), *two_urls)

    assert told.returncode == 0, told.stderr
    seen = json.loads(told.stdout.splitlines()[-1])
    assert seen["flown"] == [201, 200]
    assert seen["looks"] == [2, 0, 2]
    gift = "受赠：捐赠方：风筝会；类型：物品；明细：风筝 1 800"
    assert seen["told"] == [[[gift, False]]] * 2
    assert seen["voided"] == 201
    assert [[text for text, void in told if void] for told in seen["void"]] == [[gift]] * 2


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow(seconds=20))])
def four_urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[str]]:
    """Two stores: the URLs of the events and the keys of one, and of another one that is empty."""
    if request.param == "sqlite":
        names = ("live/care.db", "live/keys.db", "back/care.db", "back/keys.db")
        yield [f"sqlite:///{tmp_path}/{name}" for name in names]
        return
    server = request.getfixturevalue("postgres_url")
    with ExitStack() as stack:
        yield [stack.enter_context(fresh_postgres(server)) for _ in range(4)]


def test_the_streams_of_a_new_kind_are_erased_kept_and_upgraded(
    copy: Path, tmp_path: Path, four_urls: list[str]
) -> None:
    with_umbrellas(copy)
    shutil.copy(SEAMS / "umbrella_keeping_story.py.txt", copy / "umbrella_keeping_story.py")
    for name in ("live", "back"):
        (tmp_path / name).mkdir(mode=0o700)

    told = run(copy, "umbrella_keeping_story.py", str(tmp_path), *four_urls)

    assert told.returncode == 0, told.stderr
    seen = json.loads(told.stdout.splitlines()[-1])
    umbrellas = [f"00000000-0000-4000-8000-0000000000a{n}" for n in (1, 2, 3)]
    # What names a person is gone, what names nobody stays; the stream takes no more and is listed as before.
    lent, returned = "借伞：颜色：红；借伞人：［已删除］", "还伞：破洞：2"
    assert seen["erased"] == [
        2,
        {"returned": True, "holes": 2},
        [["umbrella_lent", True, lent], ["umbrella_returned", True, returned]],
    ]
    assert seen["no_more"] == [[409, "erased"], [409, "already_open"], [409, "erased"]]
    assert seen["undone"] == [["recorded", "recorded"], 2, [404, 404]]
    assert (seen["listed"], seen["changes"], seen["rows"]) == (umbrellas, [True] * 2, [])
    assert (seen["restored"], seen["checked"], seen["same"]) == ([True, 2], [True, 2], [True, True])
    assert seen["erased_since"] == [True, lent]
    assert (seen["rows_then"], seen["listed_then"]) == ([], umbrellas)
    assert seen["timeline_then"] == seen["timeline"] == 11
    assert seen["retried"] == "recorded"
    if "upgraded" in seen:
        assert seen["upgraded"] == [[], 201, 1, []]
        assert seen["served_late"] == [1, 0, [], 1, [], 1]


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


def test_two_types_do_not_show_something_under_one_name(shared_copy: Path) -> None:
    kept = shared_copy / "domain" / "care_actions" / "pigeon_sent.py"
    told = (SEAMS / "pigeon_sent.py.txt").read_text(encoding="utf-8").replace('"last_pigeon"', '"guardian"')
    kept.write_text(told, encoding="utf-8")

    started = run(shared_copy, "-c", "from domain.catalogue import *; shown_of_a_child()")
    kept.unlink()

    assert started.stderr.splitlines()[-1].endswith(
        "BadKind: domain/care_actions/pigeon_sent.py: `guardian` is what "
        "domain/care_actions/guardian_designated.py shows already."
    )


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


def test_a_resource_is_one_file(copy: Path, tmp_path: Path) -> None:
    shutil.copy(SEAMS / "units.py.txt", copy / "api" / "resources" / "units.py")
    shutil.copy(SEAMS / "units_story.py.txt", copy / "units_story.py")

    told = run(copy, "units_story.py", str(tmp_path))

    assert told.returncode == 0, told.stderr
    seen = json.loads(told.stdout.splitlines()[-1])
    assert seen["first"] == ["county", "county/township"]
    assert seen["then"] == [[3, 4, 5], None]
    assert seen["item"] == {"org": "county", "head": None, "depth": 1}
    assert seen["head"] == [200, ""]
    assert seen["counted"] == ["county/township/school", "unknown_org", "not_found"]
    assert (seen["wrong"], seen["forbidden"], seen["no_key"]) == ("too_small", 403, 401)
    assert seen["operations"] == ["count_pupils", "list_units"]
    assert seen["tag"] == [["units"], ["机构 · The tree of organisations."]]
    assert seen["codes"] == [["not_allowed"], ["not_found", "unknown_org"]]
    assert seen["links"] == [{"cursor": "$response.body#/next"}, "list_units"]
    assert seen["valid"] == [True, True, False]
    assert seen["titles"] == ["Depth", "层级 · Depth. 1 is a county."]
    assert seen["withheld"] == [True, True]


def test_a_report_is_one_file(copy: Path, tmp_path: Path) -> None:
    shutil.copy(SEAMS / "schools.py.txt", copy / "reports" / "declared" / "schools.py")
    shutil.copy(SEAMS / "schools_story.py.txt", copy / "schools_story.py")
    shutil.copytree(TREE / "docs", copy / "docs")

    told = run(copy, "schools_story.py", str(tmp_path))

    assert told.returncode == 0, told.stderr
    seen = json.loads(told.stdout.splitlines()[-1])
    remark = "=1+1<b>"
    rows = [{"depth": n, "units": units, "remark": remark} for n, units in ((0, 1), (1, 3), (2, 1))]
    assert (seen["json"], seen["filtered"], seen["over_http"]) == (rows, rows[1:2], rows[1:2])
    assert seen["csv"] == seen["csv_over_http"]
    assert seen["csv"].splitlines() == [
        "\ufeff层级,机构数,备注",
        *(f"{n},{u},'{remark}" for n, u in ((0, 1), (1, 3), (2, 1))),
    ]
    assert seen["xlsx"] == [["层级", "机构数", "备注"], [0, 1, remark], [1, 3, remark], [2, 1, remark]]
    names = ("shown", "help", "index", "page", "escaped", "in_reference")
    assert {name: seen[name] for name in names} == dict.fromkeys(names, True)


def test_a_rule_of_the_table_withholds_a_field_wherever_it_is_shown(copy: Path, tmp_path: Path) -> None:
    shutil.copy(SEAMS / "withheld_story.py.txt", copy / "withheld_story.py")
    table = copy / "application" / "visibility.py"
    as_it_is = table.read_text(encoding="utf-8")
    shown: list[dict[str, list[str]]] = []

    for ruled in (as_it_is, as_it_is.replace("Sensitivity.OPEN, Sensitivity.PERSONAL}", "Sensitivity.OPEN}")):
        table.write_text(ruled, encoding="utf-8")
        folder = tmp_path / str(len(shown))
        folder.mkdir()
        told = run(copy, "withheld_story.py", str(folder))
        assert told.returncode == 0, told.stderr
        shown.append(json.loads(told.stdout.splitlines()[-1]))

    before, withheld = shown
    assert len(before) == 19
    assert [place for place, words in before.items() if not words] == []
    assert [place for place, words in withheld.items() if words] == []
