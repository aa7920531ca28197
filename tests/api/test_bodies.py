"""Reading a body: texts come in Unicode form C however they were sent, and nothing is too deep."""

import json

import pytest

from api.bodies import DEEPEST, object_of
from api.exchange import Malformed

APART, TOGETHER = "Zoe\u0301", "Zo\u00e9"


@pytest.mark.parametrize("escaped", [True, False])
@pytest.mark.parametrize("text", [APART, TOGETHER])
def test_texts_come_in_form_c_wherever_they_stand(text: str, escaped: bool) -> None:
    sent = json.dumps({"a": text, "b": [{"c": text}], "d": 10**30}, ensure_ascii=escaped)
    assert object_of(sent.encode()) == {"a": TOGETHER, "b": [{"c": TOGETHER}], "d": 10**30}


def test_a_mark_at_the_beginning_of_a_text_stays_apart_from_the_quote() -> None:
    assert object_of('{"a": "\u0301x"}'.encode()) == {"a": "\u0301x"}


@pytest.mark.parametrize(
    ("wide", "deep", "fits"), [(1, DEEPEST, True), (30, 2, True), (1, DEEPEST + 1, False)]
)
def test_depth_is_counted_and_not_brackets(wide: int, deep: int, fits: bool) -> None:
    inner = "[" * (deep - 1) + "]" * (deep - 1)
    sent = (
        f'{{"a": {inner}{", " if wide > 1 else ""}' + ", ".join(f'"{n}": []' for n in range(wide - 1)) + "}"
    )
    if fits:
        assert len(object_of(sent.encode())) == wide
    else:
        with pytest.raises(Malformed):
            object_of(sent.encode())
