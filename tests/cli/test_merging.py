"""`careledger merge` makes one file of two, and takes that back."""

from pathlib import Path

from tests.application.papers import form
from tests.cli.terminal import SCHOOL, Terminal

SAID = ("--reason", "重复建档", "--approved-by", "王校长")


def test_two_files_are_merged_by_their_numbers_and_taken_apart_again(
    school: Terminal, tmp_path: Path
) -> None:
    (tmp_path / "again.xlsx").write_bytes(form({"学籍号": "T2", "监护人电话": "13471049747"}))
    school.run("import", "roster", tmp_path / "again.xlsx", "--org", SCHOOL, "--yes")
    (double,) = school.json("doubles")["items"]
    kept, other = sorted(double["children"], key=lambda each: str(each["student_no"]) == "T2")

    merged = school.run("--lang", "en", "merge", "T2", "--into", kept["case_no"], *SAID, "--yes")

    assert merged.code == 0
    assert "--undo --reason WHY --approved-by WHO" in merged.out
    assert merged.out.startswith(f"Merged: {other['case_no']} into {kept['case_no']}")
    assert school.json("doubles")["items"] == []
    assert "(1 child" in school.run("--lang", "en", "children").out
    assert {each["children"] for each in school.json("organisations")["items"]} == {1}
    history = school.json("history", "T2")
    assert history["child_id"] == kept["child_id"]
    school.run("--lang", "en", "history", "T2", "-o", tmp_path / "history.csv")
    assert f"came with file {other['case_no']}" in (tmp_path / "history.csv").read_text("utf-8-sig")
    assert school.run("--lang", "en", "check").code == 0
    undone = school.json("merge", other["case_no"], "--undo", *SAID)
    assert (undone["undone"], undone["entries"]) == (True, 0)
    assert school.json("doubles")["items"] == [double]
    assert school.run("check").code == 0


def test_a_merge_names_the_file_that_is_kept(school: Terminal) -> None:
    refused = school.run("--lang", "en", "merge", "T1", *SAID)

    assert refused.code != 0
    assert "/into" in refused.err


def test_both_files_are_shown_and_nothing_is_merged_without_a_yes(school: Terminal, tmp_path: Path) -> None:
    (tmp_path / "again.xlsx").write_bytes(form({"学籍号": "T2"}))
    school.run("import", "roster", tmp_path / "again.xlsx", "--org", SCHOOL, "--yes")
    before = school.json("children")["items"]

    asked = school.run("--lang", "en", "merge", "T2", "--into", "T1", *SAID)
    as_json = school.run("merge", "T2", "--into", "T1", *SAID, "--json")
    wrong = school.run("merge", "T1", "--into", "T1", *SAID, "--json")

    assert (asked.code, as_json.code, as_json.out) == (4, 4, "")
    for title in ("Case no.", "Birth date", "Class", "Entries"):
        assert title in asked.out
    for child in before:
        assert child["case_no"] in asked.out
    assert "--yes" in asked.err
    assert wrong.json["error"]["code"] == "same_file"
    assert school.json("children")["items"] == before
