import json
from copy import deepcopy
from typing import Any

import pytest

from domain.refusal import Invalid
from domain.rules.rule import rule_to_data
from domain.rules.rule_check import check_rule, rule_from_data
from domain.rules.rule_files import check_text, load_rules, placed, presets
from domain.rules.toml_lines import line_of

ONE_RULE = """
rule_id = "X1"
version = 1
title = { zh = "每月一次", en = "Once a month" }
source = "county notice 3"
period = "month"
severity = "info"
responsible_role = "class_teacher"

[[requirements]]
n = 1

[[requirements.any_of]]
type = "talk_held"
"""

DATA: dict[str, Any] = {
    "rule_id": "X1",
    "version": 1,
    "title": {"zh": "每月一次", "en": "Once a month"},
    "source": "county notice 3",
    "period": "month",
    "severity": "info",
    "responsible_role": "class_teacher",
    "requirements": [
        {
            "n": 1,
            "any_of": [
                {"type": "talk_held", "record": True},
                {"type": "call_made", "where": {"caller": ["parent"], "called": ["child"]}},
            ],
        }
    ],
}


@pytest.mark.parametrize("rule", presets().values(), ids=lambda rule: rule.rule_id)
def test_a_rule_survives_the_journey_through_json_exactly(rule: Any) -> None:
    data = json.loads(json.dumps(rule_to_data(rule)))

    assert rule_from_data(data) == rule
    assert rule_to_data(rule_from_data(data)) == data


def test_every_default_is_written_out_so_that_none_can_change_an_old_rule() -> None:
    data = rule_to_data(rule_from_data(DATA))

    assert (data["subject"], data["min_active"]) == ("child", 0.5)
    assert data["requirements"][0]["distinct_days"] is True
    assert data["requirements"][0]["any_of"][0] == {"type": "talk_held", "where": {}, "record": True}


def test_a_number_left_out_stays_left_out() -> None:
    data = deepcopy(DATA)
    del data["requirements"][0]["n"]

    assert rule_from_data(data).requirements[0].n is None
    assert "n" not in rule_to_data(rule_from_data(data))["requirements"][0]


@pytest.mark.parametrize(
    ("path", "value", "pointer", "code"),
    [
        (["frequency"], 2, "/frequency", "unknown_field"),
        (["a/b~c"], 2, "/a~1b~0c", "unknown_field"),
        (["rule_id"], "", "/rule_id", "not_a_name"),
        (["rule_id"], "../C39", "/rule_id", "not_a_name"),
        (["version"], 0, "/version", "too_small"),
        (["version"], "1", "/version", "wrong_value"),
        (["version"], True, "/version", "wrong_value"),
        (["title"], "Once a month", "/title", "wrong_value"),
        (["title", "zh"], " ", "/title/zh", "blank"),
        (["title", "fr"], "x", "/title/fr", "unknown_field"),
        (["source"], "a\x00b", "/source", "control_character"),
        (["period"], "fortnight", "/period", "wrong_value"),
        (["subject"], "planet", "/subject", "wrong_value"),
        (["severity"], "loud", "/severity", "wrong_value"),
        (["responsible_role"], "Class Teacher", "/responsible_role", "not_a_name"),
        (["min_active"], 0, "/min_active", "not_a_share"),
        (["min_active"], 1.5, "/min_active", "not_a_share"),
        (["min_active"], float("nan"), "/min_active", "not_a_share"),
        (["requirements"], [], "/requirements", "too_few"),
        (["requirements"], {}, "/requirements", "wrong_value"),
        (["requirements", 0], "x", "/requirements/0", "wrong_value"),
        (["requirements", 0, "n"], 0, "/requirements/0/n", "too_small"),
        (["requirements", 0, "n"], 1.5, "/requirements/0/n", "wrong_value"),
        (["requirements", 0, "op"], ">=", "/requirements/0/op", "wrong_value"),
        (["requirements", 0, "any_of"], [], "/requirements/0/any_of", "too_few"),
        (["requirements", 0, "any_of", 0, "type"], "tea", "/requirements/0/any_of/0/type", "unknown_type"),
        (["requirements", 0, "any_of", 0, "mood"], 1, "/requirements/0/any_of/0/mood", "unknown_field"),
        (["requirements", 0, "any_of", 0, "by"], "uncle", "/requirements/0/any_of/0/by", "wrong_value"),
        (
            ["requirements", 0, "any_of", 1, "min_minutes"],
            0,
            "/requirements/0/any_of/1/min_minutes",
            "too_small",
        ),
        (
            ["requirements", 0, "any_of", 1, "where", "weather"],
            ["fine"],
            "/requirements/0/any_of/1/where/weather",
            "no_such_filter",
        ),
        (
            ["requirements", 0, "any_of", 1, "where", "record"],
            ["fine"],
            "/requirements/0/any_of/1/where/record",
            "no_such_filter",
        ),
        (
            ["requirements", 0, "any_of", 1, "where", "called"],
            ["child", "aunt"],
            "/requirements/0/any_of/1/where/called/1",
            "unknown_word",
        ),
        (
            ["requirements", 0, "any_of", 1, "where", "called"],
            [],
            "/requirements/0/any_of/1/where/called",
            "too_few",
        ),
        (
            ["requirements", 0, "any_of", 1, "where", "channel"],
            ["parent"],
            "/requirements/0/any_of/1/where/channel/0",
            "unknown_word",
        ),
        (
            ["requirements", 0, "any_of", 0],
            {"type": "gift_received", "by": "volunteer"},
            "/requirements/0/any_of/0/by",
            "has_no_carers",
        ),
        (
            ["requirements", 0, "any_of", 0],
            {"type": "gift_received", "record": True},
            "/requirements/0/any_of/0/record",
            "has_no_record",
        ),
        (
            ["requirements", 0, "any_of", 0],
            {"type": "gift_received", "min_minutes": 1},
            "/requirements/0/any_of/0/min_minutes",
            "has_no_minutes",
        ),
    ],
)
def test_a_fault_names_its_place(path: list[Any], value: object, pointer: str, code: str) -> None:
    data = deepcopy(DATA)
    place: Any = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value

    assert [(f.pointer, f.reason.code) for f in check_rule(data)] == [(pointer, code)]
    with pytest.raises(Invalid):
        rule_from_data(data)


@pytest.mark.parametrize("field", ["rule_id", "version", "title", "source", "period", "requirements"])
def test_a_missing_field_is_named(field: str) -> None:
    data = {name: value for name, value in DATA.items() if name != field}

    assert [(f.pointer, f.reason.code) for f in check_rule(data)] == [(f"/{field}", "missing")]


def test_all_faults_are_listed_at_once_and_below_where_the_rule_stands() -> None:
    data = DATA | {"period": "fortnight", "frequency": 2, "version": None}

    assert sorted(f.pointer for f in check_rule(data, at="/rule")) == [
        "/rule/frequency",
        "/rule/period",
        "/rule/version",
    ]


@pytest.mark.parametrize("nonsense", [None, 5, "rule", [], [DATA]])
def test_what_is_no_rule_at_all_is_refused(nonsense: object) -> None:
    assert [(f.pointer, f.reason.code) for f in check_rule(nonsense)] == [("", "wrong_value")]


def test_a_good_text_has_no_faults() -> None:
    assert check_text(ONE_RULE) == ()
    assert list(load_rules([ONE_RULE])) == [("X1", 1)]


def test_a_whole_regime_fits_in_one_text() -> None:
    regime = "\n".join(
        "[[rules]]" + ONE_RULE.replace("X1", rule_id).replace("[[requirements", "[[rules.requirements")
        for rule_id in ("X1", "X2")
    )

    assert list(load_rules([regime])) == [("X1", 1), ("X2", 1)]
    assert [f.pointer for f in check_text(regime.replace('"month"', '"moon"'))] == [
        "/rules/0/period",
        "/rules/1/period",
    ]


@pytest.mark.parametrize(
    ("text", "pointer", "code"),
    [
        ("rule_id = ", "", "not_toml"),
        ("x = " + "[" * 5000, "", "not_toml"),
        ("rules = []", "/rules/0", "missing"),
        ("rules = 3", "/rules", "wrong_value"),
        ('title = "x"\n[[rules]]', "/rules", "wrong_value"),
        ("rules = [3]", "/rules/0", "wrong_value"),
    ],
)
def test_a_text_that_holds_no_rules_is_refused(text: str, pointer: str, code: str) -> None:
    assert [(f.pointer, f.reason.code) for f in check_text(text)] == [(pointer, code)]


@pytest.mark.parametrize(
    ("pointer", "line"),
    [
        ("/version", 3),
        ("/title/zh", 4),
        ("/requirements/0/n", 11),
        ("/requirements/0/any_of/0/type", 14),
        ("/requirements/0/any_of/0/where/nobody", 13),
        ("", None),
        ("/frequency", None),
    ],
)
def test_a_fault_names_the_line_in_which_it_stands(pointer: str, line: int | None) -> None:
    assert line_of(ONE_RULE, pointer) == line


def test_of_several_tables_each_has_its_own_line() -> None:
    text = "\n".join("[[rules]]" + ONE_RULE.replace("[[requirements", "[[rules.requirements") for _ in "ab")

    assert line_of(text, "/rules/1/requirements/0/any_of/0/type") == 29
    broken = "rule_id = 'X1'\nversion = \n"
    (fault,) = check_text(broken)
    assert placed(broken, fault) == 2


def test_the_same_version_twice_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        load_rules([ONE_RULE, ONE_RULE])
    assert refused.value.reason.code == "rule_twice"
