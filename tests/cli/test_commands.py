"""Every command: what it answers, in which language, and how it says no."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.exits import NONE_RECORDED, PARTLY
from domain.days import local_day
from projections.outbox.heartbeat import PARTS
from tests.application.papers import form, log
from tests.cli.terminal import SCHOOL, Terminal

OTHER = "示例县/东岭镇/别的小学"
C39 = Path("domain/rules/presets/C39.toml")
# Of one school with one child nothing is open, so that some lists are empty.


READING = [
    ("children",),
    ("history", "T1"),
    ("compliance", "--org", SCHOOL, "--rule", "C18", "--period", "2026-03"),
    ("alerts",),
    ("transfers",),
    ("summary", "--org", SCHOOL),
    ("rules", "list"),
    ("org", "list"),
    ("recipients", "list"),
    ("keys", "list"),
    ("principals", "list"),
    ("import", "list"),
    ("check",),
    ("dead-letters", "list"),
]


@pytest.mark.parametrize("words", READING, ids=lambda words: " ".join(words[:2]))
def test_every_question_is_answered_as_json_and_as_a_table_in_both_languages(
    school: Terminal, words: tuple[str, ...]
) -> None:
    if words[0] == "compliance":
        school.json("rules", "bind", "C18", "--org", SCHOOL, "--from", "2026-03-01")
    school.json(*words)
    zh, en = school.run("--lang", "zh", *words), school.run("--lang", "en", *words)

    assert (zh.code, en.code) == (0, 0)
    assert zh.out != en.out
    assert zh.err == en.err == ""


def test_the_language_follows_the_locale(tmp_path: Path) -> None:
    chinese = Terminal(tmp_path, LANG="zh_CN.UTF-8").run("rules", "check", C39)
    english = Terminal(tmp_path, LANG="C.UTF-8").run("rules", "check", C39)

    assert "没有错误" in chinese.out
    assert "No mistakes found." in english.out


def test_the_data_directory_is_the_owner_s_alone(school: Terminal) -> None:
    assert school.folder.stat().st_mode & 0o777 == 0o700
    assert all(file.stat().st_mode & 0o077 == 0 for file in school.folder.iterdir())


def test_names_stand_only_where_the_command_is_about_them(school: Terminal) -> None:
    for words in READING:
        answer = school.run(*words)
        assert ("戴小春" in answer.out) == (words[0] in ("children", "history"))


def test_a_refusal_is_said_in_both_languages_with_a_code(school: Terminal) -> None:
    answer = school.run("history", "T999")

    assert answer.code == 1
    assert answer.out == ""
    for word in ("unknown_child", "没有这名儿童的档案", "No such child is enrolled."):
        assert word in answer.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("history", "T999"), "unknown_child"),
        (("history", "a7a1d0d2-0000-4000-8000-000000000000"), "unknown_child"),
        (("summary", "--org", "没有"), "unknown_org"),
        (("children", "--org", "没有"), "unknown_org"),
        (("alerts", "--org", "没有"), "unknown_org"),
        (("transfers", "--org", "没有"), "unknown_org"),
        (("org", "list", "--org", "没有"), "unknown_org"),
        (("recipients", "list", "--org", "没有"), "unknown_org"),
        (("children", "--org", "\udcff"), "unknown_org"),
        (("compliance", "--org", SCHOOL, "--rule", "C99", "--period", "2026-03"), "unknown_rule"),
        (("compliance", "--org", SCHOOL, "--rule", "C18", "--period", "三月"), "bad_period"),
        (("rules", "bind", "C99", "--org", SCHOOL, "--from", "2026-03-01"), "unknown_rule"),
        (("rules", "bind", "C39@7", "--org", SCHOOL, "--from", "2026-03-01"), "unknown_rule"),
        (("org", "set", "县//校", "--pupils", "5"), "bad_org_path"),
        (("org", "set", SCHOOL, "--pupils", "-5"), "too_small"),
        (("keys", "create", "--name", "x", "--role", "client", "--days", "0"), "bad_lifetime"),
        (("keys", "create", "--name", "x", "--role", "client", "--types", "nonsense"), "unknown_type"),
        (("keys", "revoke", "nobody"), "unknown_key"),
        (("keys", "change", "nobody", "--days", "9"), "unknown_key"),
        (
            ("keys", "create", "--principal", "00000000-0000-4000-8000-000000000001", "--role", "client"),
            "unknown_principal",
        ),
        (("import", "undo", "a7a1d0d2-0000-4000-8000-000000000000"), "unknown_import"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_refusal_as_json(school: Terminal, words: tuple[str, ...], code: str) -> None:
    answer = school.run(*words, "--json")

    assert answer.code == (8 if code == "unknown_org" else 1)
    assert answer.json["error"]["code"] == code
    assert set(answer.json["error"]) == {"code", "zh", "en"}


@pytest.mark.parametrize(
    "words",
    [
        ("children", "--on", "2026-02-30"),
        ("children", "--uncontacted-days", "-1"),
        ("history", "T1", "--as-known-at", "2026-03-31T20:00:00"),
        ("import", "undo", "nothing"),
        ("import", "roster", "/nonexistent.xlsx", "--org", SCHOOL, "--yes"),
        ("keys", "create", "--name", "x", "--role", "king"),
        ("keys", "create", "--name", "x", "--role", "system"),
        ("nonsense",),
        (),
    ],
    ids=lambda words: " ".join(words[:3]),
)
def test_a_command_that_is_not_understood_ends_with_2(terminal: Terminal, words: tuple[str, ...]) -> None:
    answer = terminal.run(*words)

    assert answer.code == 2
    assert "Traceback" not in answer.err


def test_a_mistyped_option_is_explained_in_chinese_too(terminal: Terminal) -> None:
    answer = terminal.run("children", "--uncontacted", "30")

    assert answer.err.startswith("没有选项 --uncontacted；是否要用 --uncontacted-days？\nNo such option: ")
    assert answer.err.endswith("careledger children --help\n")


def test_chinese_is_written_where_the_locale_knows_none(school: Terminal) -> None:
    code = "import sys; from cli.main import main; sys.exit(main(sys.argv[1:]))"
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-c", code, "--lang", "zh", "org", "list", "--org", SCHOOL],
        env=school.environ | plain,
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, b"")
    assert SCHOOL in done.stdout.decode()


def test_a_usage_error_as_json(terminal: Terminal) -> None:
    answer = terminal.run("children", "--on", "2026-02-30", "--json")

    assert (answer.code, answer.json["error"]["code"]) == (2, "usage")


@pytest.mark.parametrize(
    ("environ", "code"),
    [
        ({"PORT": "abc"}, "bad_setting"),
        ({"CARELEDGER_DATABASE_URL": "mysql://there"}, "bad_setting"),
        ({"CARELEDGER_DATABASE_URL": "sqlite:////proc/nowhere/x.db"}, "files"),
        ({"CARELEDGER_DATABASE_URL": "postgresql://127.0.0.1:1/x"}, "database"),
    ],
)
def test_what_is_set_up_wrongly_is_said_without_a_traceback(
    tmp_path: Path, environ: dict[str, str], code: str
) -> None:
    answer = Terminal(tmp_path, **environ).run("migrate", "--json")

    assert (answer.code, answer.json["error"]["code"]) == (1, code)


def test_an_import_with_refused_lines_ends_with_a_code_of_its_own(school: Terminal, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_bytes(log({"类型": "打麻将"}))

    answer = school.run("import", "care-log", tmp_path / "log.csv", "--org", SCHOOL, "--yes")

    as_json = school.run("import", "care-log", tmp_path / "log.csv", "--org", SCHOOL, "--yes", "--json")
    assert (answer.code, as_json.code) == (NONE_RECORDED, NONE_RECORDED)
    assert "unknown_type" in answer.out


@pytest.mark.parametrize(
    ("cells", "code"), [({"姓名": ""}, NONE_RECORDED), ({"结对类型": "?"}, PARTLY), ({}, 0)]
)
def test_a_roster_with_anything_refused_ends_with_a_code_of_its_own(
    terminal: Terminal, tmp_path: Path, cells: dict[str, str], code: int
) -> None:
    (tmp_path / "form.xlsx").write_bytes(form(cells))

    for more in ((), ("--json",)):
        answer = terminal.run("import", "roster", tmp_path / "form.xlsx", "--org", SCHOOL, "--yes", *more)
        assert answer.code == code


def test_a_file_of_the_other_kind_is_named(school: Terminal, tmp_path: Path) -> None:
    as_csv = school.run("import", "care-log", tmp_path / "form.xlsx", "--org", SCHOOL, "--yes", "--json")
    as_xlsx = school.run("import", "roster", tmp_path / "log.csv", "--org", SCHOOL, "--yes", "--json")

    assert (as_csv.code, as_csv.json["error"]["code"]) == (1, "is_a_roster")
    assert (as_xlsx.code, as_xlsx.json["error"]["code"]) == (1, "is_a_care_log")


def test_what_differs_is_shown(school: Terminal, tmp_path: Path) -> None:
    (tmp_path / "form.xlsx").write_bytes(form({"现居住地址": "西河村"}))

    answer = school.run("import", "roster", tmp_path / "form.xlsx", "--org", SCHOOL, "--yes")
    done = school.json("import", "roster", tmp_path / "form.xlsx", "--org", SCHOOL, "--yes")

    assert "现居住地址" in answer.out
    assert done["differs"] == [{"line": 3, "fields": ["现居住地址"], "sheet": None}]


def test_an_import_is_undone(school: Terminal) -> None:
    care_log = school.json("import", "list")[1]

    done = school.json("import", "undo", care_log["import_id"])

    assert (done["voided"], done["kept"]) == (1, [])
    entries = school.json("history", "T1")["items"]
    assert [e["voided_by"] is not None for e in entries if e["type"] == "home_visit_made"] == [True]
    assert (
        school.run("--lang", "zh", "import", "undo", care_log["import_id"]).out
        == "已作废 0 条，原已作废 1 条。\n"
    )


def test_an_undo_says_which_children_it_left_alone(school: Terminal) -> None:
    roster = school.json("import", "list")[0]

    answer = school.run("--lang", "zh", "import", "undo", roster["import_id"])

    assert answer.code == 0
    assert "1 名儿童建档后另有记录" in answer.err
    assert "T1" in answer.out


def test_the_history_says_by_which_entry_another_was_voided(school: Terminal) -> None:
    school.json("import", "undo", school.json("import", "list")[1]["import_id"])
    (visit,) = [e for e in school.json("history", "T1")["items"] if e["type"] == "home_visit_made"]

    answer = school.run("--lang", "zh", "history", "T1")

    assert f"已作废（#{visit['version'] + 1}）" in answer.out
    assert f"所作废记录：#{visit['version']}；" in answer.out
    assert visit["event_id"] not in answer.out


def test_what_counted_and_what_did_not_is_told_by_its_day(school: Terminal) -> None:
    words = ("compliance", "--org", SCHOOL, "--rule", "C39", "--period", "2026-03")
    (visit,) = [e for e in school.json("history", "T1")["items"] if e["type"] == "home_visit_made"]
    day = visit["occurred_on"]

    before = school.run("--lang", "zh", *words).out
    school.json("import", "undo", school.json("import", "list")[1]["import_id"])
    after = school.run("--lang", "zh", *words).out

    assert day in before
    assert f"{day} 已作废" in after


def test_history_knows_both_clocks(school: Terminal) -> None:
    assert [e["type"] for e in school.json("history", "T1", "--as-of", "2026-02-12")["items"]].count(
        "home_visit_made"
    ) == 0
    then = school.run("history", "T1", "--as-known-at", "2026-03-05T20:00:00+08:00", "--json")
    assert (then.code, then.json["items"], then.json["clocks"]["clipped"]) == (6, [], False)
    clipped = school.run("history", "T1", "--as-known-at", "2999-01-01")
    assert "so the answer is as of now" in clipped.err


def test_a_rule_is_bound_and_listed(school: Terminal) -> None:
    bound = school.json("rules", "bind", "C18@1", "--org", SCHOOL, "--from", "2026-03-01")

    listed = {rule["rule_id"]: rule["bound"] for rule in school.json("rules", "list")}
    assert listed["C18"] == [bound]
    assert listed["C39"] == []
    assert bound["effective_from"] == "2026-03-01"


def test_a_file_of_rules_is_checked(school: Terminal, tmp_path: Path) -> None:
    good = C39
    bad = tmp_path / "bad.toml"
    bad.write_text(good.read_text(encoding="utf-8").replace("home_visit_made", "tea_drunk"), encoding="utf-8")

    assert school.json("rules", "check", good) == {"ok": True, "faults": []}
    answer = school.run("rules", "check", bad, "--json")
    assert answer.code == 1
    assert [f["pointer"] for f in answer.json["faults"]] == ["/requirements/0/any_of/0/type"]
    assert "unknown_type" in school.run("rules", "check", bad).out


def test_recipients_come_and_go_but_for_the_last_catch_all(school: Terminal) -> None:
    first = school.json("recipients", "add", "--org", SCHOOL, "--name", "校长", "--catch-all")
    second = school.json(
        *("recipients", "add", "--org", SCHOOL, "--name", "镇里", "--channel", "webhook"),
        *("--address", "https://example.org/hook", "--secret", "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtb25l"),
        *("--from-step", "high"),
    )

    listed = school.json("recipients", "list", "--org", SCHOOL)

    assert sorted(r["id"] for r in listed) == sorted([first["id"], second["id"]])
    assert "whsec" not in str(listed)
    school.json("recipients", "remove", second["id"], "--org", SCHOOL)
    last = school.run("recipients", "remove", first["id"], "--org", SCHOOL, "--json")
    assert (last.code, last.json["error"]["code"]) == (1, "last_catch_all")


def test_who_could_never_be_reached_is_not_registered(school: Terminal) -> None:
    add = ("recipients", "add", "--org", SCHOOL, "--name", "镇里", "--channel")

    refused = school.run(*add, "webhook", "--address", "example.org/hook", "--json")
    inside = school.run(
        *(*add, "webhook", "--address", "https://10.0.0.7/hook"),
        *("--secret", "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtb25l", "--json"),
    )
    unknown = school.run(*add, "pigeon")
    told = school.json(*add, "pigeon")

    assert (refused.code, refused.json["error"]["code"]) == (1, "no_web_address")
    assert (inside.code, inside.json["error"]["code"]) == (1, "address_inside")
    assert unknown.code == 0
    assert "does not come with CareLedger" in unknown.err
    assert [each["code"] for each in told["warnings"]] == ["channel_not_shipped"]
    assert {each["channel"] for each in school.json("recipients", "list")} == {"pigeon"}


def test_a_secret_is_replaced_in_two_steps_and_an_inbox_is_read(school: Terminal) -> None:
    hook = school.json(
        *("recipients", "add", "--org", SCHOOL, "--name", "镇里", "--channel", "webhook"),
        *("--address", "https://example.org/hook", "--secret", "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtb25l"),
        *("--quiet-from", 22, "--quiet-until", 7, "--most-per-hour", 4),
    )
    new = "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtdHdv"

    rotated = [school.json("recipients", "rotate", hook["id"], "--secret", new) for _ in range(2)]
    settled = school.json("recipients", "settle", hook["id"])

    assert [each["rotating"] for each in rotated] == [True, True]
    assert settled == hook | {"rotating": False}
    assert (hook["quiet_from"], hook["quiet_until"], hook["most_per_hour"]) == (22, 7, 4)
    assert "whsec" not in str([hook, rotated, settled])
    assert school.json("recipients", "inbox", hook["id"], "--mark-read") == []
    missing = school.run("recipients", "settle", "00000000-0000-0000-0000-000000000001", "--json")
    assert missing.json["error"]["code"] == "unknown_recipient"


def test_a_key_for_a_place_that_is_not_known_is_made_with_a_warning(school: Terminal) -> None:
    elsewhere = school.run(
        "--lang", "zh", "keys", "create", "--name", "x", "--role", "client", "--org", OTHER
    )
    here = school.run("--lang", "zh", "keys", "create", "--name", "x", "--role", "client", "--org", SCHOOL)

    assert (elsewhere.code, here.code) == (0, 0)
    assert "还没有这一机构" in elsewhere.err
    assert "还没有这一机构" not in here.err


def test_a_key_is_shown_once(terminal: Terminal) -> None:
    made = terminal.json("keys", "create", "--name", "平板", "--role", "client", "--types", "home_visit_made")

    (listed,) = terminal.json("keys", "list")
    assert made.pop("key").startswith("crk_")
    assert listed == made
    assert listed["types"] == ["home_visit_made"]
    terminal.json("keys", "revoke", listed["key_id"])
    assert terminal.json("keys", "list")[0]["revoked_at"] is not None
    assert terminal.run("keys", "create", "--name", "x", "--role", "auditor").out.count("crk_") == 1


def test_a_key_is_replaced_and_changed_for_its_principal(terminal: Terminal) -> None:
    first = terminal.json("keys", "create", "--name", "平板", "--role", "client")
    principal = first["principal"]
    second = terminal.json("keys", "create", "--principal", principal, "--role", "auditor", "--days", "30")
    changed = terminal.json("keys", "change", second["key_id"], "--role", "watcher", "--days", "7")
    terminal.json("keys", "revoke", first["key_id"])

    assert (second["name"], second["principal"], changed["role"]) == ("平板", principal, "watcher")
    assert changed["expires_at"] < second["expires_at"]
    (told,) = terminal.json("principals", "list")
    assert (told["principal"], told["name"], told["changed"]) == (principal, "平板", False)
    assert set(told["keys"]) == {first["key_id"], second["key_id"]}
    assert "平板" in terminal.run("principals", "list").out
    more = ("--principal", principal, "--role", "client", "--json")
    both = terminal.run("keys", "create", "--name", "x", *more)
    assert both.json["error"]["code"] == "name_or_principal"
    assert terminal.run("keys", "change", first["key_id"], "--days", "9", "--json").code == 1
    assert terminal.run("check").code == 0


def test_two_schools_do_not_mix(school: Terminal, tmp_path: Path) -> None:
    (tmp_path / "other.xlsx").write_bytes(form({"学籍号": "T2", "姓名": "罗小诺"}))
    school.json("import", "roster", tmp_path / "other.xlsx", "--org", OTHER, "--yes")

    assert [c["student_no"] for c in school.json("children", "--org", OTHER)["items"]] == ["T2"]
    assert [c["student_no"] for c in school.json("children")["items"]] == ["T1", "T2"]
    assert school.json("summary", "--org", SCHOOL)["roster"]["children"] == 1


def test_a_child_is_found_by_name_and_pinyin_and_shown_as_children_are(school: Terminal) -> None:
    (whole,) = school.json("children")["items"]

    found = [school.json("children", "--name", text)["items"] for text in ("小春", "daixiaochun", "dxc")]
    nobody = school.run("--lang", "zh", "children", "--name", "张三")

    assert [[each | {"match": "", "former_name": ""} for each in items] for items in found] == [
        [whole | {"match": "", "former_name": ""}]
    ] * 3
    assert [items[0]["match"] for items in found] == ["part", "sound", "initials"]
    assert "没有姓名与此相符的儿童" in nobody.out
    assert "拼音" not in school.run("--lang", "zh", "children", "--name", "小春").out


def test_a_part_of_the_watch_is_refused_without_redis(terminal: Terminal) -> None:
    for language, said in (
        ("zh", "只有配置了 CARELEDGER_REDIS_URL"),
        ("en", "only with CARELEDGER_REDIS_URL"),
    ):
        answer = terminal.run("--lang", language, "worker", "--part", "alerts")

        assert answer.code == 1
        assert "part_needs_redis" in answer.err
        assert said in answer.err
    assert terminal.run("worker", "--part", "everything").code == 2


def test_each_part_is_asked_after_its_own_loops(terminal: Terminal) -> None:
    terminal.run("migrate")
    said = {part: terminal.run("--lang", "en", "worker", "--part", part, "--healthy") for part in PARTS}

    assert {part: answer.code for part, answer in said.items()} == dict.fromkeys(PARTS, 1)
    for part, loops in PARTS.items():
        assert ", ".join(loops) in said[part].err


@pytest.mark.parametrize(
    "words",
    [
        ("children", "--on"),
        ("alerts", "--on"),
        ("compliance", "--org", SCHOOL, "--rule", "C18", "--as-of"),
        ("history", "T1", "--as-of"),
    ],
    ids=lambda words: words[0],
)
def test_an_answer_about_a_day_to_come_says_that_it_is_a_projection(
    school: Terminal, words: tuple[str, ...]
) -> None:
    today, to_come = local_day(datetime.now(UTC)), "2099-01-01"

    codes = [
        [note["code"] for note in school.run(*words, day, "--json").json["notes"]] for day in (today, to_come)
    ]

    assert ["future_day" in each for each in codes] == [False, True]
    assert "future_day" in school.run(*words, to_come).err


def test_what_became_of_an_import_is_shown_again(school: Terminal, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_bytes(log({}, {"类型": "打麻将", "内容": "金丝雀"}))
    school.run("import", "care-log", tmp_path / "log.csv", "--org", SCHOOL, "--yes")
    import_id = school.json("import", "list")[-1]["import_id"]

    told = school.json("import", "show", import_id)
    answer = school.run("--lang", "zh", "import", "show", import_id)
    recorded = school.run("import", "show", import_id, "--state", "already_recorded")
    unknown = school.run("import", "show", "0b6e7f2a-8c5e-4a57-b0f1-6d0b3f4d9a11", "--json")

    assert (told["batch"]["source"], told["batch"]["state"]) == ("care_log", "complete")
    assert [(e["line"], e["state"], [f["reason"]["code"] for f in e["faults"]]) for e in told["items"]] == [
        (2, "already_recorded", []),
        (3, "refused", ["unknown_type"]),
    ]
    assert answer.code == 0
    assert "unknown_type" in answer.out
    assert "已完成" in answer.out
    assert "already recorded" in recorded.out
    assert (unknown.code, unknown.json["error"]["code"]) == (1, "unknown_import")
    assert "金丝雀" not in answer.out


def test_what_was_known_before_an_undo_is_told_by_the_clock(school: Terminal) -> None:
    known = school.json("history", "T1")
    for batch in reversed(school.json("import", "list")):
        school.json("import", "undo", batch["import_id"])

    then = school.json("history", "T1", "--as-known-at", known["clocks"]["as_known_at"])
    now = school.run("history", "T1")

    assert then["items"] == known["items"]
    assert (now.code, "unknown_child" in now.err) == (1, True)


def test_an_undone_import_says_so(school: Terminal) -> None:
    import_id = school.json("import", "list")[1]["import_id"]
    school.json("import", "undo", import_id)

    assert school.json("import", "show", import_id)["batch"]["undone_at"] is not None
