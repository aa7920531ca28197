"""The page of rules is made from the presets and their cases."""

from pathlib import Path

from tests.support.rules_table import page


def test_the_table_of_rules_is_the_one_that_follows_from_presets_and_their_tests() -> None:
    assert Path("docs/rules.md").read_text(encoding="utf-8") == page()
