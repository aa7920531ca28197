"""`careledger doubles` lists files that may be of one child, `tell-apart` says that they are not."""

from pathlib import Path

from tests.application.papers import form
from tests.cli.terminal import SCHOOL, Terminal


def test_a_double_is_asked_about_listed_and_told_apart(school: Terminal, tmp_path: Path) -> None:
    (tmp_path / "again.xlsx").write_bytes(form({"学籍号": "T2"}))
    asked = school.run("--lang", "zh", "import", "roster", tmp_path / "again.xlsx", "--org", SCHOOL, "--yes")

    assert asked.code == 0
    assert "careledger doubles" in asked.out
    assert "may_be_double" in asked.out
    (double,) = school.json("doubles")["items"]
    assert [each["name"] for each in double["children"]] == ["戴小春", "戴小春"]
    assert double["differs"] == ["student_no"]
    shown = school.run("--lang", "zh", "doubles")
    assert "姓名读音" in shown.out
    told = school.run("--lang", "en", "tell-apart", double["double_id"])
    assert told.out.startswith("Told apart.")
    assert school.json("doubles")["items"] == []
    assert school.json("tell-apart", double["double_id"], "--reopen") == double
    assert school.json("doubles")["items"] == [double]


def test_the_list_comes_as_a_file(school: Terminal, tmp_path: Path) -> None:
    (tmp_path / "again.xlsx").write_bytes(form({"学籍号": "T2"}))
    school.run("import", "roster", tmp_path / "again.xlsx", "--org", SCHOOL, "--yes")

    for kind in ("csv", "xlsx"):
        file = tmp_path / f"doubles.{kind}"
        assert school.run("--lang", "zh", "doubles", "-o", file).code == 0
        assert file.stat().st_size > 100


def test_a_pair_is_named_by_what_people_see_of_its_children(school: Terminal, tmp_path: Path) -> None:
    (tmp_path / "again.xlsx").write_bytes(form({"学籍号": "T2"}, {"学籍号": "T3"}))
    school.run("import", "roster", tmp_path / "again.xlsx", "--org", SCHOOL, "--yes")
    doubles = school.json("doubles")["items"]
    case_numbers = {each["student_no"]: each["case_no"] for d in doubles for each in d["children"]}

    unclear = school.run("tell-apart", "T1", "--json")
    nobody = school.run("tell-apart", "T1", "T9", "--json")
    by_numbers = school.json("tell-apart", "T1", "t2")
    by_case_no = school.json("tell-apart", case_numbers["T3"].lower(), case_numbers["T1"])
    last = school.json("tell-apart", "T2")
    back = school.json("tell-apart", "T3", "T2", "--reopen")

    assert (unclear.json["error"]["code"], nobody.json["error"]["code"]) == ("which_pair", "unknown_child")
    settled = [{c["student_no"] for c in each["children"]} for each in (by_numbers, by_case_no, last)]
    assert settled == [{"T1", "T2"}, {"T1", "T3"}, {"T2", "T3"}]
    assert back["settled_at"] is None
    assert school.run("tell-apart", "T1", "T2", "T3").code == 2


def test_a_child_is_not_told_apart_from_itself(school: Terminal, tmp_path: Path) -> None:
    (tmp_path / "again.xlsx").write_bytes(form({"学籍号": "T2"}))
    school.run("import", "roster", tmp_path / "again.xlsx", "--org", SCHOOL, "--yes")
    (double,) = school.json("doubles")["items"]
    (case_no,) = (each["case_no"] for each in double["children"] if each["student_no"] == "T1")

    refused = school.run("tell-apart", "T1", case_no, "--json")

    assert refused.json["error"]["code"] == "same_file"
    assert school.json("doubles")["items"] == [double]
