"""`careledger carers` lists who looks after children, `carers add` registers one."""

from pathlib import Path

from tests.application.papers import log
from tests.cli.terminal import SCHOOL, Terminal


def test_a_carer_whom_a_log_names_is_registered_and_then_known(school: Terminal, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_bytes(log({"记录人": "丁小满", "内容": "问了作业"}))
    words = ("import", "care-log", tmp_path / "log.csv", "--org", SCHOOL, "--yes")
    refused = school.run(*words)

    added = school.json(
        "carers", "add", "丁小满", "--org", SCHOOL, "--staff-no", "A7", "--phone", "13800000003"
    )
    again = school.run("carers", "add", "丁小满", "--org", SCHOOL, "--json")
    elsewhere = school.run("carers", "add", "丁小满", "--org", "示例县/东岭镇/没有的学校", "--json")

    assert "careledger carers add" in refused.out + refused.err
    (known,) = [each for each in school.json("carers")["items"] if each["name"] == "丁小满"]
    assert (known["carer_id"], known["staff_no"], known["org"]) == (added["carer_id"], "A7", SCHOOL)
    assert again.json["error"]["code"] == "carer_not_told_apart"
    assert elsewhere.json["error"]["code"] == "unknown_org"
    assert school.run(*words).code == 0
    assert school.run("carers", "add", " ", "--org", SCHOOL).code != 0
