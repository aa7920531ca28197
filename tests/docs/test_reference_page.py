"""The committed reference is the one that the code gives."""

from tests.support.reference import COMMAND, PAGE, as_text


def test_the_committed_reference_is_the_one_of_the_code() -> None:
    assert PAGE.read_text(encoding="utf-8") == as_text(), f"run: {COMMAND}"
